"""The contact sheet of a de-identification: the maximum over all copies, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from core.files import replace_text
from core.reports.contours import Image
from core.reports.templates import jpeg_uri, render

PAGE: Final = "deidentified.html"
MOST: Final = 200
"""Kinds shown; more make a page that browsers are slow to open."""

_SIDE_PX: Final = 640
_EDGE_RGB: Final = (255, 64, 64)


@dataclass(frozen=True, kw_only=True)
class OverlaidKind:
    """Copies of one machine, size and set of regions, laid over each other.

    Attributes:
        title: Machine and size.
        files: Number of copies.
        frames: Number of their frames.
        outside: Brightest pixel outside, 0 to 255; 0 is right.
        maximum: (H, W) uint8, the brightest value over all frames.
        persistence: (H, W) uint8, the share of frames in which a pixel was bright; 255 = all.
        inside: (H, W) of what was kept.
    """

    title: str
    files: int
    frames: int
    outside: int
    maximum: npt.NDArray[np.uint8]
    persistence: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.bool_]


def write_deidentified_page(
    output_dir: Path,
    kinds: Sequence[OverlaidKind],
    *,
    counts: Mapping[str, int],
    reasons: Mapping[str, int],
    notes: Sequence[str],
    kept: Sequence[str],
) -> Path:
    """Write a self-contained page; it says nothing of persons or file names.

    Args:
        output_dir: Where deidentified.html goes.
        kinds: The overlays, in the order to be shown.
        counts: Files in, written, for review, quarantined.
        reasons: Why files were not simply written, and how many.
        notes: What the reader has to know, one sentence each.
        kept: Keywords of the attributes that went over.

    Returns:
        Path of the page.
    """
    shown = [
        {
            "kind": kind,
            "views": {
                "Maximum of all frames": jpeg_uri(_outlined(kind.maximum, kind.inside)),
                "Share of frames that are bright": jpeg_uri(_heated(kind.persistence, kind.inside)),
            },
        }
        for kind in kinds[:MOST]
    ]
    page = output_dir / PAGE
    values = {"counts": counts, "reasons": reasons, "notes": notes, "kept": kept}
    replace_text(page, render(PAGE, kinds=shown, hidden=len(kinds) - len(shown), **values))
    return page


def _heated(persistence: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]) -> Image:
    """Return a share as colours: black none, white all frames, text stands out as white."""
    colours = cv2.applyColorMap(persistence, cv2.COLORMAP_INFERNO)[..., ::-1]
    return _outlined(np.ascontiguousarray(colours), inside)


def _outlined(picture: Image, inside: npt.NDArray[np.bool_]) -> Image:
    """Return a picture no wider than the page needs, with a line around what was kept."""
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    scale = min(_SIDE_PX / max(inside.shape), 1.0)
    size = (round(inside.shape[1] * scale), round(inside.shape[0] * scale))
    rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    drawn: Image = cv2.drawContours(np.ascontiguousarray(rgb), outlines, -1, _EDGE_RGB, 1)
    return drawn
