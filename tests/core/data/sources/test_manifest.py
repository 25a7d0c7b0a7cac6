import warnings

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.data import Manifest
from tests.dicoms import region, write_dicom


@pytest.fixture
def listed_images(tmp_path):
    """Writes images a to d with masks in two colours, and a CSV of the lines given."""
    red = np.zeros((20, 30, 3), np.uint8)
    red[:4] = (128, 0, 0)
    red[-3:] = (0, 128, 0)
    for number, name in enumerate("abcd"):
        Image.new("L", (30, 20), 50 * number).save(tmp_path / f"{name}.png")
        Image.fromarray(red).save(tmp_path / f"{name}_mask.png")

    def write(*lines, encoding="utf-8"):
        (tmp_path / "list.csv").write_text("\n".join(lines) + "\n", encoding=encoding)
        return tmp_path / "list.csv"

    return write


COLOURS = {"128,0,0": 1, "0,128,0": 0}


def test_rows_give_images_masks_and_what_is_known(listed_images):
    csv = listed_images(
        "image,mask,subject,device,split,note",
        "a.png,a_mask.png,P1,GE,train,x",
        "b.png,b_mask.png,002,Philips,test,",
    )
    source = Manifest(csv, foreground=COLOURS)
    assert source.table.columns.tolist() == ["id", "subject", "device", "split", "note"]
    assert source.table.loc[1].tolist() == ["b.png", "002", "Philips", "test", ""]
    assert (source[1]["image"] == 50).all()
    assert source[1]["mask"].sum() == 4 * 30


def test_images_without_masks(listed_images):
    source = Manifest(listed_images("image,subject", "a.png,1"))
    assert set(source[0]) == {"image"}


