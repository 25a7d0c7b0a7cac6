import numpy as np
import pytest

from core.phantoms.heart.cycle import beat_at, ecg

PHASES = np.linspace(0, 1, 401)


@pytest.fixture(scope="module")
def beats():
    return [beat_at(phase) for phase in PHASES]


def test_contraction_peaks_after_a_third_of_the_beat(beats):
    contraction = [beat.contraction for beat in beats]
    assert PHASES[np.argmax(contraction)] == pytest.approx(0.35, abs=0.01)
    assert (min(contraction), max(contraction)) == pytest.approx((0, 1))


def test_beats_join_without_a_jump(beats):
    for name in ("contraction", "mitral", "aortic"):
        values = [getattr(beat, name) for beat in beats]
        assert values[0] == pytest.approx(values[-1])
        assert np.abs(np.diff(values)).max() < 0.1


def test_no_two_valves_of_the_left_heart_are_open_at_once(beats):
    assert all(beat.mitral == 0 for beat in beats if beat.aortic > 0.1)


def test_aortic_valve_is_open_only_while_the_ventricle_empties(beats):
    emptying = np.gradient([beat.contraction for beat in beats], PHASES)
    is_open = np.array([beat.aortic > 0.5 for beat in beats])
    assert (emptying[is_open] > 0).all()


def test_mitral_valve_opens_twice(beats):
    mitral = np.array([beat.mitral for beat in beats])
    rises = np.flatnonzero(np.diff((mitral > 0.6).astype(int)) == 1)
    assert len(rises) == 2


def test_beats_repeat():
    assert beat_at(3.3).contraction == pytest.approx(beat_at(0.3).contraction)


def test_r_wave_is_at_phase_zero():
    voltage = ecg(PHASES[:-1])
    assert np.argmax(voltage) == 0
    assert voltage.dtype == np.float32
