"""The cardiac cycle: how the ventricles, the valves and the ECG go through one beat.

A phase is the share of a beat, 0 at the R wave; systole takes the first 35 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.heart.shapes import Reals

# phases and values in between which a curve is straight, smoothed where it matters
_CONTRACTION = (
    (0, 0.04, 0.14, 0.26, 0.35, 0.42, 0.50, 0.58, 0.70, 0.84, 0.94, 1),
    (*(0.0, 0.04, 0.52, 0.92, 1.0, 0.94, 0.58, 0.30, 0.22, 0.18, 0.03, 0.0),),
)
_MITRAL = (0, 0.03, 0.40, 0.47, 0.55, 0.66, 0.84, 0.90, 1), (0.2, 0, 0, 1, 0.9, 0.4, 0.4, 0.8, 0.2)
_AORTIC = (0, 0.04, 0.08, 0.28, 0.36, 1), (0, 0, 1, 0.9, 0, 0)
_WAVES = (  # of the ECG: phase, width, height of P, Q, R, S, T
    *((0.86, 0.022, 0.12), (0.975, 0.008, -0.12), (1.0, 0.009, 1.0)),
    *((1.025, 0.009, -0.22), (1.28, 0.045, 0.25)),
)


@dataclass(frozen=True)
class Beat:
    """The state of a heart at one moment.

    Attributes:
        contraction: 0 at the end of diastole, 1 at the end of systole.
        mitral: Opening of the mitral and tricuspid valves, 0 to 1.
        aortic: Opening of the aortic valve, 0 to 1.
    """

    contraction: float
    mitral: float
    aortic: float


def beat_at(phase: float) -> Beat:
    """Return the state at a phase; whole beats make no difference."""
    phase %= 1
    return Beat(*(float(np.interp(phase, *c)) for c in (_CONTRACTION, _MITRAL, _AORTIC)))


def ecg(phase: Reals) -> Floats:
    """Voltage at phases (n,), 1 at the top of the R wave; float32 (n,)."""
    voltage = np.zeros(len(phase), np.float32)
    for middle, width, height in _WAVES:
        away = (phase - middle + 0.5) % 1 - 0.5
        voltage += np.float32(height) * np.exp(-0.5 * (away / width) ** 2).astype(np.float32)
    return voltage
