import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from core.reports.confusion import confusion_counts, hard_pairs, plot_confusion, plot_confusions

NAMES = ["A4C", "A2C", "PLAX"]


@pytest.fixture
def counts():
    return pd.DataFrame([[8, 2, 0], [1, 298, 1], [0, 0, 0]], index=NAMES, columns=NAMES)


def cells(plot):
    """What is written where, by row and column."""
    (axes,) = plot.figure.axes
    return {text.get_position()[::-1]: text.get_text() for text in axes.texts}


def test_counts_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, predicted = (pd.Series(rng.choice(NAMES[:2], 90)) for _ in range(2))
    expected = confusion_matrix(truth, predicted, labels=NAMES)
    counts = confusion_counts(truth, predicted, NAMES)
    np.testing.assert_array_equal(counts, expected)
    assert list(counts) == list(counts.index) == NAMES


def test_cells_hold_shares_of_their_row_and_none_where_there_is_no_case(counts):
    assert cells(plot_confusion(counts, "c", "Images", "images")) == {
        (0, 0): "0.80",
        (0, 1): "0.20",
        (1, 0): "<.01",
        (1, 1): "0.99",
        (1, 2): "<.01",
    }


def test_rows_are_named_with_their_number(counts):
    (axes,) = plot_confusion(counts, "c", "Images", "images").figure.axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["A4C\n(10)", "A2C\n(300)", "PLAX\n(0)"]
    assert [label.get_text() for label in axes.get_xticklabels()] == NAMES
    assert axes.get_ylabel() == "True class (number of images)"


def test_colour_is_the_share(counts):
    (axes,) = plot_confusion(counts, "c", "Images", "images").figure.axes
    np.testing.assert_allclose(axes.images[0].get_array()[0], [0.8, 0.2, 0])


def test_alt_says_what_is_recognised(counts):
    alt = plot_confusion(counts, "c", "Images", "images").alt
    assert alt.startswith("Confusion matrix of 310 images; rightly recognised: A4C 0.80, A2C 0.99")


def test_hard_pairs_fall_by_share(counts):
    assert hard_pairs(counts, "images") == [
        "A4C is taken for A2C in 20% of its images (2 of 10)",
        "A2C is taken for A4C in 0% of its images (1 of 300)",
        "A2C is taken for PLAX in 0% of its images (1 of 300)",
    ]


def test_no_mistakes_are_no_pairs(counts):
    assert hard_pairs(counts.loc[["PLAX"], ["PLAX"]], "images") == []


def test_rows_have_a_matrix_each(counts):
    plot = plot_confusions({"VGG16": counts, "MobileNet": counts}, "Fig. 4.8", "images")
    assert [axes.get_title(loc="left") for axes in plot.figure.axes] == ["VGG16", "MobileNet"]
    assert plot.name == "confusion"
    alone = plot_confusion(counts, "confusion", "", "images").alt
    assert plot.alt == f"VGG16: {alone} MobileNet: {alone}"
