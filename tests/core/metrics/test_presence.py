import numpy as np
import pytest

from core.metrics.presence import outcomes, presence_rates

#                        TP   TP   FN  FP  TN
TRUTH_PX = np.array([100, 50, 30, 0, 0])
PREDICTION_PX = np.array([90, 60, 0, 20, 0])
DICE = np.array([0.9, 0.7, 0.0, 0.0, 1.0])


def test_hand_worked_case():
    assert presence_rates(TRUTH_PX, PREDICTION_PX, DICE) == pytest.approx(
        {
            "dice": 2.6 / 5,
            "dice_all_empty": 2 / 5,
            "false_negative_rate": 1 / 3,
            "false_positive_rate": 1 / 2,
            "dice_true_positive": 0.8,
            "zero_overlap_rate": 1 / 3,
        }
    )


def test_mean_dice_follows_from_the_three_rates():
    rng = np.random.default_rng(0)
    truth, prediction = rng.integers(0, 2, (2, 500))
    dice = np.where(truth & prediction, rng.random(500), truth == prediction)
    rates = presence_rates(truth, prediction, dice)
    empty = rates["dice_all_empty"]
    expected = (
        empty * (1 - rates["false_positive_rate"])
        + (1 - empty) * (1 - rates["false_negative_rate"]) * rates["dice_true_positive"]
    )
    assert rates["dice"] == pytest.approx(expected, abs=1e-12)


def test_all_empty_score_is_what_the_all_empty_answer_gets():
    nothing = np.zeros(5)
    dice = (TRUTH_PX == 0).astype(float)
    answered = presence_rates(TRUTH_PX, nothing, dice)
    assert answered["dice"] == presence_rates(TRUTH_PX, PREDICTION_PX, DICE)["dice_all_empty"]


@pytest.mark.parametrize(
    ("kept", "undefined"),
    [
        (TRUTH_PX > 0, {"false_positive_rate"}),
        (TRUTH_PX == 0, {"false_negative_rate", "dice_true_positive", "zero_overlap_rate"}),
        (PREDICTION_PX == 0, {"dice_true_positive"}),
    ],
    ids=["no empty image", "no nerve", "nothing found"],
)
def test_a_rate_without_images_is_nan(kept, undefined):
    rates = presence_rates(TRUTH_PX[kept], PREDICTION_PX[kept], DICE[kept])
    assert {name for name, value in rates.items() if np.isnan(value)} == undefined


def test_no_image_at_all_leaves_every_rate_undefined():
    assert all(np.isnan(list(presence_rates(*np.empty((3, 0))).values())))


def test_outcomes_by_name():
    assert outcomes(TRUTH_PX, PREDICTION_PX).tolist() == ["TP", "TP", "FN", "FP", "TN"]
