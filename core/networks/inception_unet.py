"""Inception U-Net with a presence head: the network of the nerve report.

Architecture of the public code that the report starts from (Tyantov 2016, Kaggle Ultrasound Nerve
Segmentation): an inception block a level, strided convolutions downwards, nearest-neighbour
upsampling, scaled residuals in the skips, and a second output that says whether there is a nerve.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from core.checks import InputError, require
from core.layers.activations import fresh_activation
from core.layers.convolution import same_conv
from core.layers.dropout import Dropout
from core.layers.inception import InceptionBlock, ScaledResidual, UpInceptionBlock
from core.layers.initialisation import he_normal
from core.networks.sizes import divisible, require_batch


class InceptionUNet(nn.Module):
    """U-Net of inception blocks; 1,858,972 parameters with ELU, 1,858,423 without presence head.

    The input is standardised by a batch normalisation without parameters: its running statistics
    become the training set's grey-value mean and standard deviation, need no pass over the
    data beforehand, and travel with the checkpoint.

    Weights and features are kept in channels_last, half the time of contiguous layout on a
    CPU; the image may come in either.

    Batch normalisation keeps running statistics with torch's momentum of 0.1. The original
    normalised by the batch's own statistics at test time too, which makes an answer depend on the
    images beside it; and Keras's usual 0.99 (torch 0.01) would, after the hundred steps of a short
    training, still be a third made of the starting values.

    Args:
        act: Prototype of all activations, copied afresh to each place. The original has `nn.ELU()`.
        in_channels: Channels of the image.
        widths: Channels of each level from the finest to the bottleneck, multiples of 16; each
            level halves the size.
        dropout: Probability of dropping a value after each reduction, the bottleneck and each
            decoder block.
        presence_head: Also say whether there is anything to segment.
        input_size: Height and width of the images that the presence head is built for: its dense
            layer has a weight for every place of the bottleneck. Without the head any size goes.

    Raises:
        InputError: If a width is not a multiple of 16, or `input_size` cannot be halved so often.
    """

    def __init__(
        self,
        *,
        act: nn.Module,
        in_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
        dropout: float = 0.5,
        presence_head: bool = True,
        input_size: tuple[int, int] = (80, 112),
    ) -> None:
        super().__init__()
        require(len(widths) > 1, "widths", "at least two levels", widths)
        self.in_channels = in_channels
        self.step = 2 ** (len(widths) - 1)
        self.input_size = tuple(input_size) if presence_head else None
        self.standardise = _standardise(in_channels)
        self.encoder = nn.ModuleList(
            InceptionBlock(in_channels=shallow, out_channels=width, act=act)
            for shallow, width in pairwise((in_channels, *widths[:-1]))
        )
        self.reductions = nn.ModuleList(_reduction(width, act, dropout) for width in widths[:-1])
        self.bottleneck = nn.Sequential(
            InceptionBlock(in_channels=widths[-2], out_channels=widths[-1], act=act),
            Dropout(p=dropout),
        )
        self.decoder = nn.ModuleList(
            _DecoderLevel(deep=deep, width=width, act=act, dropout=dropout)
            for deep, width in pairwise(reversed(widths))
        )
        self.mask_head = same_conv(widths[0], 1)
        self.presence_head = None
        if presence_head:
            self.presence_head = _presence_head(widths[-1], input_size, self.step)
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Segment a batch.

        Args:
            image: float (B,in_channels,h,w) in 0..1; h and w divisible by 16 with the standard
                widths, equal to `input_size` with the presence head.

        Returns:
            Mask logits (B,1,h,w); with the presence head also its logits (B,), positive where the
            mask is likely not empty.

        Raises:
            InputError: If the batch has a shape that the network does not take.
        """
        self._check(image)
        # A copy, since torch takes a one-channel image to be in either layout already.
        x = self.standardise(image).clone(memory_format=torch.channels_last)
        skips = []
        for block, reduction in zip(self.encoder, self.reductions, strict=True):
            skips.append(block(x))
            x = reduction(skips[-1])
        x = deepest = self.bottleneck(x)
        for level in self.decoder:
            x = level(x, skips.pop())
        mask: Tensor = self.mask_head(x)
        return mask if self.presence_head is None else (mask, self.presence_head(deepest).flatten())

    def _check(self, image: Tensor) -> None:
        """Raise an InputError that says how to fit the image, unless the network takes it."""
        require_batch(image, self.in_channels, self.step)
        if self.input_size and tuple(image.shape[2:]) != self.input_size:
            expected = f"the presence head's input_size {self.input_size}; resize, or leave it out"
            raise InputError(f"image: expected {expected}, got shape {tuple(image.shape)}")


def _standardise(channels: int) -> nn.BatchNorm2d:
    """Return the input's normalisation, starting from the statistics of even grey values in 0..1.

    From torch's start (0 and 1) the variance of an image would take fifty steps to be right.
    """
    layer = nn.BatchNorm2d(channels, affine=False)
    nn.init.constant_(layer.get_buffer("running_mean"), 1 / 2)
    nn.init.constant_(layer.get_buffer("running_var"), 1 / 12)
    return layer


class _DecoderLevel(nn.Module):
    """One step up: doubles the size, joins the skip's features and blends both."""

    def __init__(self, *, deep: int, width: int, act: nn.Module, dropout: float) -> None:
        super().__init__()
        self.skip = ScaledResidual(channels=width, act=act)
        self.block = UpInceptionBlock(
            deep_channels=deep, fine_channels=width, out_channels=width, act=act
        )
        self.dropout = Dropout(p=dropout)

    def forward(self, deep: Tensor, fine: Tensor) -> Tensor:
        """Return (B,width,2h,2w) for deep (B,deep,h,w) and fine (B,width,2h,2w)."""
        x: Tensor = self.dropout(self.block(deep, self.skip(fine)))
        return x


def _reduction(width: int, act: nn.Module, dropout: float) -> nn.Sequential:
    """Return the step down: a strided 3x3 convolution that halves the size."""
    return nn.Sequential(
        same_conv(width, width, (3, 3), stride=2),
        nn.BatchNorm2d(width),
        fresh_activation(act, width),
        Dropout(p=dropout),
    )


def _presence_head(width: int, input_size: tuple[int, int], step: int) -> nn.Sequential:
    """Return the second output: one map in 0..1 of the bottleneck, its places weighed."""
    height, breadth = input_size
    fits = height % step == 0 and breadth % step == 0
    require(fits, "input_size", divisible(step, height, breadth), input_size)
    places = (height // step) * (breadth // step)
    return nn.Sequential(
        same_conv(width, 1),
        nn.Sigmoid(),
        nn.Flatten(),
        he_normal(nn.Linear(places, 1)),
    )
