import numpy as np
import pytest
from scipy.signal import fftconvolve

from core.checks import InputError
from core.phantoms.bmode import Scanner, amplitude, transmission
from core.phantoms.speckle import scatterers

SIZE = (256, 256)


def envelope(scanner, tissue, key=(0,), reflectors=None, passed=None):
    echoes = scanner.echoes(tissue, scatterers(tissue.shape, key), reflectors, passed)
    return np.sqrt(scanner.power(echoes))


def uniform(level_db=-20.0):
    return np.full(SIZE, amplitude(level_db))


def half_width(profile):
    """Distance in pixels at which an autocovariance falls to one half."""
    below = int(np.argmax(profile < 0.5 * profile[0]))
    high, low = profile[below - 1] / profile[0], profile[below] / profile[0]
    return below - 1 + (high - 0.5) / (high - low)


def autocovariance(image, axis, reach=25):
    image = np.moveaxis(image - image.mean(), axis, 0)
    return np.array([(image[: len(image) - k] * image[k:]).mean() for k in range(reach)])


@pytest.mark.parametrize("spacing_mm", [0.06, 0.12, 0.3])
def test_envelope_of_uniform_tissue_is_rayleigh_with_snr_1_91(spacing_mm):
    scanner = Scanner(spacing_mm=spacing_mm)
    shown = np.concatenate([envelope(scanner, uniform(), (seed,))[10:-10] for seed in range(12)])
    assert shown.mean() / shown.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), abs=0.05)


@pytest.mark.parametrize("spacing_mm", [0.06, 0.3])
def test_power_of_speckle_does_not_depend_on_its_size(spacing_mm):
    shown = envelope(Scanner(spacing_mm=spacing_mm), uniform(-30.0))
    assert 10 * np.log10((shown**2).mean()) == pytest.approx(-30, abs=0.5)


def test_power_equals_a_two_dimensional_convolution_at_constant_width():
    scanner = Scanner(spacing_mm=0.12, focal_zone_mm=1e9)
    echoes = scanner.echoes(uniform(), scatterers(SIZE, (0,)), None, None)
    offset = np.arange(-12, 13)
    axial, lateral = (
        np.exp(-0.5 * (offset / sigma) ** 2)
        for sigma in (scanner.axial_sigma_px, scanner.lateral_sigma_px(0))
    )
    kernel = np.outer(axial, lateral)
    kernel /= np.linalg.norm(kernel)
    planes = (fftconvolve(echoes[:, k].astype(float), kernel, mode="same") for k in (0, 1))
    expected = sum(plane**2 for plane in planes)
    inner = np.s_[15:-15, 15:-15]
    difference = scanner.power(echoes)[inner] - expected[inner]
    assert np.abs(difference).max() < 0.01 * expected.max()


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_axial_speckle_size_follows_the_frequency(factor):
    base, other = (
        Scanner(spacing_mm=0.03, frequency_mhz=f, focal_zone_mm=1e9) for f in (10, 10 / factor)
    )
    sizes = [half_width(autocovariance(envelope(s, uniform()), axis=0)) for s in (base, other)]
    assert sizes[1] / sizes[0] == pytest.approx(factor, rel=0.15)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_lateral_speckle_size_follows_the_f_number(factor):
    scanners = [
        Scanner(spacing_mm=0.06, f_number=f, focal_zone_mm=1e9) for f in (2.5, 2.5 * factor)
    ]
    sizes = [half_width(autocovariance(envelope(s, uniform()), axis=1)) for s in scanners]
    assert sizes[1] / sizes[0] == pytest.approx(factor, rel=0.15)


def test_speckle_is_finest_at_the_focus():
    scanner = Scanner(spacing_mm=0.12, focus_mm=15, focal_zone_mm=8)
    shown = envelope(scanner, uniform())
    bands = (slice(0, 40), slice(105, 145), slice(216, 256))
    near, focus, far = (half_width(autocovariance(shown[rows], axis=1)) for rows in bands)
    assert focus < 0.8 * near
    assert focus < 0.8 * far


