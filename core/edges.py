"""How much an image changes from row to row: the vertical edges that horizontal stripes leave.

Filters are of unit gain: on a ramp that rises by one grey level a row, a first derivative gives 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.checks import require

Operator = Literal["sobel", "prewitt", "forward", "central", "second"]

_OPERATORS: dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = {
    "sobel": (np.array([-1, 0, 1]) / 2, np.array([1, 2, 1]) / 4),
    "prewitt": (np.array([-1, 0, 1]) / 2, np.array([1, 1, 1]) / 3),
    "forward": (np.array([0.0, -1, 1]), np.array([1.0])),
    "central": (np.array([-1, 0, 1]) / 2, np.array([1.0])),
    "second": (np.array([1.0, -2, 1]), np.array([1.0])),
}
"""Weights down the rows, and across the columns."""


@dataclass(frozen=True)
class EdgeMeasure:
    """The vertical edge detector h of DA-GAN (Huang et al., ISBI 2021, Eq. 1), of unit gain.

    The paper names no operator; its thresholds, 2 and 4 on the 0 to 255 scale, fit a first
    derivative of unit gain, and no raw Sobel filter. Beyond the border, the first and last rows
    and columns go on as they are, so that the border itself makes no edge.

    Attributes:
        operator: "sobel" and "prewitt" average three columns, "central" takes one; these three span
            two rows. "forward" is the difference to the next row. "second" is the second difference
            (1, -2, 1), the sharpest eye for thin stripes.

    Raises:
        InputError: If the operator is not one of these.
    """

    operator: Operator = "sobel"

    def __post_init__(self) -> None:
        """Refuse an operator that is unknown."""
        require(self.operator in _OPERATORS, "operator", " or ".join(_OPERATORS), self.operator)

    def map(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return |h(x)| of each pixel, (H, W) float32 in grey levels (a row), of an image (H, W).

        Raises:
            InputError: If the image is not (H, W) uint8.
        """
        import cv2

        is_grey = image.ndim == 2 and image.dtype == np.uint8
        require(is_grey, "image to measure edges of", "(H, W) uint8", image)
        down, across = _OPERATORS[self.operator]
        edges: npt.NDArray[np.float32] = cv2.sepFilter2D(
            np.ascontiguousarray(image), cv2.CV_32F, across, down, borderType=cv2.BORDER_REPLICATE
        )
        np.abs(edges, out=edges)
        return edges

    def mean(
        self, image: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_] | None = None
    ) -> float:
        """Return the mean of |h(x)| over an image, g(x) of Eq. 1.

        Args:
            image: (H, W) uint8.
            inside: (H, W) bool, the pixels to average over; None for all.

        Returns:
            Grey levels; NaN if no pixel is inside.

        Raises:
            InputError: If the image is not (H, W) uint8, or `inside` has another shape.
        """
        edges = self.map(image)
        if inside is None:
            return float(edges.mean(dtype=np.float64))
        require(inside.shape == image.shape, "inside", f"shape {image.shape}", inside)
        return float(edges[inside].mean(dtype=np.float64)) if inside.any() else float("nan")
