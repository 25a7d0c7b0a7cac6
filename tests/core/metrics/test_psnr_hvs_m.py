"""PSNR-HVS-M by hand, in loops as its authors write it, and by an independent program's values."""

from math import log10

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.metrics import luma, psnr_hvs_m
from tests.core.metrics.hvs_pairs import CSF, by_loops, hvs_pairs, smooth

# Computed by hand with the PyPI package psnr_hvsm 0.3.0; its numpy and C++ backends agree.
THEIRS_DB = {
    "noise": 32.587686077100,
    "blur": 32.472986755304,
    "quantised": 36.919001932506,
    "contrast": 21.343173101668,
    "annotation": 22.364367729308,
    "faint": 62.875739569098,
}
PAIRS = hvs_pairs()
KINDS = pytest.mark.parametrize("kind", list(THEIRS_DB))


def tensors(kind, dtype=torch.float64):
    return [torch.from_numpy(image).to(dtype) / 255 for image in PAIRS[kind]]


@KINDS
def test_value_is_that_of_the_independent_program(kind):
    assert psnr_hvs_m(*tensors(kind)).item() == pytest.approx(THEIRS_DB[kind], abs=1e-9)


@KINDS
def test_value_is_that_of_the_loops(kind):
    assert psnr_hvs_m(*tensors(kind)).item() == pytest.approx(by_loops(*PAIRS[kind]), abs=1e-9)


@KINDS
def test_float32_is_as_good_as_a_hundredth_of_a_millibel(kind):
    found = psnr_hvs_m(*tensors(kind, torch.float32))
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(THEIRS_DB[kind], abs=1e-4)


def test_shift_of_a_flat_image_by_hand():
    """Only k = 0 differs, by 8 shifts, and nothing masks it: e^2 = (8 CSF_0 shift)^2 / 64."""
    flat = torch.full((16, 24), 0.4, dtype=torch.float64)
    expected = 10 * log10(255**2 / (CSF[0, 0] * 5) ** 2)
    assert psnr_hvs_m(flat + 5 / 255, flat).item() == pytest.approx(expected, abs=1e-9)


def test_difference_that_its_own_contrast_masks_is_not_seen():
    """The same ripple counts on a flat ground, and not on a texture that is stronger."""
    x = torch.arange(64, dtype=torch.float64)
    ripple = 0.5 / 255 * torch.cos(torch.pi * 3 * (2 * x + 1) / 16).expand(64, -1)
    flat = torch.full((64, 64), 0.5, dtype=torch.float64)
    rng = np.random.default_rng(0)
    textured = flat + torch.from_numpy(rng.uniform(-0.2, 0.2, (64, 64)))
    assert psnr_hvs_m(flat + ripple, flat) < 55
    assert psnr_hvs_m(textured + ripple, textured) == 100


