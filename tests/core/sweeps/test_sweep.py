import numpy as np
import pytest

from core.checks import InputError
from core.sweeps.metaimage import read_metaimage
from core.sweeps.sweep import sweep_of
from tests.core.sweeps.conftest import rigid, rotation, text, write


def taken(path, scan, **options):
    return sweep_of(read_metaimage(path), **{"calibration": scan.calibration, **options})


def test_pixels_go_through_calibration_and_pose(tmp_path, scan):
    sweep = taken(scan.save(tmp_path / "a.mha"), scan)
    assert sweep.route == ("Image", "Probe", "Tracker")
    np.testing.assert_allclose(sweep.to_mm, [pose @ scan.image_to_probe for pose in scan.poses])
    np.testing.assert_allclose(sweep.points_mm(0, 0)[3], (-20, 1.5, 0), atol=1e-9)
    np.testing.assert_allclose(sweep.points_mm(1, 1)[3], (19.5, 1.5, 29.5), atol=1e-9)


def test_millimetres_are_the_references_where_there_is_one(tmp_path, scan):
    marker = rigid(rotation(1), (7, 8, 9))
    fields = {f"Seq_Frame{k:04d}_ReferenceToTrackerTransform": text(marker) for k in range(49)}
    path = scan.save(tmp_path / "a.mha", **fields)
    there = taken(path, scan)
    assert there.route == ("Image", "Probe", "Tracker", "Reference")
    expected = np.linalg.inv(marker) @ taken(path, scan, reference="Tracker").to_mm
    np.testing.assert_allclose(there.to_mm, expected, atol=1e-8)


def test_a_file_with_its_own_calibration_needs_none(tmp_path, scan):
    fields = {
        f"Seq_Frame{k:04d}_ImageToProbeTransform": text(scan.image_to_probe) for k in range(49)
    }
    sweep = sweep_of(read_metaimage(scan.save(tmp_path / "a.mha", **fields)))
    np.testing.assert_allclose(sweep.to_mm, taken(scan.save(tmp_path / "b.mha"), scan).to_mm)


def test_only_frames_with_a_valid_pose_are_used(tmp_path, scan):
    path = scan.save(
        tmp_path / "a.mha",
        Seq_Frame0000_ImageStatus="INVALID",
        Seq_Frame0001_ProbeToTrackerTransformStatus="INVALID",
        Seq_Frame0002_ProbeToTrackerTransform=None,
        Seq_Frame0003_ProbeToTrackerTransformStatus="OK",
        Seq_Frame0099_ProbeToTrackerTransform=text(np.eye(4)),
    )
    assert taken(path, scan).used.tolist() == list(range(3, 49))


def test_an_invalid_pose_may_be_no_matrix(tmp_path, scan):
    path = scan.save(
        tmp_path / "a.mha",
        Seq_Frame0000_ProbeToTrackerTransform="0 0 0",
        Seq_Frame0000_ProbeToTrackerTransformStatus="MISSING",
    )
    assert taken(path, scan).used[0] == 1


@pytest.mark.parametrize(
    ("stated", "turned"),
    [
        ("MF", np.s_[:, :, :]),
        ("MN", np.s_[:, ::-1]),
        ("UF", np.s_[:, :, ::-1]),
        ("UNA", np.s_[:, ::-1, ::-1]),
    ],
)
def test_frames_are_turned_upright(tmp_path, scan, stated, turned):
    path = scan.save(
        tmp_path / "a.mha", frames=scan.frames[turned], UltrasoundImageOrientation=stated
    )
    np.testing.assert_array_equal(taken(path, scan).frames, scan.frames)
    path = scan.save(tmp_path / "b.mha", frames=scan.frames[turned])
    np.testing.assert_array_equal(taken(path, scan, orientation=stated).frames, scan.frames)


def test_black_margins_are_clipped_away(tmp_path, scan):
    frames = scan.frames.copy()
    frames[:, :5] = frames[:, :, :7] = frames[:, 58:] = 0
    frames[:, :, 79:] = 0
    assert taken(scan.save(tmp_path / "a.mha", frames=frames), scan).clip == (7, 5, 72, 53)


@pytest.mark.parametrize("clip", [(-1, 0, 9, 9), (0, 0, 81, 9), (0, 0, 9, 61), (0, 0, 1, 9)])
def test_clips_beyond_the_frames_are_refused(tmp_path, scan, clip):
    with pytest.raises(InputError, match="clip: expected left, top, width, height inside 80 x 60"):
        taken(scan.save(tmp_path / "a.mha"), scan, clip=clip)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"UltrasoundImageOrientation": "XX"}, "image orientation MF, MN, UF or UN, got XX"),
        ({"UltrasoundImageType": "RF_REAL"}, "UltrasoundImageType BRIGHTNESS, got RF_REAL"),
        (
            {"Seq_Frame0004_ProbeToTrackerTransform": "1 2"},
            "frame 4: ProbeToTrackerTransform: expected",
        ),
    ],
)
def test_sweeps_that_are_wrong_say_where(tmp_path, scan, fields, words):
    with pytest.raises(InputError, match=words):
        taken(scan.save(tmp_path / "a.mha", **fields), scan)


def test_without_calibration_the_transforms_there_are_named(tmp_path, scan):
    words = r"a.mha: expected transforms from Image to Tracker .*, got ProbeToTracker"
    with pytest.raises(InputError, match=words):
        taken(scan.save(tmp_path / "a.mha"), scan, calibration=None)


def test_sweeps_without_any_valid_pose_are_refused(tmp_path, scan):
    fields = {f"Seq_Frame{k:04d}_ImageStatus": "INVALID" for k in range(49)}
    words = "at least 2 frames with a valid pose, got 0 of 49"
    with pytest.raises(InputError, match=words):
        taken(scan.save(tmp_path / "a.mha", **fields), scan)


def test_deeper_frames_and_black_ones_and_volumes_are_refused(tmp_path, scan):
    with pytest.raises(InputError, match="8-bit frames, got uint16"):
        taken(scan.save(tmp_path / "a.mha", frames=scan.frames.astype("u2")), scan)
    with pytest.raises(InputError, match="frames that are not all black"):
        taken(scan.save(tmp_path / "a.mha", frames=0 * scan.frames), scan)
    with pytest.raises(InputError, match="a sweep, its header with the pose of each frame"):
        taken(write(tmp_path / "a.mha", scan.frames), scan)
