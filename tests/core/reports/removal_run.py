"""A run folder of a network that takes annotations off images, for the tests of its report."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.reports.masks import save_mask
from core.reports.run_folder import RunFolder

KINDS = ("body_marker", "flow_box", "nothing")
SCHEMES = ("noise2noise", "noise2clean")


class RemovalRun:
    """A run that took annotations off images: twelve images, the kinds in turn, none on the last.

    The own scheme leaves a tenth of an annotation, the rival's the half and a lower left corner
    darker. The quality of the own one in dB is 30 + the image's number.
    """

    def __init__(self, root: Path, schemes=SCHEMES) -> None:
        self.root, self.schemes, self.size = root, schemes, (24, 32)
        rows = [self._add(number) for number in range(12)]
        self.table = pd.DataFrame(rows)

    def _add(self, number):
        clean = np.random.default_rng(number).integers(20, 90, (*self.size, 3)).astype(np.uint8)
        annotated, kind = clean.copy(), KINDS[number % 3]
        if kind != "nothing":
            annotated[4:10, 5 + number : 12 + number] = (240, 200, 60)
        leftover = annotated.astype(float) - clean
        pictures = {"annotated": annotated, "reference": clean}
        pictures["restored"] = (clean + 0.1 * leftover).round().astype(np.uint8)
        if len(self.schemes) > 1:
            pictures["rival"] = (clean + 0.5 * leftover).round().astype(np.uint8)
            pictures["rival"][-6:, :6] -= 10
        for name, picture in pictures.items():
            self.save(name, f"{number:06d}", picture)
        found = (leftover != 0).any(axis=2).astype(np.uint8)
        (self.root / "predictions").mkdir(exist_ok=True)
        save_mask(found, self.root / "predictions" / f"{number:06d}.png")
        return self._row(number, kind)

    def _row(self, number, kind):
        row = {"index": number, "id": f"im{number}", "subject": f"s{number % 6}"}
        row |= {"kinds": kind}
        for measure in ("psnr_hvs_m", "psnr", "ssim"):
            row[f"{measure}/input"] = 20.0 if measure.startswith("psnr") else 0.5
        for place, scheme in enumerate(self.schemes):
            row |= {f"psnr_hvs_m/{scheme}": 30.0 + number - 5 * place, f"psnr/{scheme}": np.inf}
            row |= {f"ssim/{scheme}": 0.75, f"dice/{scheme}": 0.9 - 0.3 * place}
            row |= {f"iou/{scheme}": 0.8, f"accuracy/{scheme}": 0.99}
            row |= {f"dice_one_sided/{scheme}": 0.5 + 0.01 * number}
        return row

    def save(self, folder, name, picture):
        path = self.root / folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)

    def add_pairs(self, count=2, **noise):
        for number in range(count):
            for place, view in enumerate(("noisy", "target", "clean")):
                self.save("pairs", f"{number}-{view}", np.full((24, 24, 3), 50 * place, np.uint8))
            mask = np.zeros((24, 24), np.uint8)
            mask[:12, :12] = 255
            self.save("pairs", f"{number}-mask", mask)
        facts = {"mean_noise": [1.5, -0.25, 0], "mean_noise_changed": [150, -25, 0]}
        facts |= {"share_changed": 0.01, "pairs": 200} | noise
        (self.root / "pairs.json").write_text(json.dumps(facts))

    def read(self, **columns):
        """Write removal.csv with these columns changed, and read the folder."""
        table = self.table.assign(**columns)
        table.to_csv(self.root / "removal.csv", index=False)
        if not (self.root / "summary.json").is_file():
            (self.root / "summary.json").write_text('{"metrics": {"test/dice": 0.9}}')
        return RunFolder.read(self.root)
