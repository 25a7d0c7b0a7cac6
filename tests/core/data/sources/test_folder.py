import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.data import ImageFolder
from tests.dicoms import region, write_dicom


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    Image.new("L", (20, 20), 1).save(tmp_path / "b.png")
    Image.new("L", (20, 20), 2).save(tmp_path / "sub" / "a.TIF")
    return tmp_path


def test_images_of_all_sub_folders_are_found(folder):
    source = ImageFolder(folder)
    assert source.table["id"].tolist() == ["b.png", "sub/a.TIF"]
    assert [int(sample["image"][0, 0]) for sample in source] == [1, 2]
    assert set(source[0]) == {"image"}
    assert source.skipped == {}


def test_unreadable_files_are_passed_over_with_the_reason(folder):
    (folder / "notes.txt").write_text("text")
    (folder / "torn.png").write_bytes((folder / "b.png").read_bytes()[:45])
    Image.new("L", (2, 2)).save(folder / "icon.png")
    source = ImageFolder(folder)
    assert len(source) == 2
    assert source.skipped["notes.txt"] == "no image by its name"
    assert "expected a whole" in source.skipped["torn.png"]
    assert "at least 8 pixels" in source.skipped["icon.png"]


def test_hidden_files_are_ignored(folder):
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "a.png").write_bytes((folder / "b.png").read_bytes())
    source = ImageFolder(folder)
    assert (len(source), source.skipped) == (2, {})


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(
        InputError, match="root: expected a folder with readable images, got an empty"
    ):
        ImageFolder(tmp_path)


def test_folder_without_readable_image_says_why(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(InputError, match=r"got only others \(a\.png: .* an empty file"):
        ImageFolder(tmp_path)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"root: expected a folder, got .*nowhere"):
        ImageFolder(tmp_path / "nowhere")


def test_file_name_that_is_no_utf8_works(folder):
    Image.new("L", (20, 20), 7).save(folder / b"\xe9.png".decode("utf-8", "surrogateescape"))
    source = ImageFolder(folder)
    assert source.table["id"].tolist()[-1] == r"\udce9.png"
    assert (source[2]["image"] == 7).all()


def test_white_level_reaches_the_pixels(tmp_path):
    Image.fromarray(np.full((10, 10), 4095, np.uint16)).save(tmp_path / "a.png")
    assert (ImageFolder(tmp_path, white_level=4095)[0]["image"] == 255).all()


def test_dicom_files_are_found_by_their_content_and_give_their_spacing(folder):
    pixels = np.full((20, 30), 7, np.uint8)
    write_dicom(folder / "IM0001", pixels, SequenceOfUltrasoundRegions=[region(0.01, 0.02)])
    source = ImageFolder(folder)
    assert source.table["id"].tolist() == ["IM0001", "b.png", "sub/a.TIF"]
    assert (source[0]["image"] == 7).all()
    spacings = source.table[["spacing_row_mm", "spacing_col_mm"]]
    np.testing.assert_array_equal(spacings, [[0.2, 0.1]] + [[np.nan] * 2] * 2)


def test_resolution_of_other_files_is_no_spacing(tmp_path):
    Image.new("L", (20, 20)).save(tmp_path / "a.png", dpi=(150, 150))
    assert ImageFolder(tmp_path).table["spacing_row_mm"].isna().all()


def test_dicom_files_that_are_no_images_are_passed_over(folder):
    path = write_dicom(folder / "report.dcm", np.zeros((20, 30), np.uint8))
    path.write_bytes(path.read_bytes()[:-300])
    (folder / "text.dcm").write_text("text")
    source = ImageFolder(folder)
    assert len(source) == 2
    assert all(
        "expected a whole, readable DICOM" in source.skipped[name]
        for name in ("report.dcm", "text.dcm")
    )


def test_a_given_spacing_is_that_of_images_that_state_none(tmp_path):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.png")
    table = ImageFolder(tmp_path, spacing_mm=0.2).table
    assert table.loc[0, ["spacing_row_mm", "spacing_col_mm"]].tolist() == [0.2, 0.2]
