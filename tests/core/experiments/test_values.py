import json
import math

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.experiments.values import image_values, run_value

MASKS = pd.DataFrame(
    {
        "id": ["i1", "i2", "i3", "i4"],
        "subject": ["7", "7", "8", "8"],
        "structure": ["rib", "rib", "lung", "lung"],
        "dice": [0.5, 0.0, 0.0, 1.0],
        "hd_px": [3.0, np.nan, np.nan, np.nan],
        "outcome": ["TP", "FN", "FP", "TN"],
    }
)
CLASSES = pd.DataFrame(
    {
        "id": ["1", "2", "3", "4"],
        "subject": ["a", "a", "b", "b"],
        "device": ["E7", "E7", "E7", "I33"],
        "truth": ["A2C", "PLAX", "A2C", "A2C"],
        "predicted": ["A2C", "PLAX", "PLAX", "A2C"],
        "correct": [1, 1, 0, 1],
    }
)
SEQUENCES = pd.DataFrame(
    {
        "sequence": ["1", "2"],
        "subject": ["a", "b"],
        "correct_majority": [1, 0],
        "correct_mean_probability": [1, 1],
    }
)
RESTORATION = pd.DataFrame(
    {
        "id": ["1", "2"],
        "subject": ["a", "b"],
        "psnr_input": [20.0, math.inf],
        "psnr_restored": [26.0, 30.0],
        "ssim_restored": [0.8, 0.9],
        "edge_input": [4.0, 2.0],
        "edge_restored": [2.0, 0.5],
        "detail_change": [0.1, 0.3],
        "detail_loss": [0.2, np.nan],
    }
)
REMOVAL = pd.DataFrame(
    {
        "id": ["1", "2", "3"],
        "subject": ["a", "b", "b"],
        "kinds": ["flow_box", "body_marker", "nothing"],
        "psnr_hvs_m/input": [20.0, 22.0, np.nan],
        "psnr_hvs_m/noise2noise": [30.0, 26.0, np.nan],
        "psnr_hvs_m/noise2clean": [31.0, 29.0, np.nan],
        "dice/noise2noise": [0.8, 0.6, 1.0],
        "dice_one_sided/noise2noise": [0.7, 0.5, 1.0],
    }
)
PRESENCE = pd.DataFrame(
    {
        "id": ["1", "2", "1", "2"],
        "subject": ["a", "b", "a", "b"],
        "kind": ["flow_box", "flow_box", "body_marker", "body_marker"],
        "truth": [1, 0, 1, 1],
        "confidence": [0.5, 0.6, 0.9, 0.1],
    }
)
ANGLES = pd.DataFrame(
    {"id": ["1", "2"], "subject": ["a", "b"], "truth_deg": [10.0, 20], "prediction_deg": [7, 21.0]}
)


