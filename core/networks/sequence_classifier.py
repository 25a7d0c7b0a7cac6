"""A whole cine to one answer: a network for single images, and a head over its frames."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.dropout import Dropout
from core.networks.classifier import Classifier, Stages, start_as_keras

Head = Literal["lstm", "gru", "attention", "mean"]
RECURRENT = {"lstm": nn.LSTM, "gru": nn.GRU}
SEQUENCE_HEAD = "sequence head"


class SequenceClassifier(Classifier):
    """Frames through one and the same encoder, its features over time through a head.

    Args:
        encoder: Network for single images; its last layer is dropped.
        classes: Number of classes.
        head: "lstm" or "gru" reads the frames in both directions and keeps the last state of each;
            "attention" is a weighted mean whose weights come from a learned query; "mean" the mean.
        hidden: Units of a recurrent head in each direction.
        dropout: Probability of dropping a value before the last layer, in [0, 1).

    Attributes:
        encoder: The network for single images, without its last layer.

    Raises:
        InputError: If the head is none of these or the dropout no probability.

    References:
        The thesis, Section 6.1: a recurrent network over an entire sequence, as future work.
        Bahdanau et al., ICLR 2015, for attention; ours has one query for all images and no hidden
        layer.
    """

    def __init__(
        self,
        encoder: Classifier,
        *,
        classes: int = 8,
        head: Head = "lstm",
        hidden: int = 128,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        known = (*RECURRENT, "attention", "mean")
        require(head in known, "head", f"one of {', '.join(known)}", head)
        width = encoder.head.in_features
        self.encoder, self.kind = _headless(encoder), head
        if head in RECURRENT:
            self.over_time = RECURRENT[head](width, hidden, batch_first=True, bidirectional=True)
            width = 2 * hidden
        elif head == "attention":
            self.query = nn.Linear(width, 1, bias=False)
            nn.init.zeros_(self.query.weight)  # the plain mean
        self.dropout = Dropout(p=dropout)
        self.last = nn.Linear(width, classes)
        start_as_keras([self.last])

    @property
    def head(self) -> nn.Linear:
        """The last layer (B,F) -> (B,classes)."""
        return self.last

    def features(self, image: Tensor) -> Tensor:
        """Return what the last layer sees, (B,F), of cines (B,T,C,h,w) or images (B,C,h,w).

        Raises:
            InputError: If the batch has other axes, or the encoder does not take such frames.
        """
        frames = self._encoded(image)
        if self.kind in RECURRENT:
            pooled = self._last_states(frames)
        elif self.kind == "attention":
            pooled = (self._weights(frames)[..., None] * frames).sum(1)
        else:
            pooled = frames.mean(1)
        thinned: Tensor = self.dropout(pooled)
        return thinned

    def attention(self, image: Tensor) -> Tensor:
        """Return the weight of each frame (B,T) of cines (B,T,C,h,w); those of a cine sum to 1.

        Raises:
            InputError: If the head is not "attention".
        """
        require(self.kind == "attention", "head", "attention", self.kind)
        return self._weights(self._encoded(image))

    def stages(self) -> Stages:
        """Return the stages of gradual unfreezing: all that is over time, then the encoder's."""
        own = [part for part in self.children() if part is not self.encoder]
        # What is left of the encoder's head may have no parameters.
        others = {
            name: parts
            for name, parts in self.encoder.stages().items()
            if any(True for part in parts for _ in part.parameters())
        }
        return {SEQUENCE_HEAD: own, **others}

    def _encoded(self, image: Tensor) -> Tensor:
        """Return the features (B,T,F) of each frame, all frames as one batch."""
        require(image.dim() in (4, 5), "image", "a batch (B,T,C,h,w) or (B,C,h,w)", image.dim())
        cines = image if image.dim() == 5 else image[:, None]
        features = self.encoder.features(cines.flatten(0, 1))
        return features.reshape(*cines.shape[:2], -1)

    def _last_states(self, frames: Tensor) -> Tensor:
        """Return the state after the last frame, and of the way back after the first, (B,2H)."""
        state = self.over_time(frames)[1]
        state = state[0] if self.kind == "lstm" else state  # an LSTM also gives its cells' state
        return torch.cat([*state], dim=1)

    def _weights(self, frames: Tensor) -> Tensor:
        scores: Tensor = self.query(frames)[..., 0] / frames.shape[2] ** 0.5
        return scores.softmax(1)


def _headless(encoder: Classifier) -> Classifier:
    """Drop the last layer: unused parameters would stop a training on several GPUs."""
    (name,) = (name for name, part in encoder.named_modules() if part is encoder.head)
    encoder.set_submodule(name, nn.Identity())
    return encoder
