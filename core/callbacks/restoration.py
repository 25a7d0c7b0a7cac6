"""How well a network restores images on the way to segmenting them."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Trainer
from numpy.typing import NDArray
from PIL import Image as PilImage
from torch import Tensor

from core.callbacks.gathered import Row
from core.callbacks.image_measures import ImageMeasures
from core.edges import EdgeMeasure
from core.metrics.restoration import detail_change, detail_loss, psnr, ssim, tissue
from core.reports.image_values import restoration_values
from core.reports.run_folder import REFERENCES, RESTORATION, RESTORED, picture_path

_SOBEL: Final = EdgeMeasure()


class Restoration(ImageMeasures):
    """Measures the restored images of a test; networks without `restore` are left alone.

    Images are measured on the network's grid, within the box that they fill. Writes
    restored/<index>.png and, where the data know it, the noise-free reference/<index>.png, 8-bit
    and cut to that box; restoration.csv with a row an image; and logs

    - test/psnr (dB), test/ssim: of the restored images against the noise-free ones;
    - test/psnr_gain (dB): over the input's;
    - test/edge_ratio: the edges that stripes leave, restored over input, where stripes are;
    - test/detail_change (0..1), test/detail_loss: what of the tissue without stripes is changed,
      see `core.metrics.restoration`.

    PSNR and SSIM are those of the tissue: black around it would count as restored perfectly, and
    images without noise, whose PSNR is infinite, stay out of the means.
    Edges are measured over all tissue where nobody knows where the stripes are, and what else is
    not known is NaN: PSNR and SSIM without a reference, detail without the places of stripes.

    Takes from a batch "image" (B, 1, h, w) float32 in 0..1 and "box" (B, 4), and maybe "reference"
    like the image and "striped" (B, h, w), 1 where stripes are.

    Args:
        edge: Measures the edges.
    """

    file: ClassVar[str] = RESTORATION
    folders: ClassVar[tuple[str, ...]] = (RESTORED, REFERENCES)

    def __init__(self, edge: EdgeMeasure = _SOBEL) -> None:
        super().__init__()
        self.edge = edge

    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterator[Row]:
        """Restore a batch, and write and measure its images."""
        restore = getattr(task.network, "restore", None)
        if restore is None:
            return
        plugin, folder = trainer.precision_plugin, Path(trainer.default_root_dir)
        with torch.no_grad(), plugin.forward_context():
            views = {"restored": restore(plugin.convert_input(batch["image"]))}
        views |= {name: batch[name] for name in ("image", "reference", "striped") if name in batch}
        for place in places:
            index = int(batch["index"][place])
            own = {name: _content(of[place], batch["box"][place]) for name, of in views.items()}
            _save(own["restored"], picture_path(folder, RESTORED, index))
            if "reference" in own:
                _save(own["reference"], picture_path(folder, REFERENCES, index))
            yield {"index": index, **self._measured(**own)}

    def measures(self, table: pd.DataFrame, task: Any) -> dict[str, float]:
        """Return means over the images for which a value is known."""
        means = restoration_values(table).mean()
        return {str(name): float(value) for name, value in means.items()}

    def _measured(
        self,
        *,
        image: NDArray[np.float32],
        restored: NDArray[np.float32],
        reference: NDArray[np.float32] | None = None,
        striped: NDArray[np.float32] | None = None,
    ) -> dict[str, float]:
        """Return the measures of an image, its column names as keys; all (h, w)."""
        shown = tissue(image)
        noisy = shown if striped is None else striped > 0
        clean = np.zeros_like(shown) if striped is None else shown & ~noisy
        views = {"input": image, "restored": restored}
        found = {}
        for name, view in views.items():
            found[f"psnr_{name}"] = nan if reference is None else psnr(view, reference, shown)
            found[f"ssim_{name}"] = nan if reference is None else ssim(view, reference, shown)
        views |= {} if reference is None else {"reference": reference}
        edges = {f"edge_{name}": self.edge.mean(_grey(of), noisy) for name, of in views.items()}
        detail = {
            "detail_change": detail_change(restored, image, clean),
            "detail_loss": detail_loss(restored, image, clean),
        }
        return found | edges | detail


def _content(view: Tensor, box: Tensor) -> NDArray[np.float32]:
    """Return what fills the box of an image (1, h, w) or (h, w) on the network's grid."""
    top, left, height, width = box.tolist()
    pixels = view.reshape(view.shape[-2:])[top : top + height, left : left + width]
    return np.ascontiguousarray(pixels.float().cpu().numpy())


def _grey(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return an image in 0..1 as 8-bit grey levels."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _save(image: NDArray[np.float32], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(_grey(image)).save(path)
