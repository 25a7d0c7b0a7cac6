import io
import logging
import warnings

import numpy as np
import pytest
from pydicom.uid import RLELossless

from core.checks import InputError
from core.dicom.header import is_dicom, read_header, reading
from core.dicom.still import read_still
from tests.dicoms import dataset, write, write_dicom

GREY = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a", "IM-0001"])
def test_content_tells_dicom_under_any_name(tmp_path, name):
    assert is_dicom(write_dicom(tmp_path / name, GREY))


@pytest.mark.parametrize("name", ["a.dcm", "a.DICOM", "a.Ima"])
def test_suffix_tells_dicom_of_any_content(tmp_path, name):
    (tmp_path / name).write_text("text")
    assert is_dicom(tmp_path / name)


def test_other_files_folders_and_missing_ones_are_no_dicom(tmp_path):
    (tmp_path / "a.txt").write_text("text DICM" * 40)
    (tmp_path / "short").write_text("DICM")
    names = ("a.txt", "short", "none", ".")
    assert [is_dicom(tmp_path / name) for name in names] == [False] * 4


def test_header_holds_nothing_of_the_person(tmp_path):
    header = read_header(write_dicom(tmp_path / "a.dcm", GREY))
    assert (header.Rows, header.Columns) == (20, 30)
    assert "CANARY" not in str(header).upper()


def test_text_under_a_dicom_name_is_refused(tmp_path):
    (tmp_path / "a.dcm").write_text("text" * 100)
    with pytest.raises(
        InputError, match=r"^a\.dcm: expected a whole, readable DICOM file, got one"
    ):
        read_header(tmp_path / "a.dcm")


def test_missing_file_is_named_without_its_folder(tmp_path):
    expected = r"^none\.dcm: expected .* \(No such file or directory\)$"
    with pytest.raises(InputError, match=expected):
        read_header(tmp_path / "none.dcm")


def test_every_other_error_becomes_one_line(tmp_path):
    with (
        pytest.raises(InputError, match=r"^a\.dcm: .* \(first line\)$"),
        reading(tmp_path / "a.dcm"),
    ):
        raise RecursionError("first line\nsecond line")


def test_remarks_of_the_reader_are_not_passed_on(tmp_path):
    ds = dataset(GREY)
    ds.PixelData += bytes(100)  # more than the image needs, which pydicom remarks on
    path = write(tmp_path / "a.dcm", ds)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(read_still(path), GREY)


@pytest.fixture
def logged():
    """What reaches the handlers of the program, at every level."""
    root, stream = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.filterwarnings("ignore:Invalid value for VR DA", "ignore:Unknown encoding")
def test_damaged_pixels_leave_no_word_of_the_person_behind(tmp_path, logged, capfd):
    ds = dataset(GREY, SpecificCharacterSet="CANARY", PatientBirthDate="CANARY")
    ds.compress(RLELossless, generate_instance_uid=False)
    path = write(tmp_path / "a.dcm", ds)
    path.write_bytes(path.read_bytes()[:-200])
    with warnings.catch_warnings(record=True) as warned, pytest.raises(InputError) as caught:
        read_still(path)
    assert (logged.getvalue(), warned, *capfd.readouterr()) == ("", [], "", "")
    assert "CANARY" not in str(caught.value).upper()
