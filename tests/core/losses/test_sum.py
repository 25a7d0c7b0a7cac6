"""Sums of losses by hand, and from YAML."""

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn

from core.checks import InputError
from core.losses import Sum

OUTPUT = torch.tensor([[[[0.5, 3.0], [1.0, 0.0]]]])
TARGET = torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]]])  # differences 0.5, 2, 0, 0
L1, MSE, HUBER = 2.5 / 4, 4.25, (0.125 + 1.5) / 4


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([nn.L1Loss()], L1),
        ([nn.L1Loss(), nn.MSELoss(reduction="sum")], L1 + MSE),
        ([nn.HuberLoss(delta=1), nn.SmoothL1Loss(beta=1)], 2 * HUBER),
    ],
)
def test_terms_are_added_as_they_are(terms, expected):
    assert Sum(terms)(OUTPUT, TARGET).item() == pytest.approx(expected)


def test_gradient_is_the_sum_of_the_terms():
    output = OUTPUT.clone().requires_grad_()
    Sum([nn.L1Loss(), nn.MSELoss(reduction="sum")])(output, TARGET).backward()
    assert output.grad.flatten().tolist() == pytest.approx([0.25 + 1, 0.25 + 4, 0, 0])


def test_no_terms_are_refused():
    with pytest.raises(InputError, match="terms: expected at least one loss"):
        Sum([])


def test_terms_come_from_yaml():
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--loss", type=nn.Module)
    given = parser.parse_string(
        """
        loss:
          class_path: core.losses.Sum
          init_args:
            terms:
            - class_path: torch.nn.L1Loss
            - class_path: torch.nn.MSELoss
              init_args: {reduction: sum}
        """
    )
    loss = parser.instantiate(given).loss
    assert loss(OUTPUT, TARGET).item() == pytest.approx(L1 + MSE)
