"""Units that begin with a 1x1 convolution, and so need not see an upsampled or a joined map.

A 1x1 convolution does not look at neighbours: it may come before upsampling, on a quarter of the
pixels. It is a sum over channels: maps need not be joined for it, each adds its own share.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.layers.upsampling import Upsample


class EntryUnit(nn.Module):
    """A unit (B,C,H,W) -> (B,D,H,W) of which only a 1x1 convolution sees the input.

    Attributes:
        entry: That convolution, without bias.
    """

    entry: nn.Conv2d

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,D,H,W) of the input (B,C,H,W)."""
        return self.behind_entry(self.entry(x))

    def behind_entry(self, entered: Tensor) -> Tensor:
        """Return the features (B,D,H,W) from what `entry` makes of the input."""
        raise NotImplementedError


def of_upsampled(units: nn.Sequential, upsample: Upsample, deep: Tensor) -> Tensor:
    """Return units(upsample(deep)), up to rounding, with as few pixels upsampled as possible."""
    first, *others = units or [nn.Identity()]
    if not isinstance(first, EntryUnit) or upsample.mode == "transposed":
        x = first(upsample(deep))
    else:
        x = first.behind_entry(upsample(first.entry(deep)))
    return _through(others, x)


def of_joined(units: nn.Sequential, maps: Sequence[Tensor]) -> Tensor:
    """Return units(torch.cat(maps, dim=1)), up to rounding, joining no maps where possible."""
    first, *others = units
    if not isinstance(first, EntryUnit):
        return _through(units, torch.cat([*maps], dim=1))
    weights = torch.split(first.entry.weight, [each.shape[1] for each in maps], dim=1)
    entered, *shares = (
        functional.conv2d(each, weight, dilation=first.entry.dilation)
        for each, weight in zip(maps, weights, strict=True)
    )
    for share in shares:
        entered += share
    return _through(others, first.behind_entry(entered))


def _through(units: Sequence[nn.Module] | nn.Sequential, x: Tensor) -> Tensor:
    for unit in units:
        x = unit(x)
    return x
