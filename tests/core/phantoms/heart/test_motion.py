import numpy as np
import pytest

from core.phantoms.heart.cycle import beat_at
from core.phantoms.heart.model import draw_heart
from core.phantoms.heart.motion import material, uneven
from core.phantoms.heart.tissue import BLOOD_DB, tissue_at

STEP_MM = 1.5


@pytest.fixture(scope="module", params=range(6))
def heart(request):
    return draw_heart(np.random.default_rng((3, request.param)))


@pytest.fixture(scope="module")
def grid():
    sides = np.arange(-42, 42, STEP_MM), np.arange(-42, 42, STEP_MM), np.arange(-12, 105, STEP_MM)
    return np.stack(np.meshgrid(*sides, indexing="ij")).reshape(3, -1).astype(np.float32)


def volume_ml(inside):
    return inside.sum() * STEP_MM**3 / 1000


def cavity(heart, places):
    return (heart.cavity.distance(places) < 0) & (places[2] < heart.length_mm)


def test_nothing_has_moved_at_the_end_of_diastole(heart, grid):
    assert np.abs(material(heart, grid, 0.0) - grid).max() < 1e-3


def test_counted_cavity_is_the_truncated_ellipsoid(heart, grid):
    a, length = 0.66 * heart.length_mm, heart.length_mm
    formula = np.pi * heart.radius_mm**2 * (length**2 / a - length**3 / (3 * a**2)) / 1000
    assert volume_ml(cavity(heart, grid)) == pytest.approx(formula, rel=0.03)


def test_ejection_fraction_is_that_of_a_healthy_heart(heart, grid):
    diastole = volume_ml(cavity(heart, grid))
    systole = volume_ml(cavity(heart, material(heart, grid, 1.0)))
    assert 0.5 <= 1 - systole / diastole <= 0.7


def test_wall_keeps_its_volume_and_grows_thicker(heart, grid):
    def wall(places):
        _, _, z = places
        inside = heart.epicardium.distance(places) < 0
        return inside & ~cavity(heart, places) & (z > 20) & (z < heart.length_mm - 10)

    then, now = wall(grid), wall(material(heart, grid, 1.0))
    assert volume_ml(now) == pytest.approx(volume_ml(then), rel=0.06)
    level = np.abs(grid[2] - 45) < STEP_MM
    assert thickness_mm(grid, now & level) > 1.2 * thickness_mm(grid, then & level)


def thickness_mm(grid, ring):
    radii = np.hypot(*grid[:2, ring])
    return np.percentile(radii, 98) - np.percentile(radii, 2)


def test_annulus_descends_by_the_stated_way(heart):
    z = np.linspace(0, 120, 4801, dtype=np.float32)
    line = np.stack([np.zeros_like(z), np.zeros_like(z), z])
    now = z[np.argmin(np.abs(material(heart, line, 1.0)[2] - heart.length_mm))]
    assert heart.length_mm - now == pytest.approx(heart.descent_mm, abs=0.1)


def test_apex_and_what_lies_far_away_stay(heart):
    still = np.array([[0, 0, 0], [0, 0, 160], [0, 0, -15]], np.float32).T
    assert material(heart, still, 1.0) == pytest.approx(still, abs=0.1)


def test_atria_fill_while_the_ventricles_empty(heart, grid):
    sides = np.arange(-45, 45, 2.0), np.arange(-45, 45, 2.0), np.arange(60, 150, 2.0)
    places = np.stack(np.meshgrid(*sides, indexing="ij")).reshape(3, -1).astype(np.float32)

    def atrium(points):
        return (heart.left_atrium.distance(points) < 0) & (points[2] > heart.length_mm)

    assert atrium(material(heart, places, 1.0)).sum() > 1.1 * atrium(places).sum()


def test_unevenness_is_small(heart, grid):
    shift = np.abs(uneven(heart, grid) - grid)
    assert 0.5 < shift.max() < 2


def test_mitral_valve_shuts_the_ventricle_in_systole_only(heart):
    """A way from atrium to ventricle meets a leaflet when the valve is shut."""
    x, y, base = heart.mitral.frame.origin
    z = np.arange(base - 16, base, 0.5)
    way = np.stack([np.full_like(z, x), np.full_like(z, y), z]).astype(np.float32)
    levels = [
        tissue_at(heart, way, beat_at(phase), np.full(len(z), -40, np.float32)).level_db.max()
        for phase in (0.2, 0.5)
    ]
    assert levels[0] > -30
    assert levels[1] < BLOOD_DB + 25
