"""The report of a run: one HTML page that carries its figures and asks nothing of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from core.files import replace_text
from core.reports import figures as draw
from core.reports.cases import OUTCOMES, choose_examples, choose_worst
from core.reports.drawing import Plot
from core.reports.numbers import key_numbers
from core.reports.privacy import base_name, map_strings
from core.reports.run_folder import FIGURES, REPORT, RunFolder
from core.reports.tables import (
    Reference,
    facts_table,
    metric_table,
    reference_table,
    split_table,
    subject_table,
)
from core.reports.templates import render
from core.reports.tiles import Images, Tile, make_tile, plot_tiles

_WORST_SHOWN: Final = 6
_EXAMPLE_NOTES: Final = {
    "TP": "Nearest the median and the quartiles of Dice.",
    "FN": "The structure is there and was predicted empty; the largest, of different subjects.",
    "FP": "The structure is not there and was predicted; the largest, of different subjects.",
}
_WORST_NOTE: Final = "Lowest Dice among the other true positives, of different subjects."


@dataclass(frozen=True, kw_only=True)
class TileGroup:
    """Tiles under one heading, with a line that says how they were chosen."""

    title: str
    note: str
    tiles: list[Tile]


def write_report(run_dir: Path, images: Images, reference: Reference | None = None) -> Path:
    """Make the figures and the report page of a run folder.

    Args:
        run_dir: Folder with summary.json and, as far as the run came, config.yaml, split.csv,
            metrics.csv, per_image.csv and predictions/.
        images: Returns for a row of the source the image, (H, W) or (H, W, 3) uint8, and its true
            mask, (H, W) uint8 or None. Called only for the images that are shown.
        reference: The paper's numbers beside ours: rows with `label`, `paper` and `ours`.

    Returns:
        Path of report.html; the figures lie in figures/*.png beside it.

    Raises:
        InputError: If summary.json is missing, or a shown image has no prediction of its size.
    """
    run = RunFolder.read(Path(run_dir))
    folder = run.root / FIGURES
    folder.mkdir(exist_ok=True)
    curves, distributions = _curves(run), _distributions(run.images)
    groups = _tile_groups(run, images)
    subject_plot = None if run.images.empty else draw.plot_subjects(run.images)
    for plot in (*curves, *distributions, subject_plot, _examples_plot(groups)):
        if plot is not None:
            plot.save(folder)
    page = render(
        "report.html",
        figures=folder,
        head=_title(run.summary),
        numbers=key_numbers(run),
        reference=None if reference is None else reference_table(reference),
        curves=curves,
        distributions=distributions,
        groups=groups,
        subject_plot=subject_plot,
        subject_table=None if subject_plot is None else subject_table(run.images),
        split=split_table(run),
        facts=facts_table(run.summary),
        metrics=metric_table(run.summary),
        config=_shown_config(run.config),
    )
    replace_text(run.root / REPORT, page)
    return run.root / REPORT


def _curves(run: RunFolder) -> list[Plot]:
    """Return the training curves that the run has numbers for."""
    plots = []
    if {"train/loss", "val/loss"} & set(run.epochs):
        plots.append(draw.plot_loss(run.epochs))
    if "val/dice" in run.epochs and run.epochs["val/dice"].notna().any():
        plots.append(draw.plot_validation_dice(run.epochs, run.summary.get("best_epoch")))
    return plots


def _distributions(images: pd.DataFrame) -> list[Plot]:
    """Return the figures over all test images; none for a run that never tested."""
    if images.empty:
        return []
    plots = (
        draw.plot_outcomes,
        draw.plot_dice,
        draw.plot_hausdorff,
        draw.plot_structure_size,
    )
    return [plot for make in plots if (plot := make(images)) is not None]


def _tile_groups(run: RunFolder, images: Images) -> list[TileGroup]:
    """Draw the chosen images: examples of each outcome, then the worst of the other outlines."""
    if run.images.empty:
        return []
    chosen = choose_examples(run.images)
    shown = pd.concat(list(chosen.values()))["index"]
    rest = run.images[~run.images["index"].isin(shown)]
    worst = "Worst outlines", _WORST_NOTE, choose_worst(rest, _WORST_SHOWN)
    groups = [(f"{OUTCOMES[key]}s", _EXAMPLE_NOTES[key], rows) for key, rows in chosen.items()]
    groups += [worst] if len(worst[2]) else []
    return [_tile_group(run, images, *group) for group in groups]


def _tile_group(
    run: RunFolder, images: Images, title: str, note: str, rows: pd.DataFrame
) -> TileGroup:
    """Draw some rows of per_image.csv; an empty group says that there are none."""
    tiles = [make_tile(run, images, row) for _, row in rows.iterrows()]
    return TileGroup(
        title=title, note=note if tiles else "None among the test images.", tiles=tiles
    )


def _examples_plot(groups: list[TileGroup]) -> Plot | None:
    """Return the outcomes side by side, as a file for a paper; None where there is no tile."""
    columns = {group.title: group.tiles for group in groups[: len(_EXAMPLE_NOTES)] if group.tiles}
    return plot_tiles("examples", "Examples of each outcome", columns) if columns else None


def _title(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands at the head of the page."""
    data, started = summary.get("data") or {}, summary.get("started")
    tested = (data.get("images") or {}).get("test")
    parts = [
        f"{data['source']}" if data.get("source") else "",
        f"{tested} test images" if tested else "",
        f"{datetime.fromisoformat(started):%d %B %Y, %H:%M}" if started else "",
    ]
    return {
        "project": summary.get("project", ""),
        "run": summary.get("run", ""),
        "simulated": bool(data.get("simulated")),
        "subtitle": " · ".join(part for part in parts if part),
    }


def _shown_config(config: str) -> str:
    """Return a configuration in which every path is cut to its last part."""
    shown = map_strings(yaml.safe_load(config), base_name)
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True) if shown else ""
