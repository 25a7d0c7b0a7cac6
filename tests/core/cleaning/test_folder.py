import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.cleaning.cleaner import Cleaned
from core.cleaning.folder import COLUMNS, clean_folder, several_frames
from core.data import ImageFolder
from tests.dicoms import write_dicom

SIZE = (40, 60)


def clean(image):
    """Take what is white away."""
    mask = (image == 255).astype(np.uint8) if image.ndim == 2 else (image[..., 0] == 255) * 1
    cleaned = np.where(image == 255, 100, image).astype(np.uint8)
    return Cleaned(cleaned, mask.astype(np.uint8))


def speckle(seed=0, *, colour=False):
    """Random pixels with two white squares of 5 px."""
    shape = (*SIZE, 3) if colour else SIZE
    image = np.random.default_rng(seed).integers(0, 200, shape, dtype=np.uint8)
    image[5:10, 5:10] = image[20:25, 30:35] = 255
    return image


@pytest.fixture
def images(tmp_path):
    """A folder with a picture of each format, one of them a cine, and two files that are none."""
    folder = tmp_path / "in"
    (folder / "ward").mkdir(parents=True)
    Image.fromarray(speckle()).save(folder / "a.png")
    Image.fromarray(speckle(1, colour=True)).save(folder / "ward" / "b.bmp")
    Image.fromarray(speckle(2)).save(folder / "c.tif")
    write_dicom(folder / "cine", np.stack([speckle(3), speckle(4)]), NumberOfFrames=2)
    (folder / "notes.txt").write_text("none")
    (folder / "torn.png").write_bytes((folder / "a.png").read_bytes()[:300])
    return folder


def content_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_each_image_is_written_cleaned_under_its_name(images, tmp_path):
    clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    cleaned = tmp_path / "out" / "cleaned"
    names = {path.relative_to(cleaned).as_posix() for path in cleaned.rglob("*.png")}
    assert names == {"a.png", "ward/b.png", "c.png", "cine.png"}
    np.testing.assert_array_equal(pixels(cleaned / "a.png"), clean(speckle()).image)
    np.testing.assert_array_equal(pixels(cleaned / "cine.png"), clean(speckle(3)).image)
    assert pixels(cleaned / "ward" / "b.png").shape == (*SIZE, 3)


def test_masks_are_black_and_white(images, tmp_path):
    clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    mask = pixels(tmp_path / "out" / "masks" / "ward" / "b.png")
    np.testing.assert_array_equal(mask, clean(speckle(1, colour=True)).mask * 255)


def test_originals_are_not_touched(images, tmp_path):
    before = content_of(images)
    clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    assert content_of(images) == before


def test_the_table_says_what_changed(images, tmp_path):
    clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    table = pd.read_csv(tmp_path / "out" / "cleaning.csv")
    assert tuple(table.columns) == COLUMNS
    assert table["id"].tolist() == ["a.png", "c.tif", "cine", "ward/b.bmp"]
    assert (table[["rows", "columns"]].to_numpy() == SIZE).all()
    assert (table["annotations"] == 2).all()
    assert table["changed_share"].tolist() == pytest.approx([50 / 2400] * 4, abs=1e-6)
    assert (table["largest_difference"] == 155).all()
    assert (table["seconds"] > 0).all()


def test_the_table_s_files_are_there_and_its_paths_are_not_absolute(images, tmp_path):
    table = clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    for name in [*table["cleaned"], *table["mask"]]:
        assert (tmp_path / "out" / name).is_file()
    assert str(tmp_path) not in (tmp_path / "out" / "cleaning.csv").read_text()


def test_the_page_shows_all(images, tmp_path):
    clean_folder(clean, ImageFolder(images), tmp_path / "out", model="m")
    page = (tmp_path / "out" / "cleaned.html").read_text()
    assert "4 images; annotations were found in 4." in page
    assert "ward/b.bmp" in page
    assert str(tmp_path) not in page


def test_a_cleaning_that_is_cut_off_leaves_what_it_did(images, tmp_path):
    calls = []

    def cut_off(image):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return clean(image)

    with pytest.raises(KeyboardInterrupt):
        clean_folder(cut_off, ImageFolder(images), tmp_path / "out", model="m")
    table = pd.read_csv(tmp_path / "out" / "cleaning.csv")
    assert table["id"].tolist() == ["a.png", "c.tif"]
    assert len(list((tmp_path / "out" / "cleaned").iterdir())) == 2


def test_an_image_without_annotations_is_written_as_it_is(tmp_path):
    (tmp_path / "in").mkdir()
    image = np.full(SIZE, 7, np.uint8)
    Image.fromarray(image).save(tmp_path / "in" / "a.png")
    table = clean_folder(clean, ImageFolder(tmp_path / "in"), tmp_path / "out", model="m")
    assert table.loc[0, ["annotations", "changed_share", "largest_difference"]].tolist() == [0] * 3
    np.testing.assert_array_equal(pixels(tmp_path / "out" / "cleaned" / "a.png"), image)


def test_files_of_several_frames_are_counted(images):
    assert several_frames(ImageFolder(images)) == 1
