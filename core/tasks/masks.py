"""From a network's raw output to masks on the images' own grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.checks import require
from core.grids import restore
from core.losses.dice import probabilities
from core.tasks.base import Batch

Mask = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
MaskStep = Callable[[Mask], Mask]
"""Changes the mask of one structure, (H, W) uint8 of 0 and 1, on the image's own grid."""


@dataclass(frozen=True, kw_only=True)
class MaskMaker:
    """Decides which pixels belong to which structure.

    Attributes:
        structures: Name of each structure, in the order of the mask's values from 1 up.
        threshold: A pixel belongs to a single structure where its probability is at least this;
            of several, the likeliest wins, the background included.
        postprocess: Applied to each structure's mask by itself.
    """

    structures: tuple[str, ...]
    threshold: float
    postprocess: MaskStep | None

    def scores(self, output: Any, batch: Batch) -> list[Scores]:
        """Return each structure's probability on each image's own grid, (K, H, W) float32.

        Raises:
            InputError: If the network's maps are not as many as the structures need.
        """
        logits, _ = parts(output)
        self.check_maps(logits)
        return restored(probabilities(logits), batch)

    def check_maps(self, logits: Tensor) -> None:
        """Raise an InputError unless the network's maps are as many as the structures need."""
        wanted = 1 if len(self.structures) == 1 else 1 + len(self.structures)
        what = f"{wanted} for {', '.join(self.structures)}"
        require(logits.shape[1] == wanted, "network's maps of logits", what, logits.shape[1])

    def check_classes(self, highest: int) -> None:
        """Raise an InputError if a true mask has a class that no structure stands for.

        A single structure takes all that is not background.
        """
        if len(self.structures) > 1:
            known = f"at most {len(self.structures)}: {', '.join(self.structures)}"
            require(highest <= len(self.structures), "class in a mask", known, highest)

    def mask(self, scores: Scores) -> Mask:
        """Return the class of each pixel, (H, W) uint8, from probabilities (K, H, W)."""
        if len(scores) == 1:
            mask = (scores[0] >= self.threshold).astype(np.uint8)
        else:
            rest = 1 - scores.sum(0, keepdims=True)
            mask = np.argmax(np.concatenate([rest, scores]), axis=0).astype(np.uint8)
        return mask if self.postprocess is None else self._changed(mask, self.postprocess)

    def inside(self, mask: Mask, number: int) -> npt.NDArray[np.bool_]:
        """Return where a true mask shows structure `number`, counted from 0."""
        if len(self.structures) == 1:  # whatever is not background
            return np.asarray(mask > 0)
        return np.asarray(mask == number + 1)

    def _changed(self, mask: Mask, step: MaskStep) -> Mask:
        result = np.zeros_like(mask)
        for number in range(len(self.structures), 0, -1):  # where two overlap, the first one wins
            result[step((mask == number).astype(np.uint8)) > 0] = number
        return result


def on_own_grids(images: Tensor, batch: Batch) -> list[Mask]:
    """Return images in 0..1 as uint8 on their own grids: (H,W) of one channel, else (H,W,C)."""
    maps = [np.moveaxis(each, 0, 2) for each in restored(images.float().clamp(0, 1), batch)]
    levels = [(255 * each).round().astype(np.uint8) for each in maps]
    return [each[..., 0] if each.shape[2] == 1 else each for each in levels]


def parts(output: Any) -> tuple[Tensor, Tensor | None]:
    """Return mask logits, of several heads the first's, and presence logits if there are any."""
    if isinstance(output, list):
        return output[0], None
    return output if isinstance(output, tuple) else (output, None)


def one_of(output: Any, place: int) -> Any:
    """Return the raw output for one image of a batch, still with the batch axis."""
    if isinstance(output, tuple):
        return tuple(part[place : place + 1] for part in output)
    return output[place : place + 1]


def restored(maps: Tensor, batch: Batch) -> list[Scores]:
    """Return maps (B,K,h,w) of the network's grid as (K,H,W) each, on the images' own grids."""
    boxes, sizes = batch["box"].cpu().numpy(), batch["original_size"].cpu().numpy()
    return [restore(*each) for each in zip(maps.float().cpu().numpy(), boxes, sizes, strict=True)]
