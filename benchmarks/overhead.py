"""What a training step costs beyond its arithmetic, with this house's whole stack and with stock's.

"Bare" is the shortest loop that does the same: network, loss, backward, Adam. "Ours" is the task in
Lightning's Trainer with everything that core/base.yaml puts into a run: checkpoints to resume from,
finite guard, logs, progress bar, W&B offline. "Stock Lightning" is a Trainer as it comes, with its
plain progress bar, and a module that logs its loss each step.

Bare steps take turns with the trainer's own inside one training: the loader that hands out the
batches runs them, and stops the clock around them. Batches are made beforehand, since loading
costs the same for all and would only dilute the ratio. What happens seldom, a checkpoint for
example, counts with its share: all from an epoch's first batch to its last, divided by the steps.
CPU time, one thread.

Run `python -m benchmarks.overhead` from the repository's root.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import torch
from lightning.pytorch import LightningDataModule, LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.cli import instantiate_class
from torch import Tensor, nn
from torch.optim import Adam

from benchmarks.timing import one_thread, write_results
from core.cli.quiet import hush
from core.cli.stack import BASE, read_yaml
from core.layers import NoisyHardSigmoid
from core.losses import DiceLoss, WithPresence
from core.networks import InceptionUNet
from core.tasks import SegmentationTask

Batch = dict[str, Any]
ROUNDS = 5  # trainings of each kind
OURS, STOCK = "ours", "stock Lightning"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What to measure: a step, how many make a training, how many a turn."""

    network: Callable[[], nn.Module]
    loss: nn.Module
    batch: Batch
    steps: int
    turn: int


class Turns:
    """Hands out one batch again and again; before each turn of steps, runs as many bare ones.

    Args:
        case: What is measured.

    Attributes:
        bare: CPU seconds of all bare steps.
        trainer: CPU seconds of all steps of whoever takes the batches.
    """

    def __init__(self, case: Case) -> None:
        self.case, self.bare_step = case, bare(case.network().train(), case.loss)
        self.bare = self.trainer = 0.0

    def __len__(self) -> int:
        return self.case.steps

    def __iter__(self) -> Iterator[Batch]:
        for step in range(self.case.steps):
            if step % self.case.turn == 0:
                self.bare += self._bare_turn()
            start = time.process_time()
            yield self.case.batch
            self.trainer += time.process_time() - start

    def _bare_turn(self) -> float:
        """Run bare steps under torch's defaults, not under those of the trainer."""
        deterministic = torch.are_deterministic_algorithms_enabled()
        torch.use_deterministic_algorithms(mode=False)
        start = time.process_time()
        for _ in range(self.case.turn):
            self.bare_step(self.case.batch)
        seconds = time.process_time() - start
        torch.use_deterministic_algorithms(deterministic, warn_only=True)
        return seconds


class Data(LightningDataModule):
    """Training batches, and what a run's summary asks of a source."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self.turns = turns
        self.source = SimpleNamespace(fingerprint="", simulated=True)
        self.stages: dict[str, list[int]] = {}

    def train_dataloader(self) -> Turns:
        """The same batch again and again."""
        return self.turns


class StockTask(LightningModule):
    """The same arithmetic in the shortest LightningModule that logs its loss."""

    def __init__(self, network: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.network, self.loss = network, loss

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss, and log it."""
        loss: Tensor = self.loss(self.network(batch["image"]), batch["mask"])
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self) -> Adam:
        """Return the optimiser."""
        return Adam(self.parameters())


def bare(network: nn.Module, loss: nn.Module) -> Callable[[Batch], None]:
    """Return the shortest training step."""
    optimiser = Adam(network.parameters())

    def step(batch: Batch) -> None:
        optimiser.zero_grad()
        loss(network(batch["image"]), batch["mask"]).backward()
        optimiser.step()

    return step


def our_training(network: nn.Module, loss: nn.Module, data: Data, folder: Path) -> None:
    """Train one epoch with all that core/base.yaml says."""
    options = read_yaml(BASE)["trainer"]
    options["logger"][0]["init_args"] = {"save_dir": str(folder), "mode": "offline"}
    for key in ("logger", "plugins", "callbacks"):
        options[key] = [instantiate_class((), part) for part in options[key]]
    trainer = Trainer(**options, max_epochs=1, default_root_dir=folder)
    trainer.fit(SegmentationTask(network=network, loss=loss, optimizer=Adam), datamodule=data)


def stock_training(network: nn.Module, loss: nn.Module, data: Data, folder: Path) -> None:
    """Train one epoch with Lightning's defaults."""
    trainer = Trainer(
        max_epochs=1,
        default_root_dir=folder,
        callbacks=TQDMProgressBar(),
        enable_model_summary=False,
    )
    trainer.fit(StockTask(network, loss), datamodule=data)


TRAININGS = {OURS: our_training, STOCK: stock_training}


def tiny() -> nn.Module:
    """Return a network whose step is about as short as steps get."""
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))


def inception() -> nn.Module:
    """Return the network of a real training."""
    return InceptionUNet(act=NoisyHardSigmoid(noise=0.05))


def batch_of(images: int, height: int, width: int) -> Batch:
    """Return a batch with the keys that a training reads."""
    mask = (torch.rand(images, height, width) > 0.9).long()
    image = torch.rand(images, 1, height, width)
    return {"image": image, "mask": mask, "index": torch.arange(images)}


CASES = {
    "small step": Case(
        network=tiny, loss=DiceLoss(), batch=batch_of(8, 48, 48), steps=210, turn=10
    ),
    "large step": Case(
        network=inception,
        loss=WithPresence(mask_loss=DiceLoss()),
        batch=batch_of(6, 80, 112),
        steps=52,
        turn=1,
    ),
}


def measure(case: Case, name: str) -> Turns:
    """Train once, and return the seconds."""
    turns = Turns(case)
    with TemporaryDirectory() as folder:
        run_dir = Path(folder) / "benchmark" / name
        TRAININGS[name](case.network(), case.loss, Data(turns), run_dir)
    return turns


def compare(title: str, case: Case) -> dict[str, object]:
    """Train with each in turn; return a bare step's milliseconds and how many times these."""
    taken: dict[str, list[Turns]] = {name: [] for name in TRAININGS}
    for _ in range(ROUNDS + 1):
        for name, turns in taken.items():
            turns.append(measure(case, name))
    warm = {name: turns[1:] for name, turns in taken.items()}
    bare_ms = median(t.bare for turns in warm.values() for t in turns) / case.steps * 1000
    times = {name: median(t.trainer / t.bare for t in turns) for name, turns in warm.items()}
    print(f"{title}: bare {bare_ms:.2f} ms")
    for name, ratio in times.items():
        print(f"  {name:<20}{ratio:>8.3f} x{(ratio - 1) * bare_ms:>10.2f} ms on top")
    return {"bare ms": bare_ms, "times bare": times}


def main() -> None:
    """Measure, print and write the results."""
    one_thread()
    hush()
    os.environ["WANDB_SILENT"] = "true"
    figures = {title: compare(title, case) for title, case in CASES.items()}
    write_results("overhead", {"threads": 1, **figures})


if __name__ == "__main__":
    main()
