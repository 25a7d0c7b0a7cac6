import re

import numpy as np
import pytest

from core.checks import InputError
from core.sweeps.metaimage import read_metaimage
from tests.core.sweeps.conftest import write

VALUES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def refused(path):
    with pytest.raises(InputError) as caught:
        read_metaimage(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("dtype", ["u1", "<i2", ">i2", "<u2", "<f4", ">f4"])
def test_values_come_back_in_their_order(tmp_path, compress, dtype):
    path = write(tmp_path / "a.mha", VALUES.astype(dtype), compress)
    read = read_metaimage(path).values
    assert read.shape == (2, 3, 4)
    np.testing.assert_array_equal(read, VALUES)


def test_values_may_lie_in_a_file_beside_the_header(tmp_path):
    (tmp_path / "a.raw").write_bytes(VALUES.tobytes())
    path = write(tmp_path / "a.mhd", VALUES, False, data=b"", ElementDataFile="a.raw\n")
    np.testing.assert_array_equal(read_metaimage(path).values, VALUES)


def test_windows_line_ends_are_read(tmp_path):
    path = write(tmp_path / "a.mha", VALUES, False)
    head, values = path.read_bytes().split(b"LOCAL\n")
    path.write_bytes(head.replace(b"\n", b"\r\n") + b"LOCAL\r\n" + values)
    np.testing.assert_array_equal(read_metaimage(path).values, VALUES)


def test_header_says_where_voxels_lie(tmp_path):
    fields = {"ElementSpacing": "1 2 3", "Offset": "4 5 6", "TransformMatrix": "0 1 0 -1 0 0 0 0 1"}
    image = read_metaimage(write(tmp_path / "a.mha", VALUES, **fields))
    assert image.spacing_mm.tolist() == [1, 2, 3]
    assert image.origin_mm.tolist() == [4, 5, 6]
    assert image.axes.tolist() == [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    "name", ["../a.raw", "/etc/passwd", "..", "LIST", "%03d.raw", "b\\a.raw", ""]
)
def test_values_of_another_folder_are_refused(tmp_path, name):
    (tmp_path / "a.raw").write_bytes(VALUES.tobytes())
    (tmp_path / "b").mkdir()
    path = write(tmp_path / "b" / "a.mhd", VALUES, False, ElementDataFile=f"{name}\n")
    assert "expected ElementDataFile LOCAL or the plain name" in refused(path)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("missing", [1, 5, 20])
def test_files_cut_short_are_refused(tmp_path, compress, missing):
    path = write(tmp_path / "a.mha", VALUES, compress)
    path.write_bytes(path.read_bytes()[:-missing])
    assert re.match(r"a\.mha: expected (24|no more)", refused(path))


def test_fewer_compressed_bytes_than_stated_are_refused(tmp_path):
    path = write(tmp_path / "a.mha", VALUES, CompressedDataSize=999)
    assert "expected 999 compressed bytes, got" in refused(path)


def test_compressed_data_that_hold_more_than_stated_are_refused(tmp_path):
    bomb = write(tmp_path / "a.mha", VALUES, data=bytes(50_000_000))
    assert refused(bomb) == "a.mha: expected 24 bytes of values behind its compression, got more"


def test_damaged_compressed_data_are_refused(tmp_path):
    path = write(tmp_path / "a.mha", VALUES)
    content = bytearray(path.read_bytes())
    content[-2] ^= 255  # of the checksum
    path.write_bytes(content)
    assert refused(path).endswith("got damaged data")


@pytest.mark.parametrize("compress", [True, False])
def test_sizes_that_the_bytes_cannot_hold_are_refused_before_memory_is_taken(tmp_path, compress):
    path = write(tmp_path / "a.mha", VALUES, compress, DimSize="1000 1000 1000")
    assert "got 1,000,000,000" in refused(path) or "got 24" in refused(path)


def test_sizes_beyond_any_sweep_are_refused(tmp_path):
    path = write(tmp_path / "a.mha", VALUES, DimSize="2000000 2000000 2000000")
    assert "expected at most 4,294,967,296 bytes" in refused(path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"NDims": 2}, "NDims = 3, got 2"),
        ({"ObjectType": "Scene"}, "ObjectType = Image, got Scene"),
        ({"ElementNumberOfChannels": 3}, "ElementNumberOfChannels = 1, got 3"),
        ({"ElementType": "MET_OTHER"}, "got MET_OTHER"),
        ({"DimSize": "4 3"}, "3 numbers as DimSize, got 4 3"),
        ({"DimSize": "4 3 0"}, "three positive whole numbers"),
        ({"DimSize": "4 3 1.5"}, "three positive whole numbers"),
        ({"DimSize": "4 3 nan"}, "3 numbers as DimSize"),
        ({"DimSize": None}, "a header with DimSize"),
        ({"HeaderSize": 12}, "HeaderSize = 0, got '12'"),
    ],
)
def test_headers_that_are_wrong_say_where(tmp_path, fields, words):
    assert words in refused(write(tmp_path / "a.mha", VALUES, **fields)).replace(
        "got 12", "got '12'"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("ElementSpacing", "1 -1 1"), ("Offset", "0 inf 0"), ("TransformMatrix", "1 0 0 0 2 0 0 0 1")],
)
def test_places_that_are_none_are_refused(tmp_path, field, value):
    image = read_metaimage(write(tmp_path / "a.mha", VALUES, **{field: value}))
    with pytest.raises(InputError, match=field):
        image.spacing_mm, image.origin_mm, image.axes  # noqa: B018


@pytest.mark.parametrize("content", [b"", b"\x00" * 100_000, b"a = 1\n", b"\x89PNG\r\n\x1a\n"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "a.mha"
    path.write_bytes(content)
    assert "a.mha: expected a MetaImage header" in refused(path)


def test_missing_files_and_folders_are_refused(tmp_path):
    assert "No such file" in refused(tmp_path / "a.mha")
    assert "expected a file that can be read" in refused(tmp_path)


def test_an_independent_reader_agrees(tmp_path):
    sitk = pytest.importorskip("SimpleITK")
    path = write(tmp_path / "a.mha", VALUES.astype("<i2"), ElementSpacing="1 2 3", Offset="4 5 6")
    theirs, ours = sitk.ReadImage(str(path)), read_metaimage(path)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(theirs), ours.values)
    assert theirs.GetSpacing() == tuple(ours.spacing_mm)
    assert theirs.GetOrigin() == tuple(ours.origin_mm)
