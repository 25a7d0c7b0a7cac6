"""MultiRes U-Net: MultiRes blocks for units, residual paths for skips.

Ibtehaz and Rahman, MultiResUNet: Rethinking the U-Net Architecture for Multimodal Biomedical Image
Segmentation, Neural Networks 2020.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.layers.convolution import Block
from core.layers.multires import MultiResBlock, ResPath, multires_widths
from core.layers.normalisation import Norm
from core.layers.upsampling import Upsample, Upsampling
from core.networks.encoder import Encoder


class MultiResUNet(nn.Module):
    """U-Net of MultiRes blocks; 7,251,074 parameters with `ConvNormAct` and the default arguments.

    Args:
        block: Makes each 3x3 unit from its channels (in, out): `ConvNormAct`...
        act: Prototype of the activations behind the sums; None is the paper's `nn.ReLU()`.
        in_channels: Channels of the image.
        out_channels: Maps of logits: 1 for one structure, 1 + structures for several (the first is
            the background).
        widths: Channels U of each level of the U-Net that is replaced, from the finest to the
            bottleneck.
        alpha: Each block has about alpha * U channels.
        upsampling: "transposed" as in the paper, "nearest" or "bilinear".
        norm: "batch" as in the paper, "instance" or "none", around the units, which have their own.

    Raises:
        InputError: If there are fewer than two levels, or too few channels in one.
    """

    def __init__(
        self,
        *,
        block: Block,
        act: nn.Module | None = None,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
        alpha: float = 1.67,
        upsampling: Upsampling = "transposed",
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        multires = partial(MultiResBlock, block=block, act=act, alpha=alpha, norm=norm)
        made = [sum(multires_widths(width, alpha)) for width in widths]
        self.encoder = Encoder(
            (multires(*sides) for sides in zip((in_channels, *made), widths, strict=False)),
            in_channels=in_channels,
        )
        up = partial(_UpLevel, upsampling=upsampling, block=block, act=act, alpha=alpha, norm=norm)
        steps = zip(pairwise(reversed(made)), reversed(widths[:-1]), strict=True)
        self.decoder = nn.ModuleList(
            up(*sides, width, length=length) for length, (sides, width) in enumerate(steps, 1)
        )
        self.head = nn.Conv2d(made[0], out_channels, 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor:
        """Return mask logits (B,out_channels,h,w) of images (B,in_channels,h,w) in 0..1.

        Raises:
            InputError: If height or width cannot be halved as often as there are levels.
        """
        *skips, x = self.encoder(image)
        for level in self.decoder:
            x = level(x, skips.pop())
        logits: Tensor = self.head(x)
        return logits


class _UpLevel(nn.Module):
    """One step up: doubles the size, joins the skip's features from their path, blends both."""

    def __init__(
        self,
        deep: int,
        fine: int,
        width: int,
        *,
        length: int,
        upsampling: Upsampling,
        block: Block,
        act: nn.Module | None,
        alpha: float,
        norm: Norm,
    ) -> None:
        super().__init__()
        self.upsample = Upsample(deep, width, upsampling)
        self.path = ResPath(fine, width, block=block, length=length, act=act, norm=norm)
        joined = self.upsample.out_channels + width
        self.blend = MultiResBlock(joined, width, block=block, act=act, alpha=alpha, norm=norm)

    def forward(self, deep: Tensor, fine: Tensor) -> Tensor:
        """Return the features of twice the size of deep (B,deep,h,w), for fine (B,fine,2h,2w)."""
        blended: Tensor = self.blend(torch.cat([self.upsample(deep), self.path(fine)], dim=1))
        return blended
