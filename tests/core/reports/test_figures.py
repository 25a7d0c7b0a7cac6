import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.reports import figures

IMAGES = pd.DataFrame(
    {
        "subject": ["a", "a", "b", "b"],
        "outcome": ["TP", "TP", "FN", "TN"],
        "dice": [0.8, 0.6, 0.0, 1.0],
        "truth_px": [100, 200, 50, 0],
        "hd95_px": [4.0, 8.0, np.nan, np.nan],
        "hd95_mm": np.nan,
    }
)
EPOCHS = pd.DataFrame(
    {
        "epoch": [0, 1, 2],
        "train/loss": [1, 0.7, 0.5],
        "val/loss": np.nan,
        "val/dice": [0.1, 0.6, 0.5],
    }
)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (
            figures.plot_outcomes,
            "2 true positive, 1 false negative, 0 false positive, 1 true negative",
        ),
        (figures.plot_dice, "2 true positive images: median 0.700"),
        (figures.plot_hausdorff, "median 6.00 px, quartiles 5.00 and 7.00 px; undefined in 2"),
        (figures.plot_structure_size, "3 images with the structure, 50 to 200 pixels"),
        (figures.plot_subjects, "2 subjects: subject means from 0.500 to 0.700"),
    ],
)
def test_figure_is_written_and_described_in_numbers(draw, said, tmp_path):
    plot = draw(IMAGES)
    assert said in plot.alt
    assert np.asarray(Image.open(plot.save(tmp_path)).convert("L")).std() > 5


def test_loss_leaves_out_a_curve_without_values():
    plot = figures.plot_loss(EPOCHS)
    assert plot.alt == "Loss over 3 epochs: training from 1 to 0.5."
    assert len(plot.figure.axes[0].lines) == 1


def test_kept_epoch_is_marked():
    plot = figures.plot_validation_dice(EPOCHS, 1)
    assert "0.600 in epoch 1, whose weights were kept" in plot.alt
    assert [text.get_text() for text in plot.figure.axes[0].texts] == ["kept: epoch 1, 0.600"]


def test_validation_without_a_kept_epoch_has_no_mark():
    assert not figures.plot_validation_dice(EPOCHS, None).figure.axes[0].texts


def test_dice_is_that_of_the_true_positives_where_there_are_others():
    assert figures.plot_dice(IMAGES).title == "Dice of the true positives"
    assert figures.plot_dice(IMAGES[IMAGES["outcome"] == "TP"]).title == "Dice"


def test_distance_is_drawn_in_mm_where_known():
    assert "1.00 mm" in figures.plot_hausdorff(IMAGES.assign(hd95_mm=1.0)).alt


def test_what_is_undefined_everywhere_is_not_drawn():
    empty = IMAGES[IMAGES["outcome"] == "TN"]
    assert figures.plot_dice(empty) is None
    assert figures.plot_outcomes(IMAGES[IMAGES["outcome"] == "TP"]) is None
    assert figures.plot_hausdorff(IMAGES.drop(columns=["hd95_px", "hd95_mm"])) is None
    assert figures.plot_structure_size(empty) is None


@pytest.mark.parametrize("subjects", [["a"] * 4, list("abcd")])
def test_subjects_are_not_drawn_where_nothing_can_be_compared(subjects):
    assert figures.plot_subjects(IMAGES.assign(subject=subjects)) is None


def test_subject_names_are_never_read_as_mathematics(tmp_path):
    plot = figures.plot_subjects(IMAGES.assign(subject=["$x^$", "$x^$", "b_$", "b_$"]))
    assert plot.save(tmp_path).stat().st_size > 0


def test_many_subjects_are_not_named():
    many = pd.concat([IMAGES.assign(subject=f"s{i}") for i in range(60)], ignore_index=True)
    assert figures.plot_subjects(many).figure.axes[0].get_xlabel().startswith("60 subjects")


def test_drawing_leaves_pyplot_alone():
    figures.plot_outcomes(IMAGES)
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_accuracies_share_a_panel_and_the_kept_epoch_is_marked():
    epochs = EPOCHS.assign(**{"train/accuracy": [0.3, 0.6, 0.9], "val/accuracy": [0.2, 0.7, 0.5]})
    plot = figures.plot_accuracy(epochs, best_epoch=1)
    assert plot.alt == (
        "Accuracy over 3 epochs: training from 0.3 to 0.9, validation from 0.2 to 0.5, "
        "0.700 in epoch 1, whose weights were kept."
    )
    assert plot.figure.axes[0].get_ylim() == (0, 1)
