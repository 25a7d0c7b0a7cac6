import pytest
from pydicom import Dataset

from core.deidentify.kept import IMAGE, REGION, kept


def of(**elements):
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return kept(ds, IMAGE)


def test_numbers_go_over_unchanged():
    stated = {"FrameTime": 33.333333, "CineRate": 30, "FrameTimeVector": [0.0, 33.3, 34.1]}
    assert of(**stated) == stated


def test_a_regions_scale_goes_over_to_the_last_bit():
    item = Dataset()
    item.PhysicalDeltaX = 0.012345678901234567
    assert kept(item, REGION) == {"PhysicalDeltaX": 0.012345678901234567}


@pytest.mark.parametrize("value", [19800101, 7012345678.0, 1e-30, float("inf"), float("nan")])
def test_an_unlikely_number_stays_behind(value):
    ds = Dataset()
    ds.add_new("TransducerFrequency", "FD", value)
    assert kept(ds, REGION) == {}


@pytest.mark.parametrize("length", [0, 2, 47])
def test_a_number_that_became_many_stays_behind(length):
    item = Dataset()
    item.add_new("PhysicalUnitsYDirection", "US", [1] * length)
    assert kept(item, REGION) == {}


@pytest.mark.parametrize("kind", ["LO", "PN"])
def test_a_text_in_place_of_a_number_stays_behind(kind):
    ds = Dataset()
    ds.add_new("FrameTime", kind, "JANSSON")
    assert kept(ds, IMAGE) == {}


def test_words_go_over_from_a_closed_list_only():
    assert of(TransducerType="SECTOR_PHASED") == {"TransducerType": "SECTOR_PHASED"}
    assert of(TransducerType="JANSSON") == {}


def test_a_pointer_may_point_at_frame_times_only():
    assert of(FrameIncrementPointer=0x00181063) == {"FrameIncrementPointer": 0x00181063}
    assert of(FrameIncrementPointer=0x00100010) == {}


def test_nothing_else_goes_over():
    ds = Dataset()
    ds.PatientName, ds.ProtocolName, ds.PatientSex, ds.PatientAge = "A", "B", "F", "087Y"
    assert kept(ds, IMAGE) == {}
