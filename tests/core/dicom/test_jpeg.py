import io

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.dicom.still import read_still
from tests.dicoms import jpeg_dataset, jpeg_of, write

HALVES = np.zeros((32, 32, 3), np.uint8)
HALVES[:, :16], HALVES[:, 16:] = (200, 30, 40), (20, 180, 90)
BY_HEADER = ["RGB", "YBR_FULL", "YBR_FULL_422"]


@pytest.fixture
def read(tmp_path):
    def read_dicom(payload, colours, **elements):
        ds = jpeg_dataset(HALVES, [payload], colours, **elements)
        return read_still(write(tmp_path / "a.dcm", ds))

    return read_dicom


@pytest.mark.parametrize("colours", BY_HEADER)
@pytest.mark.parametrize("marker", ["JFIF", "Adobe"])
def test_marker_in_the_jpeg_decides_whatever_the_header_says(read, marker, colours):
    payload = jpeg_of(HALVES, marker=marker)
    rgb = read(payload, colours)
    np.testing.assert_array_equal(rgb, np.asarray(Image.open(io.BytesIO(payload)).convert("RGB")))
    assert np.abs(rgb.astype(int) - HALVES).max() <= 3


@pytest.mark.parametrize("colours", BY_HEADER)
def test_jpeg_that_was_stored_as_rgb(read, colours):
    rgb = read(jpeg_of(HALVES, keep_rgb=True), colours)
    assert np.abs(rgb.astype(int) - HALVES).max() <= 3


def test_without_a_marker_the_header_says_ybr(read):
    rgb = read(jpeg_of(HALVES, marker=""), "YBR_FULL_422")
    assert np.abs(rgb.astype(int) - HALVES).max() <= 3


def test_without_a_marker_the_header_says_rgb(read):
    ybr = np.asarray(Image.fromarray(HALVES).convert("YCbCr"))
    stored = read(jpeg_of(HALVES, marker=""), "RGB")
    assert np.abs(stored.astype(int) - ybr).max() <= 3


def test_grey_jpeg(tmp_path):
    grey = HALVES[..., 0]
    path = write(tmp_path / "a.dcm", jpeg_dataset(grey, [jpeg_of(grey)], "MONOCHROME2"))
    assert np.abs(read_still(path).astype(int) - grey).max() <= 3


def test_frame_of_a_cine(tmp_path):
    payloads = [jpeg_of(np.roll(HALVES, number, axis=1)) for number in range(3)]
    ds = jpeg_dataset(HALVES, payloads, "YBR_FULL_422", NumberOfFrames=3)
    path = write(tmp_path / "a.dcm", ds)
    expected = np.asarray(Image.open(io.BytesIO(payloads[2])).convert("RGB"))
    np.testing.assert_array_equal(read_still(path, frame=2), expected)


def test_jpeg_of_another_size_than_the_header_says_is_refused(read):
    with pytest.raises(InputError, match=r"a\.dcm: expected 32x32 pixels, got 32x16"):
        read(jpeg_of(HALVES[:, :16]), "RGB")


def test_grey_jpeg_under_a_colour_header_is_refused(read):
    with pytest.raises(
        InputError, match=r"a\.dcm: expected a JPEG of three colours, got one channel"
    ):
        read(jpeg_of(HALVES[..., 0]), "RGB")


def test_torn_jpeg_is_refused(read):
    with pytest.raises(InputError, match=r"a\.dcm: expected a whole, readable DICOM file"):
        read(jpeg_of(HALVES)[:500], "RGB")
