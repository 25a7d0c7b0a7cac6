import pytest

from core.reports.numbers import key_numbers
from core.reports.run_folder import RunFolder

METRICS = {
    "test/dice": 0.6183,
    "test/dice_all_empty": 0.4,
    "test/false_negative_rate": 0.0957,
    "test/false_positive_rate": 0.3534,
    "test/dice_true_positive": 0.7627,
    "test/hd95_px": 8.25,
}


def numbers(run, rows=(), **summary):
    run.write(list(rows), **summary)
    return {number.label: number for number in key_numbers(RunFolder.read(run.root))}


def test_dice_stands_beside_the_all_empty_answer(tiny_run):
    dice = numbers(tiny_run, metrics=METRICS)["Dice"]
    assert (dice.value, dice.notes) == ("0.618", ("the all-empty answer scores 0.400",))


def test_rates_are_percentages_with_their_counts(tiny_run, mixed_rows):
    missed = numbers(tiny_run, mixed_rows, metrics=METRICS)["False negatives"]
    assert (missed.value, missed.unit) == ("9.6", "%")
    assert missed.notes == ("3 of 9 images with the structure: predicted empty",)


def test_distance_is_in_mm_where_known_and_else_in_pixels(tiny_run):
    assert numbers(tiny_run, metrics=METRICS | {"test/hd95_mm": None})["HD95"].unit == "px"
    assert numbers(tiny_run, metrics=METRICS | {"test/hd95_mm": 1.5})["HD95"].unit == "mm"


def test_gain_over_noise_free_images_is_left_out_where_none_are_known(tiny_run):
    known = METRICS | {"test/psnr_gain": 3.456, "test/edge_ratio": 0.5}
    assert numbers(tiny_run, metrics=known)["PSNR gained"].value == "3.46"
    shown = numbers(tiny_run, metrics=known | {"test/psnr_gain": None})
    assert "PSNR gained" not in shown
    assert shown["Edges left by restoration"].value == "50.0"


def test_angles_that_are_undefined_are_counted(tiny_run):
    known = METRICS | {"test/angle_error_deg": 2.25, "test/angle_undefined": 3.0}
    angle = numbers(tiny_run, metrics=known)["Spine angle, mean error"]
    assert (angle.value, angle.unit) == ("2.2", "°")
    assert angle.notes == ("too little is found for an angle in 3 images",)


def test_undefined_distance_is_said_to_be_undefined(tiny_run, mixed_rows):
    metrics = METRICS | {"test/hd95_px": None, "test/hd95_mm": None}
    distance = numbers(tiny_run, mixed_rows, metrics=metrics)["HD95"]
    assert (distance.value, distance.notes) == ("n/a", ("mean; undefined in 9 of 15 images",))


def test_interval_needs_five_subjects_and_covers_the_mean(tiny_run, mixed_rows):
    three = numbers(tiny_run, mixed_rows, metrics=METRICS)["Dice"]
    six = [row | {"subject": f"s{i % 6}"} for i, row in enumerate(mixed_rows)]
    low, high = map(float, numbers(tiny_run, six, metrics=METRICS)["Dice"].interval.split(" to "))
    assert three.interval == ""
    assert low < sum(row["dice"] for row in six) / len(six) < high


def test_untested_run_shows_its_best_validation(tiny_run):
    shown = numbers(tiny_run, best_score=0.55, best_epoch=2)
    assert shown["Best validation score"].value == "0.550"
    assert shown["Best validation score"].notes == ("epoch 2; not tested yet",)


def test_run_without_any_result_has_no_numbers(tiny_run):
    assert numbers(tiny_run) == {}


@pytest.mark.parametrize("value", [None, float("nan")])
def test_null_and_nan_are_both_undefined(tiny_run, value):
    assert numbers(tiny_run, metrics={"test/auc": value})["AUC over pixels"].value == "n/a"


MEDIAN = {
    "test/dice": 0.91,
    "test/dice_all_empty": 0.0,
    "test/precision": 0.93,
    "test/recall": 0.92,
    "test/hd_px": 12.0,
    "test/hd_mm": 0.84,
    "test/hd95_px": 9.0,
    "test/hd95_mm": 0.61,
    "test/auc": 0.97554,
    "test/zero_overlap_rate": 1 / 24,
    "test/false_negative_rate": 1 / 24,
    "test/false_positive_rate": None,
    "test/dice_true_positive": 0.93,
}


def test_numbers_of_data_that_always_show_the_structure(tiny_run, grouped_rows):
    shown = numbers(tiny_run, grouped_rows, metrics=MEDIAN)
    assert list(shown) == [
        *("Dice", "Precision", "Recall", "Hausdorff distance", "HD95", "AUC over pixels"),
        *("No pixel found", "False negatives", "Dice, true positives"),
    ]
    assert [shown[name].unit for name in ("Hausdorff distance", "HD95")] == ["mm", "mm"]
    assert (shown["AUC over pixels"].value, shown["AUC over pixels"].interval) == ("0.9755", "")


def test_all_empty_answer_is_left_out_where_no_image_is_empty(tiny_run, grouped_rows):
    assert numbers(tiny_run, grouped_rows, metrics=MEDIAN)["Dice"].notes == ()


def test_dice_of_true_positives_is_left_out_where_it_says_the_same(tiny_run):
    assert "Dice, true positives" not in numbers(
        tiny_run, metrics=MEDIAN | {"test/dice_true_positive": 0.91}
    )


def test_zero_overlap_counts_predictions_that_are_empty_or_elsewhere(tiny_run, grouped_rows):
    elsewhere = [grouped_rows[0] | {"dice": 0.0}, *grouped_rows[1:]]
    missed = numbers(tiny_run, elsewhere, metrics=MEDIAN)["No pixel found"]
    assert missed.notes == ("in 2 of 24 images with the structure",)


def test_intervals_stand_beside_every_mean_over_images(tiny_run, grouped_rows):
    shown = numbers(tiny_run, grouped_rows, metrics=MEDIAN)
    without = {name for name, number in shown.items() if not number.interval}
    assert without == {"AUC over pixels", "HD95"}  # no HD95 in these rows
    low, high = map(float, shown["Hausdorff distance"].interval.split(" to "))
    known = [row["hd_mm"] for row in grouped_rows if row["outcome"] == "TP"]
    assert low < sum(known) / len(known) < high
