"""Penalty on predicted shapes that are no ellipse, beside any mask loss."""

from __future__ import annotations

from math import pi
from typing import Any

import torch
from torch import Tensor, nn

from core.checks import InputError, require
from core.losses.dice import probabilities

_EDGE_PX = 0.25  # scale of the soft edge: pixels that the border halves are hardly pulled
_LEAST_PX = 16  # fewer pixels show the grid's shape, not the structure's
_PIXEL_VARIANCE = 1 / 12  # of a square of side 1 about its centre


class WithEllipse(nn.Module):
    """mask_loss + weight * (1 - soft Dice of the prediction and its own ellipse).

    The ellipse has centre, directions, aspect and area of the predicted pixels (probability above
    one half), by their first and second moments; it is taken as given, without gradient. What
    sticks out of it is pulled down, a dent in it is filled, and its area is the prediction's own:
    the size of a structure is left to the mask loss. The unsure haze around a structure does not
    move the ellipse but counts as sticking out. Each foreground class is measured by itself; an
    image without it, or with next to nothing of it, adds 0. Computed in float32.

    A structure of two masses is no ellipse either: with many bifid nerves keep the weight small.

    Args:
        mask_loss: Any loss `mask_loss(output, mask)`, for example `DiceLoss()`.
        weight: Weight of the penalty, >= 0; the penalty itself is in 0..1.

    Raises:
        InputError: If the weight is negative.

    References:
        The median nerve paper proposes to penalise non-elliptical shapes at the output and leaves
        open how (discussion of Fig. 5G).
    """

    def __init__(self, *, mask_loss: nn.Module, weight: float = 0.1) -> None:
        super().__init__()
        require(weight >= 0, "weight", "a number >= 0", weight)
        self.mask_loss, self.weight = mask_loss, weight

    def forward(self, output: Any, mask: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            output: What the mask loss takes: mask logits (B,1,h,w) for a sigmoid or (B,1+K,h,w)
                for a softmax with the background first, or a tuple that begins with them.
            mask: int64 (B,h,w) class index; only the mask loss looks at it.
        """
        if isinstance(output, list):
            raise InputError(
                "WithEllipse: expected one output, got those of several heads; "
                "put it inside core.losses.DeepSupervision"
            )
        logits = output if isinstance(output, Tensor) else output[0]
        loss: Tensor = self.mask_loss(output, mask)
        return loss + self.weight * _penalties(probabilities(logits)).mean()

    def extra_repr(self) -> str:
        """Show the weight when printed."""
        return f"weight={self.weight}"


def _penalties(probability: Tensor) -> Tensor:
    """Return 1 - soft Dice with the own ellipse of each image and class, (B,K)."""
    found = (probability.detach() > 0.5).float()
    ellipse = _own_ellipse(found)
    overlap = (probability * ellipse).sum((-2, -1))
    sizes = (probability + ellipse).sum((-2, -1))
    enough = found.sum((-2, -1)) >= _LEAST_PX
    return torch.where(enough, 1 - 2 * overlap / sizes.clamp(min=1), 0)


def _own_ellipse(found: Tensor) -> Tensor:
    """Return each mask's soft ellipse of the same moments and area; both (B,K,h,w), 0..1.

    With the covariance S of the covered area and the offset d from its centre, the border is where
    d' S^-1 d = area / (pi sqrt(det S)): there the enclosed area is the mask's.
    """
    area = found.sum((-2, -1), keepdim=True).clamp(min=1)
    dy = _offsets(found, area, -2)
    dx = _offsets(found, area, -1)
    yy, xx = ((found * d**2).sum((-2, -1), keepdim=True) / area + _PIXEL_VARIANCE for d in (dy, dx))
    xy = (found * dy * dx).sum((-2, -1), keepdim=True) / area
    det = (yy * xx - xy**2).clamp(min=_PIXEL_VARIANCE**2)
    squared = (xx * dy**2 - 2 * xy * dy * dx + yy * dx**2) * pi / (area * det.sqrt())
    mean_radius = (area / pi).sqrt()
    return torch.sigmoid((1 - squared.sqrt()) * mean_radius / _EDGE_PX)


def _offsets(found: Tensor, area: Tensor, axis: int) -> Tensor:
    """Return each pixel's place along an axis, from the centre of mass; broadcasts to (B,K,h,w)."""
    places = torch.arange(found.shape[axis], dtype=found.dtype, device=found.device)
    places = places[:, None] if axis == -2 else places
    return places - (found * places).sum((-2, -1), keepdim=True) / area
