"""Simulated cines of beating hearts in the eight standard views, from three machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.data.sources.base import RawSample
from core.data.sources.phantom import PhantomSource
from core.phantoms.heart import MACHINES, VIEWS, HeartScene


class HeartPhantom(PhantomSource):
    """Frames of simulated echocardiographic cines, as they stand on the machine's screen.

    Every patient is scanned on one machine, in each of the eight views. Columns of the table: id,
    subject, sequence, frame, view, device.

    Args:
        patients: Number of patients.
        sequences: Cines of each view of a patient.
        frames: Frames of a cine.
        scale: Size of the images, of the machine's own.
        machines: Names of the machines, dealt out to the patients in turn; None for all.
        graphics: Draw what stands on the screen beside the image.
        seed: Of everything.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(
        self,
        *,
        patients: int = 30,
        sequences: int = 1,
        frames: int = 12,
        scale: float = 0.25,
        machines: Sequence[str] | None = None,
        graphics: bool = True,
        seed: int = 0,
    ) -> None:
        names = tuple(MACHINES if machines is None else machines)
        super().__init__(patients, sequences, frames, scale, names, graphics, seed)
        self.scene = HeartScene(
            patients=patients,
            sequences=sequences,
            frames=frames,
            scale=scale,
            machines=names,
            graphics=graphics,
            seed=seed,
        )
        self.table = _table(self.scene, names)

    def __getitem__(self, index: int) -> RawSample:
        return {"image": self.scene[int(index)].image}


def _table(scene: HeartScene, machines: Sequence[str]) -> pd.DataFrame:
    patient, sequence, frame = scene.patient + 1, scene.sequence + 1, scene.frame + 1
    return pd.DataFrame(
        {
            "id": [f"{cine}_{number}" for cine, number in zip(sequence, frame, strict=True)],
            "subject": patient.astype(str),
            "sequence": sequence.astype(str),
            "frame": frame,
            "view": np.array(VIEWS)[scene.view],
            "device": np.array(machines)[scene.machine],
        }
    )
