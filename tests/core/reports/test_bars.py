import numpy as np
import pandas as pd

from core.reports.bars import plot_bars

PAPERS = pd.DataFrame({"Images": [300, 100], "train": [30, 10]}, index=["A2C", "A4C"])
OURS = pd.DataFrame({"Images": [5, 5]}, index=["A2C", "A4C"])


def test_shares_stand_beside_the_papers_a_panel_a_count():
    images, train = plot_bars(OURS, PAPERS, "Table 3.1").figure.axes
    ours, papers = ([bar.get_width() for bar in bars] for bars in images.containers)
    assert (ours, papers) == ([50, 50], [75, 25])
    assert [axes.get_title(loc="left") for axes in (images, train)] == ["Images", "Train"]


def test_totals_are_said_and_what_is_unknown_too():
    images, train = plot_bars(OURS, PAPERS, "Table 3.1").figure.axes
    assert images.get_title(loc="right") == "in all 10, the paper's 400"
    assert train.get_title(loc="right") == "in all unknown, the paper's 40"


def test_classes_that_ours_lack_have_no_bar():
    plot = plot_bars(OURS.drop(index="A4C"), PAPERS, "Table 3.1")
    assert "A4C 0.0 %, the paper's 25.0 %" in plot.alt
    assert np.isfinite([bar.get_width() for bar in plot.figure.axes[0].containers[0]]).all()


def test_ours_are_called_as_asked():
    plot = plot_bars(OURS, PAPERS, "Table 3.1", named="ours, SIMULATED")
    names = [text.get_text() for text in plot.figure.legends[0].get_texts()]
    assert names == ["ours, SIMULATED", "the paper's"]
