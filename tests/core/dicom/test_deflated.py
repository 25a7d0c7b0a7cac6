import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from core.checks import InputError
from core.dicom import deflated
from core.dicom.header import read_header
from core.dicom.still import read_still
from tests.dicoms import dataset, write

GREY = np.random.default_rng(0).integers(0, 256, (2, 20, 30), dtype=np.uint8)


@pytest.fixture
def path(tmp_path):
    ds = dataset(GREY, encoding=DeflatedExplicitVRLittleEndian, NumberOfFrames=2)
    return write(tmp_path / "a.dcm", ds)


@pytest.mark.parametrize("frame", [0, 1])
def test_frames_of_a_deflated_file(path, frame):
    np.testing.assert_array_equal(read_still(path, frame=frame), GREY[frame])


def test_header_of_a_deflated_file(path):
    assert (read_header(path).Rows, read_header(path).Columns) == (20, 30)


def test_file_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(deflated, "MAX_INFLATED", 2**22)
    ds = dataset(np.zeros((4000, 4000), np.uint8), encoding=DeflatedExplicitVRLittleEndian)
    path = write(tmp_path / "a.dcm", ds)
    assert path.stat().st_size < 50_000
    with pytest.raises(InputError, match=r"a\.dcm: expected a deflated file of at most 4 MiB"):
        read_header(path)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_torn_file_is_refused(path, share):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match=r"^a\.dcm: expected "):
        read_still(path)
