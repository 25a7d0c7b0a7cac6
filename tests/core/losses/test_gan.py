"""Adversarial losses: by hand, against torch's losses, and where they pull."""

from math import log

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.losses import BinaryCrossEntropy, LeastSquares

LOSSES = [BinaryCrossEntropy(), BinaryCrossEntropy(saturating=True), LeastSquares()]
IDS = ["cross-entropy", "saturating", "least squares"]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=IDS)


@pytest.fixture
def logits():
    return torch.randn(2, 3, 1, 4, 5, generator=torch.Generator().manual_seed(0)).unbind()


def test_cross_entropy_worked_by_hand():
    real, fake = torch.tensor([0.9, 0.6]).logit(), torch.tensor([0.2]).logit()
    loss = BinaryCrossEntropy()
    by_hand = -(log(0.9) + log(0.6)) / 2 - log(1 - 0.2)
    assert loss.discriminator(real, fake).item() == pytest.approx(by_hand)
    assert loss.generator(fake).item() == pytest.approx(-log(0.2))
    assert BinaryCrossEntropy(saturating=True).generator(fake).item() == pytest.approx(log(0.8))


def test_least_squares_worked_by_hand():
    real, fake = torch.tensor([1.5, 0.5]), torch.tensor([-0.5, 0.5, 2.0])
    by_hand = (0.25 + (0.25 + 0.25 + 4) / 3) / 2
    assert LeastSquares().discriminator(real, fake).item() == pytest.approx(by_hand)
    assert LeastSquares().generator(fake).item() == pytest.approx((2.25 + 0.25 + 1) / 3)


def test_cross_entropy_agrees_with_torch_s(logits):
    real, fake = logits
    peer, loss = nn.BCEWithLogitsLoss(), BinaryCrossEntropy()
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    assert_close(loss.discriminator(real, fake), peer(real, ones) + peer(fake, zeros))
    assert_close(loss.generator(fake), peer(fake, ones))
    assert_close(BinaryCrossEntropy(saturating=True).generator(fake), -peer(fake, zeros))


def test_discriminator_that_cannot_tell_costs_what_theory_says():
    undecided = torch.zeros(3)
    assert BinaryCrossEntropy().discriminator(undecided, undecided).item() == pytest.approx(
        2 * log(2)
    )
    assert LeastSquares().discriminator(undecided + 0.5, undecided + 0.5).item() == 0.25


@every_loss
def test_discriminator_lifts_real_and_lowers_fake(loss):
    real, fake = (torch.zeros(4, requires_grad=True) for _ in range(2))
    loss.discriminator(real, fake + 0.5).backward()
    assert (real.grad < 0).all()
    assert (fake.grad > 0).all()


@every_loss
def test_generator_lifts_fake(loss):
    fake = torch.tensor([-3.0, 0.0, 0.5], requires_grad=True)
    loss.generator(fake).backward()
    assert (fake.grad < 0).all()


def test_only_the_saturating_generator_stops_learning_where_the_discriminator_is_sure():
    pulls = []
    for loss in LOSSES[:2]:
        fake = torch.tensor(-20.0, requires_grad=True)
        loss.generator(fake).backward()
        pulls.append(-fake.grad.item())
    assert pulls[0] == pytest.approx(1)
    assert 0 < pulls[1] < 1e-8


@every_loss
def test_maps_may_differ_in_number(loss):
    real, fake = torch.randn(4, 1, 3, 3), torch.randn(2, 1, 5, 5)
    assert loss.discriminator(real, fake).shape == ()
    assert loss.generator(fake).shape == ()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_extreme_logits_give_a_finite_float32_loss_and_gradient(loss, dtype):
    real, fake = (torch.tensor([-3e4, 3e4], dtype=dtype, requires_grad=True) for _ in range(2))
    total = loss.discriminator(real, fake) + loss.generator(fake)
    total.backward()
    assert total.dtype == torch.float32
    assert total.isfinite()
    assert real.grad.float().isfinite().all()
    assert fake.grad.float().isfinite().all()


def test_half_precision_gives_the_loss_of_its_logits_in_float32(logits):
    half = [each.bfloat16() for each in logits]
    for loss in LOSSES:
        assert_close(loss.discriminator(*half), loss.discriminator(*(h.float() for h in half)))
