"""What a machine writes around its image: names, settings, scales, and the ECG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats
from core.phantoms.heart.machines import Colour, HeartMachine

_WHITE, _DIM, _GREEN = (235, 235, 235), (150, 150, 150), (60, 230, 90)
ECG_SECONDS = 3.0
ECG_SAMPLES = 300


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What identifies a cine on the screen; all of it made up.

    Attributes:
        name: Of the patient, "FAMILY^GIVEN".
        number: Of the patient.
        date: Of the study.
        site: Where it was made.
        rate_bpm: Heart rate.
        depth_mm: Depth of the image.
    """

    name: str
    number: str
    date: str
    site: str
    rate_bpm: float
    depth_mm: float


def canvas(machine: HeartMachine, caption: Caption, scale: float) -> Bytes:
    """Draw all that stays the same through a cine, uint8 (rows, columns, 3) on black."""
    rows, columns = machine.size
    image = np.zeros((rows, columns, 3), np.uint8)
    _identity(image, machine, caption)
    _settings(image, machine, caption)
    _scales(image, machine, caption)
    size = round(columns * scale), round(rows * scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def draw_ecg(image: Bytes, machine: HeartMachine, voltage: Floats, scale: float) -> None:
    """Draw the trace so far, voltages (n,) evenly over the strip, the last one being now."""
    top, bottom = (row * scale for row in machine.ecg_rows)
    left, right = 0.06 * image.shape[1], 0.94 * image.shape[1]
    x = np.linspace(left, right, len(voltage))
    y = bottom - (0.22 + 0.7 * voltage) * (bottom - top)
    trace = np.rint(np.stack([x, y], axis=1) * 8).astype(np.int32)
    thick = max(1, round(1.5 * scale))
    cv2.polylines(image, [trace], False, _GREEN, thick, cv2.LINE_AA, shift=3)


def _identity(image: Bytes, machine: HeartMachine, caption: Caption) -> None:
    """The strip at the top: who, where, when."""
    height, (_, columns) = machine.header_rows, machine.size
    size = columns / 1700
    first, second = round(0.42 * height), round(0.88 * height)
    middle, late = round(0.42 * columns), round(0.76 * columns)
    left = round(0.075 * columns)
    _text(image, caption.name, (left, first), size, _WHITE)
    _text(image, f"ID {caption.number}", (left, second), size, _WHITE)
    _text(image, caption.site, (middle, first), size, _WHITE)
    _text(image, f"{machine.model}  TIS0.8 MI 1.3", (middle, second), size, machine.accent)
    _text(image, caption.date, (late, first), size, _WHITE)
    _text(image, "PX4/Adult Echo", (late, second), size, _DIM)
    radius = round(0.02 * columns)
    centre = round(0.035 * columns), round(0.55 * height)
    cv2.circle(image, centre, radius, machine.accent, -1, cv2.LINE_AA)
    cv2.circle(image, centre, radius // 2, (0, 0, 0), -1, cv2.LINE_AA)


def _settings(image: Bytes, machine: HeartMachine, caption: Caption) -> None:
    """Settings at the left of the sector, the heart rate beside the ECG."""
    rows, columns = machine.size
    size, left = columns / 2000, round(0.012 * columns)
    depth = f"{caption.depth_mm / 10:.0f}cm"
    lines = f"FR {machine.fps:.0f}Hz", depth, "2D", "62%", "C 50", "P Low"
    for number, line in enumerate(lines):
        at = left, machine.header_rows + round((0.06 + 0.036 * number) * rows)
        _text(image, line, at, size, machine.accent if number == 2 else _DIM)
    at = round(0.86 * columns), machine.ecg_rows[0] + round(0.02 * rows)
    _text(image, f"{caption.rate_bpm:.0f} bpm", at, size, _GREEN)


def _scales(image: Bytes, machine: HeartMachine, caption: Caption) -> None:
    """Depth marks at the right, the grey bar, and the mark of the probe's side."""
    (_, _, x1, _), (_, apex_y) = machine.region, machine.apex
    for centimetre in range(int(caption.depth_mm / 10) + 1):
        row = round(apex_y + centimetre * 10 / caption.depth_mm * machine.radius)
        length = 10 if centimetre % 5 == 0 else 5
        cv2.line(image, (x1 + 6, row), (x1 + 6 + length, row), _DIM, 1)
    bar = np.linspace(255, 0, machine.size[0] // 5)[:, None, None].astype(np.uint8)
    right = machine.size[1] - 14
    image[apex_y + 20 : apex_y + 20 + len(bar), right - 9 : right] = bar
    mark = np.array([[-34, 4], [-26, 18], [-18, 4]]) * machine.size[1] / 800
    corners = np.rint(mark + machine.apex).astype(np.int32)
    cv2.polylines(image, [corners], False, machine.accent, 2, cv2.LINE_AA)


def _text(image: Bytes, text: str, at: tuple[int, int], size: float, colour: Colour) -> None:
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
