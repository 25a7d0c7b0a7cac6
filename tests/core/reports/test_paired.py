import pandas as pd

from core.reports.paired import LEVEL, Side, plot_paired

ROWS = pd.DataFrame({"before": [3.0, 1.0], "after": [5.0, 0.0], "other": [2.0, 4.0], "best": 9.0})
SIDES = (Side("before", "input"), Side("after", "A", "red"), Side("other", "B", "blue", "D"))


def test_images_are_sorted_by_the_first_side():
    _, *marks = plot_paired(ROWS, SIDES, "dB").axes[0].collections
    assert [mark.get_offsets()[:, 1].tolist() for mark in marks] == [[1, 3], [0, 5], [4, 2]]


def test_line_spans_all_sides_but_levels():
    sides = (*SIDES, Side("best", "known", "black", LEVEL))
    lines = plot_paired(ROWS, sides, "dB").axes[0].collections[0]
    assert [line[:, 1].tolist() for line in lines.get_segments()] == [[0, 4], [2, 5]]


def test_legend_names_the_sides():
    (legend,) = plot_paired(ROWS, SIDES, "dB").legends
    assert [text.get_text() for text in legend.get_texts()] == ["input", "A", "B"]
