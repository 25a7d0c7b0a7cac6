"""What post-processing makes of a nerve with a vessel attached: Dice, area and time.

Simulated ellipses with a disc on their border; with a folder of real nerve masks (red channel set
where the nerve is, as in usgra-seg) also their outlines with such a disc:

    python -m benchmarks.ellipse [shared/data/nerves_usgra/dataset/masks]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.timing import one_thread, write_results
from core.shapes import (
    CutToEllipse,
    Ellipse,
    FitEllipse,
    KeepLargest,
    draw,
    ellipticity,
    moment_ellipse,
)

Mask = NDArray[np.uint8]
SIZE, CASES, BELOW = (221, 283), 300, 0.85


def outline(mask: Mask) -> NDArray[np.int32]:
    """Return the points x, y (n, 2) of a mask's outer border."""
    lines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return max(lines, key=len)[:, 0]


def moments_of_all(mask: Mask) -> Mask:
    """Replace a mask by the moment ellipse of the whole."""
    return draw(moment_ellipse(mask).with_area(int(mask.sum())), mask.shape)


def opencv_ellipse(mask: Mask) -> Mask:
    """Replace a mask by OpenCV's least-squares ellipse of its outline."""
    return cv2.ellipse(np.zeros_like(mask), cv2.fitEllipseDirect(outline(mask)), 1, -1)


def disc_opening(mask: Mask) -> Mask:
    """Open by a disc of 0.6 of the largest inscribed one; take the rest's moment ellipse."""
    radius = 0.6 * cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5).max()
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(radius) + 1,) * 2)
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc, borderValue=0)
    return moments_of_all(KeepLargest()(opened))


METHODS: dict[str, Callable[[Mask], Mask]] = {
    "as it is": lambda mask: mask,
    "moment ellipse of the whole": moments_of_all,
    "cv2.fitEllipseDirect of the outline": opencv_ellipse,
    "opened by a disc, moment ellipse": disc_opening,
    "FitEllipse": FitEllipse(),
    "CutToEllipse": CutToEllipse(),
}


def with_vessel(nerve: Mask, rng: np.random.Generator) -> Mask:
    """Attach a disc of 0.4 to 0.65 of the nerve's least semi-axis somewhere to its border."""
    ellipse, points = moment_ellipse(nerve), outline(nerve)
    radius = ellipse.semi_minor_px * rng.uniform(0.4, 0.65)
    x, y = points[rng.integers(len(points))].astype(float)
    away = np.array([x - ellipse.column, y - ellipse.row])
    x, y = (x, y) + 0.6 * radius * away / np.linalg.norm(away)
    disc = Ellipse(row=y, column=x, semi_major_px=radius, semi_minor_px=radius, angle_rad=0)
    return nerve | draw(disc, nerve.shape)


def simulated(rng: np.random.Generator) -> Mask:
    """Draw an ellipse of a nerve's size and flatness."""
    minor, angle = rng.uniform(14, 28), rng.uniform(0, pi)
    major = min(minor * rng.uniform(1.2, 3), 75)
    row, column = 110 + 8 * cos(angle), 140 + 8 * sin(angle)
    nerve = Ellipse(
        row=row, column=column, semi_major_px=major, semi_minor_px=minor, angle_rad=angle
    )
    return draw(nerve, SIZE)


def real(path: Path) -> Mask:
    """Read the largest nerve of a mask file."""
    red, green, _ = np.moveaxis(np.array(Image.open(path).convert("RGB")), -1, 0)
    return KeepLargest()(((red > 60) & (green < 60)).astype(np.uint8))


def dice(one: Mask, other: Mask) -> float:
    """Return the Dice of two masks of which one is not empty."""
    return float(2 * np.count_nonzero(one & other) / (one.sum(dtype=int) + other.sum(dtype=int)))


def measure(name: str, nerves: list[Mask]) -> dict[str, object]:
    """Score all methods on the masks that are far from an ellipse once a vessel is attached."""
    rng = np.random.default_rng(1)
    pairs = [(nerve, with_vessel(nerve, rng)) for nerve in nerves]
    pairs = [(nerve, mask) for nerve, mask in pairs if ellipticity(mask) < BELOW]
    print(f"{name}: {len(pairs)} of {len(nerves)} masks with ellipticity below {BELOW}")
    rows: dict[str, object] = {}
    for method, change in METHODS.items():
        start = time.process_time()
        changed = [change(mask) for _, mask in pairs]
        ms = (time.process_time() - start) / len(pairs) * 1000
        scores = [dice(nerve, after) for (nerve, _), after in zip(pairs, changed, strict=True)]
        areas = [
            after.sum() / nerve.sum() for (nerve, _), after in zip(pairs, changed, strict=True)
        ]
        row = {"dice": np.mean(scores), "area": np.mean(areas), "ms": ms}
        rows[method] = {key: round(float(value), 4) for key, value in row.items()}
        print(f"  {method:<38}Dice {row['dice']:.4f}  area {row['area']:.3f}  {ms:6.2f} ms")
    return {"masks": len(pairs), "of": len(nerves)} | rows


def main() -> None:
    """Measure simulated nerves, and real ones where a folder is named."""
    one_thread()
    rng = np.random.default_rng(0)
    figures = {"simulated": measure("simulated", [simulated(rng) for _ in range(CASES)])}
    if len(sys.argv) > 1:
        nerves = [real(path) for path in sorted(Path(sys.argv[1]).glob("*.png"))]
        figures["real"] = measure("real outlines", nerves)
    write_results("ellipse", figures)


if __name__ == "__main__":
    main()
