"""What one training step of DA-GAN costs at least, and what it takes here.

The step, written out: the generator restores corrupted patches once; both discriminators learn;
then generator and segmenter learn together, through the discriminators. Its floor on a machine is
the larger of two times:

- Operations: all multiplications and additions of convolutions, forward and backward, as torch
  counts them, at the machine's peak. Nothing else is counted; an algorithm that saves
  multiplications (Winograd) may pass below.
- Bytes, in float32: each parameter is read forward and backward, its gradient written, and Adam
  reads four numbers and writes three; each convolution's output is written once and read once, and
  so is its gradient. Whatever follows a convolution is taken as fused with it.

Peaks of GPUs are the published ones, those of this machine are measured: one thread, a matrix
product and a copy.

Run `python -m benchmarks.dagan_step` from the repository's root.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import alternate, one_thread, write_results
from core.layers import AttendedConvs
from core.losses import BinaryCrossEntropy
from core.networks import FPN, Discriminator, UNet

PAPER, SMALL = (64, 128, 256), (16, 32, 64)
ADVERSARIAL = BinaryCrossEntropy()


@dataclass(frozen=True)
class Machine:
    """What a machine can do at most: float operations and bytes in a second."""

    flops: float
    bandwidth: float

    def floor(self, flops: float, moved: float) -> tuple[float, str]:
        """Return the least seconds for operations and bytes, and which of them bind."""
        times = {"operations": flops / self.flops, "bytes": moved / self.bandwidth}
        binding = max(times, key=times.__getitem__)
        return times[binding], binding


GPUS = {
    "RTX 2080 Ti, fp32 (13.4 TFLOPS, 616 GB/s)": Machine(13.4e12, 616e9),
    "H200 SXM, fp32 (67 TFLOPS, 4.8 TB/s)": Machine(67e12, 4.8e12),
    "H200 SXM, TF32 (494 TFLOPS, 4.8 TB/s)": Machine(494e12, 4.8e12),
}


@dataclass(frozen=True)
class Setup:
    """Networks and the batches that they learn from."""

    widths: tuple[int, ...]
    encoder: str
    batch: int
    side: int


SETUPS = {
    "the paper's networks and batch": Setup(PAPER, "resnet50", 16, 96),
    "the paper's networks, 4 patches of 64x64": Setup(PAPER, "resnet50", 4, 64),
    "small networks, 16 patches of 64x64": Setup(SMALL, "tu-resnet10t", 16, 64),
}
HERE = list(SETUPS)[1:]


class Networks(nn.Module):
    """All that learns in DA-GAN."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        unit = partial(AttendedConvs, act=nn.ReLU())
        self.generator = UNet(block=unit, widths=setup.widths, convs=1, up_convs=0)
        self.segmenter = FPN(encoder_name=setup.encoder, out_channels=4)
        self.clean, self.corrupted = (Discriminator(widths=setup.widths) for _ in range(2))


