"""Every encoding of one frame, against the pixels that went in."""

import imagecodecs
import numpy as np
import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.uid import (
    JPEG2000,
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from core.checks import InputError
from core.dicom.still import read_still
from tests.dicoms import dataset, write

GREY = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
DEEP = np.random.default_rng(1).integers(0, 65536, (20, 30), dtype=np.uint16)
RGB = np.random.default_rng(2).integers(0, 256, (20, 30, 3), dtype=np.uint8)
SLOPES = np.add.outer(np.arange(20) * 5, np.arange(30) * 4).astype(np.uint8)
JPEG_XL_LOSSLESS = UID("1.2.840.10008.1.2.4.110")  # unknown to pydicom 3.0


def sv1(pixels):
    return imagecodecs.ljpeg_encode(pixels)  # of grey alone, by another program than decodes


def process_14(pixels):
    return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=4)


def jpeg_2000(pixels, **options):
    return imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="J2K", **options)


def jpeg_xl(pixels):
    return imagecodecs.jpegxl_encode(pixels, lossless=True)


@pytest.fixture
def read(tmp_path, monkeypatch):
    def read_dicom(payload, pixels, colours, encoding, **elements):
        with monkeypatch.context() as patch:
            patch.setitem(UID_dictionary, encoding, ("", "Transfer Syntax", "", "", ""))
            ds = dataset(pixels, colours, encoding=encoding, **elements)
            ds.PixelData = encapsulate([payload])
            ds["PixelData"].VR = "OB"
            path = write(tmp_path / "a.dcm", ds)
        return read_still(path)

    return read_dicom


LOSSLESS = [
    (JPEGLosslessSV1, sv1),
    (JPEGLossless, process_14),
    (JPEGLSLossless, imagecodecs.jpegls_encode),
    (JPEG2000Lossless, jpeg_2000),
    (HTJ2KLossless, lambda pixels: imagecodecs.htj2k_encode(pixels, reversible=True)),
    (JPEG_XL_LOSSLESS, jpeg_xl),
]


@pytest.mark.parametrize(
    ("encoding", "encode"), LOSSLESS, ids=lambda item: getattr(item, "name", "")
)
def test_lossless_grey(read, encoding, encode):
    np.testing.assert_array_equal(read(encode(GREY), GREY, "MONOCHROME2", encoding), GREY)


@pytest.mark.parametrize(
    ("encoding", "encode"), LOSSLESS, ids=lambda item: getattr(item, "name", "")
)
def test_lossless_grey_of_16_bits(read, encoding, encode):
    expected = np.rint(DEEP / 257).astype(np.uint8)
    np.testing.assert_array_equal(read(encode(DEEP), DEEP, "MONOCHROME2", encoding), expected)


@pytest.mark.parametrize(
    ("encoding", "encode"), LOSSLESS[1:], ids=lambda item: getattr(item, "name", "")
)
def test_lossless_colours(read, encoding, encode):
    np.testing.assert_array_equal(read(encode(RGB), RGB, "RGB", encoding), RGB)


def test_ybr_by_the_header_becomes_rgb_once(read):
    payload = imagecodecs.jpegls_encode(RGB)
    expected = convert_color_space(RGB, "YBR_FULL", "RGB")
    np.testing.assert_array_equal(read(payload, RGB, "YBR_FULL", JPEGLSLossless), expected)


def test_marker_of_a_lossless_jpeg_decides_whatever_the_header_says(read):
    payload = process_14(RGB)
    np.testing.assert_array_equal(read(payload, RGB, "YBR_FULL", JPEGLossless), RGB)
    names = payload.index(b"\xff\xc3") + 10  # of the components, which are R, G and B as well
    scans = payload.index(b"\xff\xda") + 5
    unnamed = bytearray(payload)
    unnamed[names : names + 9 : 3] = unnamed[scans : scans + 6 : 2] = bytes([1, 2, 3])
    without = bytes(unnamed[:2] + unnamed[18:])
    expected = convert_color_space(RGB, "YBR_FULL", "RGB")
    np.testing.assert_array_equal(read(without, RGB, "YBR_FULL", JPEGLossless), expected)


