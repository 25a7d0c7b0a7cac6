"""Penalty on ragged predictions, beside any mask loss."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from core.checks import InputError, require
from core.losses.dice import probabilities


class TotalVariation(nn.Module):
    """How much the predicted probabilities change from pixel to pixel: a mean for each pixel.

    The sum of |difference| between neighbours below and beside each other (anisotropic), divided by
    the number of pixels, and averaged over images and structures; the background is left out, as
    what remains of them. Of a sure prediction it is the length of the outlines over the area of the
    image. Computed in float32.

    References:
        Rudin, Osher and Fatemi, Physica D 60, 1992, who sum the gradient's length instead.
    """

    def forward(self, output: Tensor) -> Tensor:
        """Return the variation, a scalar in 0..2.

        Args:
            output: Mask logits (B,1,h,w), of which the sigmoid is taken, or (B,1+K,h,w), of which
                the softmax is, with the background first.
        """
        maps = probabilities(output)
        variation: Tensor = maps.diff(dim=2).abs().sum() + maps.diff(dim=3).abs().sum()
        return variation / maps.numel()


class WithTotalVariation(nn.Module):
    """mask_loss + weight * `TotalVariation` of the prediction.

    The loss of RSNU, "robust to speckle and regular occlusion noise". Its paper's weight could not
    be found; 0.1 is our choice.

    Args:
        mask_loss: Any loss `mask_loss(output, mask)`, for example `torch.nn.CrossEntropyLoss()`.
        weight: Weight of the variation, >= 0.

    Raises:
        InputError: If the weight is negative.

    References:
        Huang et al., Bone Feature Segmentation in Ultrasound Spine Image with Robustness to Speckle
        and Regular Occlusion Noise, IEEE SMC 2020 (there "total variance loss").
    """

    def __init__(self, *, mask_loss: nn.Module, weight: float = 0.1) -> None:
        super().__init__()
        require(weight >= 0, "weight", "a number >= 0", weight)
        self.mask_loss, self.weight, self.variation = mask_loss, weight, TotalVariation()

    def forward(self, output: Any, mask: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            output: What the mask loss takes: mask logits as `TotalVariation` takes them, or a tuple
                that begins with them.
            mask: int64 (B,h,w) class index; only the mask loss looks at it.

        Raises:
            InputError: If the output is that of several heads.
        """
        if isinstance(output, list):
            raise InputError(
                "WithTotalVariation: expected one output, got those of several heads; "
                "put it inside core.losses.DeepSupervision"
            )
        logits = output if isinstance(output, Tensor) else output[0]
        loss: Tensor = self.mask_loss(output, mask) + self.weight * self.variation(logits)
        return loss

    def extra_repr(self) -> str:
        """Show the weight when printed."""
        return f"weight={self.weight}"
