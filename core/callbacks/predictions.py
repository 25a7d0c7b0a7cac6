"""What a prediction leaves: a mask for each image, a table, and a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from numpy.typing import NDArray
from PIL import Image

from core.callbacks.gathered import Row, gathered
from core.files import png_names, replace_text, require_new_folder
from core.reports.masks import load_mask, save_mask
from core.reports.predictions import PAGE, PredictedImage, write_prediction_page
from core.shapes import ellipticity, find_masses


class PredictionWriter(Callback):
    """Writes masks/<name>.png, predictions.csv and a contact sheet into a folder of their own.

    The table has a row an image and structure; two masses of a nerve may be a bifid one. Where the
    network restores images before it segments them, these come as restored/<name>.png.

    Takes from the task's `predict_step` "masks", (H, W) uint8 on own grids, "presence" (B,), and
    maybe "restored", (H, W) or (H, W, 3) uint8, and from the task the names of its `structures`.

    Args:
        output: Where to write; must not hold anything yet, so that nothing is ever overwritten.
        model: What predicts, for the contact sheet's heading.
    """

    def __init__(self, output: Path, model: str) -> None:
        require_new_folder(output, "--output")
        self.output, self.model = output, model
        self._rows: list[Row] = []
        self._names: dict[str, str] = {}

    @property
    def page(self) -> Path:
        """The contact sheet."""
        return self.output / PAGE

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Choose the files' names, for which all images must be known."""
        self._names = png_names(trainer.datamodule.source.table["id"])  # type: ignore[attr-defined]

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write a batch's masks at once: a prediction that is cut off leaves what it did."""
        structures: Any = pl_module.structures
        for place, mask in enumerate(outputs["masks"]):
            if batch["is_padding"][place]:
                continue
            path = self._new_path("masks", batch["id"][place])
            save_mask(mask, path, structures=len(structures))
            if "restored" in outputs:
                restored = Image.fromarray(outputs["restored"][place])
                restored.save(self._new_path("restored", batch["id"][place]))
            presence = float(outputs["presence"][place])
            for number, name in enumerate(structures, 1):
                inside = (mask == number).astype(np.uint8)
                row = self._measures(inside, batch, place)
                row |= {"class": number, "structure": name, "presence": presence}
                self._rows.append(row)

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table and the contact sheet; the first process does, for all."""
        table = gathered(trainer, self._rows)
        if trainer.is_global_zero:
            table = table.sort_values(["index", "class"]).drop(columns=["subject", "class"])
            replace_text(self.output / "predictions.csv", table.to_csv(index=False))
            self._write_page(table, trainer.datamodule.source)  # type: ignore[attr-defined]

    def _path(self, kind: str, name: str) -> Path:
        """Where an image's result goes; ids may hold folders of their own."""
        return self.output / kind / self._names[name]

    def _new_path(self, kind: str, name: str) -> Path:
        path = self._path(kind, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _measures(self, inside: Any, batch: Any, place: int) -> Row:
        """One line of the table: a structure of an image."""
        spacing = batch["spacing_mm"][place].tolist()
        pixels = int(np.count_nonzero(inside))
        path, masses = self._path("masks", batch["id"][place]), find_masses(inside)
        return {
            "index": int(batch["index"][place]),
            "area_px": pixels,
            "area_mm2": pixels * spacing[0] * spacing[1],
            "masses": masses.count,
            "ellipticity": ellipticity(masses.only(1)),  # of the largest
            "mask": str(path.relative_to(self.output)),
        }

    def _write_page(self, table: pd.DataFrame, source: Any) -> None:
        columns = ["spacing_row_mm", "spacing_col_mm"]
        spacings = source.table.reindex(columns=columns).to_numpy(float)
        images = (
            PredictedImage(
                name=rows["id"].iloc[0],
                image=source[index]["image"],
                mask=load_mask(self.output / rows["mask"].iloc[0]),
                spacing_mm=tuple(spacings[index]),
                presence=_known(rows["presence"].iloc[0]),
                structures=tuple(rows["structure"]),
                masses=tuple(rows["masses"]),
                restored=self._restored(rows["id"].iloc[0]),
            )
            for index, rows in table.groupby("index")
        )
        write_prediction_page(self.output, images, title="Predictions", model=self.model)

    def _restored(self, name: str) -> NDArray[np.uint8] | None:
        """Return the restored image that was written; None if the network restores none."""
        path = self._path("restored", name)
        if not path.is_file():
            return None
        with Image.open(path) as picture:
            return np.asarray(picture)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
