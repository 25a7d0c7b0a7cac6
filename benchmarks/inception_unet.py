"""A training step and an evaluation of the inception U-Net, against the original formulation.

The peer builds the joined map of upsampled and skipped features before each decoder block, as the
original does, and uses torch's own dropout; it runs in contiguous and in channels_last layout.
Beside it: what each activation costs. CPU seconds of one thread, batch of 32 images of 80x112.

Run `python -m benchmarks.inception_unet` from the repository's root.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.layers import (
    InceptionBlock,
    NoisyActivation,
    NoisyHardSigmoid,
    NoisyHardTanh,
    NoisyReLU,
)
from core.layers.inception import upsample2
from core.losses import DiceLoss, WithPresence
from core.networks import InceptionUNet

IMAGES = torch.rand(32, 1, 80, 112)
MASKS = (torch.rand(32, 80, 112) > 0.9).long()
OURS = "ours, ReLU"


class Joined(nn.Module):
    """A decoder block that sees the joined map."""

    def __init__(self, block: InceptionBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, deep: Tensor, fine: Tensor) -> Tensor:
        """Return the block's features of the joined map."""
        return InceptionBlock.forward(self.block, torch.cat([upsample2(deep), fine], dim=1))


def original(layout: torch.memory_format) -> InceptionUNet:
    """Return the network as the original formulates it, kept in a memory layout."""
    network = InceptionUNet(act=nn.ReLU()).to(memory_format=layout)
    for level in network.decoder:
        level.block, level.dropout = Joined(level.block), nn.Dropout(0.5)
    for reduction in (*network.reductions, network.bottleneck):
        reduction[-1] = nn.Dropout(0.5)
    network.encoder[0].register_forward_pre_hook(lambda _, x: x[0].clone(memory_format=layout))
    return network


def candidates() -> dict[str, InceptionUNet]:
    """Return the networks to time, by name."""
    activations = {
        OURS: nn.ReLU(),
        "ours, ELU": nn.ELU(),
        "ours, NReLU 0.05": NoisyReLU(noise=0.05),
        "ours, NHSigmoid 0": NoisyHardSigmoid(noise=0.0),
        "ours, NHSigmoid 0.05": NoisyHardSigmoid(noise=0.05),
        "ours, NHTanh 0": NoisyHardTanh(noise=0.0),
        "ours, NHTanh 0.05": NoisyHardTanh(noise=0.05),
        "ours, full noisy sigmoid": NoisyActivation(
            kind="sigmoid", alpha=1.1, c=0.15, half_normal=True
        ),
    }
    peers = {
        "joined maps, ReLU, channels_last": original(torch.channels_last),
        "joined maps, ReLU, contiguous": original(torch.contiguous_format),
    }
    return {name: InceptionUNet(act=act) for name, act in activations.items()} | peers


def step(network: InceptionUNet) -> Callable[[], None]:
    """Return one training step of a network."""
    loss, optimiser = WithPresence(mask_loss=DiceLoss()), torch.optim.Adam(network.parameters())

    def run() -> None:
        optimiser.zero_grad()
        loss(network.train()(IMAGES), MASKS).backward()
        optimiser.step()

    return run


def evaluation(network: InceptionUNet) -> Callable[[], None]:
    """Return one forward pass of a network without gradients."""

    def run() -> None:
        with torch.inference_mode():
            network.eval()(IMAGES)

    return run


def giga_macs(network: InceptionUNet) -> float:
    """Return the multiplications of one image, in thousand millions."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.eval()(IMAGES[:1])
    return counter.get_total_flops() / 2 / 1e9


def main() -> None:
    """Measure, print and write the results."""
    one_thread()
    networks = candidates()
    figures: dict[str, object] = {"GMAC an image": {n: giga_macs(m) for n, m in networks.items()}}
    for title, job in (("training step", step), ("evaluation", evaluation)):
        calls = {name: job(network) for name, network in networks.items()}
        seconds = alternate(calls, repeats=5, clock=time.process_time)
        show(f"{title}, batch 32, CPU time", seconds, OURS)
        figures[title] = {"CPU seconds": seconds, "times ours": ratios(seconds, OURS)}
    write_results("inception_unet", figures)


if __name__ == "__main__":
    main()
