import numpy as np
import pytest
from scipy.spatial import cKDTree

from core.phantoms.heart.machines import MACHINES
from core.phantoms.heart.model import draw_heart
from core.phantoms.heart.motion import material
from core.phantoms.heart.scan import Scan
from core.phantoms.heart.views import standard_plane

SCALE = 0.6


@pytest.fixture(scope="module")
def heart():
    return draw_heart(np.random.default_rng((5, 1)))


@pytest.fixture(scope="module")
def scan(heart):
    """An apical view without any tilt, so that tissue moves within the plane."""
    return Scan(heart, standard_plane("A4C", heart), MACHINES["I33"], SCALE, (4, 2))


def at(scan, heart, beats):
    return (beats - scan.phase) * 60 / heart.rate_bpm


def screen_points(scan):
    """Places of the screen's pixels on the plane, (3, pixels), by simple geometry."""
    machine, plane = MACHINES["I33"], scan.plane
    rows, columns = scan.sector.size
    pixel_mm = plane.depth_mm / machine.radius
    x = ((np.arange(columns) + 0.5) / SCALE - machine.apex[0]) * pixel_mm
    y = ((np.arange(rows) + 0.5) / SCALE - machine.apex[1]) * pixel_mm
    x, y = (side.ravel() for side in np.meshgrid(x, y))
    points = plane.probe[:, None] + x * plane.right[:, None] + y * plane.down[:, None]
    return points.astype(np.float32)


def test_speckle_moves_with_the_tissue(scan, heart):
    """In mid-systole two frames 40 ms apart agree better once they are matched by the motion."""
    phases = 0.10, 0.10 + 0.04 * heart.rate_bpm / 60
    points = screen_points(scan)
    images, places = [], []
    for number, phase in enumerate(phases):
        images.append(scan.image(at(scan, heart, phase), number).ravel().astype(float))
        contraction = float(np.interp(phase, (0.04, 0.14), (0.04, 0.52)))
        if phase > 0.14:
            contraction = float(np.interp(phase, (0.14, 0.26), (0.52, 0.92)))
        places.append(material(heart, points, contraction))
    outside, inside = heart.epicardium.distance(places[1]), heart.cavity.distance(places[1])
    _, _, level = places[1]
    wall = (outside < -1.5) & (inside > 1.5) & (level > 35) & (level < heart.length_mm - 8)
    _, matched = cKDTree(places[0].T).query(places[1][:, wall].T)
    moved = np.corrcoef(images[1][wall], images[0][matched])[0, 1]
    unmoved = np.corrcoef(images[1][wall], images[0][wall])[0, 1]
    assert moved > 0.5
    assert moved > unmoved + 0.2


def test_cavity_is_darker_than_its_wall(scan, heart):
    points = screen_points(scan)
    image = scan.image(at(scan, heart, 0.0), 0).ravel()
    inside, outside = heart.cavity.distance(points), heart.epicardium.distance(points)
    deep = (points[2] > 30) & (points[2] < heart.length_mm - 25)
    blood, wall = deep & (inside < -6), deep & (inside > 2) & (outside < -2)
    assert image[wall].mean() > 3 * image[blood].mean()


def test_outside_of_the_fan_is_black(scan, heart):
    image = scan.image(0.0, 0)
    machine = MACHINES["I33"]
    rows, columns = np.indices(image.shape)
    x = (columns + 0.5) / SCALE - machine.apex[0]
    y = (rows + 0.5) / SCALE - machine.apex[1]
    outside = (np.abs(np.arctan2(x, y)) > np.deg2rad(machine.half_deg + 1.5)) & (np.hypot(x, y) > 9)
    outside |= np.hypot(x, y) > machine.radius + 4
    assert not image[outside].any()
    assert (image[~outside] > 0).mean() > 0.5


def test_noise_differs_from_frame_to_frame_and_repeats(scan):
    first, second = (scan.image(0.0, number) for number in (0, 1))
    assert (first != second).any()
    assert (scan.image(0.0, 0) == first).all()
