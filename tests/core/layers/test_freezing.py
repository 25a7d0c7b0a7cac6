"""Training the last stages alone."""

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.layers import freeze_but, is_frozen


@pytest.fixture
def stages():
    return {
        "head": [nn.Linear(3, 2)],
        "middle": [nn.Linear(3, 3), nn.BatchNorm1d(3)],
        "input": [nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))],
    }


def trained(stages):
    """Whether all parameters of a stage are trained; None where only some are."""
    flags = {
        name: {p.requires_grad for part in parts for p in part.parameters()}
        for name, parts in stages.items()
    }
    return [next(iter(each)) if len(each) == 1 else None for each in flags.values()]


@pytest.mark.parametrize("opened", range(4))
def test_the_first_stages_are_trained_and_the_others_are_not(stages, opened):
    freeze_but(stages, opened)
    assert trained(stages) == [number < opened for number in range(3)]


def test_stages_can_be_opened_again(stages):
    freeze_but(stages, 1)
    freeze_but(stages, 3)
    assert trained(stages) == [True] * 3


def test_frozen_modules_come_back(stages):
    assert freeze_but(stages, 1) == [*stages["middle"], *stages["input"]]
    assert freeze_but(stages, 3) == []


def test_statistics_stay_in_what_comes_back_and_move_in_the_others(stages):
    network = nn.Sequential(*stages["input"], *stages["middle"], *stages["head"])
    frozen = freeze_but(stages, 2)
    network.train()
    for part in frozen:
        part.eval()
    network(torch.rand(8, 4))
    assert not stages["input"][0][1].running_mean.any()
    assert stages["middle"][1].running_mean.any()


@pytest.mark.parametrize("opened", [-1, 4])
def test_stages_that_are_not_there_are_an_error(stages, opened):
    with pytest.raises(InputError, match=f"opened: expected 0 to 3 stages, got {opened}"):
        freeze_but(stages, opened)


def test_what_is_frozen_is_told_whatever_its_parameters_require(stages):
    freeze_but(stages, 1)
    stages["input"][0].requires_grad_(True)
    assert is_frozen(stages["input"][0][1])
    assert not is_frozen(stages["head"][0])
    freeze_but(stages, 3)
    assert not is_frozen(stages["input"][0][1])
