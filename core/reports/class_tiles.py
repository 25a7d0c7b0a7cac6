"""Test images that a classifier told rightly and wrongly, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.reports.cases import SHOWN
from core.reports.contours import outline_picture
from core.reports.outlines import TileGroup
from core.reports.run_folder import RunFolder
from core.reports.tiles import Images, Tile, image_name

_MISTAKES = 2 * SHOWN
_SIDE_PX = 320


def class_tiles(run: RunFolder, images: Images) -> list[TileGroup]:
    """Draw the most confident mistakes, and a typical right answer of each class.

    Args:
        run: A run folder; nothing for one that classifies nothing.
        images: Image, (H, W) or (H, W, 3) uint8, by row of the source; masks are not looked at.
    """
    if run.classified.empty:
        return []
    parts = (
        (
            "Most confident mistakes",
            "At most one of a sequence.",
            confident_mistakes(run.classified),
        ),
        (
            "Typical right answers",
            "Of each class the image whose confidence is nearest the median.",
            typical_rights(run.classified, run.classes),
        ),
    )
    return [
        TileGroup(
            title=title,
            note=note if len(rows) else "None among the test images.",
            tiles=[_tile(images, row) for _, row in rows.iterrows()],
        )
        for title, note, rows in parts
    ]


def confident_mistakes(images: pd.DataFrame) -> pd.DataFrame:
    """Return up to eight rows that are wrong, the most confident first, one of a sequence."""
    wrong = images[images["correct"] == 0]
    order = wrong.sort_values(["confidence", "index"], ascending=[False, True])
    alike = "sequence" if "sequence" in order else "subject"  # frames of a film are alike
    return order.drop_duplicates(alike).head(_MISTAKES)


def typical_rights(images: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    """Return a row that is right for each class that has any, of median confidence."""
    return images.loc[list(_medians(images[images["correct"] == 1], classes))]


def _medians(right: pd.DataFrame, classes: list[str]) -> Iterator[object]:
    for name in classes:
        own = right.loc[right["truth"] == name, "confidence"]
        if len(own):
            yield (own - own.median()).abs().idxmin()


def _tile(images: Images, row: pd.Series) -> Tile:
    """Draw an image as it is, with what was said of it."""
    image, _ = images(int(row["index"]))
    right = row["truth"] == row["predicted"]
    heading = row["truth"] if right else f"{row['truth']}, taken for {row['predicted']}"
    sure = f"confidence {row['confidence']:.2f}"
    return Tile(
        picture=outline_picture(image, None, None, _SIDE_PX),
        heading=str(heading),
        detail=f"{sure}; image {image_name(row)}",
        alt=f"Image {row['id']} of class {row['truth']}, predicted {row['predicted']}, {sure}.",
    )
