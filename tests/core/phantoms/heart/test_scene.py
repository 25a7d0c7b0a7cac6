import subprocess
import sys

import numpy as np
import pytest

from core.checks import InputError
from core.phantoms.heart import MACHINES, VIEWS, HeartScene

SMALL = {"patients": 3, "frames": 2, "scale": 0.15}


@pytest.fixture(scope="module")
def scene():
    return HeartScene(**SMALL)


def test_views_are_in_the_order_that_tables_keep():
    assert VIEWS == ("A2C", "A3C", "A4C", "A5C", "PLAX", "SAXBASAL", "SAXMID", "SUB4C")


def test_rows_are_ordered_by_patient_view_sequence_and_frame():
    scene = HeartScene(patients=2, sequences=3, frames=4, scale=0.1)
    rows = list(zip(scene.patient, scene.view, scene.sequence, scene.frame, strict=True))
    assert len(scene) == len(rows) == 2 * 8 * 3 * 4
    assert rows == sorted(rows)
    assert len(set(scene.sequence)) == 2 * 8 * 3


def test_a_patient_stays_on_one_machine(scene):
    for patient in range(3):
        assert set(scene.machine[scene.patient == patient]) == {patient}


def test_images_have_the_sizes_of_the_screens(scene):
    for patient, machine in enumerate(MACHINES.values()):
        rows, columns = (round(side * 0.15) for side in machine.size)
        image = scene[patient * 16].image
        assert image.shape == (rows, columns, 3)
        assert image.dtype == np.uint8


def test_without_graphics_images_are_grey_and_all_else_is_black(scene):
    plain = HeartScene(**SMALL, graphics=False)
    x0, y0, x1, y1 = plain.cine(0).region
    image = plain[0].image.copy()
    assert image.ndim == 2
    image[y0 : y1 + 1, x0 : x1 + 1] = 0
    assert not image.any()


def test_graphics_leave_the_echoes_as_they_are(scene):
    plain = HeartScene(**SMALL, graphics=False)
    top, bottom = 15, 70
    middle = slice(top, bottom), slice(50, 70)
    assert (scene[0].image[middle][..., 0] >= plain[0].image[middle]).all()
    assert (scene[0].image[middle][..., 0] == plain[0].image[middle]).mean() > 0.95


def test_frames_do_not_depend_on_what_else_there_is(scene):
    more = HeartScene(patients=4, sequences=2, frames=3, scale=0.15)
    row = np.flatnonzero((more.patient == 1) & (more.view == 4) & (more.frame == 1))[0]
    same = np.flatnonzero((scene.patient == 1) & (scene.view == 4) & (scene.frame == 1))[0]
    more[0], more[len(more) - 1]
    assert (more[row].image == scene[same].image).all()


def test_another_process_draws_the_same_frame(scene):
    code = (
        "from core.phantoms.heart import HeartScene;"
        f"print(int(HeartScene(**{SMALL!r})[21].image.astype(int).sum()))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(said.stdout) == int(scene[21].image.astype(int).sum())


def test_seeds_views_and_sequences_differ():
    scene = HeartScene(patients=1, sequences=2, frames=1, scale=0.15)
    other = HeartScene(patients=1, sequences=2, frames=1, scale=0.15, seed=1)
    images = [scene[row].image for row in range(16)] + [other[0].image]
    assert len({image.tobytes() for image in images}) == 17


def test_cine_is_its_frames(scene):
    cine = scene.cine(5)
    assert cine.frames.shape == (len(cine), 90, 120, 3)
    assert (cine.frames[1] == scene[11].image).all()
    assert (cine.machine.name, VIEWS[cine.view]) == ("E7", "SAXBASAL")


def test_spacing_is_depth_over_the_length_of_a_beam():
    full, half = (HeartScene(patients=1, scale=scale).cine(0) for scale in (1.0, 0.5))
    assert half.spacing_mm == pytest.approx(2 * full.spacing_mm)
    assert full.spacing_mm * MACHINES["E7"].radius == pytest.approx(full.scan.plane.depth_mm)
    assert 120 < full.scan.plane.depth_mm < 200


def test_heart_beats(scene):
    still = HeartScene(patients=1, frames=30, scale=0.15, graphics=False)
    frames = still.cine(2).frames.astype(int)
    assert np.abs(frames[15] - frames[0]).mean() > np.abs(frames[1] - frames[0]).mean()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"patients": 0}, "patients: expected at least 1"),
        ({"sequences": 0}, "sequences: expected at least 1"),
        ({"frames": 0}, "frames: expected at least 1"),
        ({"scale": 1.5}, "scale: expected 0.1 to 1"),
        ({"seed": -1}, "seed: expected 0 or more"),
        ({"machines": []}, "machines: expected at least one name"),
        ({"machines": ["E8"]}, "machines: expected names out of E7, I33, S2000, got E8"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        HeartScene(**({"patients": 1} | wrong))


def test_frames_and_cines_beyond_the_end_are_refused(scene):
    with pytest.raises(InputError, match="index: expected 0 to 47"):
        scene[48]
    with pytest.raises(InputError, match="number: expected a cine from 0 to 23"):
        scene.cine(24)
