"""What the networks that come from ImageNet have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from core.checks import require
from core.networks.classifier import HEAD, Classifier, Stages, start_as_keras
from core.networks.classifier_weights import take_hub_weights, take_weights

IMAGENET = "timm"
"""The word for the weights that timm publishes."""


class ImageNetClassifier(Classifier):
    """A network for colour images with a new head, and the preprocessing of its weights inside.

    Grey images become three equal colours.

    Args:
        body: The network as timm has them: `forward_features`, `forward_head`, `get_classifier`.
        weights: See the networks.
        mean: What is subtracted from each colour, in 0..1.
        std: What each colour is divided by after that.

    Attributes:
        hub_name: What timm calls its weights; empty where it has none.
        head_names: Parts of the body that are the head: drawn anew, opened first.
        least: Shortest side of an image in pixels.
    """

    hub_name: ClassVar[str] = ""
    head_names: ClassVar[tuple[str, ...]]
    least: ClassVar[int] = 32
    body: Any  # timm's models have no types
    mean: Tensor
    std: Tensor

    def __init__(
        self, body: nn.Module, weights: str | None, *, mean: Sequence[float], std: Sequence[float]
    ) -> None:
        super().__init__()
        self.body = body
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)
        start_as_keras(self._head_parts())
        prefixes = tuple(f"{name}." for name in self.head_names)
        if weights == IMAGENET:
            wanted = f"a file: timm has no weights of {type(self).__name__}"
            require(self.hub_name, "weights", wanted, weights)
            take_hub_weights(body, self.hub_name, prefixes)
        elif weights is not None:
            take_weights(body, Path(weights), prefixes)

    @property
    def head(self) -> nn.Linear:
        """The last layer (B,F) -> (B,classes)."""
        head: nn.Linear = self.body.get_classifier()
        return head

    def features(self, image: Tensor) -> Tensor:
        """Return what the last layer sees, (B,F), of images (B,1,h,w) or (B,3,h,w) in 0..1.

        Raises:
            InputError: If the images have another number of channels or are too small.
        """
        fits = image.dim() == 4 and image.shape[1] in (1, 3) and min(image.shape[2:]) >= self.least
        if not fits:  # an `if`, since the words would be put together for each batch otherwise
            wanted = f"a batch (B,1,h,w) or (B,3,h,w) of {self.least} pixels or more a side"
            require(fits, "image", wanted, f"shape {tuple(image.shape)}")
        x = ((image - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        features: Tensor = self.body.forward_head(self.body.forward_features(x), pre_logits=True)
        return features

    def stages(self) -> Stages:
        """Return the stages of gradual unfreezing, the head first."""
        return {HEAD: self._head_parts(), **self._body_stages()}

    def _body_stages(self) -> Stages:
        raise NotImplementedError

    def _head_parts(self) -> list[nn.Module]:
        return [self.body.get_submodule(name) for name in self.head_names]
