"""`check-data`: reads every image before a training does, and tells all that is wrong at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.checks import InputError, nearest
from core.cli.lightning_cli import HouseCLI
from core.data import Contradictions
from core.data.checking import check
from core.data.duplicates import find_duplicates
from core.data.labelled import LabelledData
from core.data.module import ImageData
from core.data.select import selected_rows
from core.files import replace_text

_PICTURED = 12  # pairs; more are hard to look through


def check_data(cli: HouseCLI, folder: Path) -> None:
    """Print what is in the data and what is wrong with it, and write down contradictory labels.

    Args:
        cli: Built from the config whose data is to be checked.
        folder: Where to write what there is to write, such as contradictions.csv; made then.

    Raises:
        InputError: If there are problems, after all have been printed.
    """
    data: ImageData = cli.datamodule
    source, classes = data.original, getattr(cli.model, "classes", ())
    problems = check(source, structures=len(getattr(cli.model, "structures", [""])))
    problems += _unknown_labels(data, classes)
    for problem in problems:
        print(f"  {problem}")
    if problems:
        raise InputError(f"{len(problems)} problems in {len(source)} images, listed above")
    data.setup("validate")  # splits, and asks nothing of training patches
    parts = ", ".join(f"{stage} {len(rows)}" for stage, rows in data.stages.items())
    people = source.table["subject"].nunique()
    print(f"{len(source)} images of {people} subjects, all readable; split: {parts}")
    for twin in _twins(data).to_dict("records"):
        print(f"  {twin['id_b']} is the same image as {twin['id_a']}: both stay on one side")
    if isinstance(data, LabelledData):
        _tell_classes(data, classes, folder)
    elif "has_mask" in data.source.table:
        _tell_contradictions(data, folder)


def _twins(data: ImageData) -> pd.DataFrame:
    """Return equal images; of cines, whose frames may stand still, those of different subjects."""
    twins = find_duplicates(data.source)
    if isinstance(data, LabelledData):
        twins = twins[twins["subject_a"] != twins["subject_b"]]
    return twins


def _unknown_labels(data: ImageData, classes: Sequence[str]) -> list[str]:
    """Return one line for each label of the selected images that the model has no class for."""
    if not (classes and data.labels):
        return []
    rows = selected_rows(data.original.table, data.select)
    counts = Counter(data.labels[row] for row in rows)
    names = ", ".join(classes)
    return [
        f"label '{label}' of {counts[label]} images: expected one of model.classes ({names})"
        f"{nearest(label, classes)}; data.select can leave others out"
        for label in sorted(set(counts) - set(classes))
    ]


def _tell_classes(data: LabelledData, classes: Sequence[str], folder: Path) -> None:
    """Count images and sequences by class, stage and machine, as tables, figures and a page."""
    from core.reports.views_of_data import write_statistics

    table = data.source.table.assign(view=list(data.labels))
    stages = {name: rows.tolist() for name, rows in data.stages.items()}
    names = classes or sorted(set(data.labels))
    simulated = data.source.simulated
    page = write_statistics(folder, table, stages, names, simulated=simulated)
    facts = {"source": type(data.original).__name__, "simulated": simulated}
    replace_text(folder / "data.json", json.dumps(facts) + "\n")
    print(f"counted by class, machine and stage: {page}")


def _tell_contradictions(data: ImageData, folder: Path) -> None:
    finder = data.leave_out or Contradictions()
    pairs = finder.find(data.source)
    print(f"{len(pairs)} pairs of frames look alike and are labelled differently")
    if len(pairs):
        replace_text(folder / "contradictions.csv", pairs.to_csv(index=False))
        print(f"listed in {folder / 'contradictions.csv'}")
        print(f"pictured in {_picture(data, pairs, folder)}")


def _picture(data: ImageData, pairs: pd.DataFrame, folder: Path) -> Path:
    from core.reports.contradictions import Frame, Pair, plot_contradictions

    def frame(index: int, name: str) -> Frame:
        sample = data.source[index]
        return Frame(image=sample["image"], mask=sample["mask"], name=name)

    shown = []
    for row in pairs.head(_PICTURED).to_dict("records"):
        left, right = (frame(int(row[f"index_{side}"]), str(row[f"id_{side}"])) for side in "ab")
        heading = f"subject {row['subject']}, distance {row['distance']:.4f}"
        shown.append(Pair(left=left, right=right, heading=heading))
    kind = "simulated " if data.source.simulated else ""
    title = f"The {len(shown)} nearest of {len(pairs)} contradictory pairs of {kind}frames"
    return plot_contradictions(shown, title).save(folder)
