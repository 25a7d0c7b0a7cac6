"""Loss of a network that is supervised at several of its layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DeepSupervision(nn.Module):
    """The mean of a loss over the heads of a network; over its only output in evaluation mode.

    Args:
        loss: Any loss `loss(mask_logits, mask)`, for example `DiceLoss()`.

    References:
        Zhou et al., UNet++, DLMIA 2018, Section 3.2.
    """

    def __init__(self, *, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, output: list[Tensor] | Tensor, mask: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            output: A list of mask logits (B,C,h,w), or mask logits.
            mask: int64 (B,h,w) class index.
        """
        heads = output if isinstance(output, list) else [output]
        return torch.stack([self.loss(head, mask) for head in heads]).mean()
