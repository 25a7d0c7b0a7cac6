"""Soft Dice loss against hand-worked cases and MONAI."""

import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.losses import DiceLoss


@pytest.fixture
def batch():
    torch.manual_seed(0)
    logits = torch.randn(4, 1, 6, 5, requires_grad=True)
    mask = (torch.rand(4, 6, 5) > 0.7).long()
    mask[1] = 0
    return logits, mask


def certain(foreground):
    """Logits that are sure of a mask."""
    return (torch.tensor(foreground).float() * 200 - 100)[:, None]


def test_loss_worked_by_hand():
    logits = certain([[[1, 1, 0, 0]]])
    mask = torch.tensor([[[0, 1, 1, 1]]])
    assert DiceLoss()(logits, mask).item() == pytest.approx(1 - (2 * 1 + 1) / (2 + 3 + 1))


def test_uncertain_prediction_counts_by_its_probability():
    mask = torch.tensor([[[1, 0, 0, 0]]])
    loss = DiceLoss()(torch.zeros(1, 1, 1, 4), mask)
    assert loss.item() == pytest.approx(1 - (2 * 0.5 + 1) / (2 + 1 + 1))


def test_per_image_and_per_batch_weigh_an_empty_image_differently():
    logits = certain([[[1, 1, 1, 0]], [[1, 0, 0, 0]]])
    mask = torch.tensor([[[1, 1, 1, 0]], [[0, 0, 0, 0]]])
    assert DiceLoss(per="image")(logits, mask).item() == pytest.approx((0 + 1 - 1 / 2) / 2)
    assert DiceLoss(per="batch")(logits, mask).item() == pytest.approx(1 - 7 / 8)


@pytest.mark.parametrize("per", ["image", "batch"])
@pytest.mark.parametrize("smooth", [1.0, 0.1])
def test_agrees_with_monai(batch, per, smooth):
    from monai.losses import DiceLoss as Reference

    logits, mask = batch
    reference = Reference(
        sigmoid=True, batch=per == "batch", squared_pred=False, smooth_nr=smooth, smooth_dr=smooth
    )
    assert_close(DiceLoss(per=per, smooth=smooth)(logits, mask), reference(logits, mask[:, None]))


@pytest.mark.parametrize("per", ["image", "batch"])
def test_empty_masks_have_a_finite_gradient_towards_emptiness(batch, per):
    logits, mask = batch
    DiceLoss(per=per)(logits, torch.zeros_like(mask)).backward()
    assert logits.grad.isfinite().all()
    assert (logits.grad > 0).all()


def test_empty_prediction_of_an_empty_mask_costs_nothing():
    assert DiceLoss()(certain([[[0, 0]]]), torch.zeros(1, 1, 2).long()).item() == 0


def test_every_class_but_zero_is_foreground(batch):
    logits, mask = batch
    assert torch.equal(DiceLoss()(logits, mask * 3), DiceLoss()(logits, mask))


def test_half_precision_logits_are_summed_in_float32():
    logits = torch.zeros(1, 1, 300, 300, dtype=torch.bfloat16)
    mask = torch.ones(1, 300, 300).long()
    with torch.autocast("cpu", torch.bfloat16):
        loss = DiceLoss()(logits, mask)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(1 - (90_000 + 1) / (135_000 + 1))


def test_pair_of_outputs_is_an_error_that_names_the_cure(batch):
    logits, mask = batch
    with pytest.raises(InputError, match=r"got mask and presence; wrap the loss in core\.losses"):
        DiceLoss()((logits, torch.zeros(4)), mask)


def test_mask_on_another_grid_is_an_error(batch):
    logits, mask = batch
    with pytest.raises(InputError, match=r"expected shape \(4, 1, 3, 5\), got \(4, 1, 6, 5\)"):
        DiceLoss()(logits, mask[:, :3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"per": "pixel"}, "per: expected 'image' or 'batch', got pixel"),
        ({"smooth": 0}, "smooth: expected a number of pixels > 0, got 0"),
    ],
)
def test_argument_out_of_range_is_an_error(arguments, message):
    with pytest.raises(InputError, match=message):
        DiceLoss(**arguments)


@pytest.mark.parametrize("per", ["image", "batch"])
def test_several_structures_agree_with_monai(per):
    from monai.losses import DiceLoss as Reference

    torch.manual_seed(1)
    logits, mask = torch.randn(3, 4, 6, 5), torch.randint(0, 4, (3, 6, 5))
    reference = Reference(
        softmax=True, to_onehot_y=True, include_background=False, batch=per == "batch",
        smooth_nr=1.0, smooth_dr=1.0,
    )  # fmt: skip
    assert_close(DiceLoss(per=per)(logits, mask), reference(logits, mask[:, None]))
