import pytest
import torch
from torch import nn

from core.checkpoints import load_weights
from core.checks import InputError


def network(width=3, head=1):
    return nn.ModuleDict(
        {
            "body": nn.Linear(2, width),
            "more": nn.Linear(width, width),
            "head": nn.Linear(width, head),
        }
    )


@pytest.fixture
def stored(tmp_path):
    torch.manual_seed(0)
    net = network()
    torch.save({"state_dict": net.state_dict()}, tmp_path / "x.ckpt")
    return net, tmp_path / "x.ckpt"


def test_all_weights_are_taken(stored):
    net, path = stored
    other = network()
    assert load_weights(other, path) == f"weights: 6 of 6 tensors from {path}"
    assert torch.equal(other["body"].weight, net["body"].weight)


def test_a_checkpoint_of_another_network_is_refused_in_one_line(stored):
    with pytest.raises(
        InputError, match="expected weights of the configured network, got 1 of 6 tensors that fit"
    ):
        load_weights(network(width=4), stored[1])


def test_fine_tuning_takes_what_fits_and_names_the_rest(stored):
    net, path = stored
    other = network(head=2)
    said = load_weights(other, path, partly=True)
    assert said.endswith("as initialised: head.bias, head.weight")
    assert torch.equal(other["more"].weight, net["more"].weight)


def test_fine_tuning_from_something_else_entirely_is_refused(stored):
    with pytest.raises(InputError, match="weights of the configured network"):
        load_weights(network(width=9), stored[1], partly=True)
