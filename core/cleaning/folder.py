"""Cleaning a folder of images into another one, with a table and a contact sheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from core.cleaning.cleaner import Cleaned, Pixels
from core.data import ImageFolder
from core.dicom.header import is_dicom, read_header
from core.files import png_names, replace_text, replacing
from core.reports.cleaned import CleanedImage, write_cleaned_page
from core.shapes import find_masses

TABLE: Final = "cleaning.csv"
COLUMNS: Final = (
    *("id", "cleaned", "mask", "rows", "columns", "annotations"),
    *("changed_share", "largest_difference", "seconds"),
)
"""Of the table: the image's path inside its folder and its results' inside the output, its size in
pixels, in how many separate places annotations were found, the share of pixels that changed (0..1),
the largest change of a channel (grey levels, 0..255), and how long it took."""


def clean_folder(
    clean: Callable[[Pixels], Cleaned], source: ImageFolder, output: Path, *, model: str
) -> pd.DataFrame:
    """Clean images one by one; the originals are only read.

    Writes cleaned/<name>.png, 8 bits a channel, and masks/<name>.png, 0 and 255, of each image at
    once, and at the end cleaning.csv and cleaned.html. A cleaning that is cut off leaves the images
    that it did, and the table of them.

    Args:
        clean: An image (H, W) or (H, W, 3) uint8 in, the cleaned one and its mask out.
        source: The images.
        output: A folder that holds nothing yet; made if need be.
        model: What cleans, for the page's heading.

    Returns:
        The table, a row an image, with the columns `COLUMNS`.

    Raises:
        InputError: If an image has become unreadable.
        RunError: If something cannot be written.
    """
    rows: list[dict[str, Any]] = []
    try:
        write_cleaned_page(output, _cleaned(clean, source, output, rows), model=model)
    finally:
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        replace_text(output / TABLE, table.to_csv(index=False))
    return table


def several_frames(source: ImageFolder) -> int:
    """Count the DICOM files of which only the first of several frames is read."""
    headers = (read_header(path) for path in source.images if is_dicom(path))
    return sum(int(header.get("NumberOfFrames") or 1) > 1 for header in headers)


def _cleaned(
    clean: Callable[[Pixels], Cleaned],
    source: ImageFolder,
    output: Path,
    rows: list[dict[str, Any]],
) -> Iterator[CleanedImage]:
    """Clean and write each image, append its row, and yield what the page shows of it."""
    files_of = png_names(source.table["id"])
    names = tqdm(files_of, desc="cleaning", unit="image", delay=1, leave=False)
    for index, name in enumerate(names):
        start = time.perf_counter()
        image = source[index]["image"]
        cleaned = clean(image)
        files = {"cleaned": f"cleaned/{files_of[name]}", "mask": f"masks/{files_of[name]}"}
        _save(cleaned.image, output / files["cleaned"])
        _save(cleaned.mask * np.uint8(255), output / files["mask"])
        row = {"id": name, **files, **_measures(image, cleaned)}
        rows.append(row | {"seconds": round(time.perf_counter() - start, 3)})
        yield CleanedImage(
            name=name,
            image=image,
            cleaned=cleaned.image,
            mask=cleaned.mask,
            annotations=row["annotations"],
        )


def _measures(image: Pixels, cleaned: Cleaned) -> dict[str, Any]:
    change = np.abs(image.astype(np.int16) - cleaned.image)
    changed = change.any(axis=2) if image.ndim == 3 else change > 0
    return {
        "rows": image.shape[0],
        "columns": image.shape[1],
        "annotations": find_masses(cleaned.mask, min_share=0).count,
        "changed_share": round(float(changed.mean()), 6),
        "largest_difference": int(change.max()),
    }


def _save(pixels: Pixels, path: Path) -> None:
    """Write a PNG, whole or not at all."""
    with replacing(path) as file:
        Image.fromarray(pixels).save(file, "PNG")
