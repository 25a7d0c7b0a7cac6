import pandas as pd

from core.reports.cases import choose_examples, choose_worst


def frame(*rows):
    columns = ["index", "outcome", "dice", "truth_px", "prediction_px"]
    return pd.DataFrame(rows, columns=columns).assign(subject=[f"s{row[0]}" for row in rows])


TABLE = frame(
    (0, "TP", 0.10, 50, 50),
    (1, "TP", 0.50, 50, 50),
    (2, "TP", 0.70, 50, 50),
    (3, "TP", 0.80, 50, 50),
    (4, "TP", 0.90, 50, 50),
    (5, "FN", 0.0, 30, 0),
    (6, "FN", 0.0, 90, 0),
    (7, "FN", 0.0, 30, 0),
    (8, "FN", 0.0, 10, 0),
    (9, "FP", 0.0, 0, 5),
    (10, "TN", 1.0, 0, 0),
)


def test_true_positives_shown_are_nearest_median_and_quartiles():
    assert choose_examples(TABLE)["TP"]["index"].tolist() == [2, 3, 1]


def test_largest_misses_come_first_and_ties_by_index():
    assert choose_examples(TABLE)["FN"]["index"].tolist() == [6, 5, 7]


def test_choice_does_not_depend_on_the_order_of_rows():
    shuffled = TABLE.sample(frac=1, random_state=3)
    for outcome, rows in choose_examples(TABLE).items():
        assert choose_examples(shuffled)[outcome]["index"].tolist() == rows["index"].tolist()
    assert choose_worst(shuffled, 3)["index"].tolist() == choose_worst(TABLE, 3)["index"].tolist()


def test_outcome_without_images_gives_no_rows():
    assert choose_examples(TABLE[TABLE["outcome"] == "TN"])["FN"].empty


def test_one_true_positive_is_shown_once():
    assert choose_examples(TABLE[:1])["TP"]["index"].tolist() == [0]


def test_equal_dice_gives_different_images():
    equal = frame(*[(i, "TP", 0.5, 9, 9) for i in range(5)])
    assert choose_examples(equal)["TP"]["index"].tolist() == [0, 1, 2]


def test_worst_outlines_are_true_positives_with_the_lowest_dice():
    assert choose_worst(TABLE, 2)["index"].tolist() == [0, 1]


def test_images_of_other_subjects_go_before_more_of_the_same():
    same = TABLE.assign(subject=["a", "a", "b", "c", "d", "e", "e", "e", "f", "g", "g"])
    assert choose_worst(same, 2)["index"].tolist() == [0, 2]
    assert choose_examples(same)["FN"]["index"].tolist() == [6, 5, 8]


def test_one_subject_alone_still_fills_the_places():
    assert choose_worst(TABLE.assign(subject="a"), 3)["index"].tolist() == [0, 1, 2]
