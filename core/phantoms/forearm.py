"""The forearm across: the median nerve in the plane between superficial and deep finger flexors.

From the skin down: fat, the deep fascia, the flexors of the wrist, the superficial finger flexor,
the plane of the nerve, the deep flexors of fingers and thumb, radius and ulna with the membrane
between them. x runs from the thumb to the little finger, 0 is the nerve.
"""

from __future__ import annotations

import numpy as np

from core.phantoms.arm_organs import bellies, bone, layer, ovals, tendons, vessels
from core.phantoms.bmode import Floats
from core.phantoms.hand import SKIN_MM, Hand, Section
from core.phantoms.median_nerve import draw_nerve
from core.phantoms.organs import FASCIA_DB, FASCIA_TISSUE_DB, moved
from core.phantoms.pen import Pen, between
from core.phantoms.skin import surface
from core.phantoms.strokes import fibres, traces, within_band


def draw_forearm(rng: np.random.Generator, hand: Hand, level_cm: float, reach: float) -> Section:
    """Draw the forearm at one level, to `reach` mm on either side of the middle."""
    fascia = SKIN_MM + hand.forearm_fat
    y = fascia + hand.belly + hand.muscle + 0.4 * (level_cm - 10)
    deep, bellies, nerve = Pen(rng), Pen(rng), Pen(rng)
    count = round(2 * reach / 0.3)
    top = deep.wave((-reach, fascia), (reach, fascia), 0.25, count)
    sides = rng.normal(y, 0.8, 2)
    plane = deep.wave((-reach, sides[0]), (reach, sides[1]), 0.5, count)
    layer(deep, plane, moved(plane, 14), rng.normal(0, 0.1))
    layer(deep, top, plane, rng.normal(0, 0.1))
    _bones(deep, y + rng.uniform(7, 9.5))
    _septum(deep, plane)
    _partings(deep, fascia + hand.belly, y)
    _bellies(bellies, hand, fascia)
    _bundles(bellies, y, fascia, hand.faint_db)
    _cover(bellies, hand, reach, top)
    x = hand.slide * (level_cm - 10)
    y = float(np.interp(x, plane[:, 0], plane[:, 1])) - 0.4
    middle = np.array([x, y], np.float32)
    contours = [contour + middle for contour in hand.nerve.contours(level_cm)]
    for contour in contours:
        draw_nerve(nerve, contour, hand.faint_db)
    return Section([deep, bellies, nerve], contours)


def _bones(pen: Pen, y: float) -> None:
    """Radius on the thumb's side, ulna on the other, the membrane between them."""
    rng = pen.rng
    for place, half in ((-12, 5.5), (12, 4.5)):
        x = np.arange(-half, half, 0.3)
        depth = y + rng.normal(0, 0.8) + rng.uniform(1.2, 2.5) * (x / half) ** 2
        depth += rng.normal(0, 0.12) * x + 0.25 * np.sin(x / rng.uniform(0.8, 1.5))
        bone(pen, np.stack([x + place + rng.normal(0, 1), depth], 1).astype(np.float32))
    membrane = pen.wave((-7, y + 1.5), (8, y + 1.5), 0.3, 50)
    traces(pen, membrane[None], FASCIA_DB - 10)


def _bellies(pen: Pen, hand: Hand, fascia: float) -> None:
    """Flexors of the wrist side by side under the fascia, some with a tendon inside."""
    rng, halves = pen.rng, pen.rng.uniform(4, 7, 6)
    x = np.cumsum(2 * halves) - halves - 30
    middles = np.stack([x, np.full(6, fascia + hand.belly / 2)], 1)
    radii = np.stack([halves, np.full(6, hand.belly / 2)], 1)
    bellies(pen, middles, radii)
    some = rng.uniform(size=6) < 0.5
    places = middles[some] + rng.normal(0, 0.5, (some.sum(), 2))
    if len(places):
        tendons(pen, places, rng.uniform((1, 0.3), (1.8, 0.6), places.shape))


def _septum(pen: Pen, plane: Floats) -> None:
    """The bright plane that the nerve lies in."""
    apart = pen.wave((0, 0), (0, 0), 0.2, len(plane)) + np.array([0, 0.3], np.float32)
    edges = np.stack([plane - apart, plane + apart])
    pen.fill(between(*edges), FASCIA_TISSUE_DB - 6)
    traces(pen, edges, (FASCIA_DB - 12, FASCIA_DB - 14), broken=1.6)


def _partings(pen: Pen, top: float, bottom: float) -> None:
    """Slanting fasciae that part the superficial finger flexor into its bellies."""
    rng, along = pen.rng, np.linspace(0, 1, 25)
    side = rng.choice([-1, 1], (5, 1)) * rng.uniform(3, 8, (5, 1))
    x = rng.uniform(-20, 20, (5, 1)) + side * along**2
    depths = np.sort(rng.uniform(top - 1, bottom, (5, 2)))
    y = depths[:, :1] + (depths[:, 1:] - depths[:, :1]) * along
    levels = FASCIA_DB - rng.uniform(10, 16, 5)
    traces(pen, np.stack([x, y], 2), levels, broken=1.0, steep=2)


def _bundles(pen: Pen, y: float, fascia: float, faint_db: float) -> None:
    """Other nerves, arteries, and tendons that begin within the muscles."""
    rng = pen.rng
    x = 11 + rng.normal(0, 1)
    radial = -14 + rng.normal(0, 1)
    nerves = [(x + 3, y + 0.4), (radial - 2.8, fascia + 4), (rng.uniform(-5, 5), y + 6)]
    for nerve in ovals(pen, np.array(nerves), np.array([(1.5, 1.1), (1.1, 0.8), (1.0, 0.8)])):
        draw_nerve(pen, nerve, faint_db)
    middles = np.array([(x, y), (radial, fascia + 4)])
    vessels(pen, middles, rng.uniform(0.8, 1.3, (2, 1)) * (1.0, 0.9))
    count = rng.integers(2, 5)
    aside = rng.uniform(2.2, 4.0, count) * rng.choice([-1, 1], count)
    middles = np.stack([rng.uniform(-14, 14, count), y + aside], 1)
    tendons(pen, middles, rng.uniform((0.8, 0.4), (1.9, 1.0), (count, 2)))


def _cover(pen: Pen, hand: Hand, reach: float, fascia: Floats) -> None:
    """Skin, fat with septa, the deep fascia."""
    surface(pen, reach, hand.forearm_fat)
    skin = moved(fascia, -hand.forearm_fat)
    fibres(pen, within_band(pen, skin, fascia, round(reach)), FASCIA_DB - 6, length_mm=4.0)
    edges = np.stack([fascia, moved(fascia, 0.4)])
    traces(pen, edges, (FASCIA_DB - 3, FASCIA_DB - 10), broken=0.7)
