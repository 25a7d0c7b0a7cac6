"""Fakes of earlier steps, so that a discriminator does not forget them."""

from __future__ import annotations

import torch
from torch import Tensor

from core.checks import require


class ImagePool:
    """Keeps images, and swaps half of those that come for earlier ones once it is full.

    Draws from torch's global stream on the CPU, which checkpoints keep.

    Args:
        size: Most images it holds; 0 gives images back as they come.

    Attributes:
        images: The images held, (n,C,h,w) with n <= size; None before the first.

    Raises:
        InputError: If the size is negative.

    References:
        Shrivastava et al., Learning from simulated and unsupervised images, CVPR 2017, Section 2.3.
    """

    def __init__(self, size: int) -> None:
        require(size >= 0, "pool_size", "0 or more", size)
        self.size = size
        self.images: Tensor | None = None

    def __call__(self, images: Tensor) -> Tensor:
        """Return as many images as come (B,C,h,w): these, or each with even odds an earlier one."""
        if self.size == 0:
            return images
        if self.images is None:
            self.images = images.new_empty(0, *images.shape[1:])
        self.images = self.images.to(images)  # those of a checkpoint come on the CPU
        shown = images.clone()
        for place, image in enumerate(images):
            shown[place] = self._swapped(image, self.images)
        return shown

    def _swapped(self, image: Tensor, held: Tensor) -> Tensor:
        """Return the image or an earlier one, whose place it then takes."""
        if len(held) < self.size:
            self.images = torch.cat([held, image[None]])
            return image
        if torch.rand(()) < 0.5:
            return image
        place = int(torch.randint(self.size, ()))
        earlier = held[place].clone()
        held[place] = image
        return earlier