@pytest.fixture
def tested(tmp_path):
    """Write a run whose test gave these metrics and tables."""

    def write(found, facts=(), **tables):
        summary = {"metrics": found, **dict(facts)}
        (tmp_path / "summary.json").write_text(json.dumps(summary))
        for name, table in tables.items():
            table.to_csv(tmp_path / f"{name}.csv", index=False)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("metric", "name", "table", "expected"),
    [
        ("test/dice", "per_image", MASKS, [0.5, 0, 0, 1]),
        ("test/rib/dice", "per_image", MASKS, [0.5, 0]),
        ("test/hd_px", "per_image", MASKS, [3]),
        ("test/zero_overlap_rate", "per_image", MASKS, [0, 1]),
        ("test/false_negative_rate", "per_image", MASKS, [0, 1]),
        ("test/false_positive_rate", "per_image", MASKS, [1, 0]),
        ("test/dice_true_positive", "per_image", MASKS, [0.5]),
        ("test/accuracy", "per_image", CLASSES, [1, 1, 0, 1]),
        ("test/I33/accuracy", "per_image", CLASSES, [1]),
        ("test/A2C/recall", "per_image", CLASSES, [1, 0, 1]),
        ("test/sequence_accuracy", "per_sequence", SEQUENCES, [1, 0]),
        ("test/sequence_accuracy_mean_probability", "per_sequence", SEQUENCES, [1, 1]),
        ("test/psnr_gain", "restoration", RESTORATION, [6]),
        ("test/edge_ratio", "restoration", RESTORATION, [0.5, 0.25]),
        ("test/psnr_hvs_m", "removal", REMOVAL, [30, 26]),
        ("test/psnr_hvs_m_gain", "removal", REMOVAL, [10, 4]),
        ("test/rival/psnr_hvs_m_gain", "removal", REMOVAL, [11, 7]),
        ("test/dice_one_sided", "removal", REMOVAL, [0.7, 0.5, 1]),
        ("test/flow_box/dice", "removal", REMOVAL, [0.8]),
        ("test/flow_box/presence_specificity", "presence", PRESENCE, [0]),
        ("test/body_marker/presence_sensitivity", "presence", PRESENCE, [1, 0]),
        ("test/angle_error_deg", "spine_angle", ANGLES, [3, 1]),
    ],
)
def test_values_of_images_are_those_that_the_metric_is_the_mean_of(
    tested, metric, name, table, expected
):
    found = image_values(tested({metric: float(np.mean(expected))}, **{name: table}), metric)
    assert found["value"].tolist() == pytest.approx(expected)


def test_values_know_whose_images_they_are(tested):
    found = image_values(tested({"test/rib/dice": 0.25}, per_image=MASKS), "test/rib/dice")
    assert found[["id", "subject"]].to_numpy().tolist() == [["i1", "7"], ["i2", "7"]]


@pytest.mark.parametrize(
    "metric", ["test/auc", "test/precision", "test/A2C/precision", "parameters", "val/accuracy"]
)
def test_what_is_no_mean_of_images_has_no_values(tested, metric):
    assert image_values(tested({metric: 0.5}, per_image=CLASSES), metric) is None


def test_a_gain_over_an_untouched_image_that_is_perfect_is_no_mean_of_images(tested):
    perfect = REMOVAL.assign(**{"psnr_hvs_m/noise2noise": [math.inf, 26.0, np.nan]})
    run = tested({"test/psnr_hvs_m_gain": 5.0}, removal=perfect)
    assert image_values(run, "test/psnr_hvs_m_gain") is None


def test_images_of_another_test_are_refused(tested):
    with pytest.raises(InputError, match=r"mean is test/dice = 0\.4, got 0\.375"):
        image_values(tested({"test/dice": 0.4}, per_image=MASKS), "test/dice")


def test_sums_in_float32_may_be_a_little_off(tested):
    assert image_values(tested({"test/dice": 0.375 * (1 + 5e-6)}, per_image=MASKS), "test/dice") is not None  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("test/dice", 0.4),
        ("parameters", 491.0),
        ("inference_ms", 9.9),
        ("best_score", 0.7),
        ("epochs_to_converge", 2.0),
        ("loss_epochs_to_converge", 3.0),  # 0.1 is left of a fall of 1.8: 6 %
    ],
)
def test_a_run_has_one_value_of_what_columns_show(tested, metric, expected):
    facts = {"parameters": 491, "best_score": 0.7, "inference": {"ms_per_image": 9.9}}
    curve = pd.DataFrame({"epoch": [0, 1, 2], "val/dice": [0.1, 0.7, 0.7]})
    curve["train/loss"] = [3.0, 1.3, 1.2]
    assert run_value(tested({"test/dice": 0.4}, facts, metrics=curve), metric) == expected


@pytest.mark.parametrize("metric", ["test/hd_mm", "test/dise", "inference_ms"])
def test_an_unknown_value_is_nan(tested, metric):
    assert math.isnan(run_value(tested({"test/dice": 0.4, "test/hd_mm": None}), metric))


def test_a_run_that_was_not_tested_has_no_values(tested):
    assert math.isnan(run_value(tested({}, {"parameters": 491}), "parameters"))
