"""What may be done to a predicted mask of one structure: (H, W) uint8 0 or 1 in, the same out.

The median nerve paper suggests to penalise shapes that are no ellipse "at the output or
post-processing stage" (discussion of Fig. 5G, where a small vessel is taken along), and is glad of
the second mass that betrays a bifid nerve (Fig. 5A, B). All steps leave an empty mask empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require
from core.shapes.ellipse import Ellipse, draw, ellipticity, moment_ellipse
from core.shapes.masses import find_masses

Mask = NDArray[np.uint8]
Step = Callable[[Mask], Mask]

_COPY = 0.6  # size of the copy of the ellipse that the mass is opened with
_ROUNDS = 3  # then the ellipse of the opened mass has settled
_LEAST_LEFT = 0.9  # ellipticity of what opening leaves, for its ellipse to be taken


class KeepLargest:
    """Keeps the largest mass and drops all others."""

    def __call__(self, mask: Mask) -> Mask:
        """Return the cleaned mask (H, W)."""
        return find_masses(mask, min_share=1).first(1)


class KeepMasses:
    """Keeps the largest masses and drops crumbs; a second branch of a bifid nerve stays.

    Args:
        most: How many masses to keep at most, >= 1.
        min_share: Smallest area of a mass as a share of the largest one's, 0..1.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(self, *, most: int = 2, min_share: float = 0.15) -> None:
        require(most >= 1, "most", "1 or more masses", most)
        require(0 <= min_share <= 1, "min_share", "a share of the largest area, 0..1", min_share)
        self.most, self.min_share = most, min_share

    def __call__(self, mask: Mask) -> Mask:
        """Return the cleaned mask (H, W)."""
        return find_masses(mask, min_share=self.min_share).first(self.most)


class FitEllipse:
    """Replaces each mass that is far from an ellipse by the ellipse in it; cuts off a vessel.

    The moment ellipse of a mass with a vessel attached is swollen and drawn towards the vessel:
    worse than no ellipse. So the mass is first opened (morphologically) by a smaller copy of its
    ellipse, and the ellipse taken of the largest part left, a few times over. An ellipse holds
    smaller copies of itself at every place: opening leaves it as it is, also its pointed ends,
    which a disc would round off, and cuts off whatever is too narrow for the copy.

    A mass may also be far from an ellipse because it is two branches that touch, or has lost a
    piece. Then what is left after opening is no ellipse either, or only a part of the mass: the
    mass stays as it is.

    Args:
        below: A mass of at least this ellipticity stays as it is, 0..1.
        least_overlap: Smallest IoU with the mass at which an ellipse takes its place, 0..1.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(self, *, below: float = 0.85, least_overlap: float = 0.8) -> None:
        require(0 <= below <= 1, "below", "an ellipticity in 0..1", below)
        require(0 <= least_overlap <= 1, "least_overlap", "an IoU in 0..1", least_overlap)
        self.below, self.least_overlap = below, least_overlap

    def __call__(self, mask: Mask) -> Mask:
        """Return the mask (H, W) with ellipses; masses below 15 % of the largest stay."""
        fitted = (mask > 0).astype(np.uint8)
        masses = find_masses(mask)
        for number in range(1, masses.count + 1):
            mass = masses.only(number)
            fitted[mass > 0] = 0
            fitted |= self._fitted(mass)
        return fitted

    def _fitted(self, mass: Mask) -> Mask:
        """Return the ellipse in a mass, or the mass as it is."""
        if ellipticity(mass) >= self.below:
            return mass
        left = _without_appendages(mass)
        ellipse = _fit(left)
        overlap = _iou(mass, draw(ellipse, mass.shape))
        fits = overlap >= self.least_overlap and ellipticity(left) >= _LEAST_LEFT
        return self._shaped(mass, ellipse) if fits else mass

    def _shaped(self, mass: Mask, ellipse: Ellipse) -> Mask:
        """Return what takes the place of a mass with this ellipse in it."""
        return draw(ellipse, mass.shape)


class CutToEllipse(FitEllipse):
    """Cuts off what sticks out of the ellipse in a mass by more than a tenth; adds nothing.

    Finds the ellipse as `FitEllipse` does, and leaves the outline its own form near to it: better
    than an ellipse for nerves that are only roughly one.

    Args:
        below: A mass of at least this ellipticity stays as it is, 0..1.
        least_overlap: Smallest IoU of mass and ellipse at which the mass is cut, 0..1.

    Raises:
        InputError: If an argument is out of its range.
    """

    def _shaped(self, mass: Mask, ellipse: Ellipse) -> Mask:
        """Return the mass within the ellipse made a tenth larger."""
        return mass & draw(ellipse.scaled(1.1), mass.shape)


class Chain:
    """Takes several steps one after the other.

    Args:
        steps: Each (H, W) uint8 in, the same out.
    """

    def __init__(self, *, steps: Sequence[Step]) -> None:
        self.steps = list(steps)

    def __call__(self, mask: Mask) -> Mask:
        """Return what the last step leaves (H, W)."""
        for step in self.steps:
            mask = step(mask)
        return mask


def _without_appendages(mass: Mask) -> Mask:
    """Return the largest part of a mass after opening by a smaller copy of its own ellipse."""
    x, y, width, height = cv2.boundingRect(mass)  # opening takes long; nothing lies outside
    left = box = mass[y : y + height, x : x + width]
    for _ in range(_ROUNDS):
        opened = cv2.morphologyEx(
            box,
            cv2.MORPH_OPEN,
            _element(_fit(left).scaled(_COPY)),
            borderType=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        if not opened.any():
            break
        left = KeepLargest()(opened)
    whole = np.zeros_like(mass)
    whole[y : y + height, x : x + width] = left
    return whole


def _fit(mass: Mask) -> Ellipse:
    """Return the moment ellipse of a mass, scaled to its area."""
    return moment_ellipse(mass).with_area(cv2.countNonZero(mass))


def _element(ellipse: Ellipse) -> Mask:
    """Return a structuring element: the ellipse, moved to the middle of an odd square."""
    reach = int(ellipse.semi_major_px)
    centred = replace(ellipse, row=reach, column=reach)
    return draw(centred, (2 * reach + 1, 2 * reach + 1))


def _iou(one: Mask, other: Mask) -> float:
    """Return the IoU of two masks (H, W), 0 or 1, of which one is not empty."""
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)
