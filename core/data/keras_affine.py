"""The augmentation of Keras's ImageDataGenerator: its numbers mean here what they mean there."""

from __future__ import annotations

import math
from typing import Any, Final, Literal, get_args

import albumentations
import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
ShearUnit = Literal["degrees", "radians"]

_SWAP: Final = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])  # (row, column) to (x, y) and back


class KerasAffine(albumentations.DualTransform):  # type: ignore[misc]
    """Turns, shifts, shears, zooms and mirrors images and masks as Keras 2 does, in one warp.

    Every draw is uniform and its own. What comes from beyond an edge repeats the edge's pixels
    (fill_mode "nearest"); images are sampled bilinearly, masks by the nearest pixel. The defaults
    are the thesis's Table 3.3 without flips.

    Args:
        rotation_deg: rotation_range: at most so many degrees either way.
        width_shift: width_shift_range: at most this share of the width, 0 to below 1.
        height_shift: height_shift_range: at most this share of the height.
        shear: shear_range: at most this angle, in `shear_unit`.
        zoom: zoom_range: rows and columns each get a factor of their own from 1 - zoom to 1 + zoom;
            above 1 they are pressed together.
        horizontal_flip: Mirror left and right of every second image, after all else.
        vertical_flip: Mirror top and bottom of every second image.
        shear_unit: "degrees" as in Keras 2, where 0.03 moves nothing on 60 rows by more than 0.02
            pixels; "radians" as in Keras 1, where it is 1.7 degrees.
        p: Probability of doing anything at all.

    Raises:
        InputError: If a range is negative, or a shift or zoom is not below 1.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Table 3.3; ImageDataGenerator of Keras 2. It turns about a
        point one pixel off the centre (height / 2 + 0.5); this turns about the centre itself.
    """

    def __init__(
        self,
        *,
        rotation_deg: float = 10.0,
        width_shift: float = 0.1,
        height_shift: float = 0.1,
        shear: float = 0.03,
        zoom: float = 0.08,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        shear_unit: ShearUnit = "degrees",
        p: float = 1.0,
    ) -> None:
        super().__init__(p=p)
        for name, angle in (("rotation_deg", rotation_deg), ("shear", shear)):
            require(angle >= 0, name, "0 or more", angle)
        shares = {"width_shift": width_shift, "height_shift": height_shift, "zoom": zoom}
        for name, share in shares.items():
            require(0 <= share < 1, name, "a share from 0 to below 1", share)
        units = get_args(ShearUnit)
        require(shear_unit in units, "shear_unit", " or ".join(units), shear_unit)
        self.rotation_deg, self.shear, self.shear_unit = rotation_deg, shear, shear_unit
        self.width_shift, self.height_shift, self.zoom = width_shift, height_shift, zoom
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        """Draw one sample's matrix."""
        rows, columns = params["shape"][:2]
        turn, down, right, slant, tall, wide = self.random_generator.uniform(-1, 1, 6)
        flips = self.random_generator.random(2) < 0.5
        to_radians = math.pi / 180 if self.shear_unit == "degrees" else 1.0
        matrix = about_centre(
            (rows, columns),
            rotation_rad=math.radians(turn * self.rotation_deg),
            shift_px=(down * self.height_shift * rows, right * self.width_shift * columns),
            shear_rad=slant * self.shear * to_radians,
            zoom=(1 + tall * self.zoom, 1 + wide * self.zoom),
            flip=(bool(flips[0]) and self.vertical_flip, bool(flips[1]) and self.horizontal_flip),
        )
        return {"matrix": matrix}

    def apply(self, img: Pixels, *args: Any, **params: Any) -> Pixels:
        """Return the warped image (H, W) or (H, W, C)."""
        return _warped(img, params["matrix"], cv2.INTER_LINEAR)

    def apply_to_mask(self, mask: Pixels, *args: Any, **params: Any) -> Pixels:
        """Return the warped mask (H, W); no value in it is new."""
        return _warped(mask, params["matrix"], cv2.INTER_NEAREST)


def about_centre(
    size: tuple[int, int],
    *,
    rotation_rad: float,
    shift_px: tuple[float, float],
    shear_rad: float,
    zoom: tuple[float, float],
    flip: tuple[bool, bool] = (False, False),
) -> Matrix:
    """Return rotation * shift * shear * zoom, about an image's centre, and the flips before it.

    Args:
        size: Rows and columns.
        rotation_rad: Of the coordinates, from rows to columns.
        shift_px: Rows and columns.
        shear_rad: Of the coordinates.
        zoom: Factors of rows and columns; above 1 shows more of the image, smaller.
        flip: Whether rows, and columns, come back mirrored.

    Returns:
        (3, 3): takes (row, column, 1) of the result to where it is in the image.
    """
    cos, sin = math.cos(rotation_rad), math.sin(rotation_rad)
    turned = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    shifted = np.array([[1, 0, shift_px[0]], [0, 1, shift_px[1]], [0, 0, 1]])
    sheared = np.array([[1, -math.sin(shear_rad), 0], [0, math.cos(shear_rad), 0], [0, 0, 1]])
    signs = [-1 if mirrored else 1 for mirrored in flip]
    zoomed = np.diag([zoom[0] * signs[0], zoom[1] * signs[1], 1])
    centre = np.eye(3)
    centre[:2, 2] = [(size[0] - 1) / 2, (size[1] - 1) / 2]
    back = np.eye(3)
    back[:2, 2] = -centre[:2, 2]
    matrix: Matrix = centre @ turned @ shifted @ sheared @ zoomed @ back
    return matrix


def _warped(pixels: Pixels, matrix: Matrix, interpolation: int) -> Pixels:
    flags = interpolation | cv2.WARP_INVERSE_MAP
    xy = (_SWAP @ matrix @ _SWAP)[:2]
    size = pixels.shape[1::-1]
    return np.asarray(
        cv2.warpAffine(pixels, xy, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
