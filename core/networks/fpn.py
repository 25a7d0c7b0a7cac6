"""The feature pyramid network that segments: Panoptic FPN's semantic branch on a ResNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.checks import InputError, require


class FPN(nn.Module):
    """segmentation-models-pytorch's FPN with batch normalisation in its head.

    Kirillov et al. normalise the head by groups over the whole image. A network that is trained on
    patches then meets other statistics on whole images, half of which may be black, and marks far
    too much; DA-GAN's framework, MMSegmentation, has batch normalisation there, which has not that
    fault. A pyramid over strides 4 to 32, summed at stride 4, dropout, and bilinear upsampling.

    Args:
        encoder_name: An encoder that segmentation-models-pytorch knows; "tu-resnet50c" is
            MMSegmentation's ResNetV1c-50.
        encoder_weights: Its pretrained weights, "imagenet" for example; None starts at random.
        in_channels: Channels of the image.
        out_channels: Maps of logits, 1 + structures.
        pyramid_channels: Channels of the pyramid.
        head_channels: Channels of the head, a multiple of 32.
        dropout: Share of the channels dropped before the last convolution.

    Raises:
        InputError: If the head's channels are no multiple of 32, or the encoder is unknown.

    References:
        Kirillov et al., Panoptic Feature Pyramid Networks, CVPR 2019, Section 3; MMSegmentation's
        configuration fpn_r50.
    """

    def __init__(
        self,
        *,
        encoder_name: str = "resnet50",
        encoder_weights: str | None = None,
        in_channels: int = 1,
        out_channels: int = 1,
        pyramid_channels: int = 256,
        head_channels: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        fits = head_channels > 0 and head_channels % 32 == 0
        require(fits, "head_channels", "a multiple of 32", head_channels)
        import segmentation_models_pytorch  # heavy

        try:
            self.fpn = segmentation_models_pytorch.FPN(
                encoder_name=encoder_name,
                encoder_weights=encoder_weights,
                in_channels=in_channels,
                classes=out_channels,
                decoder_pyramid_channels=pyramid_channels,
                decoder_segmentation_channels=head_channels,
                decoder_dropout=dropout,
            )
        except (KeyError, RuntimeError) as error:  # its own of an unknown name, and timm's
            known = "an encoder of segmentation-models-pytorch, or tu- and a name of timm"
            raise InputError(f"encoder_name: expected {known}, got {encoder_name}") from error
        _batch_normalise(self.fpn.decoder)
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor:
        """Return mask logits (B,out_channels,h,w) of images (B,in_channels,h,w), sides of 32 n."""
        logits: Tensor = self.fpn(image)
        return logits


def _batch_normalise(module: nn.Module) -> None:
    """Put batch normalisation where a module normalises by groups."""
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm):
            setattr(module, name, nn.BatchNorm2d(child.num_channels))
        else:
            _batch_normalise(child)
