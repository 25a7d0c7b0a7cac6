"""Phantom frames beside real ones of the same size, with the nerves outlined.

    python -m benchmarks.phantom_beside_real shared/data/nerves_usgra

The folder holds `manifest.csv` (columns image, mask) and RGB masks with nerves in (128, 0, 0). Rows
of the figure alternate between real and simulated frames; every second column has outlines. The
real images of the usgra-seg set (github.com/tmkand/usgra-seg) are CC-BY 4.0.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np

from core.phantoms.neck import Bytes, NeckScene

SIZE = (315, 435)
COLUMNS, PAIRS = 4, 2
RESULT = Path(__file__).parent / "results" / "phantom_beside_real.png"


def real_frames(folder: Path, count: int) -> list[tuple[Bytes, Bytes]]:
    """Images and nerve masks spread over the set, cut to the lit part and to the phantom's size."""
    rows = list(csv.DictReader((folder / "manifest.csv").open()))
    picked = np.linspace(0, len(rows) - 1, count + 2).astype(int)[1:-1]
    return [_cut(folder / rows[i]["image"], folder / rows[i]["mask"]) for i in picked]


def _cut(image_file: Path, mask_file: Path) -> tuple[Bytes, Bytes]:
    image = cv2.imread(str(image_file), cv2.IMREAD_GRAYSCALE)
    mask = (cv2.imread(str(mask_file)) == (0, 0, 128)).all(axis=2).astype(np.uint8)
    lit = [np.flatnonzero(image.mean(axis=axis) > 3) for axis in (1, 0)]
    top, left = lit[0][0], lit[1][0]
    height = min(lit[0][-1] - top, (lit[1][-1] - left) * SIZE[0] // SIZE[1])
    part = slice(top, top + height), slice(left, left + height * SIZE[1] // SIZE[0])
    return (
        cv2.resize(image[part], SIZE[::-1], interpolation=cv2.INTER_AREA),
        cv2.resize(mask[part], SIZE[::-1], interpolation=cv2.INTER_NEAREST),
    )


def phantom_frames(count: int, seed: int) -> list[tuple[Bytes, Bytes]]:
    """One frame of each subject, with the plexus where its sweep shows it."""
    scene = NeckScene(subjects=count, frames=60, size=SIZE, seed=seed)
    frames = []
    for subject in range(count):
        seen = np.flatnonzero(scene.visible & (scene.subject == subject))
        frame = scene[int(seen[len(seen) // 2]) if len(seen) else subject * 60]
        frames.append((frame.image, frame.truth))
    return frames


def tile(image: Bytes, mask: Bytes, *, text: str, outlined: bool) -> Bytes:
    """An image with its origin written on it and, if wanted, the outline of the mask."""
    tile = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if outlined:
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(tile, contours, -1, (0, 255, 255), 1)
    cv2.putText(tile, text, (6, SIZE[0] - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (160, 160, 160), 1)
    return tile


def main() -> None:
    """Write the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of real images with manifest.csv")
    parser.add_argument("--seed", type=int, default=0, help="of the phantoms")
    given = parser.parse_args()
    count = COLUMNS * PAIRS
    kinds = {"real": real_frames(given.folder, count), "phantom": phantom_frames(count, given.seed)}
    rows = []
    for pair in range(PAIRS):
        for name, frames in kinds.items():
            shown = frames[pair * COLUMNS : (pair + 1) * COLUMNS]
            tiles = [tile(*f, text=name, outlined=k % 2 == 1) for k, f in enumerate(shown)]
            rows.append(np.hstack(tiles))
    cv2.imwrite(str(RESULT), np.vstack(rows))
    print(RESULT)
    for name, frames in kinds.items():
        grey = np.concatenate([image.ravel() for image, _ in frames])
        print(f"{name:8} mean {grey.mean():5.1f}  5/50/95 %: {np.percentile(grey, (5, 50, 95))}")


if __name__ == "__main__":
    main()
