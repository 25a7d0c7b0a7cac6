import numpy as np
import pytest

from core.phantoms.sketch import Maps
from core.phantoms.texture import TEXTURE, draw_texture

SIZE, SPACING_MM = (400, 400), 0.1


def levels_db(seed=0, spacing_mm=SPACING_MM):
    """Texture as Maps adds it to tissue, in dB."""
    texture = draw_texture(np.random.default_rng(seed), SIZE, spacing_mm)
    return 20 * np.log10(Maps(SIZE, -40.0).tissue(texture)) + 40


def test_texture_lies_around_nothing_within_the_spread_of_its_parts():
    levels = levels_db()
    whole = np.sqrt(sum(spread**2 for spread, _, _ in TEXTURE))
    assert levels.mean() == pytest.approx(0, abs=1.0)
    assert 0.5 * whole < levels.std() < whole


def test_texture_is_longer_across_than_down():
    levels = levels_db()
    down, across = (np.abs(np.diff(levels, axis=axis)).mean() for axis in (0, 1))
    assert down > 2 * across


def test_texture_is_of_one_size_in_mm_on_any_grid():
    coarse, fine = (np.abs(np.diff(levels_db(1, s), axis=1)).mean() for s in (0.1, 0.05))
    assert coarse / fine == pytest.approx(2, rel=0.3)
