"""Cross-entropy of pixels."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from core.checks import require


class PixelCrossEntropy(nn.Module):
    """Mean over pixels of -log of the probability that the true class is given.

    Unlike the Dice loss it has a gradient wherever a pixel is wrong, also for a network without
    normalisation that begins with "nothing anywhere" at full confidence.
    """

    def forward(self, output: Tensor, mask: Tensor) -> Tensor:
        """Return the loss, a scalar of 0 or more, in float32.

        Args:
            output: Mask logits (B,1,h,w), of which the sigmoid is taken, or (B,1+K,h,w), of which
                the softmax is, with the background first.
            mask: int64 (B,h,w) class index; with one map of logits all but 0 is foreground.

        Raises:
            InputError: If the output does not fit the mask.
        """
        fits = output.ndim == 4 and output.shape[::2] + output.shape[3:] == mask.shape
        require(fits, "output", f"mask logits (B,maps,h,w) for a mask {tuple(mask.shape)}", output)
        logits = output.float()
        if logits.shape[1] == 1:
            return binary_cross_entropy_with_logits(logits[:, 0], (mask > 0).float())
        return cross_entropy(logits, mask)