def step(networks: Networks, x: Tensor, mask: Tensor, z: Tensor) -> Callable[[], None]:
    """Return one training step on corrupted patches x with masks, and clean patches z."""
    judges = nn.ModuleList([networks.clean, networks.corrupted])
    makers = nn.ModuleList([networks.generator, networks.segmenter])
    optimisers = [torch.optim.Adam(players.parameters(), 1e-4) for players in (judges, makers)]

    def learn(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def run() -> None:
        x_hat = networks.generator(x)
        z_hat = z + (x - x_hat)
        shown = ((networks.clean, z, x_hat), (networks.corrupted, x, z_hat))
        judged = [ADVERSARIAL.discriminator(d(real), d(made.detach())) for d, real, made in shown]
        learn(judged[0] + judged[1], optimisers[0])
        judges.requires_grad_(False)
        fooled = [ADVERSARIAL.generator(d(made)) for d, _, made in shown]
        kept = 0.5 * cross_entropy(networks.segmenter(x_hat), mask) + 0.01 * mse_loss(x_hat, x)
        learn(fooled[0] + fooled[1] + kept, optimisers[1])
        judges.requires_grad_(True)

    return run


def prepared(setup: Setup, device: str) -> tuple[Networks, Callable[[], None]]:
    """Return the networks of a setup and their step, on random patches."""
    torch.manual_seed(0)
    networks = Networks(setup).to(device)
    with torch.device(device):
        x, z = torch.rand(2, setup.batch, 1, setup.side, setup.side).unbind()
        mask = torch.randint(4, (setup.batch, setup.side, setup.side))
    return networks, step(networks, x, mask, z)


def cost(setup: Setup) -> dict[str, float]:
    """Count one step's operations and bytes without doing any."""
    networks, run = prepared(setup, "meta")
    outputs: list[int] = []
    for module in networks.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            module.register_forward_hook(lambda _, __, output: outputs.append(output.numel()))
    with FlopCounterMode(display=False) as counter:
        run()
    parameters = sum(p.numel() for p in networks.parameters())
    return {
        "GFLOP": counter.get_total_flops() / 1e9,
        "GB": 4 * (10 * parameters + 4 * sum(outputs)) / 1e9,
        "parameters": parameters,
    } | {f"GFLOP, {name}": flops / 1e9 for name, flops in shares(counter).items()}


def shares(counter: FlopCounterMode) -> dict[str, float]:
    """Return the operations of each network, forward and backward.

    The segmenter's are what is left: the counter books the way back from the discriminators, which
    runs before the segmenter's, to both.
    """
    counts = counter.get_flop_counts()
    found = {name: float(sum(counts[name].values())) for name in ("UNet", "Discriminator")}
    return found | {"FPN": counter.get_total_flops() - sum(found.values())}


def this_machine() -> Machine:
    """Measure a matrix product, and a copy that no cache holds, on one thread."""
    side, numbers = 2048, 64 * 2**20
    a, b = torch.rand(2, side, side).unbind()
    source, target = torch.rand(2, numbers).unbind()
    calls = {"product": lambda: a @ b, "copy": lambda: target.copy_(source)}
    seconds = alternate(calls, repeats=5, clock=time.process_time)
    return Machine(2 * side**3 / seconds["product"], 2 * 4 * numbers / seconds["copy"])


def floors(spent: dict[str, float], machines: dict[str, Machine]) -> dict[str, object]:
    """Print and return the floor on each machine."""
    found: dict[str, object] = {}
    for name, machine in machines.items():
        seconds, binding = machine.floor(spent["GFLOP"] * 1e9, spent["GB"] * 1e9)
        print(f"  floor, {name:<48}{seconds * 1000:>10.1f} ms, bound by {binding}")
        found[name] = {"milliseconds": round(seconds * 1000, 2), "bound by": binding}
    return found


def main() -> None:
    """Count, measure, print and write the results."""
    one_thread()
    here = this_machine()
    label = f"this machine ({here.flops / 1e9:.0f} GFLOPS, {here.bandwidth / 1e9:.1f} GB/s)"
    calls = {name: prepared(SETUPS[name], "cpu")[1] for name in HERE}
    seconds = alternate(calls, repeats=3, clock=time.process_time)
    figures: dict[str, object] = {}
    for name, setup in SETUPS.items():
        spent = cost(setup)
        print(f"{name}: {spent['GFLOP']:.1f} GFLOP, {spent['GB']:.2f} GB")
        figures[name] = {
            "cost": {key: round(value, 3) for key, value in spent.items()},
            "floors": floors(spent, GPUS | {label: here}),
        }
        if name in seconds:
            ratio = seconds[name] / here.floor(spent["GFLOP"] * 1e9, spent["GB"] * 1e9)[0]
            print(f"  measured here {seconds[name] * 1000:.0f} ms, {ratio:.2f} times its floor")
            figures[name] |= {"seconds": seconds[name], "times its floor": round(ratio, 2)}
    write_results("dagan_step", figures)


if __name__ == "__main__":
    main()
