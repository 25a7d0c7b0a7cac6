"""Efficient channel attention: each channel weighed by what its neighbours and itself show."""

from __future__ import annotations

import math

from torch import Tensor, nn

from core.checks import require


class ChannelAttention(nn.Module):
    """x * sigmoid(conv1d(mean of each channel)): efficient channel attention (ECA).

    A weight in 0..1 for each channel of each image, from one convolution along the channel axis
    without bias. The order of channels therefore matters: neighbours see each other.

    Args:
        kernel: Channels that one weight looks at, odd; None follows the ECA paper's rule with
            gamma 2 and b 1 (Eq. 12): 3 for 32 and 64 channels, 5 for 128 to 512.
        channels: Channels of the input; only the rule needs them.

    Raises:
        InputError: If the kernel is not odd, or neither kernel nor channels are given.

    References:
        Wang et al., ECA-Net, CVPR 2020, Section 3.
    """

    def __init__(self, *, kernel: int | None = 3, channels: int | None = None) -> None:
        super().__init__()
        if kernel is None:
            require(channels, "channels", "a number where kernel is None", channels)
            kernel = adaptive_kernel(int(channels or 0))
        require(kernel > 0 and kernel % 2 == 1, "kernel", "an odd number", kernel)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def weights(self, x: Tensor) -> Tensor:
        """Return the weight of each channel, (B,C,1,1) in 0..1, of the features (B,C,H,W)."""
        means = x.mean((2, 3))
        weights: Tensor = self.conv(means[:, None]).sigmoid()
        return weights[:, 0, :, None, None]

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighed features (B,C,H,W)."""
        return x * self.weights(x)


def adaptive_kernel(channels: int) -> int:
    """Return the kernel that ECA-Net's rule gives for a number of channels."""
    half = int(abs(math.log2(channels) + 1) / 2)
    return max(half if half % 2 else half + 1, 3)
