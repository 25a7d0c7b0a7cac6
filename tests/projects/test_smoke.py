"""Every committed config trains, tests and reports."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

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
    assert len(CONFIGS) == 93


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


def test_every_yaml_of_a_project_says_first_what_it_is():
    for project in PROJECTS:
        for path in [project / "config.yaml", *(project / "configs").glob("*.yaml")]:
            assert path.read_text().startswith("# "), path
            assert isinstance(yaml.safe_load(path.read_text()), dict), path
