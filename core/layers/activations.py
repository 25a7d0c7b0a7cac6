"""One prototype activation, a fresh copy at every place of a network."""

from __future__ import annotations

from copy import deepcopy
from typing import Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class PerChannel(Protocol):
    """An activation with learned values of its own for every channel it is applied to."""

    def for_channels(self, channels: int) -> nn.Module:
        """Return a fresh activation of the same settings for this number of channels."""
        ...


def fresh_activation(prototype: nn.Module, channels: int) -> nn.Module:
    """Return a copy of an activation that shares nothing with the prototype.

    A network takes one activation (`act`) and calls this at every place where it needs one, so that
    a configuration names the activation once and learned values are never shared by accident.

    Args:
        prototype: Any activation: `nn.ELU()`, `NoisyReLU(noise=0.1)`. Stays as it is.
        channels: Number of channels at the place; sizes the parameters of a `PerChannel` one.
    """
    if isinstance(prototype, PerChannel):
        return prototype.for_channels(channels)
    return deepcopy(prototype)
