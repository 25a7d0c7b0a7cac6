import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.pictures import decode, opened, shallow_pixels

RGB = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)


@pytest.fixture
def path(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_the_header_is_enough_to_open(path):
    path.write_bytes(path.read_bytes()[:200])
    with opened(path, "it") as image:
        assert image.size == (16, 12)
    with pytest.raises(InputError, match=r"^it: expected a whole, readable image"):
        decode(path, "it")


def test_what_is_done_with_an_image_fails_as_the_image_does(path):
    with pytest.raises(InputError, match=r"^it: .*\(no such tile\)"), opened(path, "it"):
        raise RuntimeError("no such tile\nin detail")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a file, got nothing of that name"),
        (b"", r"expected an image file, got an empty file \(0 bytes\)"),
        (b"words", "expected a whole PNG, TIFF, JPEG, BMP file, got something else"),
    ],
)
def test_no_message_tells_the_path(tmp_path, content, message):
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=f"^it: {message}$"):
        decode(tmp_path / "a.png", "it")


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_modes_have_two_axes(mode):
    image = Image.fromarray(RGB).convert("L").convert(mode)
    np.testing.assert_array_equal(shallow_pixels(image, "it"), np.asarray(image.convert("L")))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colour_modes_have_three(mode):
    pixels = shallow_pixels(Image.fromarray(RGB // 128 * 128).convert(mode), "it")
    assert pixels.shape == (12, 16, 3)
    if mode != "P":
        np.testing.assert_array_equal(pixels, RGB // 128 * 128)


@pytest.mark.parametrize("mode", ["CMYK", "F", "I;16"])
def test_other_modes_are_named(mode):
    image = Image.new(mode, (8, 8))
    with pytest.raises(
        InputError, match=f"it: expected a grey, RGB or palette image, got mode {mode}"
    ):
        shallow_pixels(image, "it")
