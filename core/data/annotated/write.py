"""Annotated images as files: a dataset for whoever trains elsewhere."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from core.data.annotated.module import AnnotatedData
from core.files import replace_text, require_new_folder

MANIFEST: Final = "manifest.csv"


def write_pairs(data: AnnotatedData, output: Path) -> Path:
    """Write `per_image` pairs of every clean image: noisy, target, clean and mask, all PNG.

    Images are not augmented, masks have 255 where an annotation changed a pixel. The manifest, a
    line an image, can be read by the Manifest source, as images with masks: columns id, subject,
    stage (of the data's split), image (the noisy one), mask, target, clean, kinds.

    Args:
        data: What makes them; its `setup` must have run.
        output: A new or empty folder.

    Returns:
        The manifest.

    Raises:
        InputError: If the folder holds something already.
    """
    require_new_folder(output, "--output")
    dataset, rows = data.training_set(augmented=False), []
    stages = {row: name for name, of in data.stages.items() for row in of.tolist()}
    places = list(product(range(data.per_image), sorted(stages)))
    for copy, row in tqdm(places, desc="writing pairs", unit="pair", delay=1, leave=False):
        clean, noisy, other = dataset.pair(row, copy)
        mask = (noisy.mask > 0).astype(np.uint8) * 255
        pictures = {"image": noisy.image, "target": other.image, "clean": clean, "mask": mask}
        known = data.source.table.iloc[row]
        rows.append(
            {
                "id": f"{known['id']}-{copy:03d}",
                "subject": known["subject"],
                "stage": stages[row],
                **_saved(output, f"{row:06d}-{copy:03d}.png", pictures),
                "kinds": "+".join(data.annotator.drawn(row, copy, 0)),
            }
        )
    replace_text(output / MANIFEST, pd.DataFrame(rows).to_csv(index=False))
    return output / MANIFEST


def _saved(output: Path, name: str, pictures: dict[str, Any]) -> dict[str, str]:
    """Write each picture into the folder of its kind; return their paths in the dataset."""
    paths = {}
    for kind, pixels in pictures.items():
        path = output / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        paths[kind] = path.relative_to(output).as_posix()
    return paths
