"""B-mode simulation and whole neck frames at 256 x 256 beside two straightforward ways to do it.

    OMP_NUM_THREADS=1 python -m benchmarks.phantom_speed

All three simulations take the same echogenicity map and do the same: complex scatterers, a Gaussian
pulse, envelope, 60 dB of log compression to bytes. Both peers use one pulse for all depths.
"""

from __future__ import annotations

import time
from itertools import count

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve, hilbert

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.phantoms.bmode import Scanner, amplitude
from core.phantoms.neck import NeckScene
from core.phantoms.neck_subject import draw_subject
from core.phantoms.speckle import scatterers

SIDE = 256
OURS = "bmode.Scanner with speckle.scatterers"
SCANNER = Scanner(spacing_mm=0.12)


def tissue_map() -> npt.NDArray[np.float32]:
    """A dark disc in brighter tissue, linear amplitude."""
    rows, columns = np.indices((SIDE, SIDE)) - SIDE / 2
    return amplitude(np.where(np.hypot(rows, columns) < 50, -50.0, -30.0))


def compressed(envelope: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """60 dB to bytes."""
    level = 20 * np.log10(np.maximum(envelope, 1e-9))
    return np.clip(255 * (1 + level / 60), 0, 255).astype(np.uint8)


def pulse() -> npt.NDArray[np.float64]:
    """The scanner's point-spread function at its focus, unit energy."""
    sigma = SCANNER.axial_sigma_px, SCANNER.lateral_sigma_px(SCANNER.focus_mm)
    offset = np.arange(-8, 9)
    axial, lateral = (np.exp(-0.5 * (offset / s) ** 2) for s in sigma)
    kernel = np.outer(axial, lateral)
    return kernel / np.linalg.norm(kernel)


def numpy_fft(tissue: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.uint8]:
    """Normal scatterers, complex FFT, in double precision."""
    rng = np.random.default_rng(seed)
    field = rng.normal(size=(SIDE, SIDE)) + 1j * rng.normal(size=(SIDE, SIDE))
    padded = np.zeros((SIDE, SIDE))
    padded[:17, :17] = pulse()
    padded = np.roll(padded, (-8, -8), (0, 1))
    return compressed(abs(np.fft.ifft2(np.fft.fft2(field * tissue) * np.fft.fft2(padded))))


def scipy_analytic(tissue: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.uint8]:
    """Real scatterers, pulse on its carrier, fftconvolve, Hilbert transform, in float32."""
    rng = np.random.default_rng(seed)
    field = rng.standard_normal((SIDE, SIDE), dtype=np.float32) * tissue
    carrier = np.cos(2 * np.pi * 0.25 * np.arange(-8, 9))[:, None]
    signal = fftconvolve(field, (pulse() * carrier).astype(np.float32), mode="same")
    return compressed(abs(hilbert(signal, axis=0)))


def main() -> None:
    """Measure, print, write."""
    one_thread()
    tissue, frame, subject, elevation = tissue_map(), count(), count(), count()
    scene = NeckScene(subjects=6, frames=60, size=(SIDE, SIDE))
    for index in range(len(scene)):
        scene[index]  # draws every subject
    size = (SIDE, SIDE)
    seconds = alternate(
        {
            OURS: lambda: SCANNER.image(tissue, scatterers(size, (0, next(elevation)))),
            "NumPy FFT": lambda: numpy_fft(tissue, next(elevation)),
            "SciPy fftconvolve and hilbert": lambda: scipy_analytic(tissue, next(elevation)),
            "NeckScene, whole frame with mask": lambda: scene[7 * next(frame) % len(scene)],
            "first frame of a new subject, extra": lambda: draw_subject(
                (0, next(subject)), size, scene.spacing_mm
            ),
        },
        repeats=300,
        clock=time.process_time,
    )
    show(f"CPU milliseconds for {SIDE} x {SIDE}, one thread, median of 300 rounds", seconds, OURS)
    figures = {"milliseconds": {name: round(s * 1000, 3) for name, s in seconds.items()}}
    print(write_results("phantom_speed", {**figures, "ratios": ratios(seconds, OURS)}))


if __name__ == "__main__":
    main()
