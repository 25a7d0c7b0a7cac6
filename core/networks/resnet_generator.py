"""CycleGAN's generator, which SynSeg-Net uses too: down, residual blocks, and up again.

Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, ICCV
2017, appendix (7.2); Huo et al., SynSeg-Net, IEEE TMI 38(4), 2019.
"""

from __future__ import annotations

from torch import Tensor, nn

from core.checks import require
from core.layers.initialisation import he_normal
from core.networks.sizes import require_batch


class ResNetGenerator(nn.Module):
    """Image in, image of the same size out; 11,365,633 parameters for grey images.

    A 7x7 convolution, two of stride 2, residual blocks at a quarter of the size, two transposed
    convolutions, and a 7x7 one. All but the last are followed by instance normalisation and ReLU.
    The original works on images in -1..1 and ends in tanh; this one takes and gives 0..1, the end
    being (1 + tanh) / 2. (On the way in the difference is none: the first normalisation takes
    away any scale and shift.) So it gives whole images, never residuals. Weights start
    he-normal, the transposed ones as torch's own, rather than from N(0, 0.02); the normalisations
    make that nearly the same.

    Args:
        in_channels: Channels of the image.
        out_channels: Channels of the image that it makes.
        blocks: Number of residual blocks; the paper has 9, and 6 for small images.
        width: Channels of the first convolution; the residual blocks have four times as many.

    Raises:
        InputError: If a number of blocks is negative.
    """

    def __init__(
        self, *, in_channels: int = 1, out_channels: int = 1, blocks: int = 9, width: int = 64
    ) -> None:
        super().__init__()
        require(blocks >= 0, "blocks", "0 or more", blocks)
        self.in_channels = in_channels
        self.entry = _unit(width, *_mirrored(in_channels, width, 7))
        self.down = nn.Sequential(*(_unit(2 * n, _halving(n)) for n in (width, 2 * width)))
        self.blocks = nn.Sequential(*(ResidualBlock(4 * width) for _ in range(blocks)))
        self.up = nn.Sequential(*(_unit(n, _doubling(n)) for n in (2 * width, width)))
        self.head = nn.Sequential(*_mirrored(width, out_channels, 7), nn.Tanh())

    def forward(self, image: Tensor) -> Tensor:
        """Return images (B,out_channels,h,w) in 0..1 for images (B,in_channels,h,w) in 0..1.

        Raises:
            InputError: If height or width is no multiple of 4, or less than 8, which leaves
                nothing to mirror at the borders.
        """
        require_batch(image, self.in_channels, 4)
        mirrors = min(image.shape[2:]) >= 8
        require(mirrors, "image", "at least 8 pixels a side", tuple(image.shape))
        made: Tensor = self.head(self.up(self.blocks(self.down(self.entry(image)))))
        return (1 + made) / 2


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), 3x3 with mirrored borders; keeps (B,channels,h,w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *_unit(channels, *_mirrored(channels, channels, 3)),
            *_mirrored(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,channels,h,w) of features (B,channels,h,w)."""
        residual: Tensor = self.residual(x)
        return x + residual


def _unit(width: int, *layers: nn.Module) -> nn.Sequential:
    """Return layers that end in a convolution of this width, with what follows it."""
    return nn.Sequential(*layers, nn.InstanceNorm2d(width), nn.ReLU())


def _mirrored(in_channels: int, out_channels: int, kernel: int) -> tuple[nn.Module, nn.Module]:
    """Return what makes a convolution see the image mirrored beyond its borders, and it."""
    conv = nn.Conv2d(in_channels, out_channels, kernel)
    return nn.ReflectionPad2d(kernel // 2), he_normal(conv)


def _halving(width: int) -> nn.Conv2d:
    """Return a 3x3 convolution to half the size and twice the channels."""
    return he_normal(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1))


def _doubling(width: int) -> nn.ConvTranspose2d:
    """Return a transposed 3x3 convolution to twice the size and half the channels."""
    return nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1)
