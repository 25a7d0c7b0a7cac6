import numpy as np
import pandas as pd
import pytest

from core.reports.forest import plot_forest

ROWS = pd.DataFrame(
    [
        ("U-Net", "Dice", 0.8, 0.7, 0.9, 0.85),
        ("Small", "Dice", np.nan, np.nan, np.nan, 0.5),
        ("U-Net", "HD", 5.0, np.nan, np.nan, np.nan),
        ("Small", "HD", 6.0, np.nan, np.nan, np.nan),
    ],
    columns=["row", "measure", "mean", "low", "high", "paper"],
)


@pytest.fixture
def plot():
    return plot_forest(ROWS, "Table 2", ours="ours, SIMULATED")


def test_every_measure_has_a_panel_and_every_row_a_line(plot):
    first, second = plot.figure.axes
    assert [axes.get_xlabel() for axes in (first, second)] == ["Dice", "HD"]
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["U-Net", "Small"]


def test_mean_interval_and_the_papers_number_are_drawn(plot):
    axes = plot.figure.axes[0]
    [segment, _] = axes.collections[0].get_segments()
    assert segment.tolist() == [[0.7, 0], [0.9, 0]]
    means, papers = axes.lines
    assert means.get_xdata()[0] == 0.8
    assert papers.get_xdata().tolist() == [0.85, 0.5]


def test_a_row_without_a_run_is_said_to_be_missing(plot):
    assert [text.get_text() for text in plot.figure.axes[0].texts] == ["not run"]


def test_the_key_names_what_is_there(plot):
    names = [text.get_text() for text in plot.figure.legends[0].get_texts()]
    assert names == ["ours, SIMULATED", "95 % interval", "the paper's"]
    alone = plot_forest(ROWS[ROWS["measure"] == "HD"], "Table 2")
    assert [text.get_text() for text in alone.figure.legends[0].get_texts()] == ["ours"]


def test_the_alt_text_holds_every_number(plot):
    assert plot.alt == "Dice: U-Net 0.8 (0.7 to 0.9), the paper's 0.85. HD: U-Net 5; Small 6."
