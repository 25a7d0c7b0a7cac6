from math import inf, isnan, log10

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torchmetrics.functional.image import (
    peak_signal_noise_ratio,
    structural_similarity_index_measure,
)

from core.checks import InputError
from core.metrics.restoration import detail_change, detail_loss, psnr, smooth, ssim, tissue


@pytest.fixture(scope="module")
def pair():
    """A speckled image on a non-square grid, and the same with stripes."""
    rng = np.random.default_rng(0)
    clean = np.clip(gaussian_filter(rng.random((90, 61)), 1) * 1.5 - 0.25, 0, 1)
    striped = clean.copy()
    striped[30:60:3] = np.clip(striped[30:60:3] + 0.3, 0, 1)
    return striped.astype(np.float32), clean.astype(np.float32)


def tensors(*images):
    return [torch.from_numpy(image)[None, None].double() for image in images]


@pytest.fixture(scope="module")
def colours():
    """Three channels with different changes."""
    rng = np.random.default_rng(3)
    clean = np.clip(gaussian_filter(rng.random((50, 41, 3)), (1, 1, 0)), 0, 1)
    changed = np.clip(clean + rng.normal(0, (0.02, 0.1, 0.3), clean.shape), 0, 1)
    return changed.astype(np.float32), clean.astype(np.float32)


def colour_tensors(*images):
    return [torch.from_numpy(image).permute(2, 0, 1)[None].double() for image in images]


def test_psnr_is_torchmetrics(pair):
    theirs = peak_signal_noise_ratio(*tensors(*pair), data_range=1.0)
    assert psnr(*pair) == pytest.approx(float(theirs), abs=1e-6)


def test_psnr_in_colour_is_over_all_values(colours):
    theirs = peak_signal_noise_ratio(*colour_tensors(*colours), data_range=1.0)
    assert psnr(*colours) == pytest.approx(float(theirs), abs=1e-6)


def test_psnr_of_a_constant_error_is_its_square():
    image = np.full((12, 12), 0.25, np.float32)
    assert psnr(image, image + 0.5) == pytest.approx(-10 * log10(0.25))


def test_psnr_of_equal_images_is_infinite(pair):
    assert psnr(pair[0], pair[0]) == inf


def test_psnr_counts_only_what_is_inside(pair):
    striped, clean = pair
    rows = np.zeros(clean.shape, bool)
    rows[:30] = True
    assert psnr(striped, clean, rows) == inf
    assert psnr(striped, clean, ~rows) < psnr(striped, clean)
    assert isnan(detail_change(striped, clean, np.zeros(clean.shape, bool)))


def test_ssim_is_torchmetrics_over_the_windows_that_lie_in_the_image(pair):
    _, theirs = structural_similarity_index_measure(
        *tensors(*pair), data_range=1.0, return_full_image=True
    )
    assert ssim(*pair) == pytest.approx(float(theirs[..., 5:-5, 5:-5].mean()), abs=1e-9)


def test_ssim_within_a_region_is_the_mean_of_its_windows(pair):
    inside = np.zeros(pair[0].shape, bool)
    inside[20:50, 0:30] = True
    _, theirs = structural_similarity_index_measure(
        *tensors(*pair), data_range=1.0, return_full_image=True
    )
    assert ssim(*pair, inside) == pytest.approx(float(theirs[0, 0, 20:50, 5:30].mean()), abs=1e-9)


def test_ssim_in_colour_is_torchmetrics_and_the_mean_over_channels(colours):
    _, theirs = structural_similarity_index_measure(
        *colour_tensors(*colours), data_range=1.0, return_full_image=True
    )
    channels = [ssim(*(image[..., channel] for image in colours)) for channel in range(3)]
    assert ssim(*colours) == pytest.approx(float(theirs[..., 5:-5, 5:-5].mean()), abs=1e-9)
    assert ssim(*colours) == pytest.approx(np.mean(channels), abs=1e-12)


@pytest.mark.parametrize("measure", [psnr, ssim, detail_change, detail_loss])
def test_grey_as_colour_is_as_grey_also_within_a_region(measure, pair):
    inside = np.zeros(pair[0].shape, bool)
    inside[20:50, 0:30] = True
    coloured = [np.repeat(image[..., None], 3, axis=2) for image in pair]
    assert measure(*coloured, inside) == pytest.approx(measure(*pair, inside), rel=1e-6)


def test_images_of_four_channels_are_refused():
    with pytest.raises(InputError, match="image: expected shape"):
        psnr(np.zeros((20, 20, 4), np.float32), np.zeros((20, 20, 4), np.float32))


def test_ssim_of_equal_images_is_one(pair):
    assert ssim(pair[1], pair[1]) == pytest.approx(1)


def test_ssim_of_flat_images_compares_their_brightness():
    """Without variance only the first factor is left: (2 a b + C1) / (a^2 + b^2 + C1)."""
    a, b = 0.2, 0.6
    flat = [np.full((20, 20), value, np.float32) for value in (a, b)]
    assert ssim(*flat) == pytest.approx((2 * a * b + 1e-4) / (a * a + b * b + 1e-4), rel=1e-5)


def test_image_smaller_than_the_window_is_refused():
    small = np.zeros((10, 40), np.float32)
    with pytest.raises(InputError, match="image: expected 11 pixels or more"):
        ssim(small, small)


@pytest.mark.parametrize("measure", [psnr, ssim, detail_change, detail_loss])
def test_images_of_two_sizes_are_refused(measure, pair):
    with pytest.raises(InputError, match="image: expected shape"):
        measure(pair[0], pair[1][:-1])


def test_detail_change_is_the_mean_absolute_difference(pair):
    striped, clean = pair
    assert detail_change(clean, striped) == pytest.approx(np.abs(clean - striped).mean())


def test_detail_loss_is_nothing_for_the_image_and_one_for_the_smoothed_image(pair):
    _, clean = pair
    assert detail_loss(clean, clean) == 0
    assert detail_loss(smooth(clean), clean) == pytest.approx(1)
    assert detail_loss((smooth(clean) + clean) / 2, clean) == pytest.approx(0.5, rel=1e-5)


def test_detail_loss_does_not_depend_on_the_contrast(pair):
    _, clean = pair
    halved = detail_loss(gaussian_filter(clean / 2, 0.5), clean / 2)
    assert halved == pytest.approx(detail_loss(gaussian_filter(clean, 0.5), clean), rel=1e-5)


def test_detail_of_a_flat_image_cannot_be_lost():
    flat = np.full((20, 20), 0.5, np.float32)
    assert isnan(detail_loss(flat + 0.1, flat))


def test_tissue_is_where_it_is_not_black(pair):
    image = np.zeros((60, 80), np.float32)
    image[:, 20:60] = pair[1][:60, :40]
    found = tissue(image)
    assert found[:, 25:55].all()
    assert not found[:, :14].any()
