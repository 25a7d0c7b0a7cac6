"""Haar wavelets as pooling and unpooling: half the size without losing anything."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require


class HaarPool(nn.Module):
    """Splits features into one low-pass and three high-pass bands of half the size.

    Each 2x2 block [[a, b], [c, d]] becomes LL = (a + b + c + d) / 2, LH = (b - a + d - c) / 2,
    HL = (c + d - a - b) / 2 and HH = (a - b - c + d) / 2: an orthonormal change of basis, which
    `HaarUnpool` inverts. The first letter is the filter down the rows, the second the one along
    them, so that horizontal edges show in HL. Signs are those of WCT2.

    References:
        Yoo et al., Photorealistic Style Transfer via Wavelet Transforms, ICCV 2019, Section 3.
    """

    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", haar_filters(), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the bands LL, LH, HL and HH, each (B,C,h,w), of features (B,C,2h,2w).

        Raises:
            InputError: If height or width is odd.
        """
        even = x.shape[2] % 2 == 0 and x.shape[3] % 2 == 0
        require(even, "features", "even height and width", tuple(x.shape))
        channels = x.shape[1]
        ll, lh, hl, hh = (
            functional.conv2d(x, band.expand(channels, 1, 2, 2), stride=2, groups=channels)
            for band in self.filters
        )
        return ll, lh, hl, hh


class HaarUnpool(nn.Module):
    """Puts the bands of `HaarPool` together again, or brings each back to the full size."""

    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", haar_filters(), persistent=False)

    def forward(self, ll: Tensor, lh: Tensor, hl: Tensor, hh: Tensor) -> Tensor:
        """Return the features (B,C,2h,2w) whose bands (B,C,h,w) these are."""
        shares = self.upsampled(ll, lh, hl, hh).chunk(4, dim=1)
        return shares[0] + shares[1] + shares[2] + shares[3]

    def upsampled(self, ll: Tensor, lh: Tensor, hl: Tensor, hh: Tensor) -> Tensor:
        """Return each band's share of the features side by side, (B,4C,2h,2w); they add up to them.

        A network that sees the shares apart can weigh them itself (WCT2's option "cat5").
        """
        channels = ll.shape[1]
        return functional.conv_transpose2d(
            torch.cat([ll, lh, hl, hh], dim=1),
            self.filters.repeat_interleave(channels, dim=0),
            stride=2,
            groups=4 * channels,
        )


def haar_filters() -> Tensor:
    """Return the 2x2 filters (4,1,2,2) of LL, LH, HL and HH, float32."""
    low, high = torch.tensor([1.0, 1.0]), torch.tensor([-1.0, 1.0])
    bands = [torch.outer(down, along) for down, along in product((low, high), repeat=2)]
    return torch.stack(bands)[:, None] / 2
