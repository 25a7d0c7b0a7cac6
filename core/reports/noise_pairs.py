"""What a run was trained on: pairs of noisy images, and whether their noise meets the condition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.reports.drawing import Plot
from core.reports.masks import load_mask
from core.reports.removal_views import read_picture, sized
from core.reports.restored_figure import plot_cases
from core.reports.restored_views import View, ViewedImage
from core.reports.run_folder import PAIRS

_VIEWS: Final = {"noisy": "Noisy", "target": "Second noisy", "clean": "Clean"}
_WIDTH: Final = 1.55  # inches of a picture in the figure
_NEED: Final = (
    "Noise2Noise never sees a clean image. With an L2 loss its output goes to the mean of the "
    "second noisy image, so what is added has to have mean 0, or it stays as a faint veil. With an "
    "L1 loss the output goes to the median, and what is added has median 0 as long as fewer than "
    "half of the draws change a pixel."
)


def noise_pairs(root: Path) -> list[ViewedImage]:
    """Return the pairs that a run has saved, each noisy, noisy again, clean, and its mask.

    Raises:
        InputError: If a picture of a pair is missing.
    """
    return [
        _pair(first.parent, first.stem.removesuffix("-noisy"), number)
        for number, first in enumerate(sorted((root / PAIRS).glob("*-noisy.png")), 1)
    ]


def pair_figure(pairs: list[ViewedImage]) -> list[Plot]:
    """Return the pairs as a figure for a paper; nothing without any."""
    return plot_cases(pairs, name="pairs", title="Training pairs", width=_WIDTH)


def pair_note(root: Path) -> str:
    """Say what the mean of the added noise is and what Noise2Noise needs of it.

    Args:
        root: A run folder; without pairs.json nothing is said.
    """
    path = root / f"{PAIRS}.json"
    if not path.is_file():
        return ""
    return f"{_measured(json.loads(path.read_text(encoding='utf-8')))} {_NEED}"


def _pair(folder: Path, name: str, number: int) -> ViewedImage:
    pictures = {
        label: read_picture(folder / f"{name}-{key}.png", "a picture of a training pair")
        for key, label in _VIEWS.items()
    }
    mask = load_mask(folder / f"{name}-mask.png")
    pictures["Mask of the first"] = (mask > 0).astype(np.uint8) * 255
    return ViewedImage(
        title=f"Pair {number}",
        detail=f"{100 * (mask > 0).mean():.2f} % of the first image's pixels are changed",
        views=[View(name=key, whole=sized(each)) for key, each in pictures.items()],
    )


def _measured(noise: dict[str, Any]) -> str:
    """Put the mean of the added noise into words."""
    changed = noise.get("mean_noise_changed")
    among = f", {_levels(changed)} over those that it changes" if changed else ""
    return (
        f"Mean of what is added, measured over {noise['pairs']:,} pairs: "
        f"{_levels(noise['mean_noise'])} grey levels (red, green, blue) over all pixels{among}; "
        f"a draw changes {100 * noise['share_changed']:.2f} % of the pixels."
    )


def _levels(values: list[float]) -> str:
    return ", ".join(f"{value:+.2f}" for value in values)
