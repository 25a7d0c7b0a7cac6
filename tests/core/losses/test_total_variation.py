"""Total variation by hand, against NumPy, torchmetrics, and in its use as a penalty."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close
from torchmetrics.functional.image import total_variation

from core.checks import InputError
from core.losses import DiceLoss, TotalVariation, WithPresence, WithTotalVariation

NO_MASK = torch.zeros(1, 4, 6).long()


def sure(mask):
    """Logits of one map that leave no doubt."""
    return torch.where(torch.as_tensor(mask), 1e3, -1e3)[None, None]


def step(height=4, width=6, at=2):
    mask = np.zeros((height, width), bool)
    mask[:, at:] = True
    return mask


def test_step_edge_is_its_length_over_the_area():
    assert TotalVariation()(sure(step())).item() == pytest.approx(4 / 24)
    assert TotalVariation()(sure(step().T)).item() == pytest.approx(4 / 24)


def test_rectangle_is_its_outline_and_a_border_is_none():
    mask = np.zeros((10, 10), bool)
    mask[2:5, 3:7] = True
    assert TotalVariation()(sure(mask)).item() == pytest.approx((2 * 3 + 2 * 4) / 100)
    assert TotalVariation()(sure(np.ones((10, 10), bool))) == 0


def test_ramp_worked_by_hand():
    probability = torch.tensor([0.1, 0.2, 0.5, 0.9]).view(1, 1, 1, 4)
    assert TotalVariation()(probability.logit()).item() == pytest.approx(0.8 / 4)


def test_agrees_with_torchmetrics_on_every_structure():
    torch.manual_seed(0)
    logits = torch.randn(3, 4, 9, 7)
    maps = logits.softmax(1)[:, 1:]
    expected = total_variation(maps, reduction="sum") / maps.numel()
    assert_close(TotalVariation()(logits), expected)


def test_agrees_with_numpy_on_one_map():
    torch.manual_seed(0)
    logits = torch.randn(2, 1, 9, 7)
    maps = 1 / (1 + np.exp(-logits.double().numpy()))
    expected = sum(np.abs(np.diff(maps, axis=axis)).sum() for axis in (2, 3)) / maps.size
    assert TotalVariation()(logits).item() == pytest.approx(expected, rel=1e-5)


def test_gradient_smooths_a_speck_away():
    logits = torch.full((1, 1, 5, 5), -1.0)
    logits[0, 0, 2, 2] = 1
    logits.requires_grad_()
    TotalVariation()(logits).backward()
    assert logits.grad[0, 0, 2, 2] > 0  # a descent lowers it
    assert logits.grad[0, 0, 2, 1] < 0  # and lifts its neighbours


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_logits_give_a_finite_float32_loss(dtype):
    logits = (torch.randn(2, 3, 8, 8) * 1e3).to(dtype).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = TotalVariation()(logits)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


def test_adds_the_weighted_variation_to_the_mask_loss():
    torch.manual_seed(0)
    logits, mask = torch.randn(2, 4, 8, 8), torch.randint(4, (2, 8, 8))
    inner = nn.CrossEntropyLoss()
    loss = WithTotalVariation(mask_loss=inner, weight=0.3)(logits, mask)
    assert_close(loss, inner(logits, mask) + 0.3 * TotalVariation()(logits))


def test_mask_loss_gets_the_raw_output():
    output, inner = (sure(step()), torch.zeros(1)), WithPresence(mask_loss=DiceLoss())
    loss = WithTotalVariation(mask_loss=inner, weight=6)(output, NO_MASK)
    assert_close(loss, inner(output, NO_MASK) + 1)


def test_negative_weight_is_an_error():
    with pytest.raises(InputError, match="weight: expected a number >= 0, got -1"):
        WithTotalVariation(mask_loss=DiceLoss(), weight=-1)


def test_several_heads_are_refused():
    with pytest.raises(InputError, match="put it inside core.losses.DeepSupervision"):
        WithTotalVariation(mask_loss=DiceLoss())([sure(step())] * 2, NO_MASK)
