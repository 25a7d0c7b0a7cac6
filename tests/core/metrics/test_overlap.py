import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, precision_score, recall_score

from core.metrics.overlap import Overlap, overlap

EMPTY = np.zeros((5, 7), dtype=bool)
FULL = ~EMPTY


def test_hand_worked_case():
    prediction, truth = EMPTY.copy(), EMPTY.copy()
    prediction[0, 0:4] = truth[0, 1:7] = True  # 4 and 6 pixels, 3 shared
    assert overlap(prediction, truth) == Overlap(6, 4, 6 / 10, 3 / 7, 3 / 4, 3 / 6, 31 / 35)


def test_ratios_equal_sklearn(mask_pairs):
    for prediction, truth in mask_pairs:
        ours = overlap(prediction, truth)
        flat = truth.ravel(), prediction.ravel()
        assert ours.dice == pytest.approx(f1_score(*flat), abs=1e-12)
        assert ours.iou == pytest.approx(jaccard_score(*flat), abs=1e-12)
        assert ours.precision == pytest.approx(precision_score(*flat), abs=1e-12)
        assert ours.recall == pytest.approx(recall_score(*flat), abs=1e-12)
        assert ours.accuracy == pytest.approx(accuracy_score(*flat), abs=1e-12)


def test_two_empty_masks_agree_fully():
    assert overlap(EMPTY, EMPTY) == Overlap(0, 0, 1, 1, 1, 1, 1)


def test_a_missed_nerve_scores_0():
    assert overlap(EMPTY, FULL) == Overlap(35, 0, 0, 0, 0, 0, 0)


def test_an_invented_nerve_scores_0():
    assert overlap(FULL, EMPTY) == Overlap(0, 35, 0, 0, 0, 0, 0)


def test_accuracy_counts_the_background_where_one_mask_is_empty():
    truth = EMPTY.copy()
    truth[2, 1:6] = True
    assert overlap(EMPTY, truth).accuracy == overlap(truth, EMPTY).accuracy == 30 / 35


def test_masks_of_0_and_255_score_as_bool_masks(mask_pairs):
    prediction, truth = mask_pairs[0]
    as_png = prediction.astype(np.uint8) * 255
    assert overlap(as_png, truth) == overlap(prediction, truth)
