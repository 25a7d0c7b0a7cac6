"""The wrist across: the median nerve under the flexor retinaculum, among nine flexor tendons.

From the skin down: fat with veins, the retinaculum, the carpal tunnel with nerve and tendons, the
carpal bones; further up the end of the radius with a flat muscle on it. Beside the tunnel radial
and ulnar artery, ulnar nerve, flexors of the wrist. x runs from the thumb to the little finger, 0
is the nerve at the crease.
"""

from __future__ import annotations

import numpy as np

from core.phantoms.arm_organs import bone, layer, ovals, tendons, vessels
from core.phantoms.hand import SKIN_MM, Hand, Section
from core.phantoms.median_nerve import draw_nerve
from core.phantoms.organs import BASE_DB, FASCIA_DB, FASCIA_TISSUE_DB, moved
from core.phantoms.pen import Pen, between
from core.phantoms.skin import surface
from core.phantoms.strokes import fibres, traces, within_band


def draw_wrist(rng: np.random.Generator, hand: Hand, level_cm: float, reach: float) -> Section:
    """Draw the wrist at one level, to `reach` mm on either side of the middle."""
    up = float(np.clip(level_cm / 3, 0, 1))  # 0 in the tunnel, 1 where it has ended
    contours = hand.nerve.contours(level_cm)
    height = float(max(np.ptp(contour[:, 1]) for contour in contours))
    roof, band = SKIN_MM + hand.wrist_fat, 1.1 - 0.6 * up
    y = roof + band + 0.35 + 1.2 * up + height / 2
    middle = np.array([hand.slide * level_cm, y], np.float32)
    contours = [contour + middle for contour in contours]
    deep, tunnel, nerve = Pen(rng), Pen(rng), Pen(rng)
    _ground(deep, reach, roof, up)
    _floor(deep, reach, y + rng.uniform(10.5, 12), up)
    _cover(tunnel, hand, reach, roof, band)
    _tendons(tunnel, hand, roof, y)
    _beside(tunnel, roof, up)
    for contour in contours:
        draw_nerve(nerve, contour, 0.25 * hand.faint_db)  # fluid around it sets it off
    return Section([deep, tunnel, nerve], contours)


def _ground(pen: Pen, reach: float, roof: float, up: float) -> None:
    """Loose tissue around the tendons, muscle among it further up."""
    top, bottom = (pen.wave((-reach, y), (reach, y), 0.3) for y in (roof, roof + 16))
    pen.fill(between(top, bottom), BASE_DB - 2 - 6 * up)
    places = within_band(pen, top, bottom, round(4 * reach))
    fibres(pen, places, FASCIA_DB - 20, length_mm=1.8)


def _floor(pen: Pen, reach: float, y: float, up: float) -> None:
    """Carpal bones, hollow as a whole; further up radius and ulna with a flat muscle on them."""
    rng, x = pen.rng, np.arange(-reach, reach, 0.3)
    widths = rng.uniform(6, 10, 9) + 9 * up
    edges = np.cumsum(widths) - reach - rng.uniform(0, 6)
    number = np.searchsorted(edges, x).clip(max=8)
    across = (edges[number] - x) / widths[number] * 2 - 1
    depth = y + rng.normal(0, 0.4, 9)[number] + rng.uniform(0.6, 2.2, 9)[number] * across**2
    depth -= (1 - 0.8 * up) * np.minimum(rng.uniform(0.012, 0.022) * (x - 3) ** 2, 6)
    depth += rng.normal(0, 0.15, len(x))
    smooth = np.convolve(np.pad(depth, 2, "edge"), np.full(5, 1 / 5), "valid")
    line = np.stack([x, smooth], 1).astype(np.float32)
    if up > 0.5:
        layer(pen, moved(line, -3.5), line)
    bone(pen, line)


def _cover(pen: Pen, hand: Hand, reach: float, roof: float, band: float) -> None:
    """Skin, fat, and the ligament that roofs the tunnel."""
    surface(pen, reach, hand.wrist_fat)
    top = pen.wave((-reach, roof), (reach, roof), 0.15, round(2 * reach / 0.3))
    skin, bottom = moved(top, SKIN_MM - roof), moved(top, band)
    pen.fill(between(top, bottom), FASCIA_TISSUE_DB - 6)
    fibres(pen, within_band(pen, skin, top, round(reach)), FASCIA_DB - 6, length_mm=4.0)
    fibres(pen, within_band(pen, top, bottom, round(4 * reach)), FASCIA_DB - 14, length_mm=2.5)
    traces(pen, np.stack([top, bottom]), (FASCIA_DB - 5, FASCIA_DB - 9), broken=0.8)


def _tendons(pen: Pen, hand: Hand, roof: float, y: float) -> None:
    """Those of the tunnel, a flexor of the wrist on each side, the flat one on the roof."""
    beside = (-11, roof + 1.9), (20, roof + 2.2), (0.5, roof - 0.2)
    middles = np.concatenate(
        [hand.tendons + np.array([0, y]), beside + pen.rng.normal(0, 0.4, (3, 2))]
    )
    radii = np.concatenate([hand.radii, [(2.3, 1.5), (2.2, 1.6), (1.7, 0.5)]])
    count = len(radii) if hand.palmaris else len(radii) - 1
    tendons(pen, middles[:count], radii[:count])


def _beside(pen: Pen, roof: float, up: float) -> None:
    """Arteries, ulnar nerve and the pisiform on both sides of the tunnel, veins in the fat."""
    rng, ulnar = pen.rng, 14.2 + pen.rng.normal(0, 0.6)
    draw_nerve(pen, ovals(pen, np.array([(ulnar + 2.6, roof + 1.5)]), np.array([(1.3, 0.9)]))[0])
    veins = [(x, roof - 0.6) for x in rng.uniform(-14, 14, rng.integers(1, 4)).tolist()]
    middles = [(ulnar, roof + 1.3), (-15 + rng.normal(0, 0.6), roof + 2.2), *veins]
    radii = rng.uniform((0.4, 0.25), (0.9, 0.4), (len(middles), 2))
    radii[:2] = rng.uniform(0.8, 1.3, (2, 1))
    vessels(pen, np.array(middles), radii)
    if up < 0.2:
        x = np.arange(17, 22.5, 0.3)
        pea = np.stack([x, roof + 2.0 + 1.8 * ((x - 19.7) / 2.7) ** 2], 1)
        bone(pen, pea.astype(np.float32))
