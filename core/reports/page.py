"""The report of a run: one HTML page that carries its figures and asks nothing of a network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from core.files import replace_text
from core.reports import figures as draw
from core.reports.annotation_presence import presence_plots, presence_table
from core.reports.areas import Agree, area_plots
from core.reports.class_numbers import class_numbers
from core.reports.classification import classification
from core.reports.drawing import Plot
from core.reports.groups import group_table
from core.reports.noise_pairs import noise_pairs, pair_figure, pair_note
from core.reports.numbers import key_numbers
from core.reports.outlines import notable_cases, outline_plots, typical_outlines
from core.reports.patch_pools import patch_pictures
from core.reports.players import player_plots
from core.reports.privacy import base_name, map_strings
from core.reports.removal import kind_table, removal_plots, removal_table
from core.reports.removal_views import removal_cases, removal_figure
from core.reports.restoration import restoration_plots, restoration_table, restored_cases
from core.reports.restored_figure import plot_cases
from core.reports.roc import plot_roc
from core.reports.run_folder import FIGURES, REPORT, RunFolder
from core.reports.spine_angle import angle_note, angle_plots
from core.reports.tables import (
    Reference,
    facts_table,
    metric_table,
    reference_table,
    split_table,
    subject_table,
)
from core.reports.templates import render
from core.reports.tiles import Images


def write_report(
    run_dir: Path,
    images: Images,
    reference: Reference | None = None,
    *,
    agree: Agree | None = None,
) -> Path:
    """Make the figures and the report page of a run folder.

    Args:
        run_dir: Folder with summary.json and, as far as the run came, config.yaml, split.csv,
            metrics.csv, per_image.csv, roc.csv, area_ratio.csv, restoration.csv, spine_angle.csv,
            removal.csv, presence.csv, per_sequence.csv, features.npz, predictions/, restored/,
            reference/, annotated/, rival/ and pairs/.
        images: Returns for a row of the source the image, (H, W) or (H, W, 3) uint8, and its true
            mask, (H, W) uint8 or None. Called only for the images that are shown.
        reference: The paper's numbers beside ours: rows with `label`, `paper` and `ours`.
        agree: Measures how predicted areas and angles agree with true ones; without it neither is
            shown.

    Returns:
        Path of report.html; the figures lie in figures/*.png beside it.

    Raises:
        InputError: If summary.json is missing, or a shown image has no prediction of its size, or
            of a run that restores images no restored one.
    """
    run = RunFolder.read(Path(run_dir))
    folder = run.root / FIGURES
    folder.mkdir(exist_ok=True)
    plots = _plots(run, agree)
    typical = typical_outlines(run, images)
    # Kinds of notable cases are those of organs: two masses, ellipses.
    notable = notable_cases(run, images) if run.removal.empty else []
    cases = restored_cases(run, images)
    removed, pairs = removal_cases(run), noise_pairs(run.root)
    classes = classification(run, images)
    pictures = (
        *(classes.plots if classes else ()),
        *outline_plots(typical, notable),
        *plot_cases(cases),
        *removal_figure(removed),
        *pair_figure(pairs),
    )
    for plot in (*chain(*plots.values()), *pictures):
        plot.save(folder)
    page = render(
        "report.html",
        figures=folder,
        head=_title(run.summary),
        numbers=class_numbers(run) or key_numbers(run),
        reference=None if reference is None else reference_table(reference),
        classes=classes,
        group_table=group_table(run),
        plots=plots,
        typical=typical,
        notable=notable,
        restoration=restoration_table(run),
        restored=cases,
        removal=[table for table in (removal_table(run), kind_table(run)) if table],
        removed=removed,
        presence=presence_table(run),
        pairs=pairs,
        pair_note=pair_note(run.root),
        angle_note=angle_note(run.spine_angles),
        subject_table=subject_table(run.images) if plots["subjects"] else None,
        patches=patch_pictures(run.root),
        split=split_table(run),
        facts=facts_table(run.summary),
        metrics=metric_table(run.summary),
        config=_shown_config(run.config),
    )
    replace_text(run.root / REPORT, page)
    return run.root / REPORT


def _plots(run: RunFolder, agree: Agree | None) -> dict[str, list[Plot]]:
    """Return the diagrams of each section of the page."""
    roc, subjects = plot_roc(run.roc) if run.classified.empty else None, None
    if len(run.images):
        subjects = draw.plot_subjects(run.images)
    return {
        "curves": _curves(run),
        "roc": [roc] if roc else [],
        "distributions": _distributions(run.images),
        "areas": area_plots(run, agree) if agree else [],
        "restoration": restoration_plots(run),
        "removal": removal_plots(run),
        "presence": presence_plots(run),
        "angles": angle_plots(run, agree) if agree else [],
        "subjects": [subjects] if subjects else [],
    }


def _curves(run: RunFolder) -> list[Plot]:
    """Return the training curves that the run has numbers for."""
    plots = []
    if {"train/loss", "val/loss"} & set(run.epochs):
        plots += [draw.plot_loss(run.epochs), *player_plots(run.epochs)]
    if "val/accuracy" in run.epochs and "val/dice" not in run.epochs:
        plots.append(draw.plot_accuracy(run.epochs, run.summary.get("best_epoch")))
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
