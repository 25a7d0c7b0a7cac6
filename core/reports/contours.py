"""Outlines of masks drawn on an image; outlines, not areas, so that the tissue stays visible."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Line = NDArray[np.int32]

# Green and red as in the median nerve paper's Fig. 4; the green is so much lighter that the two
# stay apart for readers who cannot tell red from green, and both are far from every grey.
TRUTH_RGB: Final = (120, 255, 70)
PREDICTION_RGB: Final = (255, 50, 40)
# Of several structures, each has its own: red as above, then Okabe and Ito's blue, yellow, green,
# pink (https://jfly.uni-koeln.de/color/), which stay apart in all common kinds of colour blindness.
STRUCTURE_RGB: Final = (
    PREDICTION_RGB,
    (86, 180, 233),
    (240, 228, 66),
    (0, 200, 150),
    (230, 140, 190),
)

_BLACK: Final = (0, 0, 0)
_IMAGE_SIDE_PER_LINE_WIDTH: Final = 135
_LEAST_SIDE: Final = 0.6  # of the longer side wanted: tall images are not made narrower


def draw_contours(
    image: Image, truth: Mask | None, prediction: Mask | None, *, width_px: int | None = None
) -> Image:
    """Outline the true mask (green) and the predicted mask (red) on an image.

    Beside a true outline the predicted one is dashed: both stay visible where they coincide, and
    apart in print without colour.

    Args:
        image: (H, W) or (H, W, 3), uint8.
        truth: (H, W), non-zero inside; None if unknown.
        prediction: (H, W), non-zero inside; None if there is none.
        width_px: Of the lines; None gives 1 px up to a shorter side of 200 px, more above.

    Returns:
        (H, W, 3), uint8: a copy with the lines.

    Raises:
        InputError: If image and masks differ in size, or the image is neither grey nor RGB.
    """
    grey_or_rgb = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    require(grey_or_rgb, "image", "shape (H, W) or (H, W, 3)", image)
    canvas = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image.copy(order="C")
    width = width_px or _line_width(image)
    true_lines = _outlines(truth, image, "truth")
    predicted_lines = _outlines(prediction, image, "prediction")
    _stroke(canvas, true_lines, TRUTH_RGB, width)
    if true_lines:
        predicted_lines = _dashed(predicted_lines, dash=8 * width, gap=5 * width)
    _stroke(canvas, predicted_lines, PREDICTION_RGB, width)
    return canvas


def outline_picture(
    image: Image, truth: Mask | None, prediction: Mask | None, side_px: int
) -> Image:
    """Bring an image to `side_px` along its longer side and outline its masks there.

    Resizing first gives lines of one width on images of all sizes. The shorter side gets at least
    0.6 of it, so that tall images stay large enough to be looked at.

    Args:
        image: (H, W) or (H, W, 3), uint8.
        truth: (H, W), non-zero inside; None if unknown.
        prediction: (H, W), non-zero inside; None if there is none.
        side_px: Length wanted of the longer side, pixels.

    Returns:
        (h, w, 3), uint8.
    """
    picture, *masks = _sized(side_px, image, truth, prediction)
    return draw_contours(picture, *masks)


def draw_each(
    image: Image, truth: Mask | None, prediction: Mask | None, *, width_px: int | None = None
) -> Image:
    """Outline each structure by itself, so that those that touch stay apart.

    Args:
        image: (H, W) or (H, W, 3), uint8.
        truth: (H, W) uint8 class indices, 0 = background; None if unknown.
        prediction: (H, W) uint8 class indices; None if there is none.
        width_px: Of the lines; None as of `draw_contours`.

    Returns:
        (H, W, 3), uint8: a copy with the lines.

    Raises:
        InputError: If image and masks differ in size, or the image is neither grey nor RGB.
    """
    known = [mask for mask in (truth, prediction) if mask is not None]
    drawn = draw_contours(image, None, None)
    for number in range(1, max((int(mask.max()) for mask in known), default=0) + 1):
        of = [None if m is None else (m == number).astype(np.uint8) for m in (truth, prediction)]
        drawn = draw_contours(drawn, *of, width_px=width_px)
    return drawn


def outline_each(image: Image, truth: Mask | None, prediction: Mask | None, side_px: int) -> Image:
    """Do as `outline_picture`, each structure by itself; masks hold class indices."""
    picture, *masks = _sized(side_px, image, truth, prediction)
    return draw_each(picture, *masks)


def outline_structures(image: Image, mask: Mask, side_px: int) -> Image:
    """Bring an image to `side_px` along its longer side and outline each predicted structure.

    Args:
        image: (H, W) or (H, W, 3), uint8.
        mask: (H, W) uint8 class indices, 0 = background; class n has the n-th of `STRUCTURE_RGB`.
        side_px: Length wanted of the longer side, pixels.

    Returns:
        (h, w, 3), uint8.
    """
    picture, sized = _sized(side_px, image, mask)
    canvas = draw_contours(picture, None, None)
    for number, colour in enumerate(STRUCTURE_RGB, 1):
        lines = _outlines((sized == number).astype(np.uint8), picture, "mask")
        _stroke(canvas, lines, colour, _line_width(picture))
    return canvas


def _sized(side_px: int, image: Image, *masks: Mask | None) -> list[Any]:
    """Return an image and its masks with a longer side of this length, or more if it is tall."""
    factor = max(side_px / max(image.shape[:2]), _LEAST_SIDE * side_px / min(image.shape[:2]))
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    smooth = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    nearest = cv2.INTER_NEAREST
    sized = [
        None if mask is None else cv2.resize(mask, size, interpolation=nearest) for mask in masks
    ]
    return [cv2.resize(image, size, interpolation=smooth), *sized]


def _line_width(image: Image) -> int:
    """Return the width of lines that suits an image of this size, pixels."""
    return max(1, round(int(min(image.shape[:2])) / _IMAGE_SIDE_PER_LINE_WIDTH))


def _outlines(mask: Mask | None, image: Image, name: str) -> list[Line]:
    """Return the closed boundaries of a mask, holes included, each (N, 1, 2) points x, y."""
    if mask is None:
        return []
    require(mask.shape == image.shape[:2], name, f"shape {image.shape[:2]} like its image", mask)
    inside = (mask != 0).astype(np.uint8)
    lines, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [np.concatenate([line, line[:1]]) for line in lines]


def _dashed(lines: list[Line], *, dash: int, gap: int) -> list[Line]:
    """Cut lines into dashes; dash and gap are counted in points, one a boundary pixel."""
    return [line[at : at + dash] for line in lines for at in range(0, len(line), dash + gap)]


def _stroke(canvas: Image, lines: list[Line], colour: tuple[int, int, int], width: int) -> None:
    """Draw lines in place, on a dark border that keeps them visible on bright tissue."""
    cv2.polylines(canvas, lines, False, _BLACK, width + 2)
    smooth = cv2.LINE_AA if width > 1 else cv2.LINE_8  # smoothing a line of 1 px fades it
    cv2.polylines(canvas, lines, False, colour, width, smooth)
