"""Areas in mm2 and wrist-to-forearm ratios, by hand."""

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.metrics.areas import area_ratios, with_areas

GROUP = ["subject", "hand"]


def images(*rows):
    """A per-image table from (subject, hand, region, truth_px, prediction_px)."""
    names = ["subject", "hand", "region", "truth_px", "prediction_px"]
    return pd.DataFrame(rows, columns=names).assign(spacing_row_mm=0.1, spacing_col_mm=0.2)


def ratios(table):
    return area_ratios(table, column="region", numerator="wrist", denominator="forearm", by=GROUP)


def test_areas_are_pixels_times_both_spacings():
    areas = with_areas(images(("a", "left", "wrist", 500, 450)))
    assert areas["truth_mm2"].tolist() == pytest.approx([10])
    assert areas["prediction_mm2"].tolist() == pytest.approx([9])


def test_area_of_an_image_of_unknown_spacing_is_unknown():
    table = images(("a", "left", "wrist", 500, 450)).assign(spacing_col_mm=np.nan)
    assert with_areas(table)[["truth_mm2", "prediction_mm2"]].isna().all(axis=None)


def test_ratio_is_of_mean_areas_a_group():
    found = ratios(
        images(
            ("a", "left", "wrist", 600, 500),
            ("a", "left", "wrist", 400, 300),
            ("a", "left", "forearm", 250, 200),
            ("a", "right", "wrist", 300, 330),
            ("a", "right", "forearm", 300, 300),
        )
    )
    assert found.table["hand"].tolist() == ["left", "right"]
    assert found.table["truth_ratio"].tolist() == pytest.approx([500 / 250, 1])
    assert found.table["prediction_ratio"].tolist() == pytest.approx([400 / 200, 1.1])
    assert (found.left_out, found.unpredicted) == (0, 0)


def test_spacings_of_a_group_may_differ():
    table = images(("a", "left", "wrist", 100, 100), ("a", "left", "forearm", 100, 100))
    table["spacing_row_mm"] = [0.2, 0.1]
    assert ratios(table).table["truth_ratio"].tolist() == pytest.approx([2])


def test_groups_without_either_region_are_left_out_and_counted():
    found = ratios(
        images(
            ("a", "left", "wrist", 500, 500),
            ("b", "left", "forearm", 250, 250),
            ("c", "left", "wrist", 500, 500),
            ("c", "left", "forearm", 0, 100),
            ("d", "left", "wrist", 300, 300),
            ("d", "left", "forearm", 200, 200),
        )
    )
    assert found.table["subject"].tolist() == ["d"]
    assert found.left_out == 3


def test_ratio_without_any_prediction_in_a_region_is_undefined_and_counted():
    found = ratios(
        images(
            ("a", "left", "wrist", 500, 400),
            ("a", "left", "forearm", 250, 0),
            ("b", "left", "wrist", 500, 0),
            ("b", "left", "forearm", 250, 200),
            ("c", "left", "wrist", 500, 500),
            ("c", "left", "forearm", 250, 250),
        )
    )
    assert found.table["truth_ratio"].tolist() == pytest.approx([2, 2, 2])
    assert found.table["prediction_ratio"].isna().tolist() == [True, True, False]
    assert (found.left_out, found.unpredicted) == (0, 2)


def test_missed_image_is_no_area_of_0():
    found = ratios(
        images(
            ("a", "left", "wrist", 500, 400),
            ("a", "left", "wrist", 500, 0),
            ("a", "left", "forearm", 200, 200),
        )
    )
    assert found.table["prediction_ratio"].tolist() == pytest.approx([2])


def test_group_of_unknown_hand_is_a_group():
    found = ratios(images(("a", np.nan, "wrist", 300, 300), ("a", np.nan, "forearm", 200, 200)))
    assert found.table["truth_ratio"].tolist() == pytest.approx([1.5])


def test_table_that_came_in_is_left_as_it_was():
    table = images(("a", "left", "wrist", 300, 300), ("a", "left", "forearm", 200, 200))
    before = table.copy()
    ratios(table)
    pd.testing.assert_frame_equal(table, before)


def test_missing_column_is_named_with_the_nearest():
    table = images(("a", "left", "wrist", 1, 1))
    with pytest.raises(
        InputError, match="images: expected a column 'spacing_row_mm', got none, did you mean"
    ):
        with_areas(table.rename(columns={"spacing_row_mm": "spacing_mm"}))
    with pytest.raises(InputError, match="images: expected a column 'hand', got none"):
        ratios(table.drop(columns="hand"))


def test_region_that_no_image_is_of_is_named():
    with pytest.raises(
        InputError, match="region: expected 'forearm' among its values, got elbow, wrist"
    ):
        ratios(images(("a", "left", "wrist", 1, 1), ("a", "left", "elbow", 1, 1)))
