import numpy as np
import pytest

from core.phantoms.heart.cycle import beat_at
from core.phantoms.heart.model import draw_heart
from core.phantoms.heart.tissue import BLOOD_DB, WALL_DB, tissue_at
from core.phantoms.heart.views import VIEWS, draw_plane, standard_plane


@pytest.fixture(scope="module", params=range(5))
def heart(request):
    return draw_heart(np.random.default_rng((7, request.param)))


def normal(plane):
    return np.cross(plane.down, plane.right)


def between_deg(a, b):
    return np.rad2deg(np.arccos(np.clip(abs(normal(a) @ normal(b)), 0, 1)))


def on(plane, step_mm=2.0):
    """Points of a plane inside of the image, (3, n)."""
    across = np.arange(-plane.depth_mm, plane.depth_mm, step_mm)
    down = np.arange(0, plane.depth_mm, step_mm)
    x, y = (side.ravel() for side in np.meshgrid(across, down))
    points = plane.probe[:, None] + x * plane.right[:, None] + y * plane.down[:, None]
    return points[:, np.abs(np.arctan2(x, y)) < np.deg2rad(43)].astype(np.float32)


def aorta_mm2(heart, plane, lowest_mm=5):
    """Area of the cut through the middle of the aortic root and what follows it."""
    x, y, z = heart.root.local(on(plane))
    return 4.0 * ((np.hypot(x, y) < 0.7 * heart.aorta_mm) & (z > lowest_mm) & (z < 30)).sum()


def areas_mm2(heart, plane):
    """Areas of the cuts through the four chambers: LV, LA, RV, RA."""
    points = on(plane)
    z, left = points[2], heart.length_mm
    right = (heart.right_ventricle(0).distance(points) < 0) & (
        heart.epicardium.distance(points) > 0
    )
    chambers = (
        (heart.cavity.distance(points) < 0) & (z < left),
        (heart.left_atrium.distance(points) < 0) & (z > left),
        right & (z < heart.tricuspid_mm),
        (heart.right_atrium.distance(points) < 0) & (z > heart.tricuspid_mm),
    )
    return [4.0 * chamber.sum() for chamber in chambers]


@pytest.mark.parametrize("view", VIEWS)
def test_planes_have_perpendicular_unit_axes(view, heart):
    plane = draw_plane(view, heart, np.random.default_rng(0))
    axes = np.stack([plane.down, plane.right])
    assert axes @ axes.T == pytest.approx(np.eye(2), abs=1e-9)


def test_four_and_five_chambers_are_a_few_degrees_apart(heart):
    four, five = (standard_plane(view, heart) for view in ("A4C", "A5C"))
    assert 5 < between_deg(four, five) < 20


def test_aorta_is_cut_in_the_five_chamber_view_and_not_in_the_four_chamber_view(heart):
    four, five = (standard_plane(view, heart) for view in ("A4C", "A5C"))
    assert aorta_mm2(heart, five) > 200
    assert aorta_mm2(heart, four) == 0


def test_four_chamber_views_cut_four_chambers(heart):
    for view in ("A4C", "SUB4C"):
        assert min(areas_mm2(heart, standard_plane(view, heart))) > 300


def test_two_chamber_view_cuts_the_left_ones_alone(heart):
    ventricle, atrium, *right = areas_mm2(heart, standard_plane("A2C", heart))
    assert min(ventricle, atrium) > 800
    assert max(right) < 150


@pytest.mark.parametrize(("view", "angle"), [("A2C", 60), ("A3C", 60)])
def test_apical_views_are_turned_about_the_long_axis(view, angle, heart):
    """A2C 60 and A3C 120 degrees from A4C; of planes, 120 degrees are 60."""
    four, other = (standard_plane(name, heart) for name in ("A4C", view))
    assert between_deg(four, other) == pytest.approx(angle, abs=0.1)
    assert other.down == pytest.approx(four.down)


def test_long_axis_views_show_ventricle_atrium_and_aorta(heart):
    for view in ("PLAX", "A3C"):
        plane = standard_plane(view, heart)
        ventricle, atrium, *_ = areas_mm2(heart, plane)
        assert min(ventricle, atrium, aorta_mm2(heart, plane)) > 300


def test_short_axis_shows_a_closed_ring_of_wall_around_blood(heart):
    """Halfway down, all around the cavity."""
    plane = standard_plane("SAXMID", heart)
    turn = np.deg2rad(np.arange(0, 360, 3))
    level = plane.probe[2]
    around = np.cos(turn) * plane.right[:, None] + np.sin(turn) * plane.down[:, None]
    a = heart.cavity.semi_mm[2]
    radius = heart.radius_mm * np.sqrt(1 - ((level - a) / a) ** 2)
    axis = np.array([0, 0, level])[:, None]
    found = [
        tissue_at(
            heart,
            (axis + reach * around).astype(np.float32),
            beat_at(0.0),
            np.full(len(turn), -40, np.float32),
        ).level_db
        for reach in (radius + heart.wall_mm / 2, 0.3 * radius)
    ]
    assert (np.abs(found[0] - WALL_DB) < 3).all()
    assert (found[1] < BLOOD_DB + 5).mean() > 0.6  # papillary muscles reach in


def test_short_axis_of_the_base_shows_the_aortic_root_in_its_middle(heart):
    plane = standard_plane("SAXBASAL", heart)
    assert aorta_mm2(heart, plane, lowest_mm=-2) > 200
    middle = heart.root.origin + 5 * heart.root.axes[2]
    assert abs((middle - plane.probe) @ plane.right) < 3


def test_right_heart_is_on_the_left_of_the_image(heart):
    right = standard_plane("A4C", heart).right
    assert heart.right_atrium.frame.origin @ right < heart.left_atrium.frame.origin @ right - 20


def test_probe_lies_outside_of_the_heart(heart):
    for view in VIEWS:
        probe = standard_plane(view, heart).probe[:, None].astype(np.float32)
        around = np.full(1, -40, np.float32)
        assert tissue_at(heart, probe, beat_at(0), around).heart_mm[0] > 3, view


def test_examiners_differ(heart):
    planes = [draw_plane("A4C", heart, np.random.default_rng(number)) for number in range(20)]
    tilts = [between_deg(plane, standard_plane("A4C", heart)) for plane in planes]
    assert 2 < np.median(tilts) < 15