def test_ybr_in_run_lengths(read, tmp_path):
    ds = dataset(RGB, "YBR_FULL")
    ds.compress(RLELossless, generate_instance_uid=False)
    expected = convert_color_space(RGB, "YBR_FULL", "RGB")
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), expected)


def test_run_lengths_of_16_bits(tmp_path):
    ds = dataset(DEEP)
    ds.compress(RLELossless, generate_instance_uid=False)
    expected = np.rint(DEEP / 257).astype(np.uint8)
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), expected)


def test_near_lossless(read):
    payload = imagecodecs.jpegls_encode(GREY, level=3)
    difference = read(payload, GREY, "MONOCHROME2", JPEGLSNearLossless).astype(int) - GREY
    assert 0 < np.abs(difference).max() <= 3


def test_lossy_jpeg_2000_with_its_own_colours(read):
    smooth = np.stack([SLOPES, SLOPES[::-1], 255 - SLOPES], axis=-1)
    payload = imagecodecs.jpeg2k_encode(
        smooth, level=60, reversible=False, mct=True, codecformat="J2K"
    )
    rgb = read(payload, smooth, "YBR_ICT", JPEG2000)
    assert np.abs(rgb.astype(int) - smooth).max() <= 3


def test_jpeg_of_12_bits(read):
    deep = SLOPES.astype(np.uint16) * 16
    payload = imagecodecs.jpeg8_encode(deep, level=100, bitspersample=12)
    grey = read(payload, deep, "MONOCHROME2", JPEGExtended12Bit, BitsStored=12)
    assert np.abs(grey - deep * (255 / 4095)).max() <= 1


@pytest.mark.parametrize("stored", [12, 16])
def test_signed_values_are_read_as_such(read, stored):
    values = np.array([-5, 0, 40] * 200, np.int16).reshape(20, 30)
    payload = process_14((values.view(np.uint16) & (2**stored - 1)).astype(np.uint16))
    grey = read(
        payload, values.view(np.uint16), "MONOCHROME2", JPEGLossless,
        PixelRepresentation=1, BitsStored=stored, WindowCenter=0, WindowWidth=101,
    )  # fmt: skip
    expected = np.rint(255 * np.clip((values + 0.5) / 100 + 0.5, 0, 1)).astype(np.uint8)
    np.testing.assert_array_equal(grey, expected)


@pytest.mark.parametrize(
    ("encoding", "encode"), LOSSLESS, ids=lambda item: getattr(item, "name", "")
)
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_torn_frame_is_refused(read, encoding, encode, share):
    payload = encode(GREY)
    with pytest.raises(InputError, match=r"^a\.dcm: expected "):
        read(payload[: int(len(payload) * share)], GREY, "MONOCHROME2", encoding)


@pytest.mark.parametrize(
    ("encoding", "encode"), LOSSLESS, ids=lambda item: getattr(item, "name", "")
)
def test_frame_of_another_size_is_refused(read, encoding, encode):
    with pytest.raises(InputError, match=r"a\.dcm: expected 20x30 pixels, got 20x15"):
        read(encode(np.ascontiguousarray(GREY[:, :15])), GREY, "MONOCHROME2", encoding)


def test_frame_that_would_fill_the_memory_is_refused(read):
    """A JPEG 2000 head that claims 60000 x 60000 pixels."""
    payload = bytearray(jpeg_2000(GREY))
    place = payload.index(b"\xff\x51") + 6
    payload[place : place + 8] = (60000).to_bytes(4, "big") * 2
    payload[place + 16 : place + 24] = (60000).to_bytes(4, "big") * 2
    with pytest.raises(InputError, match=r"^a\.dcm: expected "):
        read(bytes(payload), GREY, "MONOCHROME2", JPEG2000Lossless)
