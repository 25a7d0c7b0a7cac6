"""Checking a folder of images: does each carry the annotations that it should?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from core.annotations import KINDS
from core.checks import nearest, require
from core.data import ImageFolder
from core.data.dataset import as_channels, to_tensors
from core.files import replace_text
from core.grids import Grid
from core.metrics.confidence import PRESENT, confidence
from core.reports.checked import CheckedImage, write_checked_page

TABLE: Final = "annotations.csv"

Pixels = NDArray[np.uint8]
Scores = NDArray[np.float32]


def check_folder(
    task: Any,
    grid: Grid,
    source: ImageFolder,
    output: Path,
    required: Sequence[str],
) -> Path:
    """Look for annotations in each image of a folder.

    Writes annotations.csv, a row an image in the source's order: `id`, the confidence of each kind
    (0..1, a column each), `missing` (the required kinds of a confidence below 0.5, joined by
    blanks) and `complete` (yes or no); and annotations.html, a page of the images.

    Args:
        task: A `SegmentationTask` whose structures are kinds of annotations.
        grid: What its network was trained on.
        source: The images.
        output: A folder; made if need be.
        required: The kinds that each image should carry; empty for all.

    Returns:
        Path of the page.

    Raises:
        InputError: If the task finds no kinds, a required one is not among them, or an image has
            become unreadable.
        RunError: If something cannot be written.
    """
    wanted = _wanted(_kinds(task), required)
    rows: list[dict[str, Any]] = []
    checked = _checked(task.eval(), grid, source, wanted)
    page = write_checked_page(output, _noted(checked, rows), required=wanted)
    replace_text(output / TABLE, pd.DataFrame(rows).to_csv(index=False))
    return page


def _kinds(task: Any) -> list[str]:
    """Return the kinds that a task finds, or say which checkpoint would."""
    kinds = list(getattr(task, "structures", []))
    finds = kinds and {*kinds} <= KINDS.keys() and not hasattr(task, "restore")
    expected = "one that finds annotations, trained with the overlay `checker`"
    require(finds, "--ckpt", expected, f"one of a {type(task).__name__}")
    return kinds


def _wanted(kinds: Sequence[str], required: Sequence[str]) -> list[str]:
    """Return the required kinds, each once and in the task's order; all where none is named."""
    for name in required:
        expected = f"among {', '.join(kinds)}"
        require(name in kinds, "--required", expected, f"'{name}'{nearest(name, kinds)}")
    return [kind for kind in kinds if kind in required or not required]


def _checked(
    task: Any, grid: Grid, source: ImageFolder, wanted: Sequence[str]
) -> Iterator[CheckedImage]:
    """Check one image after the other."""
    names = tqdm(source.table["id"], desc="checking", unit="image", delay=1, leave=False)
    for index, name in enumerate(names):
        image = source[index]["image"]
        scores = _scores(task, grid, image)
        sure = dict(zip(task.structures, confidence(scores).round(4).tolist(), strict=True))
        found = [kind for kind, value in sure.items() if value >= PRESENT]
        yield CheckedImage(
            name=name,
            image=image,
            mask=_only(task.masks.mask(scores), [kind in found for kind in sure]),
            confidences=sure,
            found=found,
            missing=[kind for kind in wanted if kind not in found],
        )


@torch.no_grad()
def _scores(task: Any, grid: Grid, image: Pixels) -> Scores:
    """Return each kind's probabilities on an image's own grid, (K, H, W) float32."""
    laid = to_tensors({"image": grid.lay_image(as_channels(image, 3))})["image"]
    size = image.shape[:2]
    where = {"box": torch.from_numpy(grid.box(size))[None], "original_size": torch.tensor([size])}
    scores: Scores = task.masks.scores(task(laid[None].to(task.device)), where)[0]
    return scores


def _only(mask: Pixels, found: Sequence[bool]) -> Pixels:
    """Return a mask without the classes that are not found."""
    kept = np.array([False, *found])
    return np.where(kept[mask], mask, 0).astype(np.uint8)


def _noted(checked: Iterator[CheckedImage], rows: list[dict[str, Any]]) -> Iterator[CheckedImage]:
    """Pass images on, and append the table's row of each."""
    for image in checked:
        complete = "no" if image.missing else "yes"
        row = {"id": image.name, **image.confidences, "missing": " ".join(image.missing)}
        rows.append(row | {"complete": complete})
        yield image
