import io

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from core.checks import InputError
from core.dicom.still import read_still
from tests.dicoms import dataset, write, write_dicom

GREY = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
RGB = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
NATIVE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]


@pytest.mark.parametrize("encoding", NATIVE)
def test_rgb_is_taken_as_it_lies(tmp_path, encoding):
    path = write_dicom(tmp_path / "a.dcm", RGB, "RGB", encoding=encoding)
    np.testing.assert_array_equal(read_still(path), RGB)


def test_colours_stored_plane_by_plane(tmp_path):
    ds = dataset(RGB, "RGB", PlanarConfiguration=1)
    ds.PixelData = np.moveaxis(RGB, -1, 0).tobytes()
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), RGB)


def test_bytes_in_swapped_words(tmp_path):
    ds = dataset(GREY, encoding=ExplicitVRBigEndian)
    ds.PixelData = GREY.view("u2").byteswap().tobytes()
    ds["PixelData"].VR = "OW"
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), GREY)


def test_16_bit_colours_are_scaled_from_their_stored_bits(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", RGB.astype(np.uint16) * 257, "RGB")
    np.testing.assert_array_equal(read_still(path), RGB)


def test_ybr_becomes_rgb_once(tmp_path):
    ybr = np.asarray(Image.fromarray(RGB).convert("YCbCr"))
    rgb = read_still(write_dicom(tmp_path / "a.dcm", ybr, "YBR_FULL"))
    assert np.abs(rgb.astype(int) - RGB).max() <= 3  # both are rounded
    np.testing.assert_array_equal(rgb, convert_color_space(ybr, "YBR_FULL", "RGB"))


def test_ybr_with_shared_chroma_becomes_rgb(tmp_path):
    ybr = np.asarray(Image.fromarray(np.repeat(RGB[:, ::2], 2, axis=1)).convert("YCbCr"))
    ds = dataset(ybr, "YBR_FULL_422")
    pairs = ybr.reshape(-1, 2, 3)
    ds.PixelData = np.column_stack([pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1:]]).tobytes()
    rgb = read_still(write(tmp_path / "a.dcm", ds))
    np.testing.assert_array_equal(rgb, convert_color_space(ybr, "YBR_FULL", "RGB"))


@pytest.mark.parametrize(("pixels", "colours"), [(GREY, "MONOCHROME2"), (RGB, "RGB")])
def test_run_length_encoding(tmp_path, pixels, colours):
    ds = dataset(pixels, colours)
    ds.compress(RLELossless, generate_instance_uid=False)
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), pixels)


@pytest.mark.parametrize(
    ("pixels", "colours"), [(GREY, "MONOCHROME2"), (RGB, "YBR_RCT"), (RGB, "RGB")]
)
def test_jpeg_2000(tmp_path, pixels, colours):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(
        buffer, "JPEG2000", irreversible=False, mct=int(colours == "YBR_RCT"), no_jp2=True
    )
    ds = dataset(pixels, colours, encoding=JPEG2000Lossless)
    ds.PixelData = encapsulate([buffer.getvalue()])
    np.testing.assert_array_equal(read_still(write(tmp_path / "a.dcm", ds)), pixels)


