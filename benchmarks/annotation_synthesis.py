"""Microseconds to draw annotations on an image, beside the same done with Pillow.

    OMP_NUM_THREADS=1 python -m benchmarks.annotation_synthesis

Grey images of 128 x 128 and 512 x 512, one thread. The peer does what the original code does on a
copy: icons of the same size, ready in memory, are pasted with their own opacity, a rectangle and a
joined line are drawn with ImageDraw, and everything once more into a mask (of the same cost, not at
the same places). It has no dashes, no probes and no sizes of icons to choose from; our mask tells
which pixels differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.annotations import KINDS, Annotator
from core.annotations.icons import Palette, drawn_icons

SIDES, IMAGES, ROUNDS = (128, 512), 100, 15
PEERS = {"body_marker": "Pillow, paste", "radial_line": "Pillow, line", "flow_box": "Pillow, box"}


def ways(side: int) -> dict[str, Callable[[], None]]:
    """Return what draws on `IMAGES` images, by name."""
    image = np.random.default_rng(0).integers(0, 200, (side, side), dtype=np.uint8)
    keys, found = count(), {}
    kinds: dict[str, tuple[list[str], float | None]] = {name: ([name], None) for name in KINDS}
    kinds |= {"one of all": (list(KINDS), None), "all at once": (list(KINDS), 1.0)}
    for name, (names, chance) in kinds.items():
        annotator = Annotator(names, chance=chance)
        for key in range(5000):
            annotator.annotate(image, key)  # icons of all sizes are drawn once
        found[name] = repeated(annotator.annotate, image, keys)
        found[f"{name}, pair"] = repeated(annotator.pair, image, keys)
    return found | {PEERS[name]: with_pillow(name, image, keys) for name in PEERS}


def repeated(
    call: Callable[..., object], image: np.ndarray, keys: Iterator[int]
) -> Callable[[], None]:
    """Return what calls it for `IMAGES` keys."""

    def run() -> None:
        for _ in range(IMAGES):
            call(image, next(keys))

    return run


def with_pillow(name: str, image: np.ndarray, keys: Iterator[int]) -> Callable[[], None]:
    """Return what draws one kind on `IMAGES` images with Pillow."""
    side, white = len(image), Palette((255, 255, 255))
    pixels = {
        "body_marker": max(round(0.14 * side), 20),
        "radial_line": max(round(0.023 * side), 7),
    }
    icon = Image.fromarray(drawn_icons()[0].painted(pixels.get(name, 8), white))

    def draw(_: np.ndarray, key: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([0, key])
        noisy = Image.fromarray(image).convert("RGB")
        mask = Image.new("L", noisy.size)
        for canvas, ink, stamp in ((noisy, (91, 115, 89), icon), (mask, 255, 255)):
            draws = ImageDraw.Draw(canvas)
            if name == "flow_box":
                corners = (np.array([0.25, 0.75]) + rng.uniform(-0.05, 0.05, (2, 2))) * side
                draws.rectangle(corners.T.ravel().tolist(), outline=ink)
                continue
            number = 1 if name == "body_marker" else int(rng.integers(1, 7))
            places = (rng.uniform(0.4, 0.6, (number, 2)) * side).astype(int).tolist()
            for place in places:
                canvas.paste(stamp, tuple(place), icon)
            if name == "radial_line" and rng.random() < 0.5:
                draws.line([tuple(place) for place in places], fill=ink)
        return np.asarray(noisy), np.asarray(mask)

    return repeated(draw, image, keys)


def main() -> None:
    """Measure, print, write."""
    one_thread()
    figures: dict[str, object] = {"images_a_round": IMAGES, "rounds": ROUNDS}
    for side in SIDES:
        seconds = alternate(ways(side), ROUNDS, time.process_time)
        show(f"{IMAGES} images of {side} x {side}, CPU", seconds, "one of all")
        figures[f"{side} x {side}"] = {
            "microseconds": {name: round(1e6 * s / IMAGES, 1) for name, s in seconds.items()},
            "images_per_second": {name: round(IMAGES / s) for name, s in seconds.items()},
            "peer_times_ours": {
                name: ratios({name: seconds[name], peer: seconds[peer]}, name)[peer]
                for name, peer in PEERS.items()
            },
        }
    print(write_results("annotation_synthesis", figures))


if __name__ == "__main__":
    main()
