"""Ways to double the size of a feature map."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from core.checks import require

Upsampling = Literal["nearest", "bilinear", "transposed"]


def upsample2(x: Tensor) -> Tensor:
    """Repeat every pixel of (B,C,h,w) twice each way."""
    return functional.interpolate(x, scale_factor=2, mode="nearest")


class Upsample(nn.Module):
    """Doubles height and width of (B,C,h,w).

    Args:
        in_channels: Channels of the input.
        out_channels: Channels that a transposed convolution gives; the others keep the input's.
        mode: "nearest" repeats pixels, "bilinear" interpolates between them (corners aligned),
            "transposed" is a learned transposed convolution 2x2.

    Attributes:
        out_channels: Channels of the output.

    Raises:
        InputError: For another mode.
    """

    def __init__(self, in_channels: int, out_channels: int, mode: Upsampling = "nearest") -> None:
        super().__init__()
        modes = ("nearest", "bilinear", "transposed")
        require(mode in modes, "upsampling", f"one of {', '.join(modes)}", mode)
        self.mode = mode
        self.out_channels = out_channels if mode == "transposed" else in_channels
        self.conv = (
            nn.ConvTranspose2d(in_channels, out_channels, 2, 2) if mode == "transposed" else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B,out_channels,2h,2w)."""
        if self.conv is not None:
            learned: Tensor = self.conv(x)
            return learned
        if self.mode == "nearest":
            return upsample2(x)
        return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)

    def extra_repr(self) -> str:
        """Show the mode when printed."""
        return f"mode={self.mode!r}"
