import math
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from core.checks import InputError
from core.data.spacings import file_spacing, file_spacings, listed_spacings
from tests.dicoms import region, write_dicom

GREY = np.zeros((20, 30), np.uint8)
INCH_MM = 25.4


def saved(path, **options):
    Image.fromarray(GREY).save(path, **options)
    return path


def tiff(path, unit, across, down):
    tags = {282: across, 283: down, 296: unit}
    return saved(path, tiffinfo={tag: value for tag, value in tags.items() if value is not None})


def assert_unknown(path):
    spacing = file_spacing(path)
    assert math.isnan(spacing.row_mm)
    assert math.isnan(spacing.col_mm)
    assert spacing.reason == "the file states no resolution with its unit"


def test_dpi_is_an_inch_divided():
    listed = listed_spacings(pd.DataFrame({"dpi": ["254", ""]}))
    np.testing.assert_allclose(listed, [[0.1, 0.1], [np.nan, np.nan]])


def test_table_that_lists_none_gets_no_columns():
    listed = listed_spacings(pd.DataFrame({"image": ["a.png"]}))
    assert (len(listed), list(listed.columns)) == (1, [])


@pytest.mark.parametrize(
    "columns",
    [
        ["spacing_mm", "dpi"],
        ["spacing_mm", "spacing_row_mm", "spacing_col_mm"],
        ["spacing_row_mm"],
        ["spacing_col_mm", "dpi"],
    ],
)
def test_two_statements_or_half_a_one_are_refused(columns):
    rows = pd.DataFrame({column: ["1"] for column in columns})
    expected = f"spacing columns: expected spacing_mm, .* got {' and '.join(columns)}$"
    with pytest.raises(InputError, match=expected):
        listed_spacings(rows)


def test_dpi_that_is_no_number_is_named_with_its_line():
    with pytest.raises(InputError, match="'dpi': expected positive numbers, got high in line 3"):
        listed_spacings(pd.DataFrame({"dpi": ["96", "high"]}))


def test_png_states_pixels_a_metre(tmp_path):
    path = saved(tmp_path / "a.png", dpi=(5000 * 0.0254, 4000 * 0.0254))  # across, down
    assert file_spacing(path)[:2] == pytest.approx((0.25, 0.2))


def test_png_that_states_an_aspect_alone_is_unknown(tmp_path):
    path = saved(tmp_path / "a.png", dpi=(127, 127))
    content = path.read_bytes()
    start = content.index(b"pHYs")
    chunk = content[start : start + 12] + b"\x00"  # unit: none
    checked = chunk + zlib.crc32(chunk).to_bytes(4, "big")
    path.write_bytes(content[:start] + checked + content[start + len(checked) :])
    assert_unknown(path)


@pytest.mark.parametrize(("unit", "unit_mm"), [(2, INCH_MM), (3, 10.0)])
def test_tiff_states_pixels_an_inch_or_a_centimetre(tmp_path, unit, unit_mm):
    spacing = file_spacing(tiff(tmp_path / "a.tif", unit, 200.0, 100.0))
    assert spacing[:2] == pytest.approx((unit_mm / 100, unit_mm / 200))


@pytest.mark.parametrize(
    ("unit", "across", "down"),
    [
        (1, 200.0, 100.0),
        (None, 200.0, 100.0),
        (2, None, 100.0),
        (2, 200.0, IFDRational(0, 1)),
        (2, IFDRational(0, 0), 100.0),
    ],
)
def test_tiff_without_unit_or_number_is_unknown(tmp_path, unit, across, down):
    assert_unknown(tiff(tmp_path / "a.tif", unit, across, down))


@pytest.mark.parametrize(("unit", "expected_mm"), [(1, INCH_MM / 150), (2, 10 / 150)])
def test_jpeg_states_pixels_an_inch_or_a_centimetre(tmp_path, unit, expected_mm):
    path = saved(tmp_path / "a.jpg", dpi=(150, 150))
    content = path.read_bytes()
    assert content[13] == 1  # unit of JFIF: inches
    path.write_bytes(content[:13] + bytes([unit]) + content[14:])
    assert file_spacing(path)[:2] == pytest.approx((expected_mm, expected_mm))


@pytest.mark.parametrize("exif", [False, True])
def test_jpeg_without_a_unit_is_unknown(tmp_path, exif):
    tags = Image.Exif()
    tags[271] = "maker"
    options = {"exif": tags} if exif else {}
    assert_unknown(saved(tmp_path / "a.jpg", **options))


def test_jpeg_without_jfif_is_asked_for_its_exif(tmp_path):
    tags = Image.Exif()
    tags[282], tags[283], tags[296] = 200.0, 100.0, 3
    path = saved(tmp_path / "a.jpg", exif=tags)
    content = path.read_bytes()
    path.write_bytes(content[:2] + content[20:])  # without the 18 bytes of JFIF
    assert file_spacing(path)[:2] == pytest.approx((0.1, 0.05))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg", "a.bmp"])
def test_file_that_states_nothing_is_unknown(tmp_path, name):
    assert_unknown(saved(tmp_path / name))


def test_dicom_states_its_calibration(tmp_path):
    path = write_dicom(tmp_path / "a", GREY, SequenceOfUltrasoundRegions=[region(0.02, 0.01)])
    assert file_spacing(path) == (0.1, 0.2, "")


def test_unreadable_file_is_named(tmp_path):
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(InputError, match=r"a\.png: expected a whole PNG"):
        file_spacing(tmp_path / "a.png")


def test_files_without_are_counted_by_reason(tmp_path):
    paths = [saved(tmp_path / f"{number}.png") for number in range(2)]
    paths += [write_dicom(tmp_path / "a.dcm", GREY), saved(tmp_path / "b.png", dpi=(254, 254))]
    expected = (
        r"^3 of 4 images have no known pixel spacing "
        r"\(2: the file states no resolution with its unit; 1: its header states no pixel distance\)$"
    )
    with pytest.warns(UserWarning, match=expected):
        table = file_spacings(paths)
    np.testing.assert_allclose(table, [[np.nan] * 2] * 3 + [[0.1, 0.1]], rtol=1e-4)
