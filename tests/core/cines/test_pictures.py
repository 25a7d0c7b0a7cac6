import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.cines import find_cines, open_cine
from core.dicom.pixels import luma

RGB = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def test_folder_of_frames_in_the_order_of_their_numbers(tmp_path):
    for number, image in zip((2, 10, 1), RGB, strict=True):
        save(tmp_path / "cine" / f"f{number}.png", image)
    with open_cine(tmp_path / "cine") as cine:
        assert (cine.name, len(cine), cine.size, cine.colour) == ("cine", 3, (20, 30), True)
        np.testing.assert_array_equal(np.stack(list(cine)), RGB[[2, 0, 1]])


def test_grey_frames_among_colour_become_colour(tmp_path):
    save(tmp_path / "cine" / "1.png", RGB[0])
    save(tmp_path / "cine" / "2.png", RGB[1, ..., 0])
    with open_cine(tmp_path / "cine") as cine:
        np.testing.assert_array_equal(cine[1], np.repeat(RGB[1, ..., :1], 3, axis=2))


def test_frames_of_two_sizes_are_refused(tmp_path):
    save(tmp_path / "cine" / "1.png", RGB[0])
    save(tmp_path / "cine" / "2.png", RGB[1, :10])
    with pytest.raises(
        InputError, match=r"^2\.png: expected 20x30 pixels like the first frame, got 10x30$"
    ):
        open_cine(tmp_path / "cine")


@pytest.mark.parametrize("names", [(), ("one.png", "two.png")])
def test_folder_without_numbered_images_is_refused(tmp_path, names):
    (tmp_path / "cine").mkdir()
    for name in names:
        save(tmp_path / "cine" / name, RGB[0])
    with pytest.raises(InputError, match="^cine: expected a folder of images whose names differ"):
        open_cine(tmp_path / "cine")


@pytest.mark.parametrize("ending", [".png", ".tif", ".bmp"])
def test_still_is_a_cine_of_one_frame(tmp_path, ending):
    path = save(tmp_path / f"a{ending}", RGB[0])
    with open_cine(path) as cine, open_cine(path, grey=True) as grey:
        assert len(cine) == 1
        np.testing.assert_array_equal(cine[0], RGB[0])
        np.testing.assert_array_equal(grey[0], luma(RGB[0]))


def test_deep_grey_is_scaled(tmp_path):
    path = save(tmp_path / "a.png", RGB[0, ..., 0].astype(np.uint16) * 257)
    with open_cine(path) as cine:
        np.testing.assert_array_equal(cine[0], RGB[0, ..., 0])


def test_torn_image_is_refused_when_it_is_read(tmp_path):
    path = save(tmp_path / "a.png", RGB[0])
    path.write_bytes(path.read_bytes()[:900])
    with open_cine(path) as cine, pytest.raises(InputError, match=r"^a\.png: expected a whole"):
        cine[0]


def test_found_are_files_and_folders_of_frames(tmp_path):
    for number in (1, 2):
        save(tmp_path / "frames" / f"{number}.png", RGB[0])
    for name in ("b/view.png", "b/other.png", ".hidden/1.png", "a.dcm", ".x.png", "labels.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "b" / "circle").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in find_cines(tmp_path)]
    assert found == ["a.dcm", "b/other.png", "b/view.png", "frames"]


def test_what_is_neither_is_named(tmp_path):
    (tmp_path / "LICENSE").write_text("words")
    with pytest.raises(InputError, match="^LICENSE: expected a DICOM, video or image file"):
        open_cine(tmp_path / "LICENSE")
    with pytest.raises(InputError, match="^none: expected a file or folder, got nothing"):
        open_cine(tmp_path / "none")
