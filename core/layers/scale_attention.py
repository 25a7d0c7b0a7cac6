"""Scale-attentional convolution: several receptive fields at once, weighed by their importance.

Kim et al., Scale-attentional U-Net for the segmentation of the median nerve in ultrasound images,
Ultrasonography 2022, "Factorized Convolution for Multi-scale Receptive Fields" and "Weight
Importance of Scales with Self-attention".
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.channel_attention import ChannelAttention
from core.layers.entry import EntryUnit
from core.layers.initialisation import linear_normal


class ScaleAttentionalConv(EntryUnit):
    """A cascade of linear convolutions, all of whose stages are concatenated, weighed, activated.

    Stage 1 is a 1x1 convolution, every further one a depthwise 3x3 followed by a 1x1; none has a
    bias, and nothing stands between them, so that stage n is one convolution whose receptive field
    is (2n-1) x (2n-1). The stages share the output's channels equally (the first ones take what is
    left over). Then efficient channel attention, batch normalisation and activation, in this
    order: the paper says that the concatenated stages are attended, and not where the other two
    stand. Weights start so that all stages have the input's variance: torch's own start would
    shrink it about tenfold a stage, down to where batch normalisation no longer lifts it.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels of the output (B,out_channels,H,W), at least `scales`.
        act: Prototype of the activation; the paper has `nn.ReLU()`.
        scales: Number of stages, N in the paper, which has 4.
        attention_kernel: Channels that an attention weight looks at; None follows ECA-Net's rule.
            The paper does not state it; 3 is the default of ECA-Net's code.

    Raises:
        InputError: If there are fewer channels than scales, or the kernel is not odd.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        act: nn.Module,
        scales: int = 4,
        attention_kernel: int | None = 3,
    ) -> None:
        super().__init__()
        require(scales >= 1, "scales", "at least 1", scales)
        least = f"at least scales = {scales}"
        require(out_channels >= scales, "out_channels (a width)", least, out_channels)
        widths = [(out_channels + stage) // scales for stage in reversed(range(scales))]
        self.entry = linear_normal(nn.Conv2d(in_channels, widths[0], 1, bias=False))
        self.stages = nn.ModuleList(_separable(*sides) for sides in pairwise(widths))
        self.attention = ChannelAttention(kernel=attention_kernel, channels=out_channels)
        self.norm = nn.BatchNorm2d(out_channels)
        self.act = fresh_activation(act, out_channels)

    def behind_entry(self, entered: Tensor) -> Tensor:
        """Return the features (B,out_channels,H,W) from those of stage 1."""
        joined = torch.cat(_cascade(entered, self.stages), dim=1)
        activated: Tensor = self.act(self.norm(self.attention(joined)))
        return activated

    def scales(self, x: Tensor) -> list[Tensor]:
        """Return each stage's output F(n), the receptive fields growing from 1x1 by 2."""
        return _cascade(self.entry(x), self.stages)

    def folded(self) -> nn.Module:
        """Return the unit's inference form, which shares its parameters."""
        return FoldedScaleAttentionalConv(self)


class FoldedScaleAttentionalConv(EntryUnit):
    """A trained `ScaleAttentionalConv` with attention and normalisation in one pass over memory.

    In evaluation mode both are scalings of a channel: act(joined * (weight * scale) + shift) with
    scale and shift of the normalisation. The joined stages are overwritten, so that no gradients
    pass.

    Args:
        unit: In evaluation mode; its parameters are shared and must not ask for gradients.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, unit: ScaleAttentionalConv) -> None:
        super().__init__()
        self.entry, self.stages, self.attention = unit.entry, unit.stages, unit.attention
        self.act = _overwriting(unit.act)
        norm, statistics = unit.norm, dict(unit.norm.named_buffers())
        scale = norm.weight * (statistics["running_var"] + norm.eps).rsqrt()
        self.register_buffer("scale", scale[:, None, None])
        shift = norm.bias - statistics["running_mean"] * scale
        self.register_buffer("shift", shift[:, None, None])

    def behind_entry(self, entered: Tensor) -> Tensor:
        """Return the features (B,out_channels,H,W) from those of stage 1."""
        joined = torch.cat(_cascade(entered, self.stages), dim=1)
        weights = self.attention.weights(joined) * self.scale
        activated: Tensor = self.act(torch.addcmul(self.shift, joined, weights, out=joined))
        return activated


def _cascade(x: Tensor, stages: Iterable[nn.Module]) -> list[Tensor]:
    """Return x and what each stage makes of the output before."""
    outputs = [x]
    for stage in stages:
        outputs.append(stage(outputs[-1]))
    return outputs


def _overwriting(act: Any) -> Any:
    """Return a copy of an activation that works in place if it can."""
    act = deepcopy(act)
    if hasattr(act, "inplace"):
        act.inplace = True
    return act


def _separable(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a depthwise 3x3 convolution and the 1x1 that mixes its channels, both linear."""
    depthwise = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
    pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    return nn.Sequential(linear_normal(depthwise), linear_normal(pointwise))
