"""Simulated sweeps over the neck as a source: the data that every run starts on."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

import core.phantoms
from core.data.digests import digest, file_digests
from core.data.sources.base import RawSample, Source
from core.phantoms.neck import NeckScene


class PhantomSource(Source):
    """A simulated source; its samples follow from its parameters and from the code.

    Args:
        parameters: All that the samples depend on, in a form that `repr` tells apart.
    """

    simulated = True

    def __init__(self, *parameters: object) -> None:
        self._parameters = parameters

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of the parameters and of the code that simulates."""
        code = sorted(Path(str(core.phantoms.__file__)).parent.rglob("*.py"))
        return digest([type(self).__name__, repr(self._parameters), *file_digests(code)])


class NervePhantom(PhantomSource):
    """Sweeps over simulated necks with the brachial plexus labelled, some labels wrong if wanted.

    Columns of the table: id, subject, frame, has_mask, nerve_visible, label_wrong, spacing_row_mm,
    spacing_col_mm. A wrong label is an empty one where the nerve is visible.

    Args:
        subjects: Number of necks.
        frames: Frames in each sweep; neighbours are near-duplicates.
        size: Rows and columns.
        depth_mm: Depth of the image; pixels are square, so the width follows.
        wrong_labels: Share of the frames with a nerve that are labelled as empty.
        seed: Of everything.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(
        self,
        *,
        subjects: int = 10,
        frames: int = 40,
        size: tuple[int, int] = (210, 290),
        depth_mm: float = 30.0,
        wrong_labels: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__(subjects, frames, tuple(size), depth_mm, wrong_labels, seed)
        self.scene = NeckScene(
            subjects=subjects,
            frames=frames,
            size=size,
            depth_mm=depth_mm,
            wrong_labels=wrong_labels,
            seed=seed,
        )
        self.table = _table(self.scene)

    def __getitem__(self, index: int) -> RawSample:
        frame = self.scene[int(index)]
        return {"image": frame.image, "mask": frame.mask}


def _table(scene: NeckScene) -> pd.DataFrame:
    subject, frame = scene.subject + 1, scene.frame + 1
    return pd.DataFrame(
        {
            "id": [f"{person}_{number}" for person, number in zip(subject, frame, strict=True)],
            "subject": subject.astype(str),
            "frame": frame,
            "has_mask": scene.visible & ~scene.wrong,
            "nerve_visible": scene.visible,
            "label_wrong": scene.wrong,
            "spacing_row_mm": np.full(len(scene), scene.spacing_mm),
            "spacing_col_mm": np.full(len(scene), scene.spacing_mm),
        }
    )
