"""What sizes of image a network takes."""

from __future__ import annotations

from torch import Tensor

from core.checks import InputError


def require_batch(image: Tensor, in_channels: int, step: int) -> None:
    """Raise an InputError that says how to fit the image, unless it is one the network takes.

    Args:
        image: Wanted (B,in_channels,h,w), h and w divisible by `step`.
        in_channels: Channels that the network takes.
        step: Pixels of the image that one of the coarsest level stands for.
    """
    if image.dim() != 4 or image.shape[1] != in_channels:
        expected = f"a batch (B,{in_channels},h,w)"
    elif image.shape[2] % step or image.shape[3] % step:
        expected = divisible(step, *image.shape[2:])
    else:
        return
    raise InputError(f"image: expected {expected}, got shape {tuple(image.shape)}")


def divisible(step: int, height: int, width: int) -> str:
    """Say what a size must be divisible by, and the next larger size that is."""
    next_size = tuple(side + -side % step for side in (height, width))
    return f"height and width divisible by {step}: pad or resize to {next_size}"
