"""The attention U-Net: its size, and its gates."""

from functools import partial

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.layers import AttentionGate, ConvNormAct
from core.networks import AttentionUNet, UNet

PLAIN = partial(ConvNormAct, act=nn.ReLU())


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_public_version_s_size_with_its_widths_and_colour_images():
    with torch.device("meta"):
        network = AttentionUNet(block=PLAIN, in_channels=3, widths=(64, 128, 256, 512, 1024))
    assert parameters(network) == 34_878_573


def test_gates_are_all_that_it_has_more_than_a_u_net():
    # Per gate of inner width n: two 1x1 convolutions 2n -> n and n -> 1, each with bias and norm.
    gates = sum(2 * (2 * n * n + 3 * n) + (n + 1 + 2) for n in (16, 32, 64, 128))
    with torch.device("meta"):
        more = parameters(AttentionUNet(block=PLAIN)) - parameters(UNet(block=PLAIN, up_convs=1))
    assert more == gates


def test_every_skip_has_a_gate_of_its_own_width():
    network = AttentionUNet(block=PLAIN, widths=(4, 6, 8))
    gates = [m for m in network.modules() if isinstance(m, AttentionGate)]
    assert [gate.fine[0].in_channels for gate in gates] == [6, 4]


def test_closed_gates_hide_the_skips():
    network = AttentionUNet(block=PLAIN, widths=(4, 8)).eval()
    gate = next(m for m in network.modules() if isinstance(m, AttentionGate))
    image = torch.rand(1, 1, 8, 8)
    nn.init.constant_(gate.psi[0].bias, -1e4)
    blended = []
    gate.register_forward_hook(lambda m, i, y: blended.append(y))
    network(image)
    assert not blended[0].any()


def test_deep_features_of_another_width_are_an_error():
    with pytest.raises(
        InputError, match="up_convs: expected at least 1 with this skip, or transposed"
    ):
        AttentionUNet(block=PLAIN, up_convs=0)
    AttentionUNet(block=PLAIN, widths=(4, 8), up_convs=0, upsampling="transposed")
