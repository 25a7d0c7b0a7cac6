"""Soft Dice loss of a binary mask."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from core.checks import InputError, require


class DiceLoss(nn.Module):
    """1 - (2 |P M| + smooth) / (|P| + |M| + smooth) with P the sigmoid of the logits.

    |.| sums over pixels and is taken as it is, not squared. Where mask and prediction are both
    empty the loss is 0 thanks to `smooth`, and an empty mask still has a gradient towards
    the empty prediction. Computed in float32 whatever the precision of the logits.

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
            output: Mask logits (B,1,h,w), any floating dtype.
            mask: int64 (B,h,w) class index; everything but 0 is foreground.

        Raises:
            InputError: If the output is a pair, or does not fit the mask.
        """
        _check(output, mask)
        first = 1 if self.per == "image" else 0
        prediction = output[:, 0].float().sigmoid().flatten(first)
        truth = (mask > 0).float().flatten(first)
        overlap = (prediction * truth).sum(-1)
        sizes = prediction.sum(-1) + truth.sum(-1)
        return (1 - (2 * overlap + self.smooth) / (sizes + self.smooth)).mean()

    def extra_repr(self) -> str:
        """Show the settings when printed."""
        return f"per={self.per!r}, smooth={self.smooth}"


def _check(output: Tensor, mask: Tensor) -> None:
    """Raise an InputError unless the output is one map of logits for the masks."""
    if not isinstance(output, Tensor):
        raise InputError(
            "DiceLoss: expected mask logits alone, got mask and presence; "
            "wrap the loss in core.losses.WithPresence or set the network's presence_head to false"
        )
    expected = (mask.shape[0], 1, *mask.shape[1:])
    if output.shape != expected:
        raise InputError(f"mask logits: expected shape {expected}, got {tuple(output.shape)}")
