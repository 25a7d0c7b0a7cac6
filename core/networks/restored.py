"""A denoiser before a segmenter: what spine images pass in DA-GAN and its rivals."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from core.checks import InputError


class RestoredSegmenter(nn.Module):
    """segmenter(restore(image)): one network of two, trained together or one after the other.

    In evaluation mode the restored image is clamped to 0..1. In training it is not: beyond the
    range the gradient would be lost.

    Args:
        denoiser: Images (B,1,h,w) in 0..1 in; restored images (B,1,h,w) out, or what is to be added
            to the image if `residual`.
        segmenter: Images (B,1,h,w) in, mask logits out.
        residual: Whether the restored image is image + denoiser(image); the denoiser then learns
            the negative noise, and may leave alone what has none. A `head` of the denoiser, as the
            U-Net has one, starts at 0: an untrained restorer changes nothing.

    Raises:
        InputError: If the denoiser gives another shape than it takes (when it runs).

    References:
        Huang et al., DA-GAN, ISBI 2021, Section 2 and Fig. 2.
    """

    def __init__(
        self, denoiser: nn.Module, segmenter: nn.Module, *, residual: bool = False
    ) -> None:
        super().__init__()
        self.denoiser, self.segmenter, self.residual = denoiser, segmenter, residual
        if residual and isinstance(head := getattr(denoiser, "head", None), nn.Conv2d):
            for parameter in head.parameters():
                nn.init.zeros_(parameter)

    def restore(self, image: Tensor) -> Tensor:
        """Return the restored images (B,1,h,w), in 0..1 in evaluation mode."""
        restored: Tensor = self.denoiser(image)
        if restored.shape != image.shape:
            wanted, came = tuple(image.shape), tuple(restored.shape)
            raise InputError(f"denoiser: expected images of shape {wanted} from it, got {came}")
        restored = image + restored if self.residual else restored
        return restored if self.training else restored.clamp(0, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the segmenter's mask logits (B,1+K,h,w) of images (B,1,h,w) in 0..1."""
        logits: Tensor = self.segmenter(self.restore(image))
        return logits

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile both parts in place: a training calls each by itself."""
        self.denoiser.compile(*args, **kwargs)
        self.segmenter.compile(*args, **kwargs)

    def extra_repr(self) -> str:
        """Show the setting when printed."""
        return f"residual={self.residual}"
