"""Every committed config trains, tests and reports; every experiment can be read."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from core.cli.lightning_cli import HouseCLI
from core.cli.stack import read_stack, take_class_switches
from core.dotted import flatten
from core.experiments import read_experiment, reference
from core.experiments.collect import CONVERGENCE, FACTS
from core.experiments.cells import options_of as cell_options
from core.experiments.files import experiment_names, is_of_counts
from core.metrics import ClassTable, ImageTable
from core.networks import MobileNetV1
from tests.fakes import (
    NERVE,
    TINY_ARM,
    TINY_BACK,
    TINY_HEART,
    TINY_MEDIAN,
    TINY_N2N,
    TINY_NERVE,
    TINY_PHANTOM,
    TINY_REMOVAL,
    TINY_SPINE,
    TINY_VIEWS,
    TINY_WIDTHS,
    write_arms,
    write_cines,
    write_kaggle,
    write_manifest,
    write_spines,
    write_usgra,
)

PROJECTS = [path.parent for path in sorted(NERVE.parent.glob("*/config.yaml"))]
CONFIGS = [
    (project, overlay)
    for project in PROJECTS
    for overlay in [None, *sorted(path.stem for path in (project / "configs").glob("*.yaml"))]
]
EXPERIMENTS = [
    (project, name)
    for project in PROJECTS
    for name in experiment_names(project)
    if not is_of_counts(project, name)
]

TINY = {
    "annotation_n2n": [*TINY_REMOVAL, TINY_N2N],
    "echo_views": TINY_VIEWS,
    "nerve_noisy_act": TINY_NERVE,
    "median_sacunet": [*TINY_MEDIAN, TINY_WIDTHS],
    "spine_dagan": TINY_SPINE,
}
TINY_DATA = {
    "annotation_n2n": TINY_PHANTOM,
    "echo_views": TINY_HEART,
    "nerve_noisy_act": TINY_PHANTOM,
    "median_sacunet": TINY_ARM,
    "spine_dagan": TINY_BACK,
}
TINY_FOR = {
    **{
        ("annotation_n2n", name): [*TINY_REMOVAL, "--data.size=[64,64]"]  # without widths
        for name in ("fcn", "deeplabv3", "linknet", "manet", "unet_plus_plus")
    },
    **{
        ("echo_views", name): [*TINY_VIEWS, "--data.size=[76,80]"]
        for name in ("mobilenet", "inception_v3", "nasnet_mobile", "machine", "imagenet")
    },
    ("echo_views", "vgg16"): [*TINY_VIEWS, "--data.size=[32,32]"],
    ("annotation_n2n", "multires_unet"): [*TINY_REMOVAL, "--model.network.widths=[4,4,4]"],
    ("annotation_n2n", "paper"): [*TINY_REMOVAL, TINY_N2N, "--data.per_image=2"],
    ("median_sacunet", "pretrained"): TINY_MEDIAN,  # a network without widths
    ("spine_dagan", "paper"): [
        *TINY_SPINE,
        "--model.network.segmenter.encoder_name=tu-resnet10t",
        "--data.patches.clean_below=7",
        "--data.patches.corrupted_above=7",
    ],
}


def on_kaggle(*overlays):
    root = write_kaggle(Path("data/kaggle"))
    return [*(f"--config={name}" for name in overlays), f"--data.source.root={root}"]


def on_listed(csv, *overlays):
    return [*(f"--config={name}" for name in overlays), f"--data.source.csv={csv}"]


def on_weights():
    """The overlay of pre-trained weights over a network that it is to be laid over."""
    network = MobileNetV1(classes=8)
    torch.save(network.body.state_dict(), "weights.pth")
    overlays = ["--config=mobilenet", "--config=imagenet"]
    return [*overlays, "--model.network.weights=weights.pth", *TINY_HEART]


REAL_DATA = {
    ("annotation_n2n", "paper"): lambda: on_listed(write_manifest(Path("mine")), "paper"),
    ("annotation_n2n", "manifest"): lambda: on_listed(write_manifest(Path("mine")), "manifest"),
    ("annotation_n2n", "usgra"): lambda: on_listed(write_usgra(Path("usgra")), "usgra"),
    ("annotation_n2n", "screens"): lambda: on_listed(write_usgra(Path("usgra")), "screens"),
    ("echo_views", "cines"): lambda: on_listed(write_cines(Path("echo")), "cines"),
    ("echo_views", "paper"): lambda: on_listed(write_cines(Path("echo")), "paper"),
    ("echo_views", "imagenet"): on_weights,
    ("nerve_noisy_act", "paper"): lambda: on_kaggle("paper"),
    ("nerve_noisy_act", "by_subject"): lambda: on_kaggle("paper", "by_subject"),
    ("nerve_noisy_act", "manifest"): lambda: on_listed(write_manifest(Path("mine")), "manifest"),
    ("nerve_noisy_act", "usgra"): lambda: on_listed(write_usgra(Path("usgra")), "usgra"),
    ("median_sacunet", "paper"): lambda: on_listed(write_arms(Path("arms")), "paper"),
    ("median_sacunet", "manifest"): lambda: on_listed(write_manifest(Path("mine")), "manifest"),
    ("median_sacunet", "usgra"): lambda: on_listed(write_usgra(Path("usgra")), "usgra"),
    ("median_sacunet", "usgra_two"): lambda: on_listed(
        write_usgra(Path("usgra")), "usgra", "usgra_two"
    ),
    ("spine_dagan", "paper"): lambda: on_listed(write_spines(Path("spines")), "paper"),
    ("spine_dagan", "manifest"): lambda: on_listed(write_spines(Path("spines")), "manifest"),
}
"""Overlays that are made for real images, and options that lay them over images like these."""


HEADLINES = {"echo_views": "test/accuracy"}
CLIPS = ("sequence_lstm", "sequence_attention")


def options_of(project, overlay):
    if (project.name, overlay) in REAL_DATA:
        return REAL_DATA[project.name, overlay]()
    return [*([f"--config={overlay}"] if overlay else []), *TINY_DATA[project.name]]


SLOW = [("echo_views", "vgg16")]  # 134 million parameters: minutes, and files of 1.6 GB


def configs():
    """Project and overlay of every committed config."""
    for project, overlay in CONFIGS:
        marks = [pytest.mark.slow] if (project.name, overlay) in SLOW else []
        yield pytest.param(
            project, overlay, marks=marks, id=f"{project.name}-{overlay or 'config'}"
        )


def test_all_committed_configs_are_here():
    assert len(CONFIGS) == 89


@pytest.mark.filterwarnings("ignore:manifest.csv has no column 'subject'")
@pytest.mark.parametrize(("project", "overlay"), configs())
def test_config_trains_tests_and_reports(command, cwd, project, overlay):
    tiny = TINY_FOR.get((project.name, overlay), TINY[project.name])
    options = [*options_of(project, overlay), *tiny]
    done = command("fit", "--run", "smoke", *options, project=project)
    assert done.code == 0, done.err
    run = cwd / "runs" / project.name / "smoke"
    summary = json.loads((run / "summary.json").read_text())
    headline = HEADLINES.get(project.name, "test/dice")
    assert math.isfinite(summary["metrics"][headline])
    assert summary["epochs"] == 1
    assert (run / "checkpoints" / "best.ckpt").is_file()
    assert "</html>" in (run / "report.html").read_text()
    split = pd.read_csv(run / "split.csv")
    tested = pd.read_csv(run / "per_image.csv")
    expected = split[split["stage"] == "test"]["index"].tolist()
    if overlay in CLIPS:
        assert tested["sequence"].is_unique
    else:
        assert sorted(tested["index"].unique()) == expected


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
    views = ClassTable(["A2C", "A4C"]).compute()
    votes = ["sequence_accuracy", "sequence_accuracy_mean_probability"]
    return {f"test/{name}" for name in [*names, *views, *votes]} | {CONVERGENCE, *FACTS}


@pytest.mark.parametrize(
    ("project", "table"), EXPERIMENTS, ids=[f"{p.name}-{table}" for p, table in EXPERIMENTS]
)
def test_experiment_names_real_metrics_and_overlays(project, table):
    experiment = read_experiment(project, table)
    assert {column.metric for column in experiment.columns} <= measured()
    cells = [cell for size in experiment.sizes.values() for cell in experiment.cells(size)]
    overlays = {name for cell in cells for name in cell.config}
    assert overlays <= {path.stem for path in (project / "configs").glob("*.yaml")}
    assert all(experiment.cells(size) for size in experiment.sizes.values())


@pytest.mark.parametrize(
    ("project", "table"), EXPERIMENTS, ids=[f"{p.name}-{table}" for p, table in EXPERIMENTS]
)
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
    [("small", ["annotation_n2n", "echo_views", "echo_views"]), ("paper", ["annotation_n2n"])],
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


def test_every_yaml_of_a_project_says_first_what_it_is():
    for project in PROJECTS:
        for path in [project / "config.yaml", *(project / "configs").glob("*.yaml")]:
            assert path.read_text().startswith("# "), path
            assert isinstance(yaml.safe_load(path.read_text()), dict), path
