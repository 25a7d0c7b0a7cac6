"""U-Net++: a U-Net whose skips are filled with nodes, each a small decoder of its own.

Zhou et al., UNet++: A Nested U-Net Architecture for Medical Image Segmentation, DLMIA 2018.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from core.checks import require
from core.layers.convolution import Block, chain
from core.layers.upsampling import Upsampling
from core.networks.encoder import Encoder
from core.networks.unet import UpLevel


class UNetPlusPlus(nn.Module):
    """Nested U-Net; 9,162,753 parameters with `ConvNormAct` and the default arguments.

    Node X[i,j] of level i blends all nodes X[i,0..j-1] before it with the upsampled X[i+1,j-1]
    (Eq. 1); X[i,0] is the encoder. The defaults are those of a widely used PyTorch version:
    bilinear upsampling, no unit behind it. The paper upsamples by transposed convolutions.

    Args:
        block: Makes each unit from its channels (in, out): `ConvNormAct`, `ScaleAttentionalConv`...
        in_channels: Channels of the image.
        out_channels: Maps of logits: 1 for one structure, 1 + structures for several (the first is
            the background).
        widths: Channels of each level from the finest to the bottleneck.
        convs: Units a node.
        up_convs: Units between upsampling and join.
        upsampling: "nearest", "bilinear" or "transposed".
        deep_supervision: Give each X[0,j], j > 0, a head of its own and train all of them (with the
            loss in `core.losses.DeepSupervision`); otherwise the last alone has one.

    Raises:
        InputError: If there are fewer than two levels, or fewer than one unit a node.
    """

    def __init__(
        self,
        *,
        block: Block,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
        convs: int = 2,
        up_convs: int = 0,
        upsampling: Upsampling = "bilinear",
        deep_supervision: bool = False,
    ) -> None:
        super().__init__()
        require(convs >= 1, "convs", "at least 1", convs)
        self.encoder = Encoder(
            (chain(block, *sides, convs) for sides in pairwise((in_channels, *widths))),
            in_channels=in_channels,
        )
        node = partial(UpLevel, block=block, convs=convs, up_convs=up_convs, upsampling=upsampling)
        self.columns = nn.ModuleList(
            nn.ModuleList(
                node(deep, width, joined=number)
                for width, deep in pairwise(widths[: len(widths) - number + 1])
            )
            for number in range(1, len(widths))
        )
        heads = len(self.columns) if deep_supervision else 1
        self.heads = nn.ModuleList(nn.Conv2d(widths[0], out_channels, 1) for _ in range(heads))
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor | list[Tensor]:
        """Segment images (B,in_channels,h,w) in 0..1.

        Returns:
            Mask logits (B,out_channels,h,w). With deep supervision, in training mode, a list of
            them, one for each head, the shallowest first; in evaluation mode the logits of the mean
            of the heads' probabilities, the paper's accurate mode (Section 3.2).

        Raises:
            InputError: If height or width cannot be halved as often as there are levels.
        """
        rows = [[features] for features in self.encoder(image)]
        for column in self.columns:
            for level, node in enumerate(column.children()):
                rows[level].append(node(rows[level + 1][-1], *rows[level]))
        finest = rows[0][-len(self.heads) :]
        logits: list[Tensor] = [head(x) for head, x in zip(self.heads, finest, strict=True)]
        if len(logits) == 1:
            return logits[0]
        return logits if self.training else mean_of_probabilities(logits)


def mean_of_probabilities(heads: list[Tensor]) -> Tensor:
    """Return the logits whose probabilities are the mean of the heads' (B,K,h,w).

    Probabilities are the sigmoid of a single map of logits, the softmax of several.
    """
    logits = torch.stack(heads)
    if logits.shape[2] > 1:
        return logits.log_softmax(2).logsumexp(0)
    return logsigmoid(logits).logsumexp(0) - logsigmoid(-logits).logsumexp(0)
