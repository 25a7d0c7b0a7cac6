"""A few test images that are the same in every run, with what the run made of them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from core.reports.contours import (
    PREDICTION_RGB,
    TRUTH_RGB,
    Image,
    outline_picture,
    outline_structures,
)
from core.reports.masks import load_mask
from core.reports.removal_views import read_picture
from core.reports.run_folder import RESTORED, RunFolder, picture_path, prediction_path
from core.reports.tiles import Images

FIXED_CASES: Final = "cases"
"""Under this name loggers get them."""

_COUNT, _SIDE_PX, _BORDER_PX = 8, 480, 8


def choose_fixed(split: pd.DataFrame) -> list[int]:
    """Choose up to 8 test images, one a subject, by a digest of their ids.

    Runs that test on the same images therefore show the same ones, in the same order, and runs on
    other folds as many in common as can be.

    Args:
        split: One row an image: index, id, subject, stage.

    Returns:
        Rows of the source.
    """
    test = split[split["stage"] == "test"]
    digests = [hashlib.sha256(str(name).encode()).hexdigest() for name in test["id"]]
    ordered = test.assign(digest=digests).sort_values("digest").drop_duplicates("subject")
    return [int(index) for index in ordered["index"].head(_COUNT)]


def fixed_cases(run_dir: Path, images: Images) -> list[Image]:
    """Draw the cases: outlines, the restored image, or a frame that says whether it was told right.

    Args:
        run_dir: A tested run folder.
        images: Returns image and true mask by row of the source.

    Returns:
        Pictures without any name, each (h, w, 3) uint8; the bare image where the run tested on
        fewer images.
    """
    run = RunFolder.read(run_dir)
    return [_picture(run, images, index) for index in choose_fixed(run.split)]


def _picture(run: RunFolder, images: Images, index: int) -> Image:
    restored, prediction = picture_path(run.root, RESTORED, index), prediction_path(run.root, index)
    if len(run.removal) and restored.is_file():
        return outline_picture(
            read_picture(restored, "the restored test image"), None, None, _SIDE_PX
        )
    image, truth = images(index)
    if len(run.structures) > 1 and prediction.is_file():
        return outline_structures(image, load_mask(prediction), _SIDE_PX)
    if prediction.is_file():
        return outline_picture(image, truth, load_mask(prediction), _SIDE_PX)
    return _framed(outline_picture(image, None, None, _SIDE_PX), run.classified, index)


def _framed(picture: Image, classified: pd.DataFrame, index: int) -> Image:
    """Frame a classified image: green where it was told right, red where it was not."""
    rows = classified[classified["index"] == index] if len(classified) else classified
    if rows.empty:
        return picture
    colour = TRUTH_RGB if rows["correct"].iloc[0] else PREDICTION_RGB
    framed = np.empty([side + 2 * _BORDER_PX for side in picture.shape[:2]] + [3], np.uint8)
    framed[:] = colour
    framed[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX] = picture
    return framed