def test_transmission_matches_hand_worked_values():
    attenuation = np.array([[0, 0], [2, -1], [0, 0], [0, 0]], np.float32)
    expected_db = [[0, 0], [0, 0], [-2, 1], [-2, 1]]
    assert transmission(attenuation, 0.5) == pytest.approx(10 ** (np.array(expected_db) / 20))


@pytest.mark.parametrize(("absorption", "change_db"), [(1.0, -12.0), (-0.5, 6.0)])
def test_tissue_behind_an_absorber_darkens_and_behind_fluid_brightens(absorption, change_db):
    attenuation = np.zeros(SIZE, np.float32)
    attenuation[100:150, 100:150] = absorption  # 50 rows of 0.12 mm, there and back
    passed = transmission(attenuation, 0.12)
    shown = envelope(Scanner(spacing_mm=0.12), uniform(), passed=passed)
    behind, beside = (20 * np.log10(shown[170:, c].mean()) for c in (slice(110, 140), slice(0, 80)))
    assert behind - beside == pytest.approx(change_db, abs=1.0)


def test_residual_attenuation_darkens_with_depth():
    shown = envelope(Scanner(spacing_mm=0.12, residual_db_cm=5), uniform())
    top, bottom = (20 * np.log10(shown[rows].mean()) for rows in (slice(0, 32), slice(224, 256)))
    assert top - bottom == pytest.approx(5 * 224 * 0.012, abs=1.0)


def test_noise_is_a_floor_that_no_shadow_darkens():
    scanner, passed = Scanner(spacing_mm=0.12, noise_db=-40), np.zeros(SIZE, np.float32)
    shown = envelope(scanner, uniform(), passed=passed)
    assert 10 * np.log10((shown**2).mean()) == pytest.approx(-40, abs=0.5)


def test_a_reflector_is_smooth_where_scatterers_are_grainy():
    reflectors = np.zeros(SIZE, np.float32)
    reflectors[128] = 0.3
    shown = envelope(Scanner(spacing_mm=0.12), uniform(-60.0), reflectors=reflectors)[128]
    assert shown.mean() / shown.std() > 20


def test_compression_maps_the_dynamic_range_to_bytes():
    power = np.array([[1.0, 1e-3, 1e-6, 1e-9, 0.0, 10.0]], np.float32)
    grey = Scanner(spacing_mm=0.12, dynamic_range_db=60).compress(power)
    assert grey.tolist() == [[255, 128, 0, 0, 0, 255]]


def test_gain_brightens_and_gamma_darkens_the_middle():
    power = np.full((4, 4), 1e-3, np.float32)
    plain, gained, curved = (
        int(Scanner(spacing_mm=0.12, **more).compress(power)[0, 0])
        for more in ({}, {"gain_db": 6.0}, {"gamma": 2.0})
    )
    assert gained - plain == pytest.approx(6 * 255 / 60, abs=1)
    assert curved == pytest.approx(255 * 0.5**2, abs=1)


def test_smoothing_weakens_speckle():
    tissue, field = uniform(), scatterers(SIZE, (0,))
    rough, smooth = (
        Scanner(spacing_mm=0.12, smoothing_mm=s).image(tissue, field).std()
        for s in ((0.0, 0.0), (0.1, 0.3))
    )
    assert smooth < 0.6 * rough


@pytest.mark.parametrize(
    "argument", ["spacing_mm", "frequency_mhz", "cycles", "f_number", "dynamic_range_db", "gamma"]
)
def test_a_value_that_is_not_positive_is_refused(argument):
    with pytest.raises(InputError, match=f"{argument}: expected a positive number, got 0"):
        Scanner(**{"spacing_mm": 0.1, argument: 0})


def test_a_field_of_another_shape_is_refused():
    message = r"field: expected shape \(256, 2, 256\), got array of shape \(64, 2, 64\)"
    with pytest.raises(InputError, match=message):
        Scanner(spacing_mm=0.12).image(uniform(), scatterers((64, 64), (0,)))
