import numpy as np
import pandas as pd
import pytest

from core.reports.contours import PREDICTION_RGB, TRUTH_RGB
from core.reports.fixed_cases import choose_fixed, fixed_cases
from core.reports.run_folder import SPLIT


def split(count, per_subject=1):
    rows = range(count)
    return pd.DataFrame(
        {
            "index": rows,
            "id": [f"im{row}" for row in rows],
            "subject": [f"s{row // per_subject}" for row in rows],
            "stage": "test",
        }
    )


def test_two_runs_show_the_same_cases_whatever_the_order():
    one = split(40)
    names = dict(zip(one["index"], one["id"], strict=True))
    other = one.sample(frac=1, random_state=0).assign(index=range(40))
    again = dict(zip(other["index"], other["id"], strict=True))
    chosen = [names[index] for index in choose_fixed(one)]
    assert len(chosen) == 8
    assert [again[index] for index in choose_fixed(other)] == chosen


def test_a_subject_is_shown_once():
    assert len(choose_fixed(split(12, per_subject=4))) == 3


def test_only_test_images_are_shown():
    assert choose_fixed(split(5).assign(stage="train")) == []


def test_runs_on_half_of_the_images_have_cases_in_common():
    whole, half = split(16), split(16).iloc[:10]
    assert set(choose_fixed(whole)) & set(choose_fixed(half))


def write_split(run, rows):
    """Write what a run of these rows leaves, and the split of its images."""
    run.write(rows)
    table = pd.DataFrame(rows)[["index", "id", "subject"]].assign(stage="test")
    table.to_csv(run.root / SPLIT, index=False)


@pytest.fixture
def classified(class_run):
    """A classifier's run with a split of its images, and those images."""
    class_run.write(features=False)
    table = pd.read_csv(class_run.root / "per_image.csv", dtype={"id": str, "subject": str})
    table.assign(stage="test").to_csv(class_run.root / SPLIT, index=False)
    grey = np.full((30, 40), 90, np.uint8)
    return class_run.root, table, fixed_cases(class_run.root, lambda index: (grey, None))


def test_a_frame_says_whether_an_image_was_told_right(classified):
    _, table, pictures = classified
    chosen = choose_fixed(table.assign(stage="test"))
    right = table.set_index("index")["correct"]
    expected = [TRUTH_RGB if right[index] else PREDICTION_RGB for index in chosen]
    assert [tuple(picture[0, 0]) for picture in pictures] == expected


def test_truth_and_prediction_are_outlined(tiny_run, mixed_rows):
    write_split(tiny_run, mixed_rows)
    pictures = fixed_cases(tiny_run.root, tiny_run.images)
    seen = {colour for picture in pictures for colour in map(tuple, picture.reshape(-1, 3))}
    assert {TRUTH_RGB, PREDICTION_RGB} <= seen


def test_an_image_that_was_not_tested_is_shown_bare(tiny_run, mixed_rows):
    write_split(tiny_run, mixed_rows)
    for prediction in (tiny_run.root / "predictions").iterdir():
        prediction.unlink()
    pictures = fixed_cases(tiny_run.root, tiny_run.images)
    assert len(pictures) == 3
    assert all((picture == 90).all() for picture in pictures)


def test_what_a_network_restored_is_shown(removal_run):
    removal_run.read()
    table = removal_run.table[["index", "id", "subject"]].assign(stage="test")
    table.to_csv(removal_run.root / SPLIT, index=False)

    def never(index):
        raise AssertionError(index)

    assert len(fixed_cases(removal_run.root, never)) == min(8, table["subject"].nunique())
