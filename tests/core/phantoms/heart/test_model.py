import numpy as np
import pytest

from core.phantoms.heart.model import draw_heart


@pytest.fixture(scope="module")
def hearts():
    return [draw_heart(np.random.default_rng((9, number))) for number in range(40)]


def test_left_ventricles_are_those_of_adults(hearts):
    """Lang et al. 2015, table 2: diameter 38 to 58 mm, end-diastolic volume 46 to 150 ml."""
    assert all(38 <= 2 * heart.radius_mm <= 60 for heart in hearts)
    volumes = [np.pi * h.radius_mm**2 * _profile_integral(h) / 1000 for h in hearts]
    assert min(volumes) >= 46
    assert max(volumes) <= 155
    assert 80 <= np.mean(volumes) <= 135


def _profile_integral(heart):
    """Integral of 1 - ((z - c) / a)^2 over the cavity's length, by the midpoint rule."""
    a = 0.66 * heart.length_mm
    z = (np.arange(1000) + 0.5) / 1000 * heart.length_mm
    return (1 - ((z - a) / a) ** 2).mean() * heart.length_mm


def test_septum_keeps_the_ventricles_apart(hearts):
    """Halfway, the wall towards the right ventricle is as thick as the free wall."""
    for heart in hearts:
        middle = heart.cavity.frame.origin[2]
        wall = heart.epicardium.semi_mm[0] - heart.cavity.semi_mm[0]
        assert wall == pytest.approx(heart.wall_mm)
        assert heart.cavity.semi_mm[2] == middle  # the apex is the origin


def test_wall_is_thinner_at_the_apex(hearts):
    heart = hearts[0]
    assert 0 < heart.epicardium.semi_mm[2] - heart.cavity.semi_mm[2] < heart.wall_mm


def test_right_ventricle_shrinks_in_systole(hearts):
    heart = hearts[0]
    assert heart.right_ventricle(1).volume_ml < 0.9 * heart.right_ventricle(0).volume_ml


def test_patients_differ_and_a_patient_stays_the_same(hearts):
    again = draw_heart(np.random.default_rng((9, 0)))
    assert again.length_mm == hearts[0].length_mm
    assert len({heart.length_mm for heart in hearts}) == len(hearts)
