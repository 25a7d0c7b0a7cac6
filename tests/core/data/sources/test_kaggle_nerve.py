import pickle

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.data import KaggleNerve


def test_frames_come_in_order_of_subject_and_frame(kaggle):
    table = KaggleNerve(kaggle).table
    assert table["id"].tolist()[:5] == ["1_1", "1_2", "1_3", "1_4", "2_1"]
    assert table["id"].tolist()[-1] == "10_4"
    assert table["subject"].tolist() == ["1"] * 4 + ["2"] * 4 + ["10"] * 4
    assert table["frame"].tolist() == [1, 2, 3, 4] * 3


def test_sample_holds_grey_levels_and_classes(kaggle):
    sample = KaggleNerve(kaggle)[0]
    np.testing.assert_array_equal(sample["image"], np.asarray(Image.open(kaggle / "1_1.tif")))
    np.testing.assert_array_equal(
        sample["mask"], np.asarray(Image.open(kaggle / "1_1_mask.tif")) // 255
    )
    assert sample["mask"].sum() == 200


def test_source_can_be_iterated_and_pickled(kaggle):
    source = pickle.loads(pickle.dumps(KaggleNerve(kaggle)))
    assert [sample["mask"].any() for sample in source] == [True, False] * 6


def test_missing_mask_is_named(kaggle):
    (kaggle / "2_3_mask.tif").unlink()
    with pytest.raises(
        InputError, match=r"mask files: expected all 12 .* 1 missing: 2_3_mask\.tif"
    ):
        KaggleNerve(kaggle)


def test_many_missing_masks_are_counted(kaggle):
    for path in kaggle.glob("*_mask.tif"):
        path.unlink()
    with pytest.raises(InputError, match=r"12 missing: 1_1_mask.tif, (.*, ){4}\.\.\."):
        KaggleNerve(kaggle)


def test_mask_without_frame_is_named(kaggle):
    (kaggle / "2_3.tif").unlink()
    with pytest.raises(InputError, match=r"image files: expected one for each mask, .*: 2_3\.tif"):
        KaggleNerve(kaggle)


def test_mask_of_another_size_names_both(kaggle):
    Image.new("L", (58, 40)).save(kaggle / "1_2_mask.tif")
    source = KaggleNerve(kaggle)
    with pytest.raises(InputError, match=r"mask 1_2_mask\.tif: .* size 42x58, got 40x58"):
        source[1]


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"root: expected files named subject_n\.tif, .* got none$"
    ):
        KaggleNerve(tmp_path)


def test_folder_above_is_told_where_the_files_are(kaggle):
    with pytest.raises(InputError, match="they seem to lie in its folder train"):
        KaggleNerve(kaggle.parent)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"root: expected a folder, got .*nowhere"):
        KaggleNerve(tmp_path / "nowhere")


def test_files_are_not_decoded_before_they_are_asked_for(kaggle):
    (kaggle / "1_1.tif").write_bytes(b"torn")
    source = KaggleNerve(kaggle)
    with pytest.raises(InputError, match=r"1_1\.tif: expected a whole"):
        source[0]


def test_fingerprint_stays_where_the_folder_moves(kaggle):
    before = KaggleNerve(kaggle).fingerprint
    assert KaggleNerve(kaggle.rename(kaggle.parent / "moved")).fingerprint == before


@pytest.mark.parametrize("name", ["1_1.tif", "10_4_mask.tif"])
def test_fingerprint_changes_with_any_file(kaggle, name):
    before = KaggleNerve(kaggle).fingerprint
    pixels = np.array(Image.open(kaggle / name))
    pixels[0, 0] = 255 - pixels[0, 0]
    Image.fromarray(pixels).save(kaggle / name, compression="tiff_lzw")
    assert KaggleNerve(kaggle).fingerprint != before


def test_fingerprint_changes_with_a_name(kaggle):
    before = KaggleNerve(kaggle).fingerprint
    for end in (".tif", "_mask.tif"):
        (kaggle / f"10_4{end}").rename(kaggle / f"10_5{end}")
    assert KaggleNerve(kaggle).fingerprint != before
