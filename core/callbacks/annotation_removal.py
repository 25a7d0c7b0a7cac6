"""How well annotations are taken off test images, under one scheme or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Trainer
from numpy.typing import NDArray
from PIL import Image as PilImage

from core.callbacks.gathered import Row
from core.callbacks.image_measures import ImageMeasures
from core.metrics import luma, psnr_hvs_m
from core.metrics.overlap import overlap
from core.metrics.restoration import psnr, ssim
from core.reports.run_folder import (
    ANNOTATED,
    REFERENCES,
    REMOVAL,
    RESTORED,
    RIVAL,
    picture_path,
)
from core.shapes import DifferenceMask

Pixels = NDArray[np.uint8]

NOTHING: Final = "nothing"
"""In the column `kinds`, where no pixel was changed."""

_FOLDERS: Final = {
    "image": ANNOTATED,
    "restored": RESTORED,
    "rival": RIVAL,
    "reference": REFERENCES,
}
_LOGGED: Final = ("psnr_hvs_m", "ssim", "psnr")


class AnnotationRemoval(ImageMeasures):
    """Measures what a `RestorationTask` makes of test images, and keeps the pictures.

    All is measured on 8-bit images, as they would be stored, on the network's grid. Writes
    annotated/, restored/, reference/ and with a rival rival/<index>.png, and removal.csv with a row
    an image: PSNR-HVS-M (dB, of the luma), SSIM and PSNR (dB) of input and output against the clean
    image; Dice, IoU and accuracy of the mask, and the same by the paper's one-sided difference.
    Logs test/psnr_hvs_m, test/ssim, test/psnr, test/psnr_hvs_m_gain (over the untouched input's),
    test/dice_one_sided, test/iou_one_sided, test/accuracy_one_sided; with a rival also
    test/rival/... of these and of its two-sided mask; and test/<kind>/dice and .../psnr_hvs_m.

    Likeness is that of images on which something was drawn: to have left the others as they are is
    no merit, and their untouched input is perfect. What became of those is psnr_hvs_m_untouched.

    Args:
        smallest: Pixels of the smallest component that the paper's mask keeps.
    """

    file: ClassVar[str] = REMOVAL
    folders: ClassVar[tuple[str, ...]] = tuple(_FOLDERS.values())

    def __init__(self, *, smallest: int = 6) -> None:
        super().__init__()
        self.one_sided = DifferenceMask(two_sided=False, floor=0, smallest=smallest)

    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterator[Row]:
        """Measure the images of a batch and write its pictures; none of a task that gives none."""
        pictures = outputs.get("pictures", {})
        if "reference" not in pictures:
            return
        for place in places:
            own = {name: pixels[place] for name, pixels in pictures.items()}
            index = int(batch["index"][place])
            _save(own, Path(trainer.default_root_dir), index)
            kinds = _shown(batch["truth"][place], trainer.datamodule.annotator.names)  # type: ignore[attr-defined]
            yield {"index": index, "kinds": kinds, **self._measured(own, task)}

    def measures(self, table: pd.DataFrame, task: Any) -> dict[str, float]:
        """Return means over all images, and those of each kind."""
        values = _named(_means(table), task.scheme, task.rival_scheme)
        for kind in sorted({*table["kinds"]} - {NOTHING}):
            if "+" not in kind:
                means = _means(table[table["kinds"] == kind])
                for measure in ("dice", "psnr_hvs_m"):
                    values[f"{kind}/{measure}"] = means[f"{measure}/{task.scheme}"]
        return values

    def _measured(self, own: dict[str, Pixels], task: Any) -> Row:
        """Return the measures of an image, those of the run's own scheme before the rival's."""
        row = _likeness("input", own["image"], own)
        for name, scheme in (("restored", task.scheme), ("rival", task.rival_scheme)):
            if name in own:
                row |= _likeness(scheme, own[name], own)
                row |= self._overlaps(scheme, own, name, task.difference)
        return row

    def _overlaps(
        self, scheme: str, own: dict[str, Pixels], name: str, two_sided: DifferenceMask
    ) -> Row:
        truth = (own["image"] != own["reference"]).any(-1)
        row = {}
        for suffix, difference in (("", two_sided), ("_one_sided", self.one_sided)):
            found = overlap(difference(own["image"], own[name]), truth)
            for measure in ("dice", "iou", "accuracy"):
                row[f"{measure}{suffix}/{scheme}"] = getattr(found, measure)
        return row


def _save(own: dict[str, Pixels], folder: Path, index: int) -> None:
    for name, pixels in own.items():
        path = picture_path(folder, _FOLDERS[name], index)
        path.parent.mkdir(parents=True, exist_ok=True)
        PilImage.fromarray(pixels).save(path)


def _shown(truth: Pixels, names: Sequence[str]) -> str:
    """Return which kinds changed a pixel of an image, joined by "+"."""
    return "+".join(names[number - 1] for number in np.unique(truth) if number) or NOTHING


def _likeness(which: str, picture: Pixels, own: dict[str, Pixels]) -> Row:
    """Measure one picture against the clean one; where nothing was drawn, apart."""
    one, clean = ((pixels / 255).astype(np.float32) for pixels in (picture, own["reference"]))
    lumas = (luma(torch.from_numpy(pixels).movedim(2, 0)) for pixels in (one, clean))
    found = {"psnr_hvs_m": float(psnr_hvs_m(*lumas)), "ssim": ssim(one, clean)}
    found["psnr"] = psnr(one, clean)
    if (own["image"] == own["reference"]).all():
        found = {**dict.fromkeys(found, nan), "psnr_hvs_m_untouched": found["psnr_hvs_m"]}
    return {f"{measure}/{which}": value for measure, value in found.items()}


def _means(table: pd.DataFrame) -> dict[str, float]:
    """Return the means of what was measured; a perfect image's PSNR is infinite and stays out."""
    measured = table.drop(columns=["index", "id", "subject", "kinds"])
    return dict(measured.where(np.isfinite(measured)).mean())


def _named(means: dict[str, float], scheme: str, rival: str) -> dict[str, float]:
    """Return what is logged of the columns' means."""
    values = {}
    for column, mean in means.items():
        measure, which = column.rsplit("/", 1)
        if which == rival:
            values[f"rival/{measure}"] = mean
        elif which == scheme and (measure in _LOGGED or measure.endswith("_one_sided")):
            values[measure] = mean  # the task itself logs those of its own mask
    gains = {"psnr_hvs_m_gain": scheme, "rival/psnr_hvs_m_gain": rival}
    for name, which in gains.items():
        if f"psnr_hvs_m/{which}" in means:
            values[name] = means[f"psnr_hvs_m/{which}"] - means["psnr_hvs_m/input"]
    return values
