"""Simulated projection images of scoliotic spines as a source."""

from __future__ import annotations

import pandas as pd

from core.data.sources.base import RawSample
from core.data.sources.phantom import PhantomSource
from core.phantoms.spine import SpineScene


class SpinePhantom(PhantomSource):
    """Simulated ultrasound projections of the back, one a subject: ribs, thoracic, lumbar labelled.

    Besides `image` and `mask` (1 rib, 2 thoracic, 3 lumbar), samples hold `reference`, the image
    without structured noise, and `striped`, 1 where that noise lies; all uint8 (H, W).

    Columns of the table: id, subject, cobb_deg (largest angle between the spine's tangents at any
    two vertebrae), striped_share (of the scan's length), has_mask, spacing_row_mm, spacing_col_mm.

    Args:
        subjects: Number of subjects.
        scale: Of the images' sides; about 2050 to 2600 rows and 500 to 640 columns at 1.
        stripes: Share of the scans' length with structured noise; subjects vary about it.
        severity: Largest Cobb angle, degrees.
        seed: Of everything.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(
        self,
        *,
        subjects: int = 40,
        scale: float = 0.5,
        stripes: float = 0.5,
        severity: float = 45.0,
        seed: int = 0,
    ) -> None:
        super().__init__(subjects, scale, stripes, severity, seed)
        self.scene = SpineScene(
            subjects=subjects, scale=scale, stripes=stripes, severity=severity, seed=seed
        )
        self.table = _table(self.scene)

    def __getitem__(self, index: int) -> RawSample:
        return dict(vars(self.scene[int(index)]))


def _table(scene: SpineScene) -> pd.DataFrame:
    names = [f"spine-{number + 1:03d}" for number in range(len(scene))]
    spacings_mm = [subject.spacing_mm for subject in scene.subjects]
    return pd.DataFrame(
        {
            "id": names,
            "subject": names,
            "cobb_deg": [subject.cobb_deg for subject in scene.subjects],
            "striped_share": [subject.striped_share for subject in scene.subjects],
            "has_mask": True,
            "spacing_row_mm": spacings_mm,
            "spacing_col_mm": spacings_mm,
        }
    )
