from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from core.metrics.agreement import bland_altman
from core.reports.agreement import plot_bland_altman


def values(count, noise=0.7):
    rng = np.random.default_rng(0)
    truth = rng.normal(9, 2, count)
    return truth + 0.2 + rng.normal(0, noise, count), truth


def drawn(ours, truth, **labels):
    labels = {"quantity": "Area", "unit": "mm²"} | labels
    return plot_bland_altman(ours, truth, bland_altman(ours, truth), **labels)


def plain(text):
    """With hyphens for the minus signs that are drawn."""
    return text.replace("\N{MINUS SIGN}", "-")


def texts(plot):
    return [plain(text.get_text()) for text in plot.figure.axes[0].texts]


@pytest.mark.parametrize("count", [3, 500])
def test_few_and_many_points_are_all_drawn_on_a_picture(count, tmp_path):
    plot = drawn(*values(count))
    assert len(plot.figure.axes[0].collections[0].get_offsets()) == count
    assert Image.open(plot.save(tmp_path)).size[0] > 800


def test_dots_are_differences_over_means():
    plot = drawn([2, 6, 9], [1, 6, 7])
    dots = plot.figure.axes[0].collections[0].get_offsets()
    assert dots.tolist() == [[1.5, 1], [6, 0], [8, 2]]


def test_lines_lie_at_bias_and_limits():
    ours, truth = values(40)
    limits = bland_altman(ours, truth)
    heights = {line.get_ydata()[0] for line in drawn(ours, truth).figure.axes[0].lines}
    assert heights == {0, limits.bias, limits.lower, limits.upper}


def test_words_give_bias_interval_and_limits():
    plot = drawn([2, 2, 5, 5], [1, 2, 3, 4])
    assert plain(plot.alt) == (
        "Bland-Altman plot of 4 pairs, area in mm²: bias 1.00 (95 % interval -0.30 to 2.30), "
        "limits of agreement -0.60 and 2.60."
    )
    assert (plot.name, plot.title) == ("agreement", "Agreement: area")


def test_numbers_stand_beside_their_lines():
    assert texts(drawn([2, 2, 5, 5], [1, 2, 3, 4])) == [
        "+1.96 SD  $\\bf{2.60}$",
        "0.15 to 5.05",
        "bias  $\\bf{1.00}$",
        "-0.30 to 2.30",
        "-1.96 SD  $\\bf{-0.60}$",
        "-3.05 to 1.85",
    ]


@pytest.mark.parametrize("noise", [0, 0.001, 0.7])
def test_numbers_do_not_overlap_even_where_an_outlier_squeezes_the_lines(noise):
    ours, truth = values(200, noise)
    ours[0] += 40
    plot = drawn(ours, truth)
    plot.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in plot.figure.axes[0].texts]
    ordered = sorted(boxes, key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(ordered))


def test_numbers_lie_within_the_picture():
    plot = drawn(*(100 * side for side in values(30)))
    plot.figure.draw_without_rendering()
    right = plot.figure.bbox.x1
    assert all(text.get_window_extent().x1 <= right for text in plot.figure.axes[0].texts)


def test_decimals_follow_the_width_between_the_limits():
    ours, truth = values(30)
    wide, narrow = (texts(drawn(ours * scale, truth * scale))[1] for scale in (1000, 0.01))
    assert "." not in wide
    assert len(narrow.split(" ")[0].partition(".")[2]) == 4


def test_values_that_agree_fully_are_drawn():
    plot = drawn([3, 4, 5], [3, 4, 5])
    assert "bias 0.00 (95 % interval 0.00 to 0.00)" in plot.alt


def test_ratio_has_no_unit():
    plot = drawn(*values(10), quantity="Area ratio", unit="")
    assert plain(plot.figure.axes[0].get_ylabel()) == "Prediction - truth"
    assert plot.figure.axes[0].get_xlabel() == "Area ratio, mean of prediction and truth"
    assert plot.alt.startswith("Bland-Altman plot of 10 pairs, area ratio: bias")


def test_groups_have_colours_markers_and_a_legend_within_the_picture():
    ours, truth = values(6)
    plot = drawn(ours, truth, groups=["a", "b", "a", "c", "c", "c"])
    points = plot.figure.axes[0].collections
    assert [len(group.get_offsets()) for group in points] == [2, 1, 3]
    assert len({tuple(group.get_facecolor()[0]) for group in points}) == 3
    assert len({group.get_paths()[0].vertices.tobytes() for group in points}) == 3
    plot.figure.draw_without_rendering()
    (legend,) = plot.figure.legends
    assert legend.get_window_extent().y1 <= plot.figure.axes[0].xaxis.label.get_window_extent().y0


def test_two_methods_are_named_instead_of_prediction_and_truth():
    first, second = values(20)
    limits = bland_altman(first, second)
    plot = plot_bland_altman(first, second, limits, quantity="Dice", sides=("relu", "elu"))
    [axes] = plot.figure.axes
    assert axes.get_ylabel() == "relu \N{MINUS SIGN} elu"
    assert axes.get_xlabel() == "Dice, mean of both"
