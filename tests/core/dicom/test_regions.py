import pytest
from pydicom.dataset import Dataset

from core.dicom.regions import Region, regions_of
from tests.dicoms import region


def header(*items, rows=100, columns=200):
    ds = Dataset()
    ds.Rows, ds.Columns = rows, columns
    if items:
        ds.SequenceOfUltrasoundRegions = list(items)
    return ds


def box(x0, y0, x1, y1, **elements):
    return region(
        RegionLocationMinX0=x0, RegionLocationMinY0=y0, RegionLocationMaxX1=x1,
        RegionLocationMaxY1=y1, **elements,
    )  # fmt: skip


def test_regions_as_the_header_orders_them():
    items = box(10, 20, 90, 80), box(100, 20, 150, 80, RegionSpatialFormat=3, RegionDataType=18)
    assert regions_of(header(*items)) == (
        Region(10, 20, 90, 80, 1, 1),
        Region(100, 20, 150, 80, 3, 18),
    )


def test_pixel_behind_the_last_one_is_clipped():
    assert regions_of(header(box(0, 0, 200, 100))) == (Region(0, 0, 199, 99, 1, 1),)


def test_region_of_an_image_that_was_scaled_tells_nothing():
    assert regions_of(header(box(0, 0, 90, 80), box(0, 0, 400, 80))) == ()


@pytest.mark.parametrize("items", [(), (Dataset(),)])
def test_header_without_regions_or_corners(items):
    if not items:
        assert regions_of(header()) == ()
    else:
        with pytest.raises(AttributeError):
            regions_of(header(*items))
