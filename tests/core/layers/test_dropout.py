"""Dropout from uniform numbers."""

import math

import pytest
import torch

from core.checks import InputError
from core.layers import Dropout

N = 100_000


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_drops_the_share_p_and_scales_the_rest(p):
    torch.manual_seed(0)
    y = Dropout(p=p)(torch.ones(N))
    assert y.unique().tolist() == pytest.approx([0, 1 / (1 - p)])
    assert (y == 0).double().mean().item() == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / N))


def test_gradient_passes_kept_values_only():
    x = torch.ones(50, requires_grad=True)
    y = Dropout(p=0.5)(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_evaluation_mode_changes_nothing():
    x = torch.randn(50)
    assert torch.equal(Dropout(p=0.5).eval()(x), x)


def test_p_of_zero_draws_no_random_number():
    before = torch.get_rng_state()
    Dropout(p=0)(torch.ones(50))
    assert torch.equal(torch.get_rng_state(), before)


def test_p_of_one_is_an_error():
    with pytest.raises(InputError, match=r"dropout: expected a probability in \[0, 1\), got 1"):
        Dropout(p=1)
