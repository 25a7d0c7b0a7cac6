"""What a tested run ends with: its report, and the numbers that matter most."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from core.cli.lightning_cli import HouseCLI
from core.cli.robustness import drop_line
from core.dotted import flatten
from core.experiments import measured, reference
from core.reports.run_folder import GROUP, IMAGES, read_summary

_FIGURES = ("outlines", "notable", "restoration", "removal", "pairs", "patches", "examples")


def finish(cli: HouseCLI, project_dir: Path) -> None:
    """Write the report, and print where it is; on the first process only."""
    if not cli.trainer.is_global_zero:
        return
    from core.metrics.agreement import bland_altman
    from core.reports import write_report  # brings matplotlib

    summary = read_summary(cli.run_dir)
    metrics = measured(summary)
    rows = reference(project_dir, dict(flatten(cli.full_config())))
    for row in rows:
        row["ours"] = metrics.get(row["metric"])
    report = write_report(cli.run_dir, cli.datamodule.shown, rows or None, agree=bland_altman)
    _log_pictures(cli)
    if not metrics.get("test/images"):
        print(f"no test images\nreport: {report}")
        return
    masks = "test/dice" in metrics
    print(f"\n{_dice(metrics) if masks else _accuracy(metrics)}")
    lines = _details(cli, summary, metrics) if masks else _accuracy_details(cli, metrics)
    for line in lines:
        print(f"  {line}")
    print(f"report: {report}")


def _dice(metrics: dict[str, Any]) -> str:
    empty = metrics["test/dice_all_empty"]
    beside = f"; the all-empty answer: {empty:.3f}" if empty else ""
    return f"test Dice {metrics['test/dice']:.3f} (mean over images{beside})"


def _accuracy(metrics: dict[str, Any]) -> str:
    images = f"test accuracy {metrics['test/accuracy']:.3f}"
    voted = metrics.get("test/sequence_accuracy")
    return images if voted is None else f"{images}; of whole sequences, by vote, {voted:.3f}"


def _accuracy_details(cli: HouseCLI, metrics: dict[str, Any]) -> Iterator[str]:
    """Say what else there is to say of a classifier's test, a line each."""
    means = {"precision": "test/precision", "recall": "test/recall", "AUC": "test/auc"}
    said = ", ".join(f"{name} {metrics[key]:.3f}" for name, key in means.items())
    yield f"means over classes: {said}"
    images = pd.read_csv(cli.run_dir / IMAGES)
    yield f"always '{images['truth'].mode()[0]}' would be {_commonest(images['truth']):.3f}"
    if "device" in images and images["device"].nunique() > 1:
        shares = images.groupby("device")["correct"].mean()
        yield "accuracy by machine: " + ", ".join(f"{n} {s:.3f}" for n, s in shares.items())


def _commonest(names: pd.Series[str]) -> float:
    """Return the share of the most frequent name."""
    return float(names.value_counts(normalize=True).iloc[0])


def _details(cli: HouseCLI, summary: dict[str, Any], metrics: dict[str, Any]) -> Iterator[str]:
    """Say what else there is to say of a test, a line each."""
    for name, dice in _dice_by_group(cli.run_dir).items():
        yield f"{name}: {dice:.3f}"
    annotator = cli.datamodule.annotate
    if annotator is not None:
        yield drop_line(summary, annotator.names)
    if (quality := metrics.get("test/psnr_hvs_m")) is not None:
        untouched = quality - metrics["test/psnr_hvs_m_gain"]
        yield f"PSNR-HVS-M {quality:.1f} dB, of the untouched input {untouched:.1f} dB"
    if (quality := metrics.get("test/rival/psnr_hvs_m")) is not None:
        dice = metrics["test/rival/dice"]
        yield f"{cli.model.rival_scheme}: Dice {dice:.3f}, PSNR-HVS-M {quality:.1f} dB"


def _log_pictures(cli: HouseCLI) -> None:
    """Give figures with images, and the cases that every run shows, to loggers that take any."""
    loggers: list[Any] = cli.trainer.loggers
    takers = [logger for logger in loggers if getattr(logger, "takes_images", False)]
    if not takers:
        return
    from core.reports.fixed_cases import FIXED_CASES, fixed_cases

    figures = {name: cli.run_dir / "figures" / f"{name}.png" for name in _FIGURES}
    pictures: dict[str, list[Any]]
    pictures = {name: [figure] for name, figure in figures.items() if figure.is_file()}
    pictures[FIXED_CASES] = fixed_cases(cli.run_dir, cli.datamodule.shown)
    for logger in takers:
        for name, images in pictures.items():
            logger.log_image(name, images)


def _dice_by_group(run_dir: Path) -> dict[Any, float]:
    """Mean Dice of each structure and group, where there are several."""
    images = pd.read_csv(run_dir / IMAGES)
    known = [key for key in ("structure", GROUP) if key in images and images[key].nunique() > 1]
    if not known:
        return {}
    names = images[known].astype(str).agg(", ".join, axis=1)
    return dict(images["dice"].groupby(names).mean().items())
