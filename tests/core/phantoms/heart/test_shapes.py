import numpy as np
import pytest

from core.phantoms.heart.shapes import Capsule, Ellipsoid, Leaflets, along, around, turned


@pytest.fixture
def cloud():
    return np.random.default_rng(0).uniform(-40, 40, (3, 200_000)).astype(np.float32)


def test_ellipsoid_holds_as_many_points_as_its_volume(cloud):
    ellipsoid = Ellipsoid(turned(np.array([3.0, -5.0, 2.0]), 35), (12, 20, 28))
    counted_ml = (ellipsoid.distance(cloud) < 0).mean() * 80**3 / 1000
    assert counted_ml == pytest.approx(ellipsoid.volume_ml, rel=0.03)


def test_distance_to_a_sphere_is_exact(cloud):
    sphere = Ellipsoid(turned(np.zeros(3), 0), (15, 15, 15))
    assert np.abs(sphere.distance(cloud) - np.linalg.norm(cloud, axis=0) + 15).max() < 1e-3


def test_first_axis_of_a_turned_ellipsoid_lies_at_its_angle():
    long = Ellipsoid(turned(np.zeros(3), 30), (20, 5, 5))
    ends = np.stack([around(30, 19), around(30, 21), around(-30, 19)], axis=1).astype(np.float32)
    assert (np.sign(long.distance(ends)) == [-1, 1, 1]).all()


def test_capsule_is_a_cylinder_with_round_ends():
    capsule = Capsule(np.zeros(3), np.array([0.0, 0, 10]), 3)
    points = np.array([[0, 0, 5], [4, 0, 5], [0, 0, 14]], np.float32).T
    assert capsule.distance(points) == pytest.approx([-3, 1, 1])


def test_closed_leaflets_meet_in_the_middle_and_open_ones_leave_it():
    valve = Leaflets(along(np.zeros(3), np.array([0.0, 0, 1])), 15, 20, 70)
    middle = np.array([[0, 0, np.sin(np.deg2rad(20)) * 15]], np.float32).T
    assert valve.distance(middle, 0.0)[0] < 1
    assert valve.distance(middle, 1.0)[0] > 5


@pytest.mark.parametrize("opening", [0.0, 0.5, 1.0])
def test_leaflets_hang_from_their_annulus(opening):
    valve = Leaflets(along(np.zeros(3), np.array([0.0, 0, 1])), 15, 20, 70)
    annulus = np.stack([around(angle, 15) for angle in range(0, 360, 30)], axis=1)
    assert valve.distance(annulus.astype(np.float32), opening) == pytest.approx(0, abs=1e-4)


def test_frame_along_an_axis_is_right_handed_and_turns_it_into_z():
    frame = along(np.array([1.0, 2, 3]), np.array([1.0, 1, 2]))
    assert np.linalg.det(frame.axes) == pytest.approx(1)
    end = np.array([[2.0, 3, 5]], np.float32).T
    assert frame.local(end)[:, 0] == pytest.approx([0, 0, np.sqrt(6)], abs=1e-5)
