"""Scale-attentional convolution: several receptive fields at once, weighed by their importance.

Kim et al., Scale-attentional U-Net for the segmentation of the median nerve in ultrasound images,
Ultrasonography 2022, "Factorized Convolution for Multi-scale Receptive Fields" and "Weight
Importance of Scales with Self-attention".
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.channel_attention import ChannelAttention


class ScaleAttentionalConv(nn.Module):
    """A cascade of linear convolutions, all of whose stages are concatenated, weighed, activated.

    Stage 1 is a 1x1 convolution, every further one a depthwise 3x3 followed by a 1x1; none has a
    bias, and nothing stands between them, so that stage n is one convolution whose receptive field
    is (2n-1) x (2n-1). The stages share the output's channels equally (the first ones take what is
    left over). Then efficient channel attention, batch normalisation and activation, in this
    order: the paper says that the concatenated stages are attended, and not where the other two
    stand.

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
        require(out_channels >= scales, "out_channels", f"at least scales = {scales}", out_channels)
        widths = [(out_channels + stage) // scales for stage in reversed(range(scales))]
        self.entry = nn.Conv2d(in_channels, widths[0], 1, bias=False)
        self.stages = nn.ModuleList(_separable(*sides) for sides in pairwise(widths))
        self.attention = ChannelAttention(kernel=attention_kernel, channels=out_channels)
        self.norm = nn.BatchNorm2d(out_channels)
        self.act = fresh_activation(act, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,out_channels,H,W) of the input (B,C,H,W)."""
        activated: Tensor = self.act(self.norm(self.attention(torch.cat(self.scales(x), dim=1))))
        return activated

    def scales(self, x: Tensor) -> list[Tensor]:
        """Return each stage's output F(n), the receptive fields growing from 1x1 by 2."""
        outputs = [self.entry(x)]
        for stage in self.stages:
            outputs.append(stage(outputs[-1]))
        return outputs


def _separable(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a depthwise 3x3 convolution and the 1x1 that mixes its channels, both linear."""
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )
