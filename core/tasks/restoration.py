"""Restoration: images without what was put on them, learnt from pairs of noisy images."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final, Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from core.checks import require
from core.restoration import Standardise
from core.shapes import DifferenceMask
from core.tasks.base import Batch
from core.tasks.masks import Mask, Scores, on_own_grids, one_of, restored
from core.tasks.segmentation import SegmentationTask

Scheme = Literal["noise2noise", "noise2clean"]
TARGETS: Final[dict[str, str]] = {"noise2noise": "target", "noise2clean": "reference"}
"""What of a batch each scheme holds the network's output against."""

_HALF: Final = 0.5  # of a pixel


class RestorationTask(SegmentationTask):
    """Trains a network to take annotations off images, and finds them by what it took off.

    Noise2Noise (Lehtinen et al., ICML 2018) holds the output against a second noisy image of the
    same clean one, Noise2Clean against the clean one itself; the network sees the same inputs. What
    is measured as a segmentation is the mask of input minus output.

    A rival is a second network that starts from the same weights and is trained at the same time,
    on the same inputs, under the other scheme: both in one run, to be set side by side. The two
    share no weights, so under an optimiser that treats each weight by itself (all of torch's but
    LBFGS) both are trained as they would be alone, unless something couples their gradients:
    clipping by a common norm, or fp16's common scale. The weights that are kept, where a
    checkpoint is chosen by validation, are those of the network's best epoch for both.

    Args:
        network: Images (B, C, h, w) in and out, standardised if `standardise` is given.
        loss: Output and target in, both (B, C, h, w) and both standardised alike; a scalar out.
        scheme: What the output is held against.
        rival: Train a twin under the other scheme, too.
        standardise: Mean and standard deviation that images are standardised by; None feeds them
            as they are, in 0..1.
        difference: Makes the mask of an image and what the network made of it.
        structures: The one name of what is found.
        **options: Those of `SegmentationTask`.

    Attributes:
        rival: The twin; None without one.
        rival_scheme: Its scheme.

    Raises:
        InputError: If the scheme is unknown, there is more than one structure, or a batch has no
            image to hold the output against.
    """

    rival: nn.Module | None

    def __init__(
        self,
        *,
        scheme: Scheme = "noise2noise",
        rival: bool = False,
        standardise: Standardise | None = None,
        difference: DifferenceMask | None = None,
        structures: Sequence[str] = ("annotation",),
        **options: Any,
    ) -> None:
        super().__init__(structures=structures, **options)
        require(scheme in TARGETS, "model.scheme", " or ".join(get_args(Scheme)), scheme)
        require(len(self.structures) == 1, "model.structures", "one name", self.structures)
        self.scheme, (self.rival_scheme,) = scheme, TARGETS.keys() - {scheme}
        self.rival = deepcopy(self.network) if rival else None
        if self.compiled and self.rival is not None:
            self.rival.compile()
        self.standardise = standardise or Standardise()
        self.difference = difference or DifferenceMask()

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        """The network and its rival."""
        return (self.network,) if self.rival is None else (self.network, self.rival)

    def run(self, network: nn.Module, image: Tensor) -> Any:
        """Return a network's output for images in 0..1, standardised if the task is."""
        return network(self.standardise(image))

    def restore(self, image: Tensor) -> Tensor:
        """Return images (B, C, h, w) in 0..1 without what was put on them, in 0..1."""
        return self._as_images(self(image))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of a batch, with a rival the sum of both."""
        loss = self._loss(self(batch["image"]), batch, self.scheme)
        if self.rival is None:
            self.count(loss=loss)
            return loss
        rival = self._loss(self.run(self.rival, batch["image"]), batch, self.rival_scheme)
        self.count(loss=loss, rival=rival)
        return loss + rival

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Measure a batch.

        Returns:
            As `SegmentationTask.test_step`, and "pictures" on the network's grid, (B, h, w, C)
            uint8: "image", "restored", and where there are such "reference" and "rival".
        """
        output, counted = self._evaluated(batch, self.test_loss)
        images = {"image": batch["image"], "restored": self._as_images(output)}
        if "reference" in batch:
            images["reference"] = batch["reference"]
        if self.rival is not None:
            images["rival"] = self._as_images(self.run(self.rival, batch["image"]))
        pictures = {name: _pixels(each) for name, each in images.items()}
        return self._measured(output, counted, batch) | {"pictures": pictures}

    def predict_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Return what was found in a batch, and "restored", (H, W, C) uint8 on own grids."""
        output = self(batch["image"])
        scores, masks = self._found(output, batch)
        return {
            "masks": masks,
            "scores": scores,
            "presence": torch.full((len(masks),), torch.nan),
            "restored": on_own_grids(self._as_images(output), batch),
        }

    def _as_images(self, output: Tensor) -> Tensor:
        return self.standardise.undone(output.float()).clamp(0, 1)

    def _loss(self, output: Tensor, batch: Batch, scheme: str) -> Tensor:
        target = TARGETS[scheme]
        require(target in batch, "data", f"images with a '{target}' for {scheme}", "none")
        loss: Tensor = self.loss(output, self.standardise(batch[target]))
        return loss

    def _image_loss(self, output: Any, batch: Batch, place: int) -> Tensor:
        one = {key: batch[key][place : place + 1] for key in TARGETS.values() if key in batch}
        return self._loss(one_of(output, place), one, self.scheme)

    def _found(self, output: Any, batch: Batch) -> tuple[list[Scores], list[Mask]]:
        """Find annotations by what was taken off; the score is how much, 0..1."""
        pairs = zip(_pixels(batch["image"]), _pixels(self._as_images(output)), strict=True)
        taken = np.stack([self.difference.difference(*pair) for pair in pairs])
        inside = np.stack([self.difference.found(each) for each in taken])
        scores = restored(torch.from_numpy(taken)[:, None].float() / 255, batch)
        shares = restored(torch.from_numpy(inside)[:, None].float(), batch)
        return scores, [(share[0] >= _HALF).astype(np.uint8) for share in shares]


def _pixels(images: Tensor) -> Mask:
    """Return images (B, C, h, w) in 0..1 as (B, h, w, C) uint8."""
    levels = (255 * images.float()).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(levels.permute(0, 2, 3, 1).cpu().numpy())