def test_images_may_be_exchanged():
    image, reference = tensors("annotation")
    assert_close(psnr_hvs_m(image, reference), psnr_hvs_m(reference, image), rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equal_images_have_100_db_and_no_others_more(dtype):
    image, _ = tensors("noise", dtype)
    assert psnr_hvs_m(image, image) == 100
    assert psnr_hvs_m(image, image + 1e-7) == 100


def test_each_image_of_a_batch_is_scored_as_by_itself():
    image, reference = tensors("noise")
    changes = torch.tensor([[0.1, 0.5, 0.0], [1.0, 2.0, 3.0]], dtype=torch.float64)
    images = reference + changes[..., None, None] * (image - reference)
    found = psnr_hvs_m(images, reference.expand_as(images))
    single = [[psnr_hvs_m(each, reference) for each in row] for row in images]
    assert found.shape == (2, 3)
    assert_close(found, torch.tensor(single, dtype=torch.float64), rtol=0, atol=1e-9)


def test_dropped_borders_do_not_count():
    image, reference = tensors("noise")
    whole = psnr_hvs_m(image[:56, :72], reference[:56, :72])
    torn = image[:63, :79].clone()
    torn[56:], torn[:, 72:] = 0, 1
    assert psnr_hvs_m(torn, reference[:63, :79], borders="dropped") == whole


def test_covered_borders_are_blocks_flush_with_the_far_edge():
    image, reference = PAIRS["noise"]
    image, reference = image[:61, :75], reference[:61, :75]
    rows, columns = [*range(56), *range(53, 61)], [*range(72), *range(67, 75)]
    laid = [each[np.ix_(rows, columns)] for each in (image, reference)]
    found = psnr_hvs_m(*(torch.from_numpy(each / 255) for each in (image, reference)))
    assert found.item() == pytest.approx(by_loops(*laid), abs=1e-9)


def test_every_pixel_counts_where_borders_are_covered():
    reference = torch.full((11, 13), 0.5, dtype=torch.float64)
    for row, column in np.ndindex(11, 13):
        image = reference.clone()
        image[row, column] = 0.9
        assert psnr_hvs_m(image, reference) < 60


def test_borders_of_whole_blocks_are_the_same_either_way():
    pair = tensors("blur")
    assert psnr_hvs_m(*pair, borders="dropped") == psnr_hvs_m(*pair, borders="covered")


def test_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(1)
    reference = torch.from_numpy(rng.uniform(0.3, 0.7, (9, 8)))
    image = reference + torch.from_numpy(rng.uniform(-0.2, 0.2, reference.shape))
    pair = [each.requires_grad_() for each in (image, reference)]
    assert torch.autograd.gradcheck(psnr_hvs_m, pair, eps=1e-7, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_finite_everywhere(dtype):
    texture = torch.from_numpy(smooth((16, 16)) / 255).to(dtype)
    flat, black = torch.full_like(texture, 0.3), torch.zeros_like(texture)
    steps = black.clone()
    steps[:, 4:8] = steps[:4] = 0.5  # each quadrant flat, the block not
    cases = [texture, flat, black, steps, flat + 1e-20, steps * 1e-20]
    for image in cases:
        for reference in cases:
            leaf = image.clone().requires_grad_()
            psnr_hvs_m(leaf, reference).backward()
            assert leaf.grad.isfinite().all()


def test_following_the_gradient_restores():
    image, reference = tensors("annotation", torch.float32)
    image = image.clone().requires_grad_()
    optimiser = torch.optim.Adam([image], lr=0.01)
    before = psnr_hvs_m(image, reference).item()
    for _ in range(20):
        optimiser.zero_grad()
        (-psnr_hvs_m(image, reference)).backward()
        optimiser.step()
    assert psnr_hvs_m(image, reference) > before + 3


def test_autocast_does_not_round_it():
    pair = tensors("faint", torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert psnr_hvs_m(*pair).item() == pytest.approx(THEIRS_DB["faint"], abs=1e-4)


def test_half_precision_is_converted():
    found = psnr_hvs_m(*tensors("annotation", torch.bfloat16))
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(THEIRS_DB["annotation"], abs=0.1)


def test_luma_has_pillows_weights_up_to_its_rounding():
    from PIL import Image

    rgb = np.random.default_rng(2).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    theirs = np.asarray(Image.fromarray(rgb).convert("L"))
    ours = luma(torch.from_numpy(rgb).permute(2, 0, 1)[None].double())[0].numpy()
    assert np.abs(ours - theirs).max() <= 0.5 + 1e-2  # 16-bit weights there


@pytest.mark.parametrize(
    ("image", "reference", "said"),
    [
        (torch.zeros(7, 40), torch.zeros(7, 40), "image: expected .* 8 pixels or more"),
        (torch.zeros(16), torch.zeros(16), "image: expected"),
        (torch.zeros(8, 8), torch.zeros(8, 9), "reference: expected shape"),
        (torch.zeros(8, 8).byte(), torch.zeros(8, 8), "image: expected floating"),
    ],
)
def test_torn_input_is_refused(image, reference, said):
    with pytest.raises(InputError, match=said):
        psnr_hvs_m(image, reference)


def test_unknown_borders_are_refused():
    with pytest.raises(InputError, match="borders: expected"):
        psnr_hvs_m(*tensors("noise"), borders="mirrored")


@pytest.mark.parametrize(
    "rgb", [torch.zeros(8, 8), torch.zeros(4, 8, 8), torch.zeros(3, 8, 8).int()]
)
def test_luma_of_what_is_no_colour_image_is_refused(rgb):
    with pytest.raises(InputError, match="rgb: expected"):
        luma(rgb)
