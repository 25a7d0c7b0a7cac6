"""Random tensors that lie in memory like another tensor, drawn at full speed.

They come from torch's global generator of that tensor's device: seed it (per rank under DDP) and a
run repeats. Values are drawn in the order in which the other tensor lies in memory, so that one
seed places them differently in channels_last than in contiguous layout.

On a CPU torch fills contiguous memory six times faster than strided memory; what imitates a
channels_last tensor, or a slice of its channels, is therefore drawn as contiguous (B,H,W,C).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def normal_like(x: Tensor) -> Tensor:
    """Return N(0, 1) numbers in shape, dtype, device and memory order of x."""
    return _in_memory_order(torch.randn_like, x)


def uniform_like(x: Tensor) -> Tensor:
    """Return U[0, 1) numbers in shape, dtype, device and memory order of x."""
    return _in_memory_order(torch.rand_like, x)


def _in_memory_order(draw: Callable[..., Tensor], x: Tensor) -> Tensor:
    """Draw contiguous numbers and put the channels where x has them."""
    if x.dim() == 4 and x.stride(1) == 1:
        channels_last = draw(x.movedim(1, -1), memory_format=torch.contiguous_format)
        return channels_last.movedim(-1, 1)
    return draw(x, memory_format=torch.contiguous_format)
