"""The contact sheet of classified cines: a frame of each, with its class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files import replace_text
from core.reports.contours import Image, outline_picture
from core.reports.templates import jpeg_uri, render

PAGE: Final = "predictions.html"

_TEMPLATE: Final = "predicted_cines.html"
_SIDE_PX: Final = 360
_JPEG_QUALITY: Final = 75


@dataclass(frozen=True, kw_only=True)
class PredictedCine:
    """One cine that a classifier was applied to.

    Attributes:
        name: What the reader knows it by: its path below the folder.
        image: A frame of it, (H, W) or (H, W, 3) uint8.
        predicted: Its class, by majority vote of its frames or of a clip of them.
        votes: Share of the frames that are given this class, 0 to 1; None where a clip of them is
            given a class, and no single frame.
        confidence: Mean probability of this class, 0 to 1.
        frames: How many it has.
    """

    name: str
    image: Image
    predicted: str
    votes: float | None
    confidence: float
    frames: int


def write_cine_page(output_dir: Path, cines: Iterable[PredictedCine], *, model: str) -> Path:
    """Write a self-contained page of thumbnails, least certain first: these are worth a look.

    Args:
        output_dir: Where predictions.html goes.
        cines: What was predicted.
        model: What predicted, such as project and run.

    Returns:
        Path of the page.
    """
    shown = sorted(cines, key=lambda cine: (cine.confidence, cine.name))
    counts = Counter(cine.predicted for cine in shown)
    page = Path(output_dir) / PAGE
    text = render(
        _TEMPLATE,
        model=model,
        number=len(shown),
        counts=sorted(counts.items()),
        voted=any(cine.votes is not None for cine in shown),
        thumbnails=[(cine, _picture(cine)) for cine in shown],
    )
    replace_text(page, text)
    return page


def _picture(cine: PredictedCine) -> str:
    return jpeg_uri(outline_picture(cine.image, None, None, _SIDE_PX), _JPEG_QUALITY)
