"""Copies of one prototype activation."""

from torch import nn

from core.layers import NoisyActivation, NoisyReLU, fresh_activation


def test_copy_keeps_the_settings():
    assert fresh_activation(NoisyReLU(noise=0.3), 8).noise == 0.3


def test_learned_values_are_not_shared_with_the_prototype():
    prototype = nn.PReLU(init=0.1)
    nn.init.constant_(fresh_activation(prototype, 8).weight, 0.7)
    assert prototype.weight.item() == nn.PReLU(init=0.1).weight.item()


def test_per_channel_activation_is_sized_to_its_place():
    prototype = NoisyActivation(kind="sigmoid", alpha=1.1, c=0.15, half_normal=True)
    copy = fresh_activation(prototype, 24)
    assert copy.p.shape == (24,)
    assert (copy.kind, copy.alpha, copy.c, copy.half_normal) == ("sigmoid", 1.1, 0.15, True)
    assert prototype.p.shape == (1,)
