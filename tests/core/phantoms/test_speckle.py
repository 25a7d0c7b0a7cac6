from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.stats import kurtosis

from core.phantoms.speckle import scatterers

SIZE = (256, 256)


def test_scatterers_are_standard_normal_and_independent_in_i_and_q():
    field = scatterers(SIZE, (0, 1))
    assert field.shape == (256, 2, 256)
    assert field.mean() == pytest.approx(0, abs=0.02)
    assert field.std() == pytest.approx(1, abs=0.01)
    assert kurtosis(field.ravel()) == pytest.approx(0, abs=0.1)
    assert np.corrcoef(field[:, 0].ravel(), field[:, 1].ravel())[0, 1] == pytest.approx(0, abs=0.02)


def test_same_key_gives_same_field_in_any_thread():
    expected = scatterers(SIZE, (3, 4), elevation=1.3)
    with ThreadPoolExecutor(4) as pool:
        fields = pool.map(lambda _: scatterers(SIZE, (3, 4), elevation=1.3), range(8))
    assert all(np.array_equal(field, expected) for field in fields)


@pytest.mark.parametrize("key", [(1, 0), (0, 1), (0, 0, 1)])
def test_other_keys_give_unrelated_fields(key):
    one, other = scatterers(SIZE, (0, 0)), scatterers(SIZE, key)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("step", [0.1, 0.5, 0.9])
def test_correlation_falls_along_the_sweep_as_documented(step):
    one, other = scatterers(SIZE, (0,)), scatterers(SIZE, (0,), elevation=step)
    correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
    assert correlation == pytest.approx(np.cos(np.pi * step / 2), abs=0.02)
    assert other.std() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("shift", [5, -7])
def test_scatterers_move_with_the_tissue(shift):
    still, moved = scatterers((64, 48), (0,)), scatterers((64, 48), (0,), shift=shift)
    inner = slice(8, 40)
    assert np.array_equal(moved[..., inner], np.roll(still, shift, axis=2)[..., inner])


def test_a_size_that_is_no_multiple_of_eight_bytes_works():
    assert scatterers((33, 35), (0,)).shape == (33, 2, 35)
