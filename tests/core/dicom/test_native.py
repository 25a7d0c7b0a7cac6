import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian

from core.checks import InputError
from core.dicom.frames import DicomFrames
from core.dicom.still import read_still
from tests.dicoms import dataset, write, write_dicom

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 9, 11), dtype=np.uint8)  # of an odd number of bytes a frame
RGB = RNG.integers(0, 256, (3, 9, 11, 3), dtype=np.uint8)


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_bytes_in_swapped_words_across_frames(tmp_path, frame):
    ds = dataset(GREY, encoding=ExplicitVRBigEndian, NumberOfFrames=3)
    padded = np.append(GREY.ravel(), np.uint8(0))
    ds.PixelData = padded.view("u2").byteswap().tobytes()
    ds["PixelData"].VR = "OW"
    path = write(tmp_path / "a.dcm", ds)
    np.testing.assert_array_equal(read_still(path, frame=frame), GREY[frame])


@pytest.mark.parametrize("frame", [0, 2])
def test_planes_of_each_frame(tmp_path, frame):
    ds = dataset(RGB, "RGB", NumberOfFrames=3, PlanarConfiguration=1)
    ds.PixelData = np.moveaxis(RGB, -1, 1).tobytes() + b"\0"
    path = write(tmp_path / "a.dcm", ds)
    np.testing.assert_array_equal(read_still(path, frame=frame), RGB[frame])


def test_chroma_that_is_not_shared_in_spite_of_its_name(tmp_path):
    grey = np.repeat(RGB[..., :1], 3, axis=-1)
    grey[..., 1:] = 128
    path = write_dicom(tmp_path / "a.dcm", grey, "YBR_FULL_422", NumberOfFrames=3)
    np.testing.assert_array_equal(read_still(path, frame=1), np.repeat(grey[1, ..., :1], 3, -1))


def test_partial_range_is_spread(tmp_path):
    """Black is 16 and white 235 in the partial range (PS3.3 C.7.6.3.1.2)."""
    pairs = np.zeros((10, 12, 2), np.uint8)
    pairs[:, :6, 0], pairs[:, 6:, 0], pairs[..., 1] = 16, 235, 128
    ds = dataset(np.zeros((10, 12, 3), np.uint8), "YBR_PARTIAL_422")
    halves = pairs.reshape(-1, 2, 2)
    ds.PixelData = np.stack(
        [halves[:, 0, 0], halves[:, 1, 0], *halves[:, 0, 1:].T, halves[:, 1, 1]], 1
    ).tobytes()
    rgb = read_still(write(tmp_path / "a.dcm", ds))
    assert rgb[:, :6].max() == 0
    assert rgb[:, 6:].min() == 255


def test_torn_cine_gives_its_whole_frames_only(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", GREY, NumberOfFrames=3)
    path.write_bytes(path.read_bytes()[:-120])
    frames = DicomFrames(path)
    assert frames.whole == 1
    np.testing.assert_array_equal(frames.shown(0), GREY[0])
    with pytest.raises(InputError, match=r"a\.dcm: .*the file ends within the frame"):
        frames.shown(1)
    frames.close()
