"""Real ultrasound files of several makers, where they are at hand."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut

from core.data.images import read_image
from core.dicom.header import read_header
from core.dicom.spacing import spacing_mm
from core.dicom.still import read_still

DATA = Path(__file__).parents[3] / "../shared/data"
FILES = sorted([*DATA.glob("dicom/*.dcm"), *DATA.glob("handheld/*.dcm")])

pytestmark = [
    pytest.mark.skipif(not FILES, reason="needs ../shared/data/dicom and handheld"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]


def named(part):
    [path] = [path for path in FILES if path.stem.endswith(part)]
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[-24:])
def test_every_file_gives_an_image_of_its_size(path):
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    image = read_image(path)
    assert image.dtype == np.uint8
    assert image.shape[:2] == (ds.Rows, ds.Columns)
    assert image.std() > 5


def test_jpeg_lossless_pixels_are_those_of_another_decoder():
    path = named("JPGLosslessP14SV1_1s_1f_8b")
    frame = get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1)
    np.testing.assert_array_equal(read_still(path), imagecodecs.ljpeg_decode(frame))


@pytest.mark.parametrize(
    "part", ["US1_UNCI", "color-px", "examples_rgb_color", "RGB_IMAGE", "GREYSCALE_IMAGE"]
)
def test_native_pixels_are_taken_as_they_lie(part):
    ds = pydicom.dcmread(named(part))
    stored = np.frombuffer(ds.PixelData, np.uint8)
    image = read_still(named(part))
    np.testing.assert_array_equal(image, stored.reshape(image.shape))


def test_planes_and_pixels_hold_one_image():
    np.testing.assert_array_equal(read_still(named("color-pl")), read_still(named("color-px")))


@pytest.mark.parametrize(
    "part", ["examples_ybr_color", "sonoque_anechoic-3mm-3mm", "lateral-resolution-2020"]
)
def test_jpeg_colours_are_those_that_pillow_gives(part):
    ds = pydicom.dcmread(named(part))
    frame = get_frame(ds.PixelData, 0, number_of_frames=int(ds.NumberOfFrames))
    expected = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB"))
    np.testing.assert_array_equal(read_still(named(part)), expected)


def test_jpeg_2000_colours_are_those_that_pillow_gives():
    path = named("examples_jpeg2k")
    frame = get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1)
    expected = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB"))
    np.testing.assert_array_equal(read_still(path), expected)


@pytest.mark.parametrize("part", ["OBXXXX1A", "examples_palette"])
def test_palette_colours_are_those_that_pillow_gives(part):
    ds = pydicom.dcmread(named(part))
    palette = [
        np.frombuffer(ds[f"{name}PaletteColorLookupTableData"].value, "<u2") >> 8
        for name in ("Red", "Green", "Blue")
    ]
    image = Image.frombytes("L", (ds.Columns, ds.Rows), ds.PixelData)
    image.putpalette(np.stack(palette, axis=-1).astype(np.uint8).tobytes())
    np.testing.assert_array_equal(read_still(named(part)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("part", ["2frame", "expb", "expb_2frame", "rle", "rle_2frame"])
def test_one_palette_image_in_all_its_encodings(part):
    image = read_still(named("OBXXXX1A"))
    np.testing.assert_array_equal(read_still(named(f"OBXXXX1A_{part}")), image)


def test_16_bit_indices_into_a_palette_in_segments():
    ds = pydicom.dcmread(named("ALOKA-16"))
    expected = apply_color_lut(ds.pixel_array, ds) >> 8
    np.testing.assert_array_equal(read_still(named("ALOKA-16")), expected)
    np.testing.assert_array_equal(read_still(named("ALOKA-16_big")), expected)


@pytest.mark.parametrize(
    ("part", "expected_mm"),
    [
        ("GREYSCALE_IMAGE", 0.0649047),
        ("RGB_IMAGE", 0.2378717),
        ("OBXXXX1A_rle", 0.2622879),
        ("ALOKA-16_big", 0.3826531),  # two views of one scale
        ("sonoque_anechoic-3mm-3mm", 0.0291),
        ("US1_UNCI", np.nan),  # states none
        ("examples_ybr_color", np.nan),  # halved after its regions were written
        ("examples_palette", np.nan),  # cropped likewise
    ],
)
def test_spacing(part, expected_mm):
    row_mm, col_mm, _ = spacing_mm(read_header(named(part)))
    np.testing.assert_allclose([row_mm, col_mm], expected_mm, atol=1e-7)
