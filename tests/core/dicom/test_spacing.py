import math

import numpy as np
import pytest
from pydicom.dataset import Dataset

from core.dicom.header import read_header
from core.dicom.spacing import positive, spacing_mm
from tests.dicoms import region, write_dicom


@pytest.fixture
def stated(tmp_path):
    """The spacing of a 40x60 image whose header holds these elements, written and read again."""

    def through_a_file(**elements):
        path = write_dicom(tmp_path / "a.dcm", np.zeros((40, 60), np.uint8), **elements)
        return spacing_mm(read_header(path))

    return through_a_file


def stated_by(stated, *regions, **elements):
    return stated(SequenceOfUltrasoundRegions=list(regions), **elements)


def assert_unknown(spacing, reason):
    assert math.isnan(spacing.row_mm)
    assert math.isnan(spacing.col_mm)
    assert reason in spacing.reason


def test_centimetres_a_pixel_become_millimetres_by_row_and_column(stated):
    assert stated_by(stated, region(delta_x=0.012, delta_y=0.02)) == (0.2, 0.12, "")


def test_sign_of_the_axis_does_not_matter(stated):
    assert stated_by(stated, region(delta_x=0.01, delta_y=-0.02)) == (0.2, 0.1, "")


def test_two_views_of_equal_scale_have_one_spacing(stated):
    assert stated_by(stated, region(), region(delta_x=0.010001)) == (0.1, 0.1, "")


def test_two_views_of_unequal_scale_have_none(stated):
    spacing = stated_by(stated, region(), region(delta_x=0.02, delta_y=0.02))
    assert_unknown(spacing, "its 2 regions differ in pixel distance")


def test_two_views_that_differ_downwards_only_have_none(stated):
    assert_unknown(stated_by(stated, region(), region(delta_y=0.0101)), "differ")


def test_one_view_without_calibration_leaves_none_for_the_image(stated):
    assert_unknown(stated_by(stated, region(), region(PhysicalUnitsXDirection=0)), "differ")


@pytest.mark.parametrize(
    "elements",
    [
        {"RegionSpatialFormat": 2},  # M-mode
        {"RegionDataType": 2},  # colour flow
        {"RegionSpatialFormat": 4, "RegionDataType": 10, "PhysicalUnitsXDirection": 4},  # ECG
        {"PhysicalUnitsYDirection": 4},  # seconds
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaY": math.inf},
    ],
)
def test_regions_of_other_kinds_state_no_spacing(stated, elements):
    assert_unknown(stated_by(stated, region(**elements)), "states no pixel distance")
    assert stated_by(stated, region(**elements), PixelSpacing=[0.3, 0.4]) == (0.3, 0.4, "")


def test_region_of_another_kind_does_not_disturb_the_tissue(stated):
    trace = region(delta_x=0.5, RegionSpatialFormat=4, RegionDataType=10)
    assert stated_by(stated, region(), trace) == (0.1, 0.1, "")


def test_regions_outweigh_pixel_spacing(stated):
    assert stated_by(stated, region(), PixelSpacing=[0.3, 0.4]) == (0.1, 0.1, "")


def test_differing_regions_are_not_replaced_by_pixel_spacing(stated):
    spacing = stated_by(stated, region(), region(delta_x=0.02), PixelSpacing=[0.3, 0.4])
    assert_unknown(spacing, "differ")


@pytest.mark.parametrize(
    "end", [{"RegionLocationMaxX1": 61}, {"RegionLocationMaxY1": 41}, {"RegionLocationMaxX1": 119}]
)
def test_region_that_ends_outside_tells_of_a_scaled_image(stated, end):
    assert_unknown(stated_by(stated, region(**end)), "reach beyond the image")


def test_region_that_ends_behind_the_last_pixel_is_inside(stated):
    end = {"RegionLocationMaxX1": 60, "RegionLocationMaxY1": 40}
    assert stated_by(stated, region(**end)) == (0.1, 0.1, "")


def test_pixel_spacing_is_row_then_column(stated):
    assert stated(PixelSpacing=[0.2, 0.1]) == (0.2, 0.1, "")


@pytest.mark.parametrize("value", [[0, 0.1], [-0.1, -0.1], [0.1]])
def test_pixel_spacing_of_other_numbers_is_unknown(stated, value):
    assert_unknown(stated(PixelSpacing=value), "not two positive numbers")


@pytest.mark.parametrize("keyword", ["ImagerPixelSpacing", "NominalScannedPixelSpacing"])
def test_spacing_of_a_detector_or_a_sheet_is_not_taken(keyword):
    header = Dataset()
    setattr(header, keyword, [0.1, 0.1])
    assert_unknown(spacing_mm(header), "states no pixel distance")


@pytest.mark.parametrize("value", [None, "wide", 0, -1, math.inf, math.nan, (1, 2)])
def test_what_is_no_positive_number_counts_as_unknown(value):
    assert math.isnan(positive(value))
