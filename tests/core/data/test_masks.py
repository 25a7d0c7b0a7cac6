import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.data.masks import parse_foreground, read_mask


def saved(pixels, path, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def halves(value, dtype=np.uint8):
    pixels = np.zeros((10, 12), dtype)
    pixels[:5] = value
    return pixels


@pytest.mark.parametrize(
    "pixels",
    [halves(255), halves(1), halves(65535, np.uint16), halves(1, np.float32), halves(True, bool)],
    ids=["255", "1", "16-bit", "float", "1-bit"],
)
def test_binary_mask_becomes_0_and_1(tmp_path, pixels):
    mask = read_mask(saved(pixels, tmp_path / "a.tif"))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, halves(1))


def test_black_mask_is_empty(tmp_path):
    assert not read_mask(saved(halves(0), tmp_path / "a.png")).any()


def test_binary_mask_may_be_coloured(tmp_path):
    rgb = np.zeros((10, 12, 3), np.uint8)
    rgb[:5] = (0, 200, 30)
    np.testing.assert_array_equal(read_mask(saved(rgb, tmp_path / "a.png")), halves(1))


def test_third_value_is_refused_and_listed(tmp_path):
    pixels = halves(255)
    pixels[9] = 128
    with pytest.raises(
        InputError, match=r"mask a\.png: expected 0 and one other .* got 0; 128; 255"
    ):
        read_mask(saved(pixels, tmp_path / "a.png"))


def test_many_values_are_counted(tmp_path):
    ramp = np.tile(np.arange(12, dtype=np.uint8), (10, 1))
    with pytest.raises(InputError, match=r"0; 1; 2; 3; 4; 5; \.\.\. \(12 values\)"):
        read_mask(saved(ramp, tmp_path / "a.png"))


def test_mask_without_background_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected 0 and one other value .* got 255"):
        read_mask(saved(np.full((10, 12), 255, np.uint8), tmp_path / "a.png"))


def test_fractions_are_refused(tmp_path):
    with pytest.raises(InputError, match="expected whole numbers"):
        read_mask(saved(halves(0.5, np.float32), tmp_path / "a.tif"))


def test_nan_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected whole numbers, got fractions or NaN"):
        read_mask(saved(halves(np.nan, np.float32), tmp_path / "a.tif"))


@pytest.mark.parametrize("name", ["128,0,0", "#800000", "#800000".upper()])
def test_colours_are_mapped_to_classes(tmp_path, name):
    rgb = np.zeros((10, 12, 3), np.uint8)
    rgb[:5] = (128, 0, 0)
    rgb[9] = (0, 128, 0)
    path = saved(rgb, tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(path, foreground={name: 1, "0,128,0": 0}), halves(1))


def test_palette_mask_goes_by_colour_not_index(tmp_path):
    image = Image.fromarray(halves(3))
    image.putpalette([0, 0, 0, 9, 9, 9, 9, 9, 9, 128, 0, 0])
    image.save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png", foreground={"128,0,0": 2})
    np.testing.assert_array_equal(mask, halves(2))


def test_grey_values_are_mapped_to_classes(tmp_path):
    pixels = halves(100)
    pixels[9] = 200
    mask = read_mask(saved(pixels, tmp_path / "a.png"), foreground={"100": 1, "200": 2})
    assert [mask[0, 0], mask[7, 0], mask[9, 0]] == [1, 0, 2]


def test_unmapped_colour_is_named(tmp_path):
    rgb = np.zeros((10, 12, 3), np.uint8)
    rgb[:5] = (0, 128, 0)
    path = saved(rgb, tmp_path / "a.png")
    with pytest.raises(InputError, match=r"only the colours 0; 128,0,0, got also 0,128,0"):
        read_mask(path, foreground={"128,0,0": 1})


@pytest.mark.parametrize("name", ["red", "1,2", "#80000", ""])
def test_colour_that_cannot_be_understood_is_named(name):
    with pytest.raises(InputError, match=rf"foreground\['{name}'\]: expected a colour like"):
        parse_foreground({name: 1})


@pytest.mark.parametrize("index", [-1, 256, 1.5])
def test_class_index_must_fit_a_byte(index):
    with pytest.raises(InputError, match="class index from 0 to 255"):
        parse_foreground({"255": index})
