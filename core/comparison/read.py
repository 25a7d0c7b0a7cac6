"""Runs to compare: which of the folders are tested runs, and what each of them was set to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from core.checks import InputError, first_line, require
from core.dotted import flatten
from core.files import printable
from core.reports.run_folder import RunFolder

Settings = dict[str, Any]

_ASIDE: Final = ("trainer.logger", "trainer.default_root_dir", "data.cache_dir", "data.workers")
"""Where a run writes and what it caches: no part of the method."""
REPEATS: Final = ("seed_everything", "data.seed", "data.split.seed", "data.split.fold")
"""What repetitions of one method may differ in."""


@dataclass(frozen=True, kw_only=True)
class TestedRun:
    """A run that was tested.

    Attributes:
        name: Of its folder; on a page of several, one that readers understand.
        folder: All that it wrote.
        config: Its config.yaml.
        settings: The config under dotted keys; not where it writes, and not its repetition.
        repeat: Seed and fold: what may differ between repetitions of one method.
    """

    __test__ = False  # the name does not make it a test

    name: str
    folder: RunFolder
    config: dict[str, Any]
    settings: Settings
    repeat: Settings

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.folder.root

    @property
    def metrics(self) -> dict[str, Any]:
        """The test's numbers; None where one is undefined."""
        return dict(self.folder.summary["metrics"])

    @property
    def images(self) -> pd.DataFrame:
        """One row a test image, and structure where there are several: index, id, subject..."""
        return _images(self.folder)

    @property
    def data(self) -> dict[str, Any]:
        """What the summary says of the data: source, hash, simulated, images."""
        return dict(self.folder.summary.get("data") or {})


def read_run(root: Path, project: str) -> TestedRun:
    """Read a tested run.

    Raises:
        InputError: If the folder holds no tested run of this project, in one line.
    """
    subject = f"run '{printable(root.name)}'"
    try:
        folder = RunFolder.read(root)
        config = yaml.safe_load(folder.config)
    except (InputError, yaml.YAMLError, ValueError) as error:
        reason = first_line(error).removeprefix(f"{root.name}: ")
        raise InputError(f"{subject}: expected a tested run ({reason})") from error
    of = folder.summary.get("project", project)
    require(of == project, subject, f"a run of project {project}", f"one of {of}")
    metrics = folder.summary.get("metrics") or {}
    tested = any(key.startswith("test/") for key in metrics) and len(_images(folder))
    require(tested, subject, "a tested run", "one that has not tested any image")
    require(isinstance(config, dict), subject, "a tested run", "one without config.yaml")
    flat = dict(flatten(by_class(config)))
    return TestedRun(
        name=root.name,
        folder=folder,
        config=config,
        settings={key: v for key, v in flat.items() if key not in REPEATS and not _aside(key)},
        repeat={key: flat[key] for key in REPEATS if flat.get(key) is not None},
    )


def _images(folder: RunFolder) -> pd.DataFrame:
    return folder.classified if folder.images.empty else folder.images


def read_all(roots: Iterable[Path], project: str) -> tuple[list[TestedRun], list[str]]:
    """Read the tested runs among some folders, and say in a line each why others are none."""
    runs, left_out = [], []
    for root in roots:
        try:
            runs.append(read_run(root, project))
        except InputError as error:
            left_out.append(str(error))
    return runs, left_out


def by_class(value: Any) -> Any:
    """Return a config whose lists of classes are mappings by the classes' names.

    So that another callback is one key more, and not another list.
    """
    if isinstance(value, dict):
        return {key: by_class(item) for key, item in value.items()}
    if not (isinstance(value, list) and value and all(map(_is_class, value))):
        return value
    named: dict[str, Any] = {}
    for item in value:
        name = str(item["class_path"]).rpartition(".")[2]
        number = sum(key.partition(" ")[0] == name for key in named) + 1
        named[name if number == 1 else f"{name} {number}"] = by_class(item)
    return named


def _is_class(item: Any) -> bool:
    return isinstance(item, dict) and "class_path" in item


def _aside(key: str) -> bool:
    return any(f"{key}.".startswith(f"{prefix}.") for prefix in _ASIDE)
