import numpy as np
import pandas as pd
import pytest

from core.reports.groups import group_table
from core.reports.run_folder import RunFolder


def rows_of(run, rows):
    run.write(rows)
    table = group_table(RunFolder.read(run.root))
    return (
        {}
        if table is None
        else {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    )


def test_each_group_and_all_images_have_a_row(tiny_run, grouped_rows):
    table = rows_of(tiny_run, grouped_rows)
    assert list(table) == [
        "HM70A, forearm",
        "HM70A, wrist",
        "miniSONO, forearm",
        "miniSONO, wrist",
        "All",
    ]
    assert [row["Images"] for row in table.values()] == ["6", "6", "6", "6", "24"]


def test_numbers_are_mean_and_sd_over_images(tiny_run, grouped_rows):
    wrist = rows_of(tiny_run, grouped_rows)["HM70A, wrist"]
    dice = [1 - rank / 12 for rank in range(6)]  # 12 rows, shifted by rank
    assert wrist["Dice"] == f"{np.mean(dice):.3f} ± {np.std(dice, ddof=1):.3f}"
    assert wrist["HD (px)"] == "2.5 ± 1.9"
    assert wrist["HD (mm)"] == "0.25 ± 0.19"


def test_area_under_the_curve_is_the_groups_own(tiny_run, grouped_rows):
    table = rows_of(tiny_run, grouped_rows)
    assert (table["HM70A, wrist"]["AUC"], table["All"]["AUC"]) == ("0.8000", "0.9000")


def test_zero_overlap_is_a_share_of_the_images_with_the_structure(tiny_run, grouped_rows):
    empty = {"truth_px": 0, "prediction_px": 0, "dice": 1.0, "outcome": "TN"}
    table = rows_of(tiny_run, [grouped_rows[0] | empty, *grouped_rows[1:]])
    assert table["HM70A, forearm"]["Zero overlap"] == "20.0 %"
    assert table["HM70A, wrist"]["Zero overlap"] == "0.0 %"


def test_what_was_not_measured_has_no_column(tiny_run, grouped_rows):
    (tiny_run.root / "roc.csv").unlink()
    table = rows_of(tiny_run, [row | {"hd_mm": np.nan} for row in grouped_rows])
    assert list(table["All"]) == [
        "Group",
        "Images",
        "Precision",
        "Recall",
        "Dice",
        "HD (px)",
        "Zero overlap",
    ]


def test_structures_without_groups_have_a_row_each(tiny_run):
    truth = np.zeros((48, 64), np.uint8)
    truth[:9, :9], truth[20:30, 20:30] = 1, 2
    table = rows_of(tiny_run, tiny_run.add_structures(truth, truth, ["vessel", "nerve"]))
    assert list(table) == ["vessel", "nerve"]
    assert table["nerve"]["Dice"] == "1.000"
    assert "Group" not in table["nerve"]


def test_structures_and_groups_are_both_named(tiny_run):
    truth = np.zeros((48, 64), np.uint8)
    truth[:9, :9], truth[20:30, 20:30] = 1, 2
    rows = [
        row
        for group in ("a", "b")
        for row in tiny_run.add_structures(truth, truth, ["vessel", "nerve"], test_group=group)
    ]
    tiny_run.write(rows)
    table = group_table(RunFolder.read(tiny_run.root))
    assert [row[:2] for row in table.rows] == [
        ["vessel", "a"], ["vessel", "b"], ["vessel", "All"], ["nerve", "a"], ["nerve", "b"], ["nerve", "All"],
    ]  # fmt: skip


@pytest.mark.parametrize("structure", [{}, {"structure": "nerve"}])
def test_one_structure_without_groups_has_no_table(tiny_run, mixed_rows, structure):
    assert rows_of(tiny_run, [row | structure for row in mixed_rows]) == {}


def test_untested_run_has_no_table(tiny_run):
    assert rows_of(tiny_run, []) == {}
    assert isinstance(RunFolder.read(tiny_run.root).images, pd.DataFrame)
