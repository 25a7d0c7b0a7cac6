"""What the networks that classify an image have in common."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

Stages = dict[str, list[nn.Module]]
"""Modules by the name of the stage in which fine-tuning opens them, the head's stage first."""

HEAD, INPUT = "classification head", "input"
"""The first and the last stage of each network, named as in Tables D.1 and D.2."""


class Classifier(nn.Module):
    """Images in 0..1 to logits: head(features(image)).

    References:
        Pop, Classification of echocardiographic views, LiTH-ISY-EX--20/5288--SE, 2020.
    """

    @property
    def head(self) -> nn.Linear:
        """The last layer (B,F) -> (B,classes)."""
        raise NotImplementedError

    def features(self, image: Tensor) -> Tensor:
        """Return what the last layer sees, (B,F); dropout included in training."""
        raise NotImplementedError

    def stages(self) -> Stages:
        """Return the stages of gradual unfreezing; each parameter is in one of them."""
        raise NotImplementedError

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (B,classes) of images (B,C,h,w) in 0..1.

        Raises:
            InputError: If the network does not take images of this shape.
        """
        logits: Tensor = self.head(self.features(image))
        return logits


def start_as_keras(modules: Iterable[nn.Module]) -> None:
    """Draw weights as Keras does unless told otherwise: Glorot's uniform; biases are 0.

    References:
        Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
        networks, AISTATS 2010, Eq. 16.
    """
    for layer in (each for module in modules for each in module.modules()):
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
