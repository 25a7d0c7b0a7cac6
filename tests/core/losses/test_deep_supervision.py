"""The mean of a loss over several heads."""

import pytest
import torch

from core.checks import InputError
from core.losses import DeepSupervision, DiceLoss

MASK = torch.tensor([[[0, 1], [1, 1]]])
HEADS = [torch.full((1, 1, 2, 2), logit) for logit in (-50.0, 0.0, 50.0)]


def test_loss_is_the_mean_over_the_heads():
    loss = DeepSupervision(loss=DiceLoss())
    single = [DiceLoss()(head, MASK).item() for head in HEADS]
    assert len(set(single)) == 3
    assert loss(HEADS, MASK).item() == pytest.approx(sum(single) / 3)


def test_single_output_passes_through():
    assert torch.equal(DeepSupervision(loss=DiceLoss())(HEADS[1], MASK), DiceLoss()(HEADS[1], MASK))


def test_list_without_this_loss_around_is_an_error():
    message = r"got those of several heads; wrap the loss in core\.losses\.DeepSupervision"
    with pytest.raises(InputError, match=message):
        DiceLoss()(HEADS, MASK)


def test_every_head_gets_a_gradient():
    heads = [torch.zeros(1, 1, 2, 2, requires_grad=True) for _ in range(3)]
    DeepSupervision(loss=DiceLoss())(heads, MASK).backward()
    assert all(head.grad.any() for head in heads)
