"""What annotations on the test images cost a model that was trained without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from core.cli.lightning_cli import HouseCLI
from core.reports.run_folder import read_summary, write_summary

CLEAN = "metrics_without_annotations"
"""Key of summary.json: the same test's metrics on the untouched images."""


def test_twice(cli: HouseCLI, measure: Callable[[], None]) -> None:
    """Test on the untouched images first, then with annotations; the run keeps the second's files.

    Args:
        cli: Its DataModule has an annotator.
        measure: Tests once.
    """
    data = cli.datamodule
    annotator, data.annotate = data.annotate, None
    try:
        measure()
    finally:
        data.annotate = annotator
    metrics = {name: float(value) for name, value in cli.trainer.callback_metrics.items()}
    measure()
    if cli.trainer.is_global_zero:
        known = {
            name: value if isfinite(value) else None
            for name, value in metrics.items()
            if name.startswith("test/")
        }
        write_summary(cli.run_dir, read_summary(cli.run_dir) | {CLEAN: known})


def drop_line(summary: dict[str, Any], names: Sequence[str]) -> str:
    """Say what annotations of these names on the test images cost."""
    with_, without = (summary[key]["test/dice"] for key in ("metrics", CLEAN))
    drop = without - with_
    return f"with {', '.join(names)} on the images; {without:.3f} without: a drop of {drop:.3f}"
