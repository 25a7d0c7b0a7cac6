"""Mask loss plus presence loss."""

import math

import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.losses import DiceLoss, WithPresence


@pytest.fixture
def batch():
    torch.manual_seed(0)
    mask = torch.zeros(3, 4, 5).long()
    mask[0, 1, 2] = 1
    mask[2] = 2
    return torch.randn(3, 1, 4, 5), torch.randn(3), mask


def test_adds_the_weighted_cross_entropy_of_a_mask_that_is_not_empty(batch):
    logits, presence, mask = batch
    cross_entropy = torch.nn.BCELoss()(presence.sigmoid(), torch.tensor([1.0, 0.0, 1.0]))
    expected = DiceLoss()(logits, mask) + 0.3 * cross_entropy
    assert_close(WithPresence(mask_loss=DiceLoss(), weight=0.3)((logits, presence), mask), expected)


def test_undecided_presence_costs_half_of_log_two_by_default(batch):
    logits, _, mask = batch
    loss = WithPresence(mask_loss=DiceLoss())((logits, torch.zeros(3)), mask)
    assert (loss - DiceLoss()(logits, mask)).item() == pytest.approx(0.5 * math.log(2))


def test_extreme_logits_give_a_finite_loss_and_gradient(batch):
    logits, _, mask = batch
    presence = torch.tensor([-1e4, 1e4, 1e4], requires_grad=True)
    loss = WithPresence(mask_loss=DiceLoss())((logits, presence), mask)
    loss.backward()
    assert loss.isfinite()
    assert presence.grad.isfinite().all()


def test_half_precision_logits_give_a_float32_loss(batch):
    logits, presence, mask = batch
    output = (logits.bfloat16(), presence.bfloat16())
    with torch.autocast("cpu", torch.bfloat16):
        assert WithPresence(mask_loss=DiceLoss())(output, mask).dtype == torch.float32


def test_network_without_presence_head_is_an_error_that_names_the_cure(batch):
    logits, _, mask = batch
    with pytest.raises(InputError, match="set the network's presence_head to true"):
        WithPresence(mask_loss=DiceLoss())(logits, mask)


def test_negative_weight_is_an_error():
    with pytest.raises(InputError, match="weight: expected a number >= 0, got -1"):
        WithPresence(mask_loss=DiceLoss(), weight=-1)
