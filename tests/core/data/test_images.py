import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.data.images import read_image
from tests.dicoms import write_dicom


@pytest.fixture
def grey():
    return np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)


def saved(pixels, path, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.bmp", {}),
        ("a.tif", {}),
        ("a.tif", {"compression": "tiff_lzw"}),
        ("a.tif", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_lossless_files_give_their_grey_levels(tmp_path, grey, name, options):
    image = read_image(saved(grey, tmp_path / name, **options))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, grey)


def test_jpeg_is_read_to_within_its_loss(tmp_path):
    ramp = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))
    image = read_image(saved(ramp, tmp_path / "a.jpg", quality=95))
    assert np.abs(image.astype(int) - ramp).max() <= 3


def test_colour_stays_colour(tmp_path):
    rgb = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read_image(saved(rgb, tmp_path / "a.png")), rgb)


def test_colour_file_with_equal_channels_is_grey(tmp_path, grey):
    image = read_image(saved(np.stack([grey] * 3, axis=-1), tmp_path / "a.png"))
    np.testing.assert_array_equal(image, grey)
    assert image.flags.c_contiguous


def test_transparency_is_dropped(tmp_path):
    rgba = np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    np.testing.assert_array_equal(read_image(saved(rgba, tmp_path / "a.png")), rgba[..., :3])


def test_palette_is_looked_up(tmp_path, grey):
    colours = np.random.default_rng(2).integers(0, 256, (256, 3), dtype=np.uint8)
    image = Image.fromarray(grey)
    image.putpalette(colours.tobytes())
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), colours[grey])


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_image_is_scaled_from_its_full_range(tmp_path, grey, name):
    image = read_image(saved(grey.astype(np.uint16) * 257, tmp_path / name))
    np.testing.assert_array_equal(image, grey)


def test_white_level_scales_12_bit_image(tmp_path):
    pixels = np.full((10, 10), 4095, np.uint16)
    pixels[0] = 0
    pixels[1] = 2056  # 2056 * 255 / 4095 = 128.03
    image = read_image(saved(pixels, tmp_path / "a.tif"), white_level=4095)
    assert [image[0, 0], image[1, 0], image[2, 0]] == [0, 128, 255]


def test_value_above_white_level_is_named(tmp_path):
    path = saved(np.full((10, 10), 5000, np.uint16), tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif: expected values from 0 to 4095, got 5000"):
        read_image(path, white_level=4095)


@pytest.mark.parametrize("top", [1.0, 255.0])
def test_float_image_is_scaled_from_1_or_255(tmp_path, grey, top):
    grey[0, 0] = 255
    path = saved((grey / 255 * top).astype(np.float32), tmp_path / "a.tif")
    np.testing.assert_array_equal(read_image(path), grey)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_float_image_must_be_finite(tmp_path, value):
    pixels = np.zeros((10, 10), np.float32)
    pixels[3, 3] = value
    with pytest.raises(InputError, match=r"a\.tif: expected finite values, got NaN or infinity"):
        read_image(saved(pixels, tmp_path / "a.tif"))


def test_negative_float_is_refused(tmp_path):
    path = saved(np.full((10, 10), -0.5, np.float32), tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"values from 0 to 1, got -0\.5"):
        read_image(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.8, 0.95])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.jpg", {}),
        ("a.bmp", {}),
        ("a.tif", {}),
        ("a.tif", {"compression": "tiff_lzw"}),
        ("a.tif", {"compression": "tiff_adobe_deflate"}),
    ],
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Truncated File Read")
def test_torn_file_is_named(tmp_path, grey, name, options, share):
    path = saved(grey, tmp_path / name, **options)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match=rf"^{name}: expected a whole"):
        read_image(path)


def test_torn_lzw_data_behind_a_whole_header_is_refused(tmp_path):
    content = lzw_tiff_with_header_first(np.full((64, 64), 7, np.uint8), tmp_path)
    (tmp_path / "whole.tif").write_bytes(content)
    assert (read_image(tmp_path / "whole.tif") == 7).all()
    (tmp_path / "torn.tif").write_bytes(content[:-20])
    with pytest.raises(InputError, match=r"torn\.tif: expected a whole"):
        read_image(tmp_path / "torn.tif")


