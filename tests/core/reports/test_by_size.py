import pandas as pd
import pytest

from core.reports.by_size import plot_by_size


@pytest.fixture
def axes_and_alt():
    rows = [
        *(("CNN", 0.1, 0.8), ("CNN", 0.01, 0.6), ("CNN", 0.01, 0.4)),
        *(("VGG16", 0.1, 0.9), ("VGG16", 0.01, None)),
    ]
    plot = plot_by_size(pd.DataFrame(rows, columns=["network", "share", "accuracy"]), "Sizes")
    return plot.figure.axes[0], plot.alt


def test_every_run_is_a_mark_and_the_line_goes_through_means(axes_and_alt):
    axes, _ = axes_and_alt
    assert axes.lines[0].get_xydata() == pytest.approx(pd.DataFrame([[0.01, 0.5], [0.1, 0.8]]))
    assert len(axes.collections[0].get_offsets()) == 3
    assert len(axes.collections[2].get_offsets()) == 1


def test_axis_is_logarithmic_with_the_shares_as_ticks(axes_and_alt):
    axes, _ = axes_and_alt
    assert axes.get_xscale() == "log"
    axes.figure.draw_without_rendering()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1 %", "10 %"]


def test_networks_differ_in_colour_and_marker(axes_and_alt):
    axes, alt = axes_and_alt
    assert [text.get_text() for text in axes.figure.legends[0].get_texts()] == ["CNN", "VGG16"]
    first, second = axes.collections[0], axes.collections[2]
    assert (first.get_facecolor()[0] != second.get_facecolor()[0]).any()
    assert first.get_paths()[0].vertices.shape != second.get_paths()[0].vertices.shape
    assert alt.endswith("CNN 0.500 of 0.01, 0.800 of 0.1; VGG16 0.900 of 0.1.")
