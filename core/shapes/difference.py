"""The mask of what a restoration took out of an image: where it differs from its input."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]


class DifferenceMask:
    """Finds what was removed from an image: differences over a threshold, without crumbs.

    The paper's way (`two_sided=False`) takes the grey values of the image minus those of the
    restored one, negative ones as 0: what is darker than the tissue it covers is lost, and so is a
    colour of the tissue's grey. Two-sided takes the largest absolute difference of a channel.

    The threshold t is Otsu's for the image, and pixels above it count (> t). Otsu splits whatever
    it is given: an image from which nothing was removed would get a mask of noise, and beside a
    bright annotation, a faint one or its darker parts would pass for tissue. Hence floor and
    ceiling: t is kept within them.

    Args:
        two_sided: Whether what is darker than the tissue, or of its grey, counts too.
        floor: Least difference of a pixel that counts, grey levels 0..255. None is 16 two-sided,
            above what a network or JPEG changes where nothing is removed, below the contrast of
            what shall be seen, and, if Otsu's threshold is higher, without effect; and 0 else, as
            the paper has none.
        ceiling: A pixel that differs by more counts whatever Otsu says, grey levels 0..255. None is
            48 two-sided, and 255, so without effect, else.
        smallest: Least pixels of a mass that counts. In the paper's way pixels that touch, if only
            at a corner, are one mass, and masses of 5 and less go. Two-sided, gaps of up to 4 px
            part no mass: the dots of a dotted cross are smaller than that, and no crumbs.

    Raises:
        InputError: If a number is out of its range.

    References:
        Ultrasonic Image's Annotation Removal: A Self-supervised Noise2Noise Approach, 2023, and its
        published program, which weighs red as blue and blue as red. Otsu, IEEE Trans Syst Man
        Cybern 1979;9:62.
    """

    def __init__(
        self,
        two_sided: bool = True,
        *,
        floor: int | None = None,
        ceiling: int | None = None,
        smallest: int = 6,
    ) -> None:
        floor = (16 if two_sided else 0) if floor is None else floor
        ceiling = (48 if two_sided else 255) if ceiling is None else ceiling
        require(0 <= floor <= 255, "floor", "grey levels in 0..255", floor)
        require(0 <= ceiling <= 255, "ceiling", "grey levels in 0..255", ceiling)
        require(smallest >= 1, "smallest", "1 or more pixels", smallest)
        self.two_sided, self.floor, self.ceiling = two_sided, floor, ceiling
        self.smallest = smallest

    def __call__(self, image: Image, restored: Image) -> Mask:
        """Return where something was removed, (H, W) uint8 0 or 1.

        Args:
            image: (H, W, 3) RGB or (H, W), uint8.
            restored: The same without what was removed.

        Raises:
            InputError: If shapes differ, or one is not such an image.
        """
        return self.found(self.difference(image, restored))

    def found(self, difference: Image) -> Mask:
        """Return where a difference (H, W) uint8, as `difference` gives it, counts: 0 or 1."""
        otsu, _ = cv2.threshold(difference, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        least = max(min(otsu, self.ceiling), self.floor - 1)
        _, mask = cv2.threshold(difference, least, 1, cv2.THRESH_BINARY)
        return _without_crumbs(mask, self.smallest, reach_px=2 if self.two_sided else 0)

    def difference(self, image: Image, restored: Image) -> Image:
        """Return how much each pixel differs, (H, W) uint8 grey levels.

        Raises:
            InputError: If shapes differ, or one is not such an image.
        """
        _check(image, restored)
        if self.two_sided:
            return _largest(np.asarray(cv2.absdiff(image, restored), np.uint8))
        grey = _grey(image), _grey(restored)
        return np.asarray(cv2.subtract(*grey), np.uint8)  # less than 0 becomes 0


def _largest(difference: Image) -> Image:
    """Return the largest of the channels, where there are several."""
    if difference.ndim == 2:
        return difference
    red, green, blue = cv2.split(difference)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def _grey(image: Image) -> Image:
    """Return 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _without_crumbs(mask: Mask, smallest: int, *, reach_px: int) -> Mask:
    """Return a mask without masses of fewer pixels; pixels whose reaches touch are of one mass."""
    joined = cv2.dilate(mask, np.ones((2 * reach_px + 1,) * 2))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    kept = np.bincount(labels[mask > 0], minlength=count) >= smallest
    return np.asarray(kept[labels] & (mask > 0), np.uint8)


def _check(image: Image, restored: Image) -> None:
    """Raise an InputError unless both are images of one shape."""
    for name, given in (("image", image), ("restored", restored)):
        fits = given.dtype == np.uint8 and given.ndim in (2, 3) and given.shape[2:] in ((), (3,))
        require(fits, name, "(H, W, 3) or (H, W) uint8", given)
    expected = f"shape {image.shape} like the image's"
    require(restored.shape == image.shape, "restored", expected, restored)