def cine(frames=3):
    return np.stack([GREY // frames + number for number in range(frames)])


@pytest.mark.parametrize("frame", [0, 2])
def test_one_frame_of_a_cine(tmp_path, frame):
    path = write_dicom(tmp_path / "a.dcm", cine(), NumberOfFrames=3)
    np.testing.assert_array_equal(read_still(path, frame=frame), cine()[frame])


def test_other_frames_are_not_decoded(tmp_path):
    ds = dataset(cine(), NumberOfFrames=3)
    ds.compress(RLELossless, generate_instance_uid=False)
    path = write(tmp_path / "a.dcm", ds)
    path.write_bytes(path.read_bytes()[:-300])  # tears the last frame alone
    np.testing.assert_array_equal(read_still(path), cine()[0])
    with pytest.raises(InputError, match=r"a\.dcm: expected a whole, readable DICOM file"):
        read_still(path, frame=2)


@pytest.mark.parametrize("frame", [-1, 3])
def test_frame_that_is_not_there_is_named(tmp_path, frame):
    path = write_dicom(tmp_path / "a.dcm", cine(), NumberOfFrames=3)
    with pytest.raises(InputError, match=rf"a\.dcm: expected a frame from 0 to 2, got {frame}"):
        read_still(path, frame=frame)


def test_encoding_without_a_decoder_is_named(tmp_path):
    encoding = UID("1.2.840.10008.1.2.4.94")  # JPIP: the pixels lie on a server
    ds = dataset(GREY, encoding=encoding)
    ds.PixelData = encapsulate([bytes(100)])
    expected = f"a.dcm: expected an encoding that the installed decoders read, got {encoding.name}"
    with pytest.raises(InputError) as caught:
        read_still(write(tmp_path / "a.dcm", ds))
    assert str(caught.value) == expected


@pytest.mark.parametrize("colours", ["ARGB", "HSV"])
def test_colours_that_are_not_understood_are_named(tmp_path, colours):
    path = write_dicom(tmp_path / "a.dcm", RGB, colours)
    with pytest.raises(
        InputError, match=rf"a\.dcm: expected one of MONOCHROME1, .* got {colours} of 3"
    ):
        read_still(path)


def test_grey_of_three_samples_is_refused(tmp_path):
    ds = dataset(RGB, "RGB")
    ds.PhotometricInterpretation = "MONOCHROME2"
    with pytest.raises(InputError, match="got MONOCHROME2 of 3"):
        read_still(write(tmp_path / "a.dcm", ds))


@pytest.mark.parametrize(
    ("dtype", "elements", "got"),
    [
        (np.uint32, {}, "32 of 32"),
        (np.uint16, {"BitsStored": 12, "HighBit": 15}, "12 of 16, the highest being bit 15"),
    ],
)
def test_bits_that_lie_elsewhere_are_refused(tmp_path, dtype, elements, got):
    path = write_dicom(tmp_path / "a.dcm", GREY.astype(dtype), **elements)
    with pytest.raises(InputError, match=rf"a\.dcm: expected 8 or 16 bits a pixel, .* got {got}"):
        read_still(path)


@pytest.mark.parametrize(
    ("size", "limit"),
    [((60000, 60000), "at most 64000000 pixels"), ((20, 4), "at least 8 pixels a side")],
)
def test_extent_that_cannot_be_is_refused_from_the_header(tmp_path, size, limit):
    path = write_dicom(tmp_path / "a.dcm", GREY, Rows=size[0], Columns=size[1])
    with pytest.raises(InputError, match=rf"a\.dcm: expected {limit}, got {size[0]}x{size[1]}"):
        read_still(path)


@pytest.mark.parametrize("share", [0, 0.05, 0.3, 0.6, 0.9])
def test_torn_file_is_named(tmp_path, share):
    path = write_dicom(tmp_path / "a.dcm", GREY)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match=r"^a\.dcm: expected "):
        read_still(path)


def test_file_without_pixels_is_refused(tmp_path):
    ds = dataset(GREY)
    for keyword in ("Rows", "Columns", "PixelData"):
        delattr(ds, keyword)
    with pytest.raises(InputError, match=r"a\.dcm: expected an image, got DICOM without pixels"):
        read_still(write(tmp_path / "a.dcm", ds))


def test_damaged_files_give_pixels_or_an_input_error(tmp_path):
    ds = dataset(RGB, "RGB")
    ds.compress(RLELossless, generate_instance_uid=False)
    content = write(tmp_path / "a.dcm", ds).read_bytes()
    rng = np.random.default_rng(3)
    refused = 0
    for _ in range(80):
        damaged = bytearray(content)
        for place in rng.integers(132, 1000, 4):
            damaged[place] = rng.integers(256)
        (tmp_path / "a.dcm").write_bytes(damaged)
        try:
            assert read_still(tmp_path / "a.dcm").dtype == np.uint8
        except InputError:
            refused += 1
    assert refused > 10
