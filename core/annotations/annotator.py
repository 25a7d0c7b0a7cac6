"""Annotations drawn on clean images: the noisy images and the truth that a restorer learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.annotations.body_marker import BodyMarker
from core.annotations.flow_box import FlowBox
from core.annotations.kind import Bytes, Kind, Look, Stamp
from core.annotations.radial_line import RadialLine
from core.annotations.text_label import TextLabel
from core.checks import nearest, require

KINDS: Final[dict[str, type[Kind]]] = {
    kind.name: kind for kind in (BodyMarker, RadialLine, FlowBox, TextLabel)
}
"""All kinds by name; the first three are the paper's."""

SMALLEST_SIDE: Final = 32  # pixels: less has no room for a legible icon


class Annotated(NamedTuple):
    """An image with annotations.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        mask: Where, and only where, it differs from the clean one, the class index 1..K of the
            annotation (H, W) uint8; 0 elsewhere. Of several, the one on top.
    """

    image: Bytes
    mask: Bytes


class Annotator:
    """Draws annotations whose choice, look and place follow from a seed and a key alone.

    From one stream of random numbers come first the kinds, then the looks, then the places of one
    image, and then those of its twin; so a pair begins as a single image does.

    Args:
        kinds: What is drawn: names in `KINDS`, for default parameters, or objects. Later ones lie
            on top.
        chance: None for exactly one kind an image, each as often, as in the paper; else the
            probability of each kind by itself, 0 to 1.
        seed: Of all draws.

    Attributes:
        names: The kinds' names; name k has class index k + 1.

    Raises:
        InputError: If a kind is unknown or there twice, there is none, or a number is out of range.

    References:
        The paper's Section III-A: two noisy images of one clean one, with the same icon and
        independent positions.
    """

    def __init__(
        self, kinds: Sequence[str | Kind], *, chance: float | None = None, seed: int = 0
    ) -> None:
        require(kinds, "kinds", "at least one kind of annotation", kinds)
        require(chance is None or 0 < chance <= 1, "chance", "above 0 and at most 1", chance)
        require(seed >= 0, "seed", "not negative", seed)
        self.kinds = tuple(_kind(kind) for kind in kinds)
        self.names = tuple(kind.name for kind in self.kinds)
        require(len(set(self.names)) == len(self.names), "kinds", "each kind once", self.names)
        self.chance, self.seed = chance, seed

    def annotate(self, image: Bytes, *key: int) -> Annotated:
        """Draw annotations on a copy of an image.

        Args:
            image: (H, W) or (H, W, 3) uint8, at least 32 x 32.
            key: Names the draw: numbers that are not negative, always as many.

        Raises:
            InputError: If it is no such image.
        """
        _require_image(image)
        rng, looks = self._looks(key)
        return _draw(image, looks, rng)

    def pair(self, image: Bytes, *key: int) -> tuple[Annotated, Annotated]:
        """Draw annotations of the same kinds and looks twice, at places of their own.

        Args:
            image: As for `annotate`.
            key: As for `annotate`.

        Returns:
            What `annotate` returns, and its twin.

        Raises:
            InputError: If it is no such image.
        """
        _require_image(image)
        rng, looks = self._looks(key)
        return _draw(image, looks, rng), _draw(image, looks, rng)

    def drawn(self, *key: int) -> tuple[str, ...]:
        """Return the names of the kinds that `annotate` draws for this key.

        A body marker may yet fall off the image, or a line be as the image was, and leave no trace.
        """
        return tuple(self.names[number] for number in self._choose(self._rng(key)))

    def _rng(self, key: tuple[int, ...]) -> np.random.Generator:
        return np.random.default_rng([self.seed, *key])

    def _choose(self, rng: np.random.Generator) -> list[int]:
        if self.chance is None:
            return [int(rng.random() * len(self.kinds))]
        return np.flatnonzero(rng.random(len(self.kinds)) < self.chance).tolist()

    def _looks(self, key: tuple[int, ...]) -> tuple[np.random.Generator, list[tuple[int, Look]]]:
        """Return the stream after all looks are drawn, and these with their class indices."""
        rng = self._rng(key)
        return rng, [(number + 1, self.kinds[number].look(rng)) for number in self._choose(rng)]


def _kind(kind: str | Kind) -> Kind:
    """Return the kind of this name."""
    if isinstance(kind, Kind):
        return kind
    known = ", ".join(KINDS)
    require(kind in KINDS, "kinds", f"names of {known}", f"'{kind}'{nearest(kind, KINDS)}")
    return KINDS[kind]()


def _require_image(image: Bytes) -> None:
    good = image.dtype == np.uint8 and (image.ndim == 2 or image.shape[2:] == (3,))
    require(good, "image", "(H, W) or (H, W, 3) uint8", image)
    side = SMALLEST_SIDE
    require(min(image.shape[:2]) >= side, "image", f"at least {side} x {side} pixels", image)


def _draw(image: Bytes, looks: Sequence[tuple[int, Look]], rng: np.random.Generator) -> Annotated:
    copy = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image.copy()
    annotated = Annotated(copy, np.zeros(image.shape[:2], np.uint8))
    for label, look in looks:
        for stamp in look(image.shape[:2], rng):
            _lay(stamp, annotated, image, label)
    return annotated


def _lay(stamp: Stamp, annotated: Annotated, clean: Bytes, label: int) -> None:
    """Lay a stamp over the image, and keep the mask true to what differs from the clean one."""
    top, left = max(stamp.top, 0), max(stamp.left, 0)
    bottom, right = (a + b for a, b in zip(stamp[:2], stamp.rgba.shape, strict=False))
    box = slice(top, max(bottom, 0)), slice(left, max(right, 0))
    region, mask = annotated.image[box], annotated.mask[box]
    if not mask.size:
        return
    rgba = stamp.rgba[top - stamp.top :, left - stamp.left :][: len(mask), : mask.shape[1]]
    opacity = rgba[..., 3]
    behind = cv2.multiply(region, cv2.merge([255 - opacity] * 3), scale=1 / 255)
    region[:] = cv2.add(behind, cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB))
    np.copyto(mask, label, where=opacity > 0)
    mask *= _differ(region, clean[box])


def _differ(region: Bytes, clean: Bytes) -> NDArray[np.bool_]:
    """Return where colours (h, w, 3) are not those of a grey or colour image (h, w)."""
    channels = cv2.split(clean) if clean.ndim == 3 else (clean,) * 3
    red, green, blue = (region[..., number] != channels[number] for number in range(3))
    return np.asarray(red | green | blue)