def lzw_tiff_with_header_first(pixels, folder):
    """A TIFF as other programs write it: the directory before the data, which Pillow puts last."""
    Image.fromarray(pixels).save(folder / "p.tif", compression="tiff_lzw")
    with Image.open(folder / "p.tif") as image:
        (offset,), (count,) = image.tag_v2[273], image.tag_v2[279]
    data = (folder / "p.tif").read_bytes()[offset : offset + count]
    height, width = pixels.shape
    tags = [(256, width), (257, height), (258, 8), (259, 5), (262, 1), (277, 1), (278, height)]
    start = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags = sorted([*tags, (273, start), (279, len(data))])
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + fields + bytes(4) + data


@pytest.mark.parametrize("name", ["a.dcm", "a.png", "a"])
def test_dicom_is_read_whatever_its_name(tmp_path, grey, name):
    np.testing.assert_array_equal(read_image(write_dicom(tmp_path / name, grey)), grey)


def test_dicom_in_colour_stays_colour_unless_its_channels_are_equal(tmp_path, grey):
    rgb = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    path = write_dicom(tmp_path / "a.dcm", rgb, "RGB")
    np.testing.assert_array_equal(read_image(path), rgb)
    path = write_dicom(tmp_path / "b.dcm", np.stack([grey] * 3, axis=-1), "RGB")
    np.testing.assert_array_equal(read_image(path), grey)


def test_white_level_scales_deep_dicom(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", np.full((10, 10), 4095, np.uint16))
    assert (read_image(path) == 16).all()  # 4095 of 65535
    assert (read_image(path, white_level=4095) == 255).all()


def test_pydicom_is_not_imported_for_other_images(tmp_path, grey):
    path = saved(grey, tmp_path / "a.png")
    code = f"""
import sys
from pathlib import Path
from core.data.images import read_image
read_image(Path({str(path)!r}))
sys.exit("pydicom" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"a\.png: expected a file, got nothing of that name"):
        read_image(tmp_path / "a.png")


def test_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a file, got a folder"):
        read_image(tmp_path)


def test_empty_file_is_refused(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(InputError, match=r"a\.png: expected an image file, got an empty file"):
        read_image(tmp_path / "a.png")


def test_other_type_is_refused(tmp_path):
    (tmp_path / "a.png").write_text("no image at all")
    with pytest.raises(InputError, match=r"a\.png: expected a whole PNG, TIFF, JPEG, BMP file"):
        read_image(tmp_path / "a.png")


def test_postscript_is_never_opened(tmp_path):
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n")
    with pytest.raises(InputError, match=r"a\.eps: expected a whole PNG"):
        read_image(tmp_path / "a.eps")


def test_image_of_one_pixel_is_refused(tmp_path):
    path = saved(np.zeros((1, 1), np.uint8), tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png: expected at least 8 pixels a side, got 1x1"):
        read_image(path)


def test_bomb_is_refused_from_its_header(tmp_path):
    (tmp_path / "a.png").write_bytes(png_of_size(20000, 4000))
    with pytest.raises(InputError, match="expected at most 64000000 pixels, got 4000x20000"):
        read_image(tmp_path / "a.png")


def png_of_size(width, height):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(bytes(1 + width) * 8)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_several_frames_are_refused(tmp_path, grey):
    pages = [Image.fromarray(grey), Image.fromarray(grey)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(InputError, match=r"a\.tif: expected a still image, got 2 frames"):
        read_image(tmp_path / "a.tif")


def test_cmyk_is_refused(tmp_path):
    Image.new("CMYK", (20, 20)).save(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="a grey, RGB or palette image, got mode CMYK"):
        read_image(tmp_path / "a.jpg")


def test_file_name_that_is_no_utf8_can_be_printed(tmp_path):
    path = tmp_path / b"caf\xe9.png".decode("utf-8", "surrogateescape")
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"caf\\udce9\.png") as caught:
        read_image(path)
    str(caught.value).encode("utf-8")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
def test_damaged_files_give_an_image_or_an_input_error(tmp_path, grey, name, capfd):
    rng = np.random.default_rng(3)
    content = saved(grey, tmp_path / name).read_bytes()
    refused = 0
    for _ in range(100):
        damaged = bytearray(content)
        for place in rng.integers(0, min(len(content), 200), 4):
            damaged[place] = rng.integers(256)
        (tmp_path / name).write_bytes(damaged)
        try:
            assert read_image(tmp_path / name).dtype == np.uint8
        except InputError:
            refused += 1
    assert refused > 10