def test_root_is_where_paths_start(listed_images, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    csv = listed_images("image,subject", "a.png,1").rename(tmp_path / "elsewhere" / "list.csv")
    assert (Manifest(csv, root=tmp_path)[0]["image"] == 0).all()


@pytest.mark.parametrize(
    ("columns", "cells", "expected"),
    [
        ("spacing_mm", "0.1", [0.1, 0.1]),
        ("spacing_row_mm,spacing_col_mm", "0.1,0.2", [0.1, 0.2]),
        ("spacing_mm", "", [np.nan, np.nan]),
        ("dpi", "254", [0.1, 0.1]),
    ],
)
def test_spacing_is_read_by_row_and_column(listed_images, columns, cells, expected):
    table = Manifest(listed_images(f"image,subject,{columns}", f"a.png,1,{cells}")).table
    found = table[["spacing_row_mm", "spacing_col_mm"]].to_numpy(float)
    np.testing.assert_allclose(found, [expected])


@pytest.mark.parametrize("cell", ["0", "-1", "inf", "wide"])
def test_spacing_that_is_no_length_is_named_with_its_line(listed_images, cell):
    csv = listed_images("image,subject,spacing_mm", "a.png,1,0.1", f"b.png,1,{cell}")
    with pytest.raises(
        InputError, match=rf"'spacing_mm': expected positive .*, got {cell} in line 3"
    ):
        Manifest(csv)


def test_two_statements_of_the_spacing_are_refused(listed_images):
    csv = listed_images("image,subject,spacing_mm,dpi", "a.png,1,0.1,96")
    with pytest.raises(InputError, match="spacing columns: .* got spacing_mm and dpi"):
        Manifest(csv)


def test_spacing_is_what_the_files_state(listed_images, tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "a.png", dpi=(254, 254))
    regions = [region(delta_x=0.02, delta_y=0.03)]
    pixels = np.full((20, 30), 9, np.uint8)
    write_dicom(tmp_path / "e.dcm", pixels, SequenceOfUltrasoundRegions=regions)
    lines = ("image,mask,subject,device", "a.png,a_mask.png,1,HM70A", "e.dcm,b_mask.png,2,miniSONO")
    source = Manifest(listed_images(*lines), foreground=COLOURS, spacing="file")
    spacings = source.table[["spacing_row_mm", "spacing_col_mm"]]
    np.testing.assert_allclose(spacings, [[0.1, 0.1], [0.3, 0.2]], rtol=1e-4)
    assert (source[1]["image"] == 9).all()
    assert source[1]["mask"].shape == (20, 30)


def test_spacing_of_files_is_not_looked_at_unasked(listed_images, tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "a.png", dpi=(254, 254))
    assert "spacing_row_mm" not in Manifest(listed_images("image,subject", "a.png,1")).table


def test_absent_files_are_counted_before_their_spacing_is_read(listed_images):
    csv = listed_images("image,subject", "x.png,1", "y.png,1")
    with pytest.raises(InputError, match=r"all 2 to be there, got 2 missing: x\.png, y\.png"):
        Manifest(csv, spacing="file")


def test_spacing_columns_beside_the_files_are_refused(listed_images):
    csv = listed_images("image,subject,dpi", "a.png,1,96")
    with pytest.raises(InputError, match="expected none beside spacing='file', got dpi"):
        Manifest(csv, spacing="file")


def test_unknown_place_of_the_spacing_is_named(listed_images):
    with pytest.raises(InputError, match="spacing: expected columns or file, got header"):
        Manifest(listed_images("image,subject", "a.png,1"), spacing="header")


def test_without_subjects_each_image_is_one_and_a_warning_says_so(listed_images):
    csv = listed_images("image", "a.png", "b.png")
    with pytest.warns(UserWarning, match=r"list\.csv has no column 'subject': each image counts"):
        source = Manifest(csv)
    assert source.table["subject"].tolist() == ["a.png", "b.png"]


def test_with_subjects_there_is_no_warning(listed_images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Manifest(listed_images("image,subject", "a.png,1"))


def test_missing_image_column_names_the_nearest(listed_images):
    csv = listed_images("images,subject", "a.png,1")
    with pytest.raises(
        InputError, match=r"a column 'image', did you mean 'images'.* columns images"
    ):
        Manifest(csv)


def test_absent_files_are_listed_and_counted(listed_images):
    rows = [f"x{number}.png,1" for number in range(7)]
    csv = listed_images("image,subject", "a.png,1", *rows)
    with pytest.raises(
        InputError, match=r"all 8 .* 7 missing: x0\.png, x1\.png, .*x4\.png, \.\.\.$"
    ):
        Manifest(csv)


def test_absent_mask_is_named(listed_images):
    csv = listed_images("image,mask,subject", "a.png,none.png,1")
    with pytest.raises(InputError, match=r"mask files: .* 1 missing: none\.png"):
        Manifest(csv)


def test_blank_mask_is_named_with_its_line(listed_images):
    csv = listed_images("image,mask,subject", "a.png,a_mask.png,1", "b.png,,1")
    with pytest.raises(
        InputError, match="'mask': expected a value in every row, got 1 blank, in line 3"
    ):
        Manifest(csv)


@pytest.mark.parametrize("path", ["../secret.png", "x/../../secret.png", "/etc/secret.png"])
def test_path_that_leads_out_of_the_root_is_refused(listed_images, path):
    with pytest.raises(
        InputError, match=r"expected paths below the root folder, got 1 outside: .*"
    ):
        Manifest(listed_images("image,subject", f"{path},1"))


def test_image_listed_twice_is_named(listed_images):
    csv = listed_images("image,subject", "a.png,1", "b.png,1", "a.png,2")
    with pytest.raises(
        InputError, match=r"id: expected each id once, got 1 more than once: a\.png"
    ):
        Manifest(csv)


def test_header_alone_is_refused(listed_images):
    with pytest.raises(InputError, match=r"list\.csv: expected at least one row"):
        Manifest(listed_images("image,subject"))


def test_empty_csv_is_refused(tmp_path):
    (tmp_path / "list.csv").touch()
    with pytest.raises(InputError, match=r"list\.csv: expected a comma-separated table"):
        Manifest(tmp_path / "list.csv")


def test_ragged_csv_is_refused(listed_images):
    csv = listed_images("image,subject", "a.png,1", "b.png,2,3,4", "c.png,1")
    with pytest.raises(InputError, match=r"expected a comma-separated table, got .*line 3"):
        Manifest(csv)


def test_missing_csv_is_named(tmp_path):
    with pytest.raises(InputError, match=r"csv: expected a CSV file, got .*none\.csv"):
        Manifest(tmp_path / "none.csv")


def test_byte_order_mark_is_no_part_of_the_first_column(listed_images):
    source = Manifest(listed_images("image,subject", "a.png,1", encoding="utf-8-sig"))
    assert source.table["id"].tolist() == ["a.png"]


def test_file_name_that_is_no_utf8_works_and_its_id_can_be_printed(tmp_path):
    name = b"caf\xe9.png"
    Image.new("L", (20, 20), 9).save(tmp_path / name.decode("utf-8", "surrogateescape"))
    (tmp_path / "list.csv").write_bytes(b"image,subject\n" + name + b",1\n")
    source = Manifest(tmp_path / "list.csv")
    assert (source[0]["image"] == 9).all()
    assert source.table["id"].tolist() == [r"caf\udce9.png"]
    source.table.to_csv(tmp_path / "out.csv", encoding="utf-8")
    assert len(source.fingerprint) == 32


def test_fingerprint_changes_with_table_and_parameters(listed_images):
    lines = ("image,mask,subject", "a.png,a_mask.png,1")
    prints = {
        Manifest(listed_images(*lines), foreground=COLOURS).fingerprint,
        Manifest(listed_images(*lines), foreground={**COLOURS, "0,128,0": 2}).fingerprint,
        Manifest(listed_images(lines[0], "a.png,a_mask.png,2"), foreground=COLOURS).fingerprint,
    }
    assert len(prints) == 3
