"""What a project's dashboard is about: its metrics, as far as its experiments say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from core.checks import require
from core.overlays import read_yaml

_MOST = 8
_HEADLINES = ("test/dice", "test/accuracy")


@dataclass(frozen=True, kw_only=True)
class Board:
    """What a dashboard shows.

    Attributes:
        project: Name of the project, here and in W&B.
        headline: The test metric that says which of two runs is better.
        metrics: Test metrics of the project's tables, those of most tables first.
        curves: Metrics that are logged over epochs.
    """

    project: str
    headline: str
    metrics: tuple[str, ...]
    curves: tuple[str, ...]


def read_board(project_dir: Path) -> Board:
    """Read what the experiments of a project measure and draw.

    Raises:
        InputError: If it is no project's folder, or none of its experiments has a test metric.
    """
    files = sorted((project_dir / "experiments").glob("*.yaml"))
    experiments = [read_yaml(file) for file in files]
    often = Counter(chain.from_iterable(map(_test_metrics, experiments)))
    require(often, project_dir.name, "a project whose experiments have test metrics")
    headline = next((name for name in _HEADLINES if name in often), min(often))
    metrics = [headline, *(name for name, _ in often.most_common() if name != headline)]
    curves = [headline.replace("test/", "val/", 1), "train/loss", "val/loss"]
    drawn = chain.from_iterable(map(_curves, experiments))
    return Board(
        project=project_dir.name,
        headline=headline,
        metrics=tuple(metrics[:_MOST]),
        curves=tuple(dict.fromkeys([*curves, *drawn])),
    )


def _test_metrics(experiment: dict[str, Any]) -> list[str]:
    return [name for name in experiment.get("columns", {}) if name.startswith("test/")]


def _curves(experiment: dict[str, Any]) -> list[str]:
    figure = experiment.get("figure") or {}
    drawn = figure.get("kind") == "curves"
    names = [str(figure.get(key)) for key in ("metric", "beside") if drawn]
    return [name for name in names if name.startswith(("train/", "val/"))]
