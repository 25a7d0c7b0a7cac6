"""Fully convolutional network on a ResNet."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from core.checks import require

Backbone = Literal["resnet50", "resnet101"]


class FCN(nn.Module):
    """torchvision's FCN without pretraining; 51,939,907 parameters by default.

    The ResNet's last two stages are dilated, so that features have stride 8; a head of two
    convolutions, whose maps are interpolated to the image's size. Height and width are free.

    Args:
        backbone: "resnet101" or "resnet50".
        out_channels: Channels of the output, an image's or maps of logits.

    Raises:
        InputError: For another backbone.

    References:
        Long et al., Fully Convolutional Networks for Semantic Segmentation, CVPR 2015.
    """

    def __init__(self, *, backbone: Backbone = "resnet101", out_channels: int = 3) -> None:
        super().__init__()
        known = ("resnet50", "resnet101")
        require(backbone in known, "backbone", f"one of {', '.join(known)}", backbone)
        from torchvision.models import segmentation  # heavy

        make = getattr(segmentation, f"fcn_{backbone}")
        self.fcn = make(
            weights=None, weights_backbone=None, aux_loss=False, num_classes=out_channels
        )

    def forward(self, image: Tensor) -> Tensor:
        """Return (B,out_channels,h,w) of images (B,3,h,w)."""
        output: Tensor = self.fcn(image)["out"]
        return output
