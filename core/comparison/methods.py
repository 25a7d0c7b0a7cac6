"""Methods: runs that were set to the same but for seed and fold are repetitions of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import pandas as pd

from core.comparison.read import REPEATS, Settings, TestedRun
from core.experiments.values import image_values
from core.reports.privacy import base_name, map_strings
from core.reports.tables import Table
from core.run_keys import BETWEEN

ABSENT: Final = "\N{EN DASH}"
_MADE_UP: Final = re.compile(r"cell-|\d{8}-\d{6}")  # names of the house's own making
_PUT_ON: Final = "data.annotate"  # settings of what test images bear
_LONGEST: Final = 40  # letters of a name
_ENDING: Final = re.compile(r"[-_. ]*(seed|fold|run|rep|s|f|r)?[-_. ]*$")
_TOLD: Final = 3  # settings that may make a name
_KINDS: Final = {key: "fold" if key.endswith("fold") else "seed" for key in REPEATS}


@dataclass(frozen=True, kw_only=True)
class Method:
    """Repetitions of one method; a single run is one, too.

    Attributes:
        runs: At least one, of different seed or fold.
        name: Short, and no other method's of the page.
    """

    runs: tuple[TestedRun, ...]
    name: str

    @property
    def settings(self) -> Settings:
        """What all of its runs were set to."""
        return self.runs[0].settings

    @property
    def data_hash(self) -> str:
        """Of the data that all of its runs saw."""
        return str(self.runs[0].data.get("hash"))

    @property
    def simulated(self) -> bool:
        """Whether the images come from a simulator."""
        return self.runs[0].data.get("simulated") is not False  # not known to be real

    @property
    def single_runs(self) -> list[Method]:
        """Each of its runs as if it were a method of its own."""
        return [Method(runs=(run,), name=run.name) for run in self.runs]

    def values(self, metric: str) -> pd.Series:
        """Return a metric of each run; NaN where it is undefined."""
        return pd.Series([run.metrics.get(metric) for run in self.runs], dtype=float)

    def image_values(self, metric: str) -> pd.DataFrame:
        """Return one row a test image and run: run, id, subject, value; no rows where unknown."""
        parts = [
            known.assign(run=str(run.root))
            for run in self.runs
            if (known := values_of(run.root, metric)) is not None
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @cached_property
    def images(self) -> dict[str, str]:
        """Digest of each test image by its id; the data's hash stands in where none is known."""
        return {name: digest for run in self.runs for name, digest in _digests(run).items()}

    @cached_property
    def subjects(self) -> set[str]:
        """Whom the test images are of."""
        return {str(name) for run in self.runs for name in run.images["subject"]}


@cache
def values_of(run: Path, metric: str) -> pd.DataFrame | None:
    """Return what `image_values` does, read once; nobody may change it."""
    return image_values(run, metric)


def group(runs: Sequence[TestedRun]) -> tuple[list[Method], list[str]]:
    """Group runs into methods.

    Returns:
        The methods, and a line for each run that repeats another with the same seed and fold: it is
        no further repetition and left out.
    """
    same: dict[str, dict[str, TestedRun]] = {}
    left_out = []
    for run in runs:
        of_method = same.setdefault(repr((run.settings, run.data.get("hash"))), {})
        first = of_method.setdefault(repr(run.repeat), run)
        if first is not run:
            left_out.append(f"{run.name}: the same settings and seed as {first.name}; left out")
    groups = [tuple(repeats.values()) for repeats in same.values()]
    names = _names(groups)
    methods = [
        Method(runs=_renamed(own, name), name=name) for own, name in zip(groups, names, strict=True)
    ]
    return methods, left_out


def differing(settings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the keys that not all have with the same value, in their order."""
    every = list(settings)
    keys = dict.fromkeys(key for each in every for key in each)
    return [key for key in keys if len({repr(each.get(key)) for each in every}) > 1]


def settings_table(methods: Sequence[Method]) -> Table | None:
    """Return what the methods were set to where they differ, a column each; None where nowhere.

    Paths are cut to their last part. Arguments that come and go with a class stand for themselves
    only where methods that have the class differ in them.
    """
    every = [method.settings for method in methods]
    keys = differing(every)
    keys = [key for key in keys if _tells(key, keys, every)]
    rows = [[key, *(shown(method.settings.get(key)) for method in methods)] for key in keys]
    columns = ("Setting", *(method.name for method in methods))
    return Table(columns=columns, rows=rows) if rows else None


def _tells(key: str, keys: Sequence[str], every: Sequence[Settings]) -> bool:
    """Whether a key that differs says more than the class does that it belongs to."""
    values = {repr(each[key]) for each in every if key in each}
    return len(values) > 1 or not any(key.startswith(f"{other}.") for other in keys)


def shown(value: Any) -> str:
    """Return a setting for readers: a class without the rooms it is in, a dash for nothing."""
    if value is None:
        return ABSENT
    if isinstance(value, str) and re.fullmatch(r"[a-z_]\w*(\.\w+)+", value):
        return value.rpartition(".")[2]
    return str(map_strings(value, base_name))


def _names(groups: Sequence[tuple[TestedRun, ...]]) -> list[str]:
    """Name methods by what is common to their runs' names, or by what sets them apart."""
    keys = differing(runs[0].settings for runs in groups)
    asked = _asked_for([runs[0] for runs in groups])
    names = []
    for runs, own in zip(groups, asked, strict=True):
        told = " ".join(shown(runs[0].settings.get(key)) for key in keys)
        tells = 0 < len(keys) <= _TOLD and len(told) <= _LONGEST
        name = told if tells else own
        made_up = _MADE_UP.match(runs[0].name)
        names.append(name if name and made_up else _common_name([run.name for run in runs]))
    return [
        name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"
        for place, name in enumerate(names)
    ]


def _asked_for(runs: Sequence[TestedRun]) -> list[str]:
    """Return what each run was asked to be, its method and its data, less what all have."""
    keys = [run.folder.summary.get("keys") or {} for run in runs]
    parts = [
        [*str(own.get("method", "")).split(BETWEEN), *str(own.get("dataset", "")).split()]
        for own in keys
    ]
    shared = set.intersection(*map(set, parts)) if len(parts) > 1 else set()
    return [" ".join(part for part in own if part not in shared) for own in parts]


def _common_name(names: Sequence[str]) -> str:
    """Return "relu" of "relu-seed0" and "relu-seed1"."""
    if len(names) == 1:
        return names[0]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = _ENDING.sub("", "".join(letters[0] for letters in alike))
    return common if common and not _MADE_UP.match(names[0]) else f"{names[0]} etc."


def _renamed(runs: Sequence[TestedRun], method: str) -> tuple[TestedRun, ...]:
    """Name runs whose names the house made up by their method, and by seed or fold."""
    keys = differing(run.repeat for run in runs)
    names = []
    for run in runs:
        repeats = dict.fromkeys(f"{_KINDS[key]} {run.repeat.get(key)}" for key in keys)
        names.append(" ".join([method, *repeats]) if _MADE_UP.match(run.name) else run.name)
    return tuple(replace(run, name=name) for run, name in zip(runs, names, strict=True))


def _digests(run: TestedRun) -> dict[str, str]:
    """Return what each test image is: its pixels, and what was put on them for the test."""
    table = run.images.drop_duplicates("id")
    known = table.get("image_digest", pd.Series(index=table.index, dtype=object))
    digests = known.fillna(str(run.data.get("hash"))).astype(str)
    put_on = {key: value for key, value in run.settings.items() if key.startswith(_PUT_ON)}
    return dict(zip(table["id"].astype(str), digests + repr(put_on), strict=True))
