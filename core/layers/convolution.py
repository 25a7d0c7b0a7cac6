"""The convolution unit that networks are built of: a factory, so that any unit fits anywhere."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.initialisation import he_normal
from core.layers.normalisation import Norm, normalisation

Block = Callable[[int, int], nn.Module]
"""Makes a unit (B,in_channels,H,W) -> (B,out_channels,H,W) from in_channels and out_channels."""


def same_conv(
    in_channels: int, out_channels: int, kernel: tuple[int, int] = (1, 1), stride: int = 1
) -> nn.Conv2d:
    """Return an he-normal convolution of odd kernel whose output is 1/stride the input's size."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return he_normal(nn.Conv2d(in_channels, out_channels, kernel, stride, padding))


class ConvNormAct(nn.Sequential):
    """Convolution, normalisation, activation: the unit of the plain U-Net.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels of the output (B,out_channels,H,W).
        act: Prototype of the activation.
        kernel: Side of the kernel, odd.
        norm: "batch", "instance" or "none".

    Raises:
        InputError: If the kernel is not odd, or for another normalisation.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        act: nn.Module,
        kernel: int = 3,
        norm: Norm = "batch",
    ) -> None:
        require(kernel > 0 and kernel % 2 == 1, "kernel", "an odd number", kernel)
        super().__init__(
            same_conv(in_channels, out_channels, (kernel, kernel)),
            normalisation(norm, out_channels),
            fresh_activation(act, out_channels),
        )


def chain(block: Block, in_channels: int, out_channels: int, count: int) -> nn.Sequential:
    """Return `count` units in a row, the first of which takes `in_channels`."""
    inputs = [in_channels, *[out_channels] * (count - 1)][:count]
    return nn.Sequential(*(block(channels, out_channels) for channels in inputs))
