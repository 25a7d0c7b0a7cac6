"""Simulated images across wrist and forearm as a source: the median nerve on two machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.checks import nearest, require
from core.data.sources.base import RawSample
from core.data.sources.phantom import PhantomSource
from core.phantoms.arm import ArmScene, View
from core.phantoms.machines import MACHINES


class MedianNervePhantom(PhantomSource):
    """Simulated wrists and forearms with the median nerve labelled, each subject on one machine.

    Columns of the table: id, subject, hand (left, right), device, region (wrist, forearm), level
    (cm from the distal wrist crease: DWC-1, DWC, DWC+1...), bifid, has_mask, spacing_row_mm,
    spacing_col_mm.

    Args:
        subjects: Number of subjects by device, or one number for every device; a subject has two
            hands, of 5 images each (HM70A) or 8 (miniSONO).
        devices: Machines that images are simulated of.
        scale: Of the images' sides: 442 x 565 (HM70A) and 576 x 864 (miniSONO) at 1.
        bifid: Share of the hands whose nerve is of two masses.
        seed: Of everything.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(
        self,
        *,
        subjects: int | Mapping[str, int] = 12,
        devices: Sequence[str] = tuple(MACHINES),
        scale: float = 0.5,
        bifid: float = 0.05,
        seed: int = 0,
    ) -> None:
        counts = _counts(subjects, devices)
        super().__init__(counts, scale, bifid, seed)
        self.scene = ArmScene(subjects=counts, scale=scale, bifid=bifid, seed=seed)
        self.table = pd.DataFrame([_row(view, scale) for view in self.scene.views])

    def __getitem__(self, index: int) -> RawSample:
        frame = self.scene[int(index)]
        return {"image": frame.image, "mask": frame.mask}


def _counts(subjects: int | Mapping[str, int], devices: Sequence[str]) -> dict[str, int]:
    require(devices and not isinstance(devices, str), "devices", "a list of names", devices)
    for name in devices:
        known = " or ".join(MACHINES)
        require(name in MACHINES, "devices", f"{known}{nearest(name, MACHINES)}", name)
    if isinstance(subjects, int):
        return dict.fromkeys(devices, subjects)
    missing = [name for name in devices if name not in subjects]
    require(not missing, "subjects", "a number for each device", f"none for {missing}")
    return {name: subjects[name] for name in devices}


def _row(view: View, scale: float) -> dict[str, object]:
    subject = f"{view.machine.name}-{view.subject + 1}"
    level = f"DWC{view.level_cm:+d}" if view.level_cm else "DWC"
    spacing_mm = view.machine.grid(scale)[1]
    return {
        "id": f"{subject}_{view.hand}_{level}",
        "subject": subject,
        "hand": view.hand,
        "device": view.machine.name,
        "region": view.region,
        "level": level,
        "bifid": view.bifid,
        "has_mask": True,
        "spacing_row_mm": spacing_mm,
        "spacing_col_mm": spacing_mm,
    }
