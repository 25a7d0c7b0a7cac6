"""Which pixels a blind-spot denoiser must predict, and what it is shown in their place."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from core.checks import require


class Hidden(NamedTuple):
    """An image without some of its pixels.

    Attributes:
        shown: (B,1,h,w), in which no value of a hidden pixel is left.
        hidden: Where pixels are hidden, bool (B,1,h,w).
    """

    shown: Tensor
    hidden: Tensor


class Hiding(Protocol):
    """Hides pixels of images (B,1,h,w), drawing from torch's global stream."""

    def __call__(self, image: Tensor) -> Hidden:
        """Return the images without the hidden pixels, and which these are."""
        ...


class RandomNeighbours:
    """Noise2Void: a few pixels, one in each cell of a grid, show a neighbour's value.

    The neighbour is never the pixel itself, nor another hidden one: else a hidden value would still
    be somewhere in the image. (The original draws from all pixels around, itself among them.)

    Args:
        share: Of the pixels that are hidden; 0.015 in the original.
        radius: The neighbour is at most so many rows and columns away.

    Raises:
        InputError: If an argument is out of its range.

    References:
        Krull et al., Noise2Void, CVPR 2019, Section 3.4.
    """

    _CANDIDATES = 4  # neighbours drawn for a pixel; all are hidden in share**4 of the cases

    def __init__(self, *, share: float = 0.015, radius: int = 5) -> None:
        require(0 < share <= 0.25, "share", "a share of the pixels, at most 0.25", share)
        require(radius >= 1, "radius", "at least 1", radius)
        self.cell, self.radius = round(share**-0.5), radius

    def __call__(self, image: Tensor) -> Hidden:
        """Return images (B,1,h,w) without the hidden pixels, and which these are.

        Raises:
            InputError: If an image is smaller than a cell of the grid.
        """
        rows, columns = (place.to(image.device) for place in self._places(image))
        batch = torch.arange(len(image), device=image.device)[:, None]
        hidden = torch.zeros_like(image, dtype=torch.bool)
        hidden[batch, 0, rows, columns] = True
        value = torch.zeros(rows.shape, dtype=image.dtype, device=image.device)
        found = torch.zeros_like(rows, dtype=torch.bool)
        for _ in range(self._CANDIDATES):
            beside = batch, 0, *self._neighbour(rows, columns, image)
            free = ~hidden[beside]
            value = torch.where(~found & free, image[beside], value)
            found |= free
        shown = image.clone()
        shown[batch, 0, rows, columns] = value
        return Hidden(shown, hidden)

    def _places(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Row and column of one pixel in each cell, each (B,n)."""
        size, cell = image.shape[2:], self.cell
        require(min(size) >= cell, "image", f"at least {cell} rows and columns", tuple(size))
        starts = [torch.arange(side // cell) * cell for side in size]
        grid = torch.meshgrid(*starts, indexing="ij")
        return tuple(  # type: ignore[return-value]
            start.flatten() + torch.randint(cell, (len(image), start.numel())) for start in grid
        )

    def _neighbour(self, rows: Tensor, columns: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """Place of another pixel near each; beyond an edge, the one mirrored at it."""
        side = 2 * self.radius + 1
        middle = side * side // 2
        draw = torch.randint(side * side - 1, rows.shape)
        draw = (draw + (draw >= middle)).to(rows.device)
        moved = zip((rows, columns), (draw // side, draw % side), image.shape[2:], strict=True)
        return tuple(  # type: ignore[return-value]
            _mirrored(start + step - self.radius, length) for start, step, length in moved
        )


class GridPhases:
    """Noise2Self: every `width`-th pixel along rows and columns, at a place drawn anew each time.

    Args:
        width: Distance of hidden pixels.
        fill: What they show: "interpolate" the weighted mean of their eight neighbours, "zero" 0.

    Raises:
        InputError: If an argument is out of its range.

    References:
        Batson and Royer, Noise2Self, ICML 2019, Section 3.1 and its code's masks.
    """

    _WEIGHTS = ((0.5, 1.0, 0.5), (1.0, 0.0, 1.0), (0.5, 1.0, 0.5))

    def __init__(
        self, *, width: int = 4, fill: Literal["interpolate", "zero"] = "interpolate"
    ) -> None:
        require(width >= 2, "width", "at least 2", width)
        require(fill in ("interpolate", "zero"), "fill", "'interpolate' or 'zero'", fill)
        self.width, self.fill = width, fill

    def __call__(self, image: Tensor) -> Hidden:
        """Return images (B,1,h,w) without the hidden pixels, and which these are."""
        top, left = torch.randint(self.width, (2,)).tolist()
        hidden = torch.zeros_like(image, dtype=torch.bool)
        hidden[:, :, top :: self.width, left :: self.width] = True
        filled = _mean_around(image, self._WEIGHTS) if self.fill == "interpolate" else 0.0
        return Hidden(image * ~hidden + filled * hidden, hidden)


def _mirrored(place: Tensor, length: int) -> Tensor:
    """Places mirrored at the first and the last pixel."""
    place = place.abs()
    return torch.where(place >= length, 2 * (length - 1) - place, place).clamp_(0, length - 1)


def _mean_around(image: Tensor, weights: tuple[tuple[float, ...], ...]) -> Tensor:
    """Weighted mean of each pixel's eight neighbours; the image is mirrored at its edges."""
    kernel = torch.tensor(weights, dtype=image.dtype, device=image.device)
    around = functional.pad(image, (1, 1, 1, 1), mode="reflect")
    return functional.conv2d(around, (kernel / kernel.sum())[None, None])
