"""What a tested run ends with: its report, and the numbers that matter most."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli.lightning_cli import HouseCLI
from core.dotted import flatten
from core.experiments.spec import reference


def finish(cli: HouseCLI, project_dir: Path) -> None:
    """Write the report, and print where it is; on the first process only."""
    if not cli.trainer.is_global_zero:
        return
    from core.reports import write_report  # brings matplotlib

    metrics = json.loads((cli.run_dir / "summary.json").read_text())["metrics"]
    rows = reference(project_dir, dict(flatten(cli.full_config())))
    for row in rows:
        row["ours"] = metrics.get(row["metric"])
    report = write_report(cli.run_dir, _images(cli.datamodule.source), rows or None)
    examples = cli.run_dir / "figures" / "examples.png"
    for logger in cli.trainer.loggers:
        if hasattr(logger, "log_image") and examples.is_file():
            logger.log_image("examples", [examples])
    empty = f"the all-empty answer: {metrics['test/dice_all_empty']:.3f}"
    print(f"\ntest Dice {metrics['test/dice']:.3f} (mean over images; {empty})")
    print(f"report: {report}")


def _images(source: Any) -> Callable[[int], tuple[Any, Any]]:
    """What the report looks images up with: image and mask by row."""

    def images(index: int) -> tuple[Any, Any]:
        sample = source[index]
        return sample["image"], sample.get("mask")

    return images
