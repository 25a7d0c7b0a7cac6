"""Curves of several runs: which are drawn where, against what, and in words."""

import numpy as np
import pandas as pd
import pytest

from core.reports.curves import plot_curves

STEPS = np.arange(1, 21) * 50


def run(start, rate=0.3):
    epochs = np.arange(20)
    values = start * (0.1 + np.exp(-rate * epochs))
    return pd.DataFrame({"epoch": epochs, "step": STEPS, "train/l1_loss": values})


@pytest.fixture
def curves():
    return {"L1": run(0.1), "Huber": run(0.05), "MSE": run(2000.0), "L1 + MSE": run(2100.0)}


def drawn(curves, **settings):
    plot = plot_curves(curves, "train/l1_loss", "Losses", **settings)
    return plot, plot.figure.axes


def labels(axes):
    return [line.get_label() for line in axes.lines]


def test_all_are_in_one_panel_unless_asked_otherwise(curves):
    _, (axes,) = drawn(curves)
    assert labels(axes) == [*curves]
    assert axes.get_xlabel() == "Epoch"
    assert axes.get_ylabel() == "L1 loss (training)"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), np.arange(20))


def test_panels_hold_what_they_are_given_with_axes_of_their_own(curves):
    panels = {"L1 and its kin": ["L1", "Huber"], "With MSE": ["MSE", "L1 + MSE"]}
    _, (upper, lower) = drawn(curves, panels=panels)
    assert [upper.get_title("left"), lower.get_title("left")] == [*panels]
    assert [labels(upper), labels(lower)] == [*panels.values()]
    assert upper.get_ylim()[1] < 1 < 1000 < lower.get_ylim()[1]


def test_a_panel_without_any_run_is_left_out(curves):
    _, (axes,) = drawn(curves, panels={"Failed": ["SSIM"], "Ran": ["L1", "SSIM"]})
    assert axes.get_title("left") == "Ran"
    assert labels(axes) == ["L1"]


def test_steps_may_be_the_x_axis(curves):
    _, (axes,) = drawn(curves, x="step")
    assert axes.get_xlabel() == "Step"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), STEPS)


@pytest.mark.parametrize(
    ("values", "scale"), [([1, 0.011], "linear"), ([1, 0.009], "log"), ([1, 0], "linear")]
)
def test_an_axis_is_logarithmic_beyond_two_decades(values, scale):
    rows = pd.DataFrame({"epoch": [0, 1], "train/l1_loss": values})
    _, (axes,) = drawn({"one": rows})
    assert axes.get_yscale() == scale


def test_epochs_without_a_value_are_passed_over():
    rows = pd.DataFrame({"epoch": range(4), "train/l1_loss": [np.nan, 3, np.nan, 2]})
    _, (axes,) = drawn({"one": rows})
    assert axes.lines[0].get_xydata().tolist() == [[1, 3], [3, 2]]


def test_words_say_where_each_ends(curves):
    plot, _ = drawn(curves, panels={"A": ["L1"], "B": ["MSE"]})
    assert plot.alt == "train/l1_loss at the end: L1: 0.0103; MSE: 207"


def test_another_metric_is_dotted_in_the_colour_of_its_run():
    epochs = pd.DataFrame(
        {"epoch": [0, 1], "train/accuracy": [0.5, 0.9], "val/accuracy": [0.4, 0.8]}
    )
    runs = {"MobileNet": epochs, "VGG16": epochs}
    plot = plot_curves(runs, "val/accuracy", "Accuracy", beside="train/accuracy")
    (axes,) = plot.figure.axes
    assert axes.get_ylabel() == "Accuracy (validation)"
    solid, dotted = axes.lines[:2]
    assert solid.get_color() == dotted.get_color()
    assert (solid.get_linestyle(), dotted.get_linestyle()) == ("-", ":")
    assert dotted.get_ydata().tolist() == [0.5, 0.9]
    key = [text.get_text() for text in axes.get_legend().get_texts()]
    assert key == ["MobileNet", "VGG16", "training"]
