"""Appearance transfer in wavelet features: an image in the style of the reference images.

WaveCT with adaptive instance normalisation (Liu et al., Remove Appearance Shift for Ultrasound
Image Segmentation via Fast and Universal Style Transfer, ISBI 2020), on the network of WCT2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import torch
from torch import Tensor, nn

from core.checks import require
from core.networks.sizes import require_batch
from core.networks.wavelet_vgg import Visit, WaveletDecoder, WaveletEncoder
from core.networks.wavelet_weights import load_weights

Place = Literal["encoder", "skip", "decoder"]
VGG19_DEPTHS = (2, 2, 4, 4, 4)
EPSILON = 1e-6  # added to standard deviations, as in the authors' code


class WaveletTransfer(nn.Module):
    """Autoencoder that gives its features the reference's statistics on the way.

    With the default arguments it is VGG19 up to relu4_1 and its mirror image, 10,105,217
    parameters. Until `learn_style` has seen images, `forward` is `reconstruct`.

    Weights and features are kept in channels_last, which is faster on CPUs and on tensor cores.

    Args:
        widths: Channels of each level, the finest first; each further level halves the size.
        depths: Convolutions of each level but the last, 2 or more; None follows VGG19.
        transfer_at: Where statistics are transferred: "decoder" is what enters each of its levels,
            the bottleneck included (WaveCT); "encoder" the first features of each of its levels;
            "skip" the bands LH, HL and HH, which otherwise are the image's own.
        momentum: Least share of a batch in the running statistics. The first batches count alike.
        weights: File, or files, of pretrained weights: torchvision's VGG19, WCT2's encoder and
            decoder (option "cat5"), or a transfer network's own, also out of a checkpoint. They are
            read whenever the network is made, so also before a checkpoint of it is loaded.
        frozen: Keep the encoder as it is, so that only the decoder learns to invert it.

    Attributes:
        step: Pixels of the image that one of the bottleneck stands for, along each side.

    Raises:
        InputError: If there are fewer than two levels, too few or wrong depths, an unknown place, a
            momentum outside 0..1, or a file whose weights do not fit.

    References:
        Yoo et al., Photorealistic Style Transfer via Wavelet Transforms, ICCV 2019.
    """

    def __init__(
        self,
        *,
        widths: tuple[int, ...] = (64, 128, 256, 512),
        depths: tuple[int, ...] | None = None,
        transfer_at: tuple[Place, ...] = ("decoder",),
        momentum: float = 0.1,
        # The list first: a config would write one behind Path as the text of its Python object.
        weights: list[Path] | Path | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        poolings = len(widths) - 1
        require(poolings >= 1, "widths", "at least two levels", len(widths))
        depths = VGG19_DEPTHS[:poolings] if depths is None else depths
        fits = len(depths) == poolings and min(depths) >= 2
        require(fits, "depths", f"{poolings} numbers of at least 2", tuple(depths))
        self.encoder = WaveletEncoder(widths, depths)
        self.decoder = WaveletDecoder(widths, depths)
        self.styles = _styles(widths, transfer_at, momentum)
        self.step = 2**poolings
        for file in [weights] if isinstance(weights, Path) else weights or ():
            load_weights(self, file)
        self.encoder.requires_grad_(not frozen)
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor:
        """Return images (B,1,h,w) of 0..1 in the reference's style, about 0..1 but not clamped.

        Raises:
            InputError: As `reconstruct`.
        """
        return self._pass(image, self._in_style)

    def reconstruct(self, image: Tensor) -> Tensor:
        """Return images (B,1,h,w) of 0..1 decoded from their own features.

        Raises:
            InputError: If height or width is not a multiple of `step`, twice or more.
        """
        return self._pass(image, lambda place, features: features)

    @torch.no_grad()
    def learn_style(self, images: Tensor) -> None:
        """Take reference images (N,1,h,w) of 0..1 into the running statistics.

        Under DDP each process sees its own; those of rank 0 are kept, as with batch normalisation.

        Raises:
            InputError: As `reconstruct`.
        """
        self._pass(images, self._learnt)

    def _pass(self, image: Tensor, visit: Visit) -> Tensor:
        require_batch(image, 1, self.step)
        # The bottleneck needs two pixels: one has no neighbour to mirror, and no deviation.
        large = min(image.shape[2:]) >= 2 * self.step
        require(large, "image", f"height and width of at least {2 * self.step}", image)
        features, skips = self.encoder(image, visit)
        decoded: Tensor = self.decoder(features, skips, visit)
        return decoded

    def _in_style(self, place: str, features: Tensor) -> Tensor:
        styled: Tensor = self.styles[place](features) if place in self.styles else features
        return styled

    def _learnt(self, place: str, features: Tensor) -> Tensor:
        if place in self.styles:
            cast(Style, self.styles[place]).learn(features)
        return features


class Style(nn.Module):
    """Adaptive instance normalisation: every channel of an image gets the reference's statistics.

    Args:
        channels: Channels C of the features.
        momentum: Least share of a batch in the running statistics, in 0..1.

    Attributes:
        mean: Of each channel of the reference's features (C,).
        variance: Likewise.
        batches: How many were learnt; without any, features pass as they are.

    Raises:
        InputError: If the momentum is outside 0..1.

    References:
        Huang and Belongie, Arbitrary Style Transfer in Real-time with Adaptive Instance
        Normalization, ICCV 2017, Eq. 8.
    """

    mean: Tensor
    variance: Tensor
    batches: Tensor

    def __init__(self, channels: int, momentum: float = 0.1) -> None:
        super().__init__()
        require(0 <= momentum <= 1, "momentum", "0 to 1", momentum)
        self.momentum = momentum
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))
        self.register_buffer("batches", torch.tensor(0))

    @torch.no_grad()
    def learn(self, features: Tensor) -> None:
        """Take the features (N,C,h,w) of reference images, pooled as if they were one image."""
        variance, mean = torch.var_mean(features.float(), (0, 2, 3))
        self.batches += 1
        share = (1 / self.batches).clamp(min=self.momentum)
        self.mean.lerp_(mean, share)
        self.variance.lerp_(variance, share)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (B,C,h,w) of which each image has the reference's mean and deviation."""
        own_std, own_mean = torch.std_mean(x.float(), (2, 3), keepdim=True)
        std = self.variance.sqrt()[:, None, None] + EPSILON
        styled = (x - own_mean) / (own_std + EPSILON) * std + self.mean[:, None, None]
        return torch.where(self.batches > 0, styled.to(x.dtype), x)


def _styles(
    widths: tuple[int, ...], transfer_at: tuple[Place, ...], momentum: float
) -> nn.ModuleDict:
    """Return a style for each place that the two halves visit and that is asked for."""
    channels = {"encoder": widths, "skip": [3 * width for width in widths[:-1]], "decoder": widths}
    known = transfer_at and channels.keys() >= {*transfer_at}
    require(known, "transfer_at", f"of {', '.join(channels)}", ", ".join(transfer_at) or "none")
    return nn.ModuleDict(
        {
            f"{place}{level}": Style(count, momentum)
            for place in transfer_at
            for level, count in enumerate(channels[place], 1)
        }
    )
