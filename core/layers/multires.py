"""MultiRes block and residual path, the building blocks of the MultiRes U-Net.

Ibtehaz and Rahman, MultiResUNet: Rethinking the U-Net Architecture for Multimodal Biomedical Image
Segmentation, Neural Networks 2020. Order of sum, activation and normalisation, and the rounding of
widths, as in the authors' own (Keras) code.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.convolution import Block, same_conv
from core.layers.normalisation import Norm, normalisation


class Shortcut(nn.Module):
    """norm(act(body(x) + norm(conv1x1(x)))): a body, and a way around it.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels of the body's output, and of the output.
        body: Keeps height and width.
        act: Prototype of the activation; None is `nn.ReLU()`.
        norm: "batch", "instance" or "none".
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        body: nn.Module,
        act: nn.Module | None,
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        self.body = body
        self.around = nn.Sequential(
            same_conv(in_channels, out_channels), normalisation(norm, out_channels)
        )
        self.act = fresh_activation(act or nn.ReLU(), out_channels)
        self.norm = normalisation(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,out_channels,H,W) of the input (B,C,H,W)."""
        features: Tensor = self.norm(self.act(self.body(x) + self.around(x)))
        return features


class MultiResBlock(Shortcut):
    """Three 3x3 units in a row, whose outputs see 3x3, 5x5 and 7x7, concatenated; and a shortcut.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        width: Channels U of the level in the U-Net that the block replaces.
        block: Makes each of the three units.
        act: Prototype of the activation behind the sum; None is `nn.ReLU()`.
        alpha: The units have a sixth, a third and a half of alpha * U channels, rounded down.
        norm: What normalises the joined units, the shortcut and the sum; not the units themselves.

    Attributes:
        out_channels: Channels of the output, the sum of the three units'.

    Raises:
        InputError: If alpha * U is too small for three units.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        block: Block,
        act: nn.Module | None = None,
        alpha: float = 1.67,
        norm: Norm = "batch",
    ) -> None:
        widths = multires_widths(width, alpha)
        body = _Cascade((in_channels, *widths), block, norm)
        super().__init__(in_channels, sum(widths), body, act, norm)
        self.out_channels = sum(widths)


class ResPath(nn.Sequential):
    """What a skip's features pass on their way: one shortcut after the other.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels of each step's output.
        block: Makes the unit of each step.
        length: Number of steps.
        act: Prototype of the activations behind the sums; None is `nn.ReLU()`.
        norm: What normalises the shortcuts and the sums; not the units themselves.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        block: Block,
        length: int,
        act: nn.Module | None = None,
        norm: Norm = "batch",
    ) -> None:
        super().__init__(
            *(
                Shortcut(inputs, out_channels, block(inputs, out_channels), act, norm)
                for inputs in [in_channels, *[out_channels] * (length - 1)]
            )
        )


class _Cascade(nn.Module):
    """Units in a row, all of whose outputs are concatenated and normalised."""

    def __init__(self, channels: tuple[int, ...], block: Block, norm: Norm) -> None:
        super().__init__()
        self.units = nn.ModuleList(block(*sides) for sides in pairwise(channels))
        self.norm = normalisation(norm, sum(channels[1:]))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B,sum of all units' channels,H,W)."""
        outputs = []
        for unit in self.units:
            x = unit(x)
            outputs.append(x)
        joined: Tensor = self.norm(torch.cat(outputs, dim=1))
        return joined


def multires_widths(width: int, alpha: float) -> tuple[int, int, int]:
    """Return the channels of the three units of a MultiRes block, for a U-Net's width.

    Raises:
        InputError: If one of them would be 0.
    """
    # Not the exact fractions: so the authors' code has it, and 853 channels for 512, not 854.
    sixth, third, half = (int(alpha * width * share) for share in (0.167, 0.333, 0.5))
    least = math.ceil(1 / (0.167 * alpha))
    require(sixth > 0, "widths", f"at least {least} channels a level", width)
    return sixth, third, half
