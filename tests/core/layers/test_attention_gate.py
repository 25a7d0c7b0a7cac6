"""The attention gate against MONAI's, and by hand."""

import pytest
import torch
from monai.networks.nets.attentionunet import AttentionBlock
from torch import nn
from torch.testing import assert_close

from core.layers import AttentionGate


def test_agrees_with_monai():
    gate, peer = AttentionGate(6, inner=4).eval(), AttentionBlock(2, f_int=4, f_g=6, f_l=6).eval()
    for values in gate.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand(values.shape))
    names = {"fine": "W_x", "deep": "W_g", "psi": "psi"}
    for ours, theirs in names.items():
        values = list(getattr(gate, ours).state_dict().values())
        state = dict(zip(getattr(peer, theirs).state_dict(), values, strict=True))
        getattr(peer, theirs).load_state_dict(state)
    fine, deep = torch.randn(2, 2, 6, 5, 7).unbind()
    assert_close(gate(fine, deep), peer(g=deep, x=fine))


def test_one_weight_for_all_channels_of_a_pixel():
    gate = AttentionGate(4)
    fine, deep = torch.randn(2, 1, 4, 3, 3).unbind()
    weights = gate.eval().weights(fine, deep)
    assert weights.shape == (1, 1, 3, 3)
    assert_close(gate(fine, deep), fine * weights)


def test_deep_features_open_and_close_the_gate():
    gate = AttentionGate(1).eval()
    for conv, weight in ((gate.fine[0], 0.0), (gate.deep[0], 1.0), (gate.psi[0], 20.0)):
        nn.init.constant_(conv.weight, weight)
    nn.init.constant_(gate.psi[0].bias, -10.0)
    fine, deep = torch.full((1, 1, 1, 2), 5.0), torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)
    assert gate(fine, deep).flatten().tolist() == pytest.approx([0, 5], abs=1e-3)


@pytest.mark.parametrize(("channels", "inner"), [(64, 32), (5, 2), (1, 1)])
def test_compares_in_half_the_channels(channels, inner):
    assert AttentionGate(channels).psi[0].in_channels == inner
