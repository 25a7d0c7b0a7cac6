"""The run folder: what lies where, how it is written safely, and how it is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.checks import require
from core.files import replace_text
from core.reports.masks import load_mask

CONFIG: Final = "config.yaml"
SUMMARY: Final = "summary.json"
SPLIT: Final = "split.csv"
EPOCHS: Final = "metrics.csv"
IMAGES: Final = "per_image.csv"
ROC: Final = "roc.csv"
GROUP: Final = "test_group"
"""Column of per_image.csv; a source's own column `group` says what a split keeps together."""
AREA_RATIO: Final = "area_ratio.csv"
RESTORATION: Final = "restoration.csv"
SPINE_ANGLE: Final = "spine_angle.csv"
REMOVAL: Final = "removal.csv"
PRESENCE: Final = "presence.csv"
SEQUENCES: Final = "per_sequence.csv"
FEATURES: Final = "features.npz"
PREDICTIONS: Final = "predictions"
RESTORED: Final = "restored"
REFERENCES: Final = "reference"
ANNOTATED: Final = "annotated"
RIVAL: Final = "rival"
PAIRS: Final = "pairs"
FIGURES: Final = "figures"
REPORT: Final = "report.html"

PROBABILITY: Final = "p/"
"""Before the name of a class: the column of its probability in a classifier's per_image.csv."""

_NAMES: Final = dict.fromkeys(("id", "subject", "sequence", "device"), str)  # "007" is not 7
_MEASURED: Final = "psnr_hvs_m"  # a column of removal.csv for every scheme


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """What a run has written, as far as it came.

    Attributes:
        root: The folder itself.
        config: Text of config.yaml; empty if there is none.
        summary: Content of summary.json.
        split: One row an image: index, id, subject, stage.
        epochs: One row an epoch; empty for a run that only tested.
        images: One row a test image and structure; empty for a run that never tested, and for one
            that classifies whole images.
        classified: One row a test image that was classified: index, id, subject, sequence, device,
            truth, predicted, correct, confidence, `p/<class>`...; empty for other runs. It and
            `images` come from the same file.
        sequences: One row a test sequence: sequence, subject, device, frames, truth, and majority,
            mean_probability, correct_majority, correct_mean_probability; empty where not known.
        roc: One row a point of each ROC curve: structure, group ("all" for all images), fpr, tpr,
            auc; empty where none was drawn.
        area_ratios: One row a limb or whatever was measured: subject, truth, prediction; empty
            where no ratio was asked for.
        restoration: One row a test image: index, id, subject, psnr_input, psnr_restored...; empty
            where the network restores nothing.
        spine_angles: One row a test image: index, id, subject, truth_deg, prediction_deg and maybe
            cobb_deg; empty where no angle was asked for.
        removal: One row a test image: index, id, subject, kinds and `<measure>/<which>` with which
            in input and the schemes, the run's own first; empty where no annotation is removed.
        presence: One row a test image and kind of annotation: index, id, subject, kind, truth,
            confidence; empty where none is looked for.
    """

    root: Path
    config: str
    summary: dict[str, Any]
    split: pd.DataFrame
    epochs: pd.DataFrame
    images: pd.DataFrame
    classified: pd.DataFrame
    sequences: pd.DataFrame
    roc: pd.DataFrame
    area_ratios: pd.DataFrame
    restoration: pd.DataFrame
    spine_angles: pd.DataFrame
    removal: pd.DataFrame
    presence: pd.DataFrame

    @classmethod
    def read(cls, root: Path) -> RunFolder:
        """Read a run folder; only summary.json must be there.

        Raises:
            InputError: If summary.json is missing or no JSON object.
        """
        config, images, none = root / CONFIG, _read_table(root / IMAGES), pd.DataFrame()
        classifies = "predicted" in images
        return cls(
            root=root,
            config=config.read_text(encoding="utf-8") if config.is_file() else "",
            summary=read_summary(root),
            split=_read_table(root / SPLIT),
            epochs=_read_table(root / EPOCHS),
            images=none if classifies else images,
            classified=images if classifies else none,
            sequences=_read_table(root / SEQUENCES),
            roc=_read_table(root / ROC),
            area_ratios=_read_table(root / AREA_RATIO),
            restoration=_read_table(root / RESTORATION),
            spine_angles=_read_table(root / SPINE_ANGLE),
            removal=_read_table(root / REMOVAL),
            presence=_read_table(root / PRESENCE),
        )

    @property
    def structures(self) -> list[str]:
        """Names of the structures, in the order of the masks' values from 1 up."""
        return list(self.images["structure"].unique()) if "structure" in self.images else []

    @property
    def classes(self) -> list[str]:
        """Names of the classes that images are told into, in the order of the network's outputs."""
        names = map(str, self.classified)
        return [name.removeprefix(PROBABILITY) for name in names if name.startswith(PROBABILITY)]

    @property
    def groups(self) -> list[str]:
        """Names of the groups of images, sorted; none where the run did not group them."""
        return sorted(self.images[GROUP].unique()) if GROUP in self.images else []

    @property
    def schemes(self) -> list[str]:
        """Names of the ways to train that removal.csv compares, the run's own first."""
        columns = self.removal.filter(like=f"{_MEASURED}/")
        names = (str(name).removeprefix(f"{_MEASURED}/") for name in columns)
        return [name for name in names if name != "input"]

    def prediction(self, index: int) -> NDArray[np.uint8]:
        """Return the predicted mask of one test image, (H, W) uint8 class indices.

        Raises:
            InputError: If the run kept no prediction of this image.
        """
        path = prediction_path(self.root, index)
        require(path.is_file(), f"{PREDICTIONS}/{path.name}", "the predicted mask of a test image")
        return load_mask(path)


def read_summary(root: Path) -> dict[str, Any]:
    """Return the content of a run folder's summary.json.

    Raises:
        InputError: If it is missing or no JSON object.
    """
    path = root / SUMMARY
    require(path.is_file(), root.name, f"a run folder with {SUMMARY}")
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        summary = None
    require(isinstance(summary, dict), path.name, "a JSON object")
    return dict(summary)


def write_summary(root: Path, summary: Mapping[str, Any]) -> None:
    """Write a run folder's summary.json: strict JSON, which has no NaN."""
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    replace_text(root / SUMMARY, f"{text}\n")


def prediction_path(root: Path, index: int) -> Path:
    """Return where the predicted mask of the image in row `index` of the source lies."""
    return root / PREDICTIONS / f"{index:06d}.png"


def picture_path(root: Path, folder: str, index: int) -> Path:
    """Return where a picture of a test image lies, 8-bit, on the network's grid without margins.

    Args:
        root: The run folder.
        folder: `ANNOTATED`, what annotations were taken off; `RESTORED`, what the network made of
            an image; `RIVAL`, what the one trained the other way did; `REFERENCES`, the noise-free
            image, which only some data know.
        index: The image's row in the source.
    """
    return root / folder / f"{index:06d}.png"


def _read_table(path: Path) -> pd.DataFrame:
    """Return a CSV file's rows; no columns and no rows if the run has not written it."""
    return pd.read_csv(path, dtype=_NAMES) if path.is_file() else pd.DataFrame()
