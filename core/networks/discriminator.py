"""Discriminators that judge an image patch by patch: real or made?

DA-GAN's own (Huang et al., ISBI 2021), and CycleGAN's PatchGAN (Zhu et al., ICCV 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from core.checks import require
from core.layers.initialisation import he_normal
from core.layers.normalisation import Norm, normalisation
from core.layers.spatial_attention import SpatialAttention
from core.networks.sizes import require_batch


class Discriminator(nn.Module):
    """Strided convolutions down to one map of logits: > 0 means that the patch below looks real.

    Each level is a convolution, a normalisation (not on the first), a leaky ReLU of slope 0.2 and
    maybe spatial attention. Of DA-GAN's discriminators the paper states kernels 3x3 with padding 1,
    attention, and widths 64, 128 and 256; strides 2, the 1x1 head, which makes it a patch
    discriminator, and that nothing is normalised are our choice: instance normalisation would take
    away how strong an image's edges are, by which stripes are told.

    Args:
        in_channels: Channels of the image.
        widths: Channels of each level.
        strides: Step of each level's convolution.
        kernel: Side of the levels' kernels, padded by (kernel - 1) // 2.
        head_kernel: Side of the last kernel, padded likewise.
        norm: "batch", "instance" or "none".
        attention: Whether a `SpatialAttention` ends each level.
        hidden: Hidden maps of the attention.

    Raises:
        InputError: If there are no levels, or not as many strides as widths; for another
            normalisation.

    References:
        Huang et al., DA-GAN, ISBI 2021, Sections 2.2, 2.3 and 3.2.
    """

    def __init__(
        self,
        *,
        in_channels: int = 1,
        widths: Sequence[int] = (64, 128, 256),
        strides: Sequence[int] = (2, 2, 2),
        kernel: int = 3,
        head_kernel: int = 1,
        norm: Norm = "none",
        attention: bool = True,
        hidden: int = 8,
    ) -> None:
        super().__init__()
        fit = len(widths) == len(strides) >= 1
        require(fit, "strides", f"one for each of the {len(widths)} widths", strides)
        self.in_channels = in_channels

        def level(sides: tuple[int, int], stride: int, norm: Norm) -> nn.Sequential:
            conv, act = _conv(*sides, kernel, stride), nn.LeakyReLU(0.2)
            layers = [conv, normalisation(norm, sides[1]), act]
            return nn.Sequential(*layers, *([SpatialAttention(hidden=hidden)] if attention else ()))

        sides, norms = pairwise((in_channels, *widths)), ("none", *[norm] * len(widths))
        self.levels = nn.Sequential(*map(level, sides, strides, norms))
        self.head = _conv(widths[-1], 1, head_kernel)

    def forward(self, image: Tensor) -> Tensor:
        """Return a map of logits (B,1,h',w') for images (B,in_channels,h,w) in 0..1.

        h' and w' are about h and w divided by the product of the strides.

        Raises:
            InputError: If it is no batch of such images.
        """
        require_batch(image, self.in_channels, 1)
        logits: Tensor = self.head(self.levels(image))
        return logits


class PatchGAN(Discriminator):
    """CycleGAN's discriminator of patches of 70x70 pixels; 2,762,689 parameters for grey images.

    Kernels 4x4, widths 64 to 512, strides 2, 2, 2, 1 and a 4x4 head, instance normalisation from
    the second level on. Weights start he-normal rather than from N(0, 0.02), which normalisation
    makes nearly the same.

    Args:
        in_channels: Channels of the image.
        width: Channels of the first level; each next one doubles them.

    References:
        Zhu et al., CycleGAN, ICCV 2017, Section 7.2; Isola et al., pix2pix, CVPR 2017.
    """

    def __init__(self, *, in_channels: int = 1, width: int = 64) -> None:
        super().__init__(
            in_channels=in_channels,
            widths=[width, 2 * width, 4 * width, 8 * width],
            strides=(2, 2, 2, 1),
            kernel=4,
            head_kernel=4,
            norm="instance",
            attention=False,
        )


def _conv(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """Return an he-normal convolution to about 1/stride the size."""
    padding = (kernel - 1) // 2
    return he_normal(nn.Conv2d(in_channels, out_channels, kernel, stride, padding))
