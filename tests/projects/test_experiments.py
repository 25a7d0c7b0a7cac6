"""Every experiment can be read, expands into valid cells, and claims what can be tested."""

import math
from pathlib import Path

import numpy as np
import pytest
import yaml

from core.cli.lightning_cli import HouseCLI
from core.cli.stack import read_stack, take_class_switches
from core.dotted import flatten
from core.experiments import read_experiment, reference
from core.experiments.cells import options_of as cell_options
from core.experiments.claims import FIXED, TIMED
from core.experiments.files import experiment_content, experiment_names, is_of_counts
from core.experiments.spec import combinations
from core.experiments.values import CONVERGENCE, FACTS
from core.metrics import ClassTable, ImageTable
from tests.fakes import NERVE, TINY_NERVE, TINY_PHANTOM

PROJECTS = [path.parent for path in sorted(NERVE.parent.glob("*/config.yaml"))]
FILES = [(project, name) for project in PROJECTS for name in experiment_names(project)]
COUNTS = [each for each in FILES if is_of_counts(*each)]
EXPERIMENTS = [each for each in FILES if each not in COUNTS]
every_experiment = pytest.mark.parametrize(
    ("project", "table"), EXPERIMENTS, ids=[f"{p.name}-{table}" for p, table in EXPERIMENTS]
)


def test_every_table_and_figure_with_data_has_its_experiment():
    numbers = {project.name: sum(p == project for p, _ in FILES) for project in PROJECTS}
    assert numbers == {
        "annotation_n2n": 15,
        "echo_views": 25,
        "median_sacunet": 9,
        "nerve_noisy_act": 7,
        "spine_dagan": 4,
    }


def test_no_two_experiments_have_one_title():
    titles = [(project, experiment_content(project, name)["title"]) for project, name in FILES]
    assert len(set(titles)) == len(FILES)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_the_readme_lists_every_experiment_with_its_claims(project):
    readme = (NERVE.parents[1] / "README.md").read_text(encoding="utf-8")
    _, part = readme.split(f"<summary><b>{project.name}</b>: ")
    rows = part.partition("</details>")[0].splitlines()
    names = [name for of, name in FILES if of == project]
    claims = [claim for n in names for claim in experiment_content(project, n).get("claims", [])]
    listed = [row.split("`")[1] for row in rows if "make reproduce" in row]
    told = [row.split(" | ")[2].replace("\\|", "|") for row in rows if row.startswith("| ")]
    commands = [f"make reproduce PROJECT={project.name} TABLE={n} SIZE=small" for n in names]
    assert listed == commands
    assert [said for said in told[2:] if said != "(no claim to test)"] == [
        claim["says"] for claim in claims
    ]


@every_experiment
def test_a_small_size_repeats_so_that_something_can_be_said(project, table):
    experiment = read_experiment(project, table)
    small = experiment.sizes["small"]
    facts = all(column.metric in (*FIXED, *TIMED) for column in experiment.columns)
    assert facts or len(combinations(experiment.repeats | small.repeats)) >= 2


@every_experiment
def test_every_claim_finds_rows_to_compare_at_every_size(project, table):
    experiment = read_experiment(project, table)
    for size in experiment.sizes.values():
        rows = combinations(experiment.rows | size.rows)
        assert all(claim.pairs(rows) for claim in experiment.claims)


def test_what_counts_names_the_classes_of_its_project():
    for project, name in COUNTS:
        counted = experiment_content(project, name)["counts"]
        config = yaml.safe_load((project / "config.yaml").read_text())
        assert list(counted) == config["model"]["init_args"]["classes"]


def measured():
    """Names that a column of an experiment can have."""
    table = ImageTable(structures=["rib", "thoracic", "lumbar"])
    table.update([], [], np.empty((0, 2)), np.empty(0))
    kinds = ["body_marker", "radial_line", "flow_box"]
    removed = [
        "psnr_hvs_m",
        "psnr_hvs_m_gain",
        *(f"{name}_one_sided" for name in ("dice", "iou", "accuracy")),
    ]
    removed += [f"{kind}/{name}" for kind in kinds for name in ("dice", "psnr_hvs_m")]
    presence = [f"presence_{name}" for name in ("auc", "sensitivity", "specificity")]
    presence += [f"{kind}/{name}" for kind in kinds for name in presence]
    restored = ["psnr", "psnr_gain", "ssim", "edge_ratio", "detail_change", "detail_loss"]
    names = [*table.compute(), "loss", "auc", *restored, "angle_error_deg", "angle_undefined"]
    names += [*removed, *presence]
    views = ClassTable(["A2C", "A3C", "A4C", "A5C"]).compute()
    votes = ["sequence_accuracy", "sequence_accuracy_mean_probability"]
    return {f"test/{name}" for name in [*names, *views, *votes]} | {*CONVERGENCE, *FACTS}


