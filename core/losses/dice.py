"""Soft Dice loss."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from core.checks import InputError, require


class DiceLoss(nn.Module):
    """1 - (2 |P M| + smooth) / (|P| + |M| + smooth) with P the probability of the structure.

    With several structures, the mean of this over them, without the background. |.| sums over
    pixels and is taken as it is, not squared. Where mask and prediction are both empty the loss is
    0 thanks to `smooth`, and an empty mask still has a gradient towards the empty prediction.
    Computed in float32 whatever the precision of the logits.

    Args:
        per: "image" averages the losses of the images; an image without foreground then weighs as
            much as any other. "batch" sums over all pixels of the batch at once, as the code that
            the nerve report starts from: empty images count only by their false positives, and
            under DDP each process sees its own share of the batch.
        smooth: Pixels added to numerator and denominator, > 0.

    Raises:
        InputError: If an argument is out of its range.

    References:
        Milletari et al., V-Net, 3DV 2016, Section 3 (with squares in the denominator).
    """

    def __init__(self, *, per: Literal["image", "batch"] = "image", smooth: float = 1.0) -> None:
        super().__init__()
        require(per in ("image", "batch"), "per", "'image' or 'batch'", per)
        require(smooth > 0, "smooth", "a number of pixels > 0", smooth)
        self.per, self.smooth = per, smooth

    def forward(self, output: Tensor, mask: Tensor) -> Tensor:
        """Return the loss, a scalar in 0..1.

        Args:
            output: Mask logits, any floating dtype: (B,1,h,w), of which the sigmoid is taken, or
                (B,1+K,h,w), of which the softmax is, with the background first.
            mask: int64 (B,h,w) class index, at most K; with one map of logits everything but 0 is
                foreground.

        Raises:
            InputError: If the output is a pair or a list, or does not fit the mask.
        """
        _check(output, mask)
        over = (2, 3) if self.per == "image" else (0, 2, 3)
        prediction, truth = probabilities(output), one_hot(mask, output.shape[1])
        overlap = (prediction * truth).sum(over)
        sizes = prediction.sum(over) + truth.sum(over)
        return (1 - (2 * overlap + self.smooth) / (sizes + self.smooth)).mean()

    def extra_repr(self) -> str:
        """Show the settings when printed."""
        return f"per={self.per!r}, smooth={self.smooth}"


def probabilities(logits: Tensor) -> Tensor:
    """Return each structure's probability (B,K,h,w) float32, without the background."""
    if logits.shape[1] == 1:
        return logits.float().sigmoid()
    return logits.float().softmax(1)[:, 1:]


def one_hot(mask: Tensor, maps: int) -> Tensor:
    """Return the mask (B,h,w) as one float32 map for each structure, (B,K,h,w)."""
    if maps == 1:
        return (mask > 0).float()[:, None]
    structures = torch.arange(1, maps, device=mask.device)[:, None, None]
    return (mask[:, None] == structures).float()


def _check(output: object, mask: Tensor) -> None:
    """Raise an InputError unless the output is one map of logits for the masks."""
    if isinstance(output, list):
        raise InputError(
            "DiceLoss: expected mask logits alone, got those of several heads; wrap the loss in "
            "core.losses.DeepSupervision or set the network's deep_supervision to false"
        )
    if not isinstance(output, Tensor):
        raise InputError(
            "DiceLoss: expected mask logits alone, got mask and presence; "
            "wrap the loss in core.losses.WithPresence or set the network's presence_head to false"
        )
    expected = (mask.shape[0], output.shape[1] if output.dim() > 1 else 1, *mask.shape[1:])
    if output.shape != expected:
        raise InputError(f"mask logits: expected shape {expected}, got {tuple(output.shape)}")
