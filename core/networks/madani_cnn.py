"""The small network for echocardiographic views, the baseline of the thesis."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from pathlib import Path

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.dropout import Dropout
from core.layers.whiten import Whiten
from core.networks.classifier import HEAD, INPUT, Classifier, Stages, start_as_keras
from core.networks.classifier_weights import take_weights

CONV_WIDTHS, LINEAR_WIDTHS = (32, 64, 128), (1028, 512)
EPS, MOMENTUM = 1e-3, 0.01  # of the batch normalisation in Keras


class MadaniCNN(Classifier):
    """Six convolutions and three fully connected layers; 3,980,404 parameters.

    Every layer but the last is followed by batch normalisation, ReLU and dropout, of whole maps
    behind convolutions. The padding that neither paper tells follows from the 4 million parameters:
    there is none. Madani's own network for 15 views has 3,980,019 without batch normalisation.

    Args:
        classes: Number of classes.
        channels: Channels of the image.
        size: Height and width of the images in pixels, at least 36 each.
        batch_norm: Normalise before each ReLU. Momentum and epsilon are Keras's.
        dropout: Probability of dropping a map or a value, in [0, 1).
        whiten: Whiten images by one mean and deviation. `whiten.set` takes those of the training
            images; until then images stay as they are.
        weights: None draws them at random, as Keras does. A path gives a checkpoint or run folder.
            The last layer is left out unless it fits.

    Attributes:
        whiten: The whitening layer; an identity where there is none.

    Raises:
        InputError: If the size is too small, the dropout no probability, or the weights do not fit.

    References:
        Madani et al., Fast and accurate view classification of echocardiograms using deep learning,
        npj Digital Medicine 1:6, 2018; the thesis, Sections 2.5.1 and 3.4.1.
    """

    def __init__(
        self,
        *,
        classes: int = 8,
        channels: int = 1,
        size: tuple[int, int] = (60, 80),
        batch_norm: bool = True,
        dropout: float = 0.5,
        whiten: bool = True,
        weights: str | None = None,
    ) -> None:
        super().__init__()
        require(0 <= dropout < 1, "dropout", "a probability in [0, 1)", dropout)
        self.shape = (channels, *size)
        self.whiten = Whiten() if whiten else nn.Identity()
        self.blocks = nn.ModuleList(
            _block(*sides, batch_norm, dropout) for sides in pairwise((channels, *CONV_WIDTHS))
        )
        widths = (CONV_WIDTHS[-1] * prod(map(_left_of, size)), *LINEAR_WIDTHS)
        units = [_linear_unit(*sides, batch_norm, dropout) for sides in pairwise(widths)]
        self.neck = nn.Sequential(nn.Flatten(), *units)
        self.last = nn.Linear(LINEAR_WIDTHS[-1], classes)
        start_as_keras([self])
        if weights is not None:
            take_weights(self, Path(weights), ("last.",))

    @property
    def head(self) -> nn.Linear:
        """The last layer (B,512) -> (B,classes)."""
        return self.last

    def features(self, image: Tensor) -> Tensor:
        """Return what the last layer sees, (B,512), of images (B,channels,*size) in 0..1.

        Raises:
            InputError: If the images have another size or number of channels.
        """
        fits = image.shape[1:] == self.shape
        if not fits:  # an `if`, since the words would be put together for each batch otherwise
            wanted = f"a batch (B,{','.join(map(str, self.shape))})"
            require(fits, "image", wanted, f"shape {tuple(image.shape)}; resize the images")
        # A copy, since torch takes a one-channel image to be in either layout already.
        x = self.whiten(image).clone(memory_format=torch.channels_last)
        for block in self.blocks:
            x = block(x)
        features: Tensor = self.neck(x)
        return features

    def stages(self) -> Stages:
        """Return the stages of gradual unfreezing: the fully connected layers, block 3, 2, 1."""
        first, second, third = self.blocks
        named = {"conv block 3": [third], "conv block 2": [second], INPUT: [first]}
        return {HEAD: [self.neck, self.last], **named}


def _block(in_channels: int, out_channels: int, batch_norm: bool, dropout: float) -> nn.Sequential:
    """Return two units of a 3x3 convolution, and the pooling that halves their maps."""
    layers: list[nn.Module] = []
    for channels in (in_channels, out_channels):
        norm = nn.BatchNorm2d(out_channels, EPS, MOMENTUM) if batch_norm else nn.Identity()
        conv = nn.Conv2d(channels, out_channels, 3)
        layers += [conv, norm, nn.ReLU(), nn.Dropout2d(dropout)]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


def _linear_unit(inputs: int, outputs: int, batch_norm: bool, dropout: float) -> nn.Sequential:
    norm = nn.BatchNorm1d(outputs, EPS, MOMENTUM) if batch_norm else nn.Identity()
    return nn.Sequential(nn.Linear(inputs, outputs), norm, nn.ReLU(), Dropout(p=dropout))


def _left_of(side: int) -> int:
    """Return how many pixels of a side the three blocks leave."""
    left = side
    for _ in CONV_WIDTHS:
        left = (left - 4) // 2
    require(left > 0, "size", "36 pixels or more a side", side)
    return left
