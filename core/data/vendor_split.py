"""Training on some machines and testing on all others; every choice has as many to train on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import InputError, nearest, require
from core.data.columns import column_of
from core.data.sources.base import some
from core.data.splits import HoldoutSplit, Split
from core.data.units import Rows, Stages, without_twins

Names = npt.NDArray[np.object_]


class VendorSplit(Split):
    """Trains on some machines, validates and tests on all the others.

    Of each class as many images are trained on as the machine with the fewest of it has, over all
    machines, drawn at random, in equal parts from the machines trained on: so every choice of them
    gives as many images of each class. What is left of these machines is in no stage.

    Args:
        train: The machines trained on.
        column: The machine.
        classes: The class.
        per_class: Training images of every class; None for as many as said above.
        val_share: Share of each other machine's images, by whole patients, for validation; the rest
            is for testing.
        seed: Of the draws.

    Raises:
        InputError: If no machine is named or one twice, or a number is out of range.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Section 4.3. There all images of the other machines were
        validated on and the best epoch's accuracy was reported; here the epoch is chosen on a share
        of their patients and reported on the others.
    """

    def __init__(
        self,
        *,
        train: Sequence[str],
        column: str = "device",
        classes: str = "view",
        per_class: int | None = None,
        val_share: float = 0.5,
        seed: int = 0,
    ) -> None:
        once = len(train) > 0 and len(set(train)) == len(train)
        require(once, "train", "at least one machine, each once", ", ".join(train) or "none")
        require(per_class is None or per_class > 0, "per_class", "a positive number", per_class)
        require(0 < val_share < 1, "val_share", "a share above 0 and below 1", val_share)
        self.train, self.column, self.classes = tuple(train), column, classes
        self.per_class, self.val_share, self.seed = per_class, val_share, seed

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage.

        Raises:
            InputError: If a column or machine is missing, no machine is left to test on or one has
                a single patient, a patient is on two machines, or images of a class are too few.
        """
        machines = column_of(table, self.column, "column").to_numpy()
        self._check(table, machines)
        stages = self._by_machine(table, machines)
        return {**stages, "train": self._drawn(table, machines, stages["train"])}

    def _check(self, table: pd.DataFrame, machines: Names) -> None:
        known = sorted(set(machines))
        for name in self.train:
            hint = f"a value of column '{self.column}'{nearest(name, known)}"
            require(name in known, f"train '{name}'", hint, ", ".join(known))
        others = set(known) - set(self.train)
        require(others, "train", "a machine left to test on", f"all of {', '.join(known)}")
        counts = pd.Series(machines).groupby(table["subject"].to_numpy()).nunique()
        twice = [str(subject) for subject in counts.index[counts > 1]]
        if twice:
            raise InputError(f"subject {some(twice)}: expected on one machine, got on several")

    def _by_machine(self, table: pd.DataFrame, machines: Names) -> Stages:
        """All rows of the machines trained on; those of each other machine parted by patients."""
        stages: dict[str, list[Rows]] = {"val": [], "test": []}
        for name in sorted(set(machines) - set(self.train)):
            rows = np.flatnonzero(machines == name)
            count = table["subject"].iloc[rows].nunique()
            require(count > 1, f"{self.column} '{name}'", "at least 2 patients to part", count)
            half = HoldoutSplit(val=0, test=1 - self.val_share, seed=self.seed)(table.iloc[rows])
            stages["val"].append(rows[half["train"]])
            stages["test"].append(rows[half["test"]])
        parted = {stage: np.sort(np.concatenate(parts)) for stage, parts in stages.items()}
        train = np.flatnonzero(np.isin(machines, self.train))
        return without_twins(table, {"train": train, **parted})

    def _drawn(self, table: pd.DataFrame, machines: Names, rows: Rows) -> Rows:
        """As many of the training machines' rows as every choice of machines can give."""
        classes = column_of(table, self.classes, "classes").to_numpy()
        rng, drawn = np.random.default_rng(self.seed), []
        for name, count in self._wanted(classes, machines).items():
            shares = np.array_split(np.arange(count), len(self.train))
            for machine, share in zip(self.train, shares, strict=True):
                pool = rows[(classes[rows] == name) & (machines[rows] == machine)]
                subject = f"{self.classes} '{name}' of {machine}"
                require(len(pool) >= len(share), subject, f"{len(share)} images", len(pool))
                drawn.append(rng.permutation(pool)[: len(share)])
        return np.sort(np.concatenate(drawn))

    def _wanted(self, classes: Names, machines: Names) -> dict[str, int]:
        """Training images of each class."""
        counts = pd.crosstab(classes, machines)
        wanted = {}
        for name, row in counts.iterrows():
            subject, rarest = f"{self.classes} '{name}'", row.idxmin()
            require(row.min() > 0, subject, "images of every machine", f"none of {rarest}")
            wanted[str(name)] = self.per_class or int(row.min())
        return wanted
