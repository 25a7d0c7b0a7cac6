import numpy as np
import pandas as pd
import pytest

from core.reports.cases import choose_notable, choose_typical


def table(*rows):
    """Rows as a test leaves them, each found well unless it says otherwise."""
    usual = {"dice": 0.95, "truth_px": 100, "prediction_px": 100, "precision": 0.95}
    usual |= {"recall": 0.95, "prediction_masses": 1, "prediction_ellipticity": 0.95}
    usual |= {"outcome": "TP"}
    return pd.DataFrame(
        [{"index": i, "subject": f"s{i}"} | usual | row for i, row in enumerate(rows)]
    )


def notable(images):
    return {kind.title: rows["index"].tolist() for kind, rows in choose_notable(images)}


def said(images, title):
    return [
        kind.numbers(row)
        for kind, rows in choose_notable(images)
        if kind.title == title
        for _, row in rows.iterrows()
    ]


def with_dice(*values, **columns):
    return table(*({"dice": value} for value in values)).assign(**columns)


DECILES = np.arange(0, 1.01, 0.1)


def test_typical_outlines_are_nearest_their_percentiles_of_dice():
    assert choose_typical(with_dice(*DECILES))["index"].tolist() == [8, 6, 4, 2]


def test_typical_outlines_are_of_different_subjects():
    images = with_dice(*DECILES, subject=list("abcdefxgxhi"))  # 6 and 8 are of one
    first, second, third, fourth = choose_typical(images)["index"]
    assert (first, third, fourth) == (8, 4, 2)
    assert second in (5, 7)


def test_one_subject_alone_still_fills_the_places():
    assert choose_typical(with_dice(*DECILES, subject="a"))["index"].tolist() == [8, 6, 4, 2]


def test_missed_and_empty_images_are_not_typical():
    assert choose_typical(table({"outcome": "FN"}, {"outcome": "TN"})).empty


def test_equal_dice_gives_different_images():
    assert choose_typical(with_dice(*[0.5] * 5))["index"].tolist() == [0, 1, 2, 3]


def test_two_masses_that_hit_are_shown_the_known_bifid_ones_first():
    images = table(
        {"prediction_masses": 2, "dice": 0.9},
        {"prediction_masses": 2, "dice": 0.6},
        {"prediction_masses": 2, "dice": 0.0},
        {"prediction_masses": 3},
    ).assign(bifid=[False, True, False, False], truth_masses=1)
    assert notable(images)["Two masses found"] == [1, 0]
    assert said(images, "Two masses found") == [
        "bifid, truth 1 mass, Dice 0.60",
        "truth 1 mass, Dice 0.90",
    ]


def test_border_is_ambiguous_where_areas_agree_and_dice_is_middling():
    images = table(
        {"dice": 0.85, "prediction_px": 109},
        {"dice": 0.80, "prediction_px": 91},
        {"dice": 0.85, "prediction_px": 112},
        {"dice": 0.74},
        {"dice": 0.92},
    )
    assert notable(images)["Ambiguous border"] == [1, 0]
    assert said(images, "Ambiguous border") == ["Dice 0.80, area -9 %", "Dice 0.85, area +9 %"]


def test_partly_found_is_high_precision_with_low_recall():
    images = table(
        {"precision": 0.97, "recall": 0.6},
        {"precision": 0.97, "recall": 0.4},
        {"precision": 0.6, "recall": 0.4},
        {"precision": 0.97, "recall": 0.8},
    )
    assert notable(images)["Found in part"] == [1, 0]
    assert said(images, "Found in part")[0] == "precision 0.97, recall 0.40"


def test_least_elliptical_single_masses_come_first():
    images = table(
        {"prediction_ellipticity": 0.8},
        {"prediction_ellipticity": 0.6},
        {"prediction_ellipticity": 0.5, "prediction_masses": 2},
        {"prediction_ellipticity": 0.9},
    )
    assert notable(images)["Not elliptical"] == [1, 0]
    assert said(images, "Not elliptical")[0] == "ellipticity 0.60, Dice 0.95"


def test_missed_structures_say_how_far_off_the_prediction_is():
    images = table(
        {"dice": 0, "truth_px": 30, "hd_mm": 7.25, "hd_px": 80.0},
        {"dice": 0, "truth_px": 90, "prediction_px": 0, "outcome": "FN"},
        {"dice": 0, "truth_px": 20, "hd_px": 80.0},
    )
    assert notable(images)["Missed"] == [1, 0, 2]
    assert said(images, "Missed") == [
        "0 of 90 px, empty prediction",
        "0 of 30 px, HD 7.2 mm",
        "0 of 20 px, HD 80.0 px",
    ]


def test_made_up_structures_are_a_kind_only_where_images_are_empty():
    empty = {"truth_px": 0, "dice": 0.0, "outcome": "FP"}
    images = table({}, empty | {"prediction_px": 5}, empty | {"prediction_px": 50})
    assert notable(images)["Made up"] == [2, 1]
    assert notable(images)["Missed"] == []
    assert "Made up" not in notable(table({}))


def test_right_empty_answers_are_no_case():
    images = table({}, {"truth_px": 0, "prediction_px": 0, "dice": 1.0, "outcome": "TN"})
    assert notable(images)["Made up"] == []
    assert notable(images)["Lowest Dice"] == [0]


def test_image_is_shown_once_as_the_first_kind_that_it_is():
    images = table({"precision": 0.99, "recall": 0.3, "dice": 0.46, "prediction_ellipticity": 0.5})
    assert {title for title, cases in notable(images).items() if cases} == {"Found in part"}


def test_lowest_dice_is_among_all_others():
    images = with_dice(0.6, 0.3, 0.0, 0.5, precision=0.5)
    assert notable(images)["Lowest Dice"] == [1, 3, 0]


def test_images_of_other_subjects_go_before_more_of_the_same():
    images = with_dice(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, subject=list("aaabcd"))
    assert notable(images)["Lowest Dice"] == [0, 3, 4, 5]


@pytest.mark.parametrize("masses", [None, np.nan], ids=["no column", "never measured"])
def test_kind_of_which_the_run_knows_nothing_is_left_out(masses):
    images = table({}).assign(prediction_masses=masses)
    images = images.drop(columns=["precision"]).dropna(
        axis=1, how="all" if masses is None else "any"
    )
    assert notable(images).keys() == {"Ambiguous border", "Missed", "Lowest Dice"}


def test_choice_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(0)
    images = with_dice(
        *rng.random(60).round(1), recall=rng.random(60), truth_px=rng.integers(80, 120, 60)
    )
    shuffled = images.sample(frac=1, random_state=3)
    assert notable(shuffled) == notable(images)
    assert choose_typical(shuffled)["index"].tolist() == choose_typical(images)["index"].tolist()
