from fractions import Fraction

import av
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import HEVCMP51, MPEG2MPML, MPEG4HP41

from core.checks import InputError
from core.cines import open_cine
from core.dicom.pixels import luma
from tests.core.cines.videos import moving, write_video
from tests.dicoms import dataset, write

MOVING = moving()
KINDS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("a.mov", "libx264", "yuv420p"),
    ("a.mkv", "libx264", "yuv420p"),
    ("a.avi", "mjpeg", "yuvj420p"),
    ("a.avi", "mpeg4", "yuv420p"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), KINDS)
def test_frames_in_order_and_in_any_order(tmp_path, name, codec, pixels):
    with open_cine(write_video(tmp_path / name, MOVING, codec, pixels)) as cine:
        frames = list(cine)
        assert (len(cine), cine.size, cine.colour, cine.fps) == (10, (48, 64), True, 25)
        for number in (7, 2, 9, 0):
            np.testing.assert_array_equal(cine[number], frames[number])
    assert np.abs(np.stack(frames).astype(int) - MOVING).mean() < 5


def test_lossless_video_is_exact(tmp_path):
    with open_cine(write_video(tmp_path / "a.avi", MOVING, "rawvideo", "bgr24")) as cine:
        np.testing.assert_array_equal(np.stack(list(cine)), MOVING)


def test_grey_video_has_one_channel(tmp_path):
    with open_cine(write_video(tmp_path / "a.avi", MOVING, "rawvideo", "gray")) as cine:
        assert not cine.colour
        assert cine[3].shape == (48, 64)


def test_brightness_of_a_colour_video(tmp_path):
    path = write_video(tmp_path / "a.mp4", MOVING)
    with open_cine(path) as cine, open_cine(path, grey=True) as grey:
        assert not grey.colour
        assert np.abs(grey[4].astype(int) - luma(cine[4])).max() <= 4


@pytest.mark.parametrize(
    "told", [None, [], [3, 3, 8, True, 1.0, "x"], [3, "x", [8, 8], True, 1, ""]]
)
def test_facts_that_are_none_are_refused(tmp_path, monkeypatch, told):
    monkeypatch.setattr("core.dicom.encapsulated.isolated", lambda *args, **options: told)
    (tmp_path / "a.mkv").touch()
    with pytest.raises(InputError, match=r"^a\.mkv: .*\(the decoder answers nonsense\)$"):
        open_cine(tmp_path / "a.mkv")


def test_torn_video_says_how_many_frames_it_has(tmp_path):
    path = write_video(tmp_path / "a.avi", moving(20), "mjpeg", "yuvj420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"^a\.avi: expected 20 whole frames, got \d+$"):
        open_cine(path)


@pytest.mark.parametrize("content", [b"", b"text" * 500, b"#EXTM3U\n#EXTINF:1,\n/etc/hosts\n"])
def test_what_is_no_video_is_named(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError, match=r"^a\.mp4: expected a whole video"):
        open_cine(tmp_path / "a.mp4")


def test_sound_alone_is_no_video(tmp_path):
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        sound.sample_rate = 8000
        for packet in [*stream.encode(sound), *stream.encode()]:
            container.mux(packet)
    with pytest.raises(InputError, match=r"^a\.mov: expected a whole video"):
        open_cine(tmp_path / "a.mov")


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize(
    ("encoding", "codec", "form"),
    [(MPEG4HP41, "libx264", "h264"), (MPEG2MPML, "mpeg2video", "mpegts"), (HEVCMP51, "libx265", "hevc")],
    ids=["H.264", "MPEG-2", "H.265"],
)  # fmt: skip
def test_stream_inside_of_a_dicom_file(tmp_path, encoding, codec, form, pieces):
    stream = write_video(tmp_path / "stream", MOVING, codec, form=form).read_bytes()
    ds = dataset(MOVING, "YBR_PARTIAL_420", encoding=encoding, NumberOfFrames=10, FrameTime=40)
    ds.PixelData = encapsulate([stream], fragments_per_frame=pieces)
    ds["PixelData"].VR = "OB"
    with open_cine(write(tmp_path / "a.dcm", ds)) as cine:
        frames = np.stack(list(cine))
        np.testing.assert_array_equal(cine[3], frames[3])
        assert (cine.frames, cine.fps) == (10, 25)
    assert np.abs(frames.astype(int) - MOVING).mean() < 6


def test_torn_matroska_file_is_told_by_its_length(tmp_path):
    path = write_video(tmp_path / "a.mkv", moving(20))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"^a\.mkv: expected 20 whole frames, got \d+$"):
        open_cine(path)


@pytest.mark.parametrize("fps", [25, Fraction(30000, 1001), 7])
def test_whole_matroska_file_lacks_nothing(tmp_path, fps):
    with open_cine(write_video(tmp_path / "a.mkv", moving(20), fps=fps)) as cine:
        assert len(list(cine)) == 20


def test_damaged_frame_is_no_guess(tmp_path):
    content = write_video(tmp_path / "a.avi", MOVING, "mjpeg", "yuvj420p").read_bytes()
    place = content.index(b"\xff\xda", len(content) // 2)  # scan of a frame
    path = tmp_path / "b.avi"
    path.write_bytes(content[: place + 20] + bytes(200) + content[place + 220 :])
    with (
        open_cine(path) as cine,
        pytest.raises(InputError, match=r"b\.avi: expected a whole frame"),
    ):
        list(cine)
