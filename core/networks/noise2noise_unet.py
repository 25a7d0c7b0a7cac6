"""The network that removes annotations: a small U-Net which uses its blocks several times over.

The "costumed U-Net" of the Noise2Noise annotation paper, after the layout of Lehtinen et al.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.networks.sizes import require_batch

STEP = 32  # five poolings


class Noise2NoiseUNet(nn.Module):
    """U-Net of five poolings; 700,611 parameters, or 1,344,147 where no block is used twice.

    Args:
        in_channels: Channels of the image.
        out_channels: Channels of the output: those of the image to restore it, or maps of logits.
        shared: Use one and the same block at the four coarser levels on the way down, and another
            at the three finer joins on the way up, as the authors' code does; False gives each
            level its own.
        widths: Channels of the way down, of the way up, and of the last but two and last but one
            convolution.
        act: Prototype of the activation behind the output, as for images: None is
            `nn.LeakyReLU(0.1)`; for logits `nn.Identity()`.
        weights: Checkpoint of a run, or its folder (best.ckpt is taken), whose network gives the
            tensors of the same name and shape; the others stay as initialised. It is read whenever
            the network is made.

    Raises:
        InputError: If there are not four widths, the file is missing or damaged, or fewer than half
            of the tensors fit.

    References:
        Lehtinen et al., Noise2Noise: Learning Image Restoration without Clean Data, ICML 2018,
        Table 2 in the appendix, which has other upsampling, activations and last blocks.
    """

    def __init__(
        self,
        *,
        in_channels: int = 3,
        out_channels: int = 3,
        shared: bool = True,
        widths: tuple[int, ...] = (48, 96, 64, 32),
        act: nn.Module | None = None,
        weights: Path | str | None = None,
    ) -> None:
        super().__init__()
        require(len(widths) == 4, "widths", "four numbers of channels", len(widths))
        down, up, *last = widths
        self.in_channels = in_channels
        self.entry = nn.Sequential(*_convs(in_channels, down, down), nn.MaxPool2d(2))
        self.down = nn.ModuleList(
            nn.Sequential(*_convs(down, down), nn.MaxPool2d(2)) for _ in range(1 if shared else 4)
        )
        self.deepest = nn.Sequential(*_convs(down, down), _doubled(down))
        self.first_join = nn.Sequential(*_convs(2 * down, up, up), _doubled(up))
        self.joins = nn.ModuleList(
            nn.Sequential(*_convs(up + down, up, up), _doubled(up))
            for _ in range(1 if shared else 3)
        )
        self.exit = nn.Sequential(
            *_convs(up + in_channels, *last),
            nn.Conv2d(last[-1], out_channels, 3, padding=1),
            fresh_activation(act or nn.LeakyReLU(0.1), out_channels),
        )
        self.apply(_initialise)
        if weights is not None:
            _take_weights(self, Path(weights))

    def forward(self, image: Tensor) -> Tensor:
        """Return (B,out_channels,h,w) of images (B,in_channels,h,w); not clamped.

        Raises:
            InputError: If height or width is not a multiple of 32.
        """
        require_batch(image, self.in_channels, STEP)
        skips = [image, self.entry(image)]
        for level in range(4):
            skips.append(self.down[level % len(self.down)](skips[-1]))
        x = _joined(self.first_join, self.deepest(skips.pop()), skips.pop())
        for level in range(3):
            x = _joined(self.joins[level % len(self.joins)], x, skips.pop())
        return _joined(self.exit, x, skips.pop())


def _convs(*channels: int) -> list[nn.Module]:
    """Return 3x3 convolutions from each number of channels to the next, each with a ReLU."""
    return [
        layer
        for sides in pairwise(channels)
        for layer in (nn.Conv2d(*sides, 3, padding=1), nn.ReLU(inplace=True))
    ]


def _doubled(channels: int) -> nn.Module:
    """Return a transposed convolution that doubles height and width."""
    return nn.ConvTranspose2d(channels, channels, 3, stride=2, padding=1, output_padding=1)


def _joined(block: nn.Module, deep: Tensor, fine: Tensor) -> Tensor:
    features: Tensor = block(torch.cat([deep, fine], dim=1))
    return features


def _initialise(module: nn.Module) -> None:
    """Draw weights as He et al. do, transposed convolutions' as well; biases are 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is not None:
        nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(module.bias)


def _take_weights(network: nn.Module, path: Path) -> None:
    """Load what fits of the network that a run trained."""
    from core.checkpoints import load_weights  # heavy

    load_weights(nn.ModuleDict({"network": network}), path, partly=True)
