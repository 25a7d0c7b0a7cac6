import json

import pandas as pd
import pytest
import yaml

from core.experiments.record import write_record
from core.reports.results import ResultPage, Statement

TABLE = {
    "title": "Table 9: Dice of two units at two noise levels",
    "where": {"model.network.act": "core.layers.NoisyHardSigmoid"},
    "rows": {"model.network.act.noise": [0.0, 0.1]},
    "repeats": {"data.split.fold": [0, 1, 2]},
    "columns": {
        "test/dice": {"name": "Dice (%)", "scale": 100, "paper": [52.4, 61.8]},
        "test/hd_px": {"name": "HD (px)", "paper": [None, 7.5]},
    },
    "sizes": {
        "small": {
            "config": ["folds"],
            "values": {"trainer.max_epochs": 2},
            "repeats": {"data.split.fold": [0]},
        },
        "paper": {"config": ["paper", "folds"]},
    },
}


@pytest.fixture
def project(tmp_path):
    """A project of a config, an overlay and one table."""
    folder = tmp_path / "projects" / "some_paper"
    for part in ("configs", "experiments"):
        (folder / part).mkdir(parents=True)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "base.yaml").write_text("seed_everything: 0\n")
    (folder / "config.yaml").write_text("trainer: {max_epochs: 12}\n")
    for name in ("folds", "paper"):
        (folder / "configs" / f"{name}.yaml").write_text("data: {workers: 0}\n")
    return folder


@pytest.fixture
def table(project):
    """Write the project's table with some keys replaced."""

    def write(name="table9", **keys):
        path = project / "experiments" / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**TABLE, **keys}, sort_keys=False))
        return name

    return write


@pytest.fixture
def write_run():
    """A run folder as far as the table needs it."""

    def write(folder, metrics, curve=(0.1, 0.5, 0.6), *, simulated=True):
        folder.mkdir(parents=True)
        summary = {"metrics": metrics, "data": {"simulated": simulated}}
        (folder / "summary.json").write_text(json.dumps(summary))
        rows = [f"{epoch},{value}" for epoch, value in enumerate(curve)]
        (folder / "metrics.csv").write_text("\n".join(["epoch,val/dice", *rows]) + "\n")
        return folder

    return write


@pytest.fixture
def write_images(write_run):
    """A run folder with a row an image; its Dice is their mean."""

    def write(folder, dice, subjects, **facts):
        ids = [f"{subject}_{number}" for number, subject in enumerate(subjects)]
        run = write_run(folder, {"test/dice": sum(dice) / len(dice)}, **facts)
        rows = {"index": range(len(ids)), "id": ids, "subject": subjects}
        table = pd.DataFrame({**rows, "structure": "x", "dice": dice, "outcome": "TP"})
        table.to_csv(run / "per_image.csv", index=False)
        pd.DataFrame({**rows, "stage": "test"}).to_csv(run / "split.csv", index=False)
        return run

    return write


@pytest.fixture
def recorded(tmp_path):
    """Leave what a table leaves for the list of all; returns its folder."""

    def record(table, *verdicts, title="Table 2: Dice", warning="SIMULATED IMAGES: no patients."):
        folder = tmp_path / "runs" / "some_paper" / f"{table}-small"
        folder.mkdir(parents=True)
        claims = [
            Statement(says=f"claim {number}", where="Section 4", verdict=verdict, why="p = 0.5.")
            for number, verdict in enumerate(verdicts)
        ]
        page = ResultPage(
            project="some_paper",
            title=title,
            summary="",
            warning=warning,
            headings=(),
            rows=(),
            notes=(),
            command=f"make reproduce TABLE={table}",
            statements=tuple(claims),
        )
        runs = {"cell-shared": 60.0, f"cell-{table}": 15.0, f"cell-{table}-2": 15.0}
        write_record(folder, page, table=table, size="small", runs=runs, expected=4)
        return folder

    return record
