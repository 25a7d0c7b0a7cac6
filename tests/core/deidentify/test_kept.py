import io

import pytest
from pydicom import Dataset

from core.deidentify.kept import IMAGE, REGION, Range, kept


def of(**elements):
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return kept(ds, IMAGE)


def test_numbers_go_over_unchanged():
    stated = {"FrameTime": 33.3333, "CineRate": 30, "FrameTimeVector": [0.0, 33.3, 34.1]}
    assert of(NumberOfFrames=3, **stated) == stated


def test_digits_that_nothing_needs_stay_behind():
    item = Dataset()
    item.PhysicalDeltaX = 0.012345678901234567
    assert kept(item, REGION) == {"PhysicalDeltaX": 0.0123456789}
    rounded = {"FrameTime": 33.332, "MechanicalIndex": 1.29}
    assert of(FrameTime="33.3319850314", MechanicalIndex="1.2850314") == rounded


def test_a_name_in_numbers_stays_behind():
    times = [0, *map(ord, "JANSSON EVA 198503141234")]
    assert of(NumberOfFrames=3, FrameTimeVector=times) == {}
    assert of(NumberOfFrames=4, FrameTimeVector=[0, 1985, 314, 1234]) == {}
    assert of(PixelSpacing=[0.1, 0.1, 0.19]) == of(LossyImageCompressionRatio=[19, 85]) == {}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        *(("SeriesNumber", 850314), ("InstanceNumber", 112233), ("MechanicalIndex", 1985.0314)),
        *(("FrameTime", 1985.0314), ("CineRate", 850314), ("StageNumber", 1985)),
        *(("UltrasoundColorDataPresent", 314), ("PixelAspectRatio", [1985, 314])),
    ],
)
def test_a_number_beyond_what_is_plausible_stays_behind(keyword, value):
    assert of(**{keyword: value}) == {}


@pytest.mark.parametrize(("rules", "keyword"), [
    *(("IMAGE", keyword) for keyword, rule in IMAGE.items() if isinstance(rule, Range)),
    *(("REGION", keyword) for keyword in REGION),
])  # fmt: skip
def test_all_that_may_go_over_can_be_written(rules, keyword):
    rule = {"IMAGE": IMAGE, "REGION": REGION}[rules][keyword]
    for end in (rule.low, rule.high):
        ds = Dataset()
        setattr(ds, keyword, rule(keyword, [end]))
        ds.save_as(io.BytesIO(), implicit_vr=False, little_endian=True)


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
    stated = {"FrameIncrementPointer": 0x00181063, "FrameTime": 40}
    assert of(**stated) == stated
    assert of(FrameIncrementPointer=0x00100010, FrameTime=40) == {"FrameTime": 40}
    assert of(FrameIncrementPointer=0x00181063) == {}


def test_nothing_else_goes_over():
    ds = Dataset()
    ds.PatientName, ds.ProtocolName, ds.PatientSex, ds.PatientAge = "A", "B", "F", "087Y"
    assert kept(ds, IMAGE) == {}
