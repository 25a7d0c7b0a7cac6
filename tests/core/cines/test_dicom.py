import math

import numpy as np
import pytest

from core.checks import InputError
from core.cines import open_cine
from core.dicom.pixels import luma
from core.dicom.regions import Region
from tests.dicoms import jpeg_dataset, jpeg_of, region, write, write_dicom

GREY = np.random.default_rng(0).integers(0, 256, (3, 20, 30), dtype=np.uint8)
RGB = np.random.default_rng(1).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)


@pytest.fixture
def cine(tmp_path):
    def opened(pixels=GREY, colours="MONOCHROME2", *, grey=False, **elements):
        elements.setdefault("NumberOfFrames", len(pixels))
        return open_cine(write_dicom(tmp_path / "a", pixels, colours, **elements), grey=grey)

    return opened


def test_frames_one_by_one(cine):
    with cine() as opened:
        assert (len(opened), opened.size, opened.colour) == (3, (20, 30), False)
        np.testing.assert_array_equal(np.stack(list(opened)), GREY)
        np.testing.assert_array_equal(opened[-1], GREY[2])


def test_frame_that_is_not_there(cine):
    with cine() as opened, pytest.raises(IndexError, match="a: frame 3 of 3"):
        opened[3]


def test_what_the_header_says(cine):
    box = region(
        RegionLocationMinX0=2, RegionLocationMinY0=3, RegionLocationMaxX1=20, RegionLocationMaxY1=15
    )
    with cine(
        RGB, "RGB", FrameTime=40, Manufacturer=" Maker ", ManufacturerModelName="Model",
        SequenceOfUltrasoundRegions=[box],
    ) as opened:  # fmt: skip
        assert (opened.maker, opened.model, opened.subject) == ("Maker", "Model", "CANARY-7")
        assert (opened.fps, opened.spacing.row_mm, opened.colour) == (25, 0.1, True)
        assert opened.regions == (Region(2, 3, 20, 15, 1, 1),)
        assert opened.encoding == "Explicit VR Little Endian"


@pytest.mark.parametrize(
    ("elements", "fps"),
    [
        ({}, math.nan),
        ({"FrameTime": 20, "CineRate": 30}, 50),
        ({"FrameTime": 0, "CineRate": 30}, 30),
        ({"FrameTimeVector": [0, 30, 50]}, 25),
        ({"RecommendedDisplayFrameRate": 24, "CineRate": 30}, 24),
    ],
)
def test_frames_a_second(cine, elements, fps):
    with cine(**elements) as opened:
        np.testing.assert_equal(opened.fps, fps)


def test_brightness_of_colours(cine):
    with cine(RGB, "RGB", grey=True) as opened:
        assert not opened.colour
        np.testing.assert_array_equal(opened[1], luma(RGB[1]))


@pytest.mark.parametrize("keep_rgb", [False, True])
def test_brightness_of_a_colour_jpeg(tmp_path, keep_rgb):
    smooth = np.add.outer(np.arange(20) * 5, np.arange(30) * 5).astype(np.uint8)
    image = np.stack([smooth, 255 - smooth, smooth[::-1]], axis=-1)
    ds = jpeg_dataset(image, [jpeg_of(image, keep_rgb=keep_rgb)], "YBR_FULL_422")
    path = write(tmp_path / "a.dcm", ds)
    with open_cine(path, grey=True) as grey, open_cine(path) as colour:
        assert grey[0].shape == (20, 30)
        assert np.abs(grey[0].astype(int) - luma(colour[0])).max() <= 2


def test_still_is_a_cine_of_one_frame(tmp_path):
    with open_cine(write_dicom(tmp_path / "a.dcm", GREY[0])) as opened:
        assert len(list(opened)) == 1


def test_cine_of_fewer_frames_than_stated_is_refused(cine):
    with pytest.raises(InputError, match=r"^a: expected 5 whole frames, got 3$"):
        cine(NumberOfFrames=5)


def test_million_frames_of_nothing_are_refused_from_the_header(cine):
    with pytest.raises(InputError, match=r"^a: expected 1000000 whole frames, got 3$"):
        cine(NumberOfFrames=1_000_000)


@pytest.mark.parametrize("stated", [-1, 0])
def test_cine_of_no_frames_is_refused(cine, stated):
    with pytest.raises(InputError, match=rf"^a: expected 1 frame or more, got {stated}$"):
        cine(NumberOfFrames=stated)


@pytest.mark.parametrize("stated", [1, 2])
def test_cine_of_more_frames_than_stated_is_refused(cine, stated):
    expected = rf"^a: expected {stated} frames as its header states, got 3 whole ones$"
    with pytest.raises(InputError, match=expected):
        cine(NumberOfFrames=stated)
