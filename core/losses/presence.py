"""Loss of a network that also says whether there is anything to segment."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from core.checks import InputError, require


class WithPresence(nn.Module):
    """mask_loss + weight * binary cross-entropy of "this mask is not empty".

    Computed in float32 whatever the precision of the logits.

    Args:
        mask_loss: Any loss `mask_loss(mask_logits, mask)`, for example `DiceLoss()`.
        weight: Weight of the cross-entropy, >= 0; 0.5 in the code the nerve report starts from.

    Raises:
        InputError: If the weight is negative.
    """

    def __init__(self, *, mask_loss: nn.Module, weight: float = 0.5) -> None:
        super().__init__()
        require(weight >= 0, "weight", "a number >= 0", weight)
        self.mask_loss, self.weight = mask_loss, weight

    def forward(self, output: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            output: Mask logits (B,1,h,w) and presence logits (B,).
            mask: int64 (B,h,w) class index; a mask is empty if it is 0 everywhere.

        Raises:
            InputError: If the network has no presence head.
        """
        if isinstance(output, Tensor):
            raise InputError(
                "WithPresence: expected mask logits and presence logits, got mask logits alone; "
                "set the network's presence_head to true or use the mask loss by itself"
            )
        mask_logits, presence_logits = output
        present = (mask > 0).flatten(1).any(1).float()
        presence_loss = functional.binary_cross_entropy_with_logits(
            presence_logits.float(), present
        )
        loss: Tensor = self.mask_loss(mask_logits, mask) + self.weight * presence_loss
        return loss

    def extra_repr(self) -> str:
        """Show the weight when printed."""
        return f"weight={self.weight}"
