"""How good a restored image is: likeness to the noise-free one, and what of the input is lost."""

from __future__ import annotations

from math import inf, log10, nan
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Image = NDArray[np.float32]
Inside = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

WINDOW: Final = 11  # pixels to a side of the Gaussian window, Wang et al., Section III-C
SIGMA: Final = 1.5  # pixels
_C1, _C2 = 0.01**2, 0.03**2  # (K L)^2 for the dynamic range L = 1
_DARK: Final = 8 / 255  # what a scanner leaves black has less, tissue more


def psnr(image: Image, reference: Image, inside: Inside | None = None) -> float:
    """Return the peak signal-to-noise ratio, 10 log10(1 / mean squared difference), in dB.

    Args:
        image: (h, w) or, in colour, (h, w, 3), in 0..1; all values count alike.
        reference: Of the same shape; the peak is 1 whatever it holds.
        inside: (h, w) bool, the pixels that count; None for all.

    Returns:
        Infinity where both are equal; NaN where no pixel counts.

    Raises:
        InputError: If the shapes differ.
    """
    error = _mean(np.square(_difference(image, reference)), inside)
    return inf if error == 0 else -10 * log10(error)


def ssim(image: Image, reference: Image, inside: Inside | None = None) -> float:
    """Return the mean structural similarity, -1..1, as its authors define it.

    The window is a Gaussian of 11 x 11 pixels and sigma 1.5, K1 = 0.01, K2 = 0.03, variances are
    those of the weighted population, and the mean is over the windows that lie wholly in the image
    (5 pixels at each border have none). Other programs average over padded borders too, or use a
    box: their numbers differ in the third digit.

    Args:
        image: (h, w) or, in colour, (h, w, 3), in 0..1, at least 11 x 11; of the channels' own
            similarities the mean is taken.
        reference: Of the same shape.
        inside: (h, w) bool, the windows' centres that count; None for all.

    Returns:
        NaN where no window counts.

    Raises:
        InputError: If the shapes differ or are smaller than the window.

    References:
        Wang, Bovik, Sheikh and Simoncelli, IEEE Trans Image Process 2004;13:600, Section III.
    """
    _check_pair(image, reference)
    require(min(image.shape[:2]) >= WINDOW, "image", f"{WINDOW} pixels or more to a side", image)
    x, y = image.astype(np.float64), reference.astype(np.float64)
    mean_x, mean_y = smooth(x), smooth(y)
    variances = smooth(x * x) - mean_x**2 + smooth(y * y) - mean_y**2
    covariance = smooth(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)
    likeness /= (mean_x**2 + mean_y**2 + _C1) * (variances + _C2)
    whole = (slice(WINDOW // 2, -(WINDOW // 2)),) * 2
    return _mean(likeness[whole], None if inside is None else inside[whole])


def detail_change(restored: Image, image: Image, inside: Inside | None = None) -> float:
    """Return the mean absolute difference of a restored image from its input, 0..1.

    Where the input has nothing to be removed, this is what the restoration costs.

    Args:
        restored: (h, w) or (h, w, 3) in 0..1.
        image: Of the same shape, what was restored.
        inside: (h, w) bool, the pixels that count, such as those without stripes; None for all.

    Returns:
        NaN where no pixel counts.

    Raises:
        InputError: If the shapes differ.
    """
    return _mean(np.abs(_difference(restored, image)), inside)


def detail_loss(restored: Image, image: Image, inside: Inside | None = None) -> float:
    """Return the change of detail over that by the Gaussian window of `ssim`.

    0 leaves the input as it is; 1 changes it as much as smoothing does, which leaves no speckle and
    no fine detail. The yardstick is the image's own contrast, so that dark and bright images, and
    different machines, can be compared.

    Args:
        restored: (h, w) or (h, w, 3) in 0..1.
        image: Of the same shape, what was restored.
        inside: (h, w) bool, the pixels that count; None for all.

    Returns:
        0 or more; NaN where no pixel counts, or the input is flat there.

    Raises:
        InputError: If the shapes differ.
    """
    change = detail_change(restored, image, inside)
    most = detail_change(smooth(image), image, inside)
    return change / most if most > 0 else nan


def tissue(image: Image) -> Inside:
    """Return where an image (h, w) in 0..1 shows something: bright enough around each pixel.

    A scan fills only a part of its image; what is black there would count as restored perfectly.
    """
    return np.asarray(smooth(image) >= _DARK)


def smooth(image: NDArray[Any]) -> NDArray[Any]:
    """Return an image under the Gaussian window; borders are mirrored about their pixels.

    Args:
        image: (h, w) or (h, w, 3), whose channels stay apart.
    """
    border = cv2.BORDER_REFLECT_101
    return np.asarray(cv2.GaussianBlur(image, (WINDOW, WINDOW), SIGMA, borderType=border))


def _difference(image: Image, reference: Image) -> FloatArray:
    _check_pair(image, reference)
    return np.subtract(image, reference, dtype=np.float64)


def _check_pair(image: Image, reference: Image) -> None:
    """Raise an InputError unless both are images of one size."""
    expected = f"shape {reference.shape} like what it is held against, (h, w) or (h, w, 3)"
    fits = image.ndim in (2, 3) and image.shape[2:] in ((), (3,))
    require(fits and image.shape == reference.shape, "image", expected, image)


def _mean(values: FloatArray, inside: Inside | None) -> float:
    """Return the mean of the values that count; NaN where there is none."""
    counted = values if inside is None else values[inside]
    return float(counted.mean()) if counted.size else nan
