"""A loader whose order is a pure function of (seed, epoch), so that it can go on from any batch.

Nothing random lives in workers: the sampler hands each sample its epoch and index, and augmentation
is keyed by them. So a resumed run sees what the uninterrupted one would have seen, for any number
of workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

Sample = dict[str, Any]
LISTED_KEYS = frozenset({"truth", "id", "subject", "group", "label"})
"""Sample keys that stay lists in a batch: strings, and masks of differing sizes."""


class SampleKey(NamedTuple):
    """What the sampler asks of the dataset."""

    row: int
    epoch: int
    is_padding: bool
    turn: int = 0  # how often the epoch has gone through all rows before


class EpochSampler(Sampler[SampleKey]):
    """Yields each of this rank's samples once an epoch, shuffled by (seed, epoch).

    Ranks take turns through the common order; the shorter ones are filled up with copies marked as
    padding, since every rank must run the same number of batches. With `per_epoch` an epoch ends
    early: its samples are the first of the order, so others when shuffled anew. With `repeat` too
    it has exactly that many: the rows' turns follow one another, each shuffled for itself, so that
    trainings on sets of any size see equally many samples.

    Args:
        indices: Rows of the source.
        batch_size: Samples in a batch of one rank.
        shuffle: A new order every epoch; False keeps the given one.
        seed: Seeds the order.
        rank: This process.
        world_size: The number of processes.
        per_epoch: Most samples of an epoch, of all ranks together; None for all.
        repeat: Go through the rows again until the epoch has `per_epoch` samples.
    """

    def __init__(
        self,
        indices: Sequence[int] | np.ndarray[Any, Any],
        *,
        batch_size: int,
        shuffle: bool,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        per_epoch: int | None = None,
        repeat: bool = False,
    ) -> None:
        self.indices = np.asarray(indices, dtype=np.int64)
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.rank, self.world_size, self.per_epoch = rank, world_size, per_epoch
        self.turns = -(-per_epoch // max(len(self.indices), 1)) if repeat and per_epoch else 1
        self.epoch = 0
        self.first_batch = 0

    def set_epoch(self, epoch: int) -> None:
        """Begin another epoch at its first batch; Lightning calls this before each epoch."""
        if epoch != self.epoch:
            self.epoch, self.first_batch = epoch, 0

    def __len__(self) -> int:
        samples = len(self.indices) * self.turns
        return -(-min(samples, self.per_epoch or samples) // self.world_size)

    def __iter__(self) -> Iterator[SampleKey]:
        order = self._order()
        for position in range(self.first_batch * self.batch_size, len(self)):
            place = position * self.world_size + self.rank
            is_padding = place >= len(order)
            place %= len(order)
            turn = place // len(self.indices)
            yield SampleKey(int(order[place]), self.epoch, is_padding, turn)

    def _order(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        turns = [self._turn(number) for number in range(self.turns)]
        return np.concatenate(turns)[: self.per_epoch]

    def _turn(self, number: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        if not self.shuffle:
            return self.indices
        words = [self.seed, self.epoch, number]  # a last zero is as none: as without turns
        return np.random.default_rng(words).permutation(self.indices)


class ResumableLoader:
    """Loads batches, says how many it has served, and goes on from there.

    Its state is {"epoch", "batches"}; Lightning stores it in checkpoints and gives it back. It
    holds a DataLoader and is none, for of those Lightning makes its own copies when it predicts.
    """

    def __init__(
        self, dataset: Dataset[Sample], sampler: EpochSampler, *, workers: int = 0
    ) -> None:
        self.sampler = sampler
        self._batches = DataLoader(
            dataset,
            batch_size=sampler.batch_size,
            sampler=sampler,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=torch.cuda.is_available(),
            collate_fn=collate,
            timeout=300
            if workers
            else 0,  # a hung worker ends the run instead of holding it for ever
            generator=torch.Generator(),  # its own: iterating leaves the global stream alone
        )
        self.batch_sampler = self._batches.batch_sampler  # Lightning looks at it for the order
        self._served = 0

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        self._served = self.sampler.first_batch
        for batch in self._batches:
            self._served += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """Return the epoch, and the batches served in it."""
        return {"epoch": self.sampler.epoch, "batches": self._served}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on in this epoch after this many batches."""
        self.sampler.epoch = state["epoch"]
        self.sampler.first_batch = self._served = state["batches"]


def collate(samples: list[Sample]) -> dict[str, Any]:
    """Stack samples to a batch; strings and masks on their own grids stay lists."""
    batch: dict[str, Any] = {}
    for key in samples[0]:
        values = [sample[key] for sample in samples]
        batch[key] = (
            values
            if key in LISTED_KEYS
            else torch.stack([torch.as_tensor(value) for value in values])
        )
    return batch