@every_experiment
def test_experiment_names_real_metrics_and_overlays(project, table):
    experiment = read_experiment(project, table)
    assert {column.metric for column in experiment.columns} <= measured()
    cells = [cell for size in experiment.sizes.values() for cell in experiment.cells(size)]
    overlays = {name for cell in cells for name in cell.config}
    assert overlays <= {path.stem for path in (project / "configs").glob("*.yaml")}
    assert all(experiment.cells(size) for size in experiment.sizes.values())


@every_experiment
def test_experiment_has_a_number_of_the_paper_for_each_row_or_for_none(project, table):
    experiment = read_experiment(project, table)
    rows = math.prod(map(len, experiment.rows.values()))
    assert {len(column.paper) for column in experiment.columns} <= {0, rows}


class Parsed(HouseCLI):
    """Parses a config and builds nothing: the data need not be there."""

    def instantiate_classes(self):
        pass


def outer_cells():
    """The first and last cell of each experiment and size, with all whose cell it is."""
    shared = {}
    for project, table in EXPERIMENTS:
        experiment = read_experiment(project, table)
        for name, size in experiment.sizes.items():
            cells = experiment.cells(size)
            for cell in (cells[0], cells[-1]):
                key = (project, *cell.config, *cell_options(cell))
                shared.setdefault(key, (project, f"{table}-{name}", []))[2].append(
                    (experiment, cell)
                )
    return list(shared.values())


OUTER_CELLS = outer_cells()


@pytest.mark.parametrize(
    ("project", "label", "uses"), OUTER_CELLS, ids=[f"{p.name}-{n}" for p, n, _ in OUTER_CELLS]
)
def test_a_cells_config_is_found_again_in_its_table(project, label, uses):
    """What a cell's options make is a valid config, and the report finds the paper's row for it."""
    _, cell = uses[0]
    config, options = take_class_switches(read_stack(project, cell.config), cell_options(cell))
    flat = dict(flatten(Parsed(config, options, Path()).full_config()))
    found = {(row["metric"], row["paper"]) for row in reference(project, flat)}
    for experiment, own in uses:
        papers = {(c.metric, experiment.paper_value(c, own.row)) for c in experiment.columns}
        known = {(metric, value) for metric, value in papers if value is not None}
        assert known <= found, f"{experiment.name}, {label}"


@pytest.mark.parametrize(
    ("size", "projects"),
    [("small", ["annotation_n2n", *["echo_views"] * 3]), ("paper", ["annotation_n2n"])],
)
def test_what_cells_begin_from_is_a_valid_config(size, projects):
    found = [(p, read_experiment(p, table)) for p, table in EXPERIMENTS]
    firsts = [(p, each.first_of(each.sizes[size])) for p, each in found]
    assert [p.name for p, first in firsts if first] == projects
    for project, first in firsts:
        if first:
            config, options = take_class_switches(
                read_stack(project, first.config), cell_options(first)
            )
            assert Parsed(config, options, Path()).full_config()["model"]


@pytest.mark.slow
def test_reproduce_runs_a_figure_and_skips_what_is_done(command, cwd, monkeypatch):
    """Each cell in a process of its own, as a user's; the second time none runs."""
    monkeypatch.setenv("PYTHONPATH", str(NERVE.parents[1]))
    experiment = read_experiment(NERVE, "fig5")
    words = ["reproduce", "--table", "fig5", *TINY_NERVE, *TINY_PHANTOM]
    first = command(*words)
    assert first.code == 0, first.err + first.out
    runs = {path: path.stat().st_mtime_ns for path in cwd.glob("runs/*/cell-*/summary.json")}
    assert len(runs) == len(experiment.cells(experiment.sizes["small"]))
    again = command(*words)
    assert again.code == 0
    assert {path: path.stat().st_mtime_ns for path in runs} == runs
    folder = cwd / "runs" / NERVE.name / "fig5-small"
    assert "SIMULATED" in (folder / "table.md").read_text()
    assert (folder / "curves.png").is_file()
