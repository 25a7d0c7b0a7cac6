"""Made-up run folders of each task, for the tests of comparing them."""

import json

import numpy as np
import pandas as pd
import yaml

from core.comparison.read import read_run
from core.reports.masks import save_mask
from tests.core.reports.class_run import ClassRun
from tests.core.reports.removal_run import RemovalRun

PROJECT, SIZE = "tiny", (48, 64)
SUBJECTS, FRAMES = 10, 2


def square(left, width=12):
    mask = np.zeros(SIZE, np.uint8)
    mask[12:36, left : left + width] = 1
    return mask


def pictures(index):
    """The image and true mask of a row of the data."""
    return np.full(SIZE, 40 + index, np.uint8), square(20)


def config(seed=0, noise=0.0, source=0, size=SIZE, annotate=None):
    act = {"class_path": "core.layers.NoisyHardSigmoid", "init_args": {"noise": noise}}
    data = {"source": {"class_path": "core.data.NervePhantom", "init_args": {"seed": source}}}
    data["annotate"] = annotate
    logger = [{"class_path": "core.callbacks.WandbLog", "init_args": {"name": f"seed {seed}"}}]
    return {
        "seed_everything": seed,
        "trainer": {"logger": logger, "max_epochs": 3},
        "data": {
            "class_path": "core.data.module.ImageData",
            "init_args": {**data, "size": [*size]},
        },
        "model": {"network": {"class_path": "core.networks.UNet", "init_args": {"act": act}}},
    }


def write(root, settings, metrics, *, data="aa", simulated=True, **summary):
    """Write what every run has, and return it as it is read for a comparison."""
    (root / "config.yaml").write_text(yaml.safe_dump(settings))
    source = {"source": "NervePhantom", "hash": data, "simulated": simulated}
    inference = {"ms_per_image": 7.25, "how": "network alone, cpu; median of 20"}
    known = {"project": PROJECT, "run": root.name, "data": source, "parameters": 12345}
    known |= {"metrics": metrics, "inference": inference} | summary
    (root / "summary.json").write_text(json.dumps(known))
    return read_run(root, PROJECT)


def epochs(root, **columns):
    table = pd.DataFrame({"epoch": range(3), "train/loss": [1.0, 0.6, 0.5], **columns})
    table.to_csv(root / "metrics.csv", index=False)


def segmentation(root, *, off=(0,), subjects=range(SUBJECTS), digest="d", data="aa", **given):
    """A run whose squares are this many columns off, by turns over subjects."""
    folder = root / "predictions"
    folder.mkdir(parents=True)
    rows = []
    for index, (subject, frame) in enumerate((s, f) for s in subjects for f in range(FRAMES)):
        shift = off[subject % len(off)]
        truth, found = square(20), square(20 + shift)
        save_mask(found, folder / f"{index:06d}.png")
        row = {"index": index, "id": f"{subject}_{frame}", "subject": f"s{subject}"}
        row |= {"image_digest": f"{digest}{subject}_{frame}", "structure": "nerve"}
        row |= {"truth_px": int(truth.sum()), "prediction_px": int(found.sum()), "outcome": "TP"}
        rows.append(row | {"dice": 2 * int((truth & found).sum()) / (2 * int(truth.sum()))})
    table = pd.DataFrame(rows)
    table.to_csv(root / "per_image.csv", index=False)
    epochs(root, **{"val/dice": [0.2, 0.5, 0.6]})
    simulated = given.pop("simulated", True)
    metrics = {"test/dice": table["dice"].mean(), "test/images": len(table)}
    return write(root, config(**given), metrics, data=data, simulated=simulated)


def classification(root, *, seed=0, noise=0.0):
    made = ClassRun(root, patients=8, frames=1, seed=seed)
    made.write(features=False)
    known = json.loads((root / "summary.json").read_text())
    return write(root, config(noise=noise), known["metrics"])


def removal(root, *, noise=0.0, better=0.0):
    made = RemovalRun(root, ("noise2noise",))
    column = "psnr_hvs_m/noise2noise"
    table = made.table.assign(**{column: made.table[column] + better})
    table.to_csv(root / "removal.csv", index=False)
    images = table[["index", "id", "subject"]].assign(
        outcome="TP", dice=0.9, structure="annotation"
    )
    images.assign(truth_px=9, prediction_px=9).to_csv(root / "per_image.csv", index=False)
    metrics = {"test/psnr_hvs_m": float(table[column].mean()), "test/dice": 0.9}
    return write(root, config(noise=noise), metrics)
