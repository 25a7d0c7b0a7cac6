"""What makes one hand differ from another: its fat, its nerve, where its tendons lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.median_nerve import NerveShape, draw_shape
from core.phantoms.pen import Pen

SKIN_MM = 1.1
MOST_ASIDE_MM = 6.0
# the nine tendons of the carpal tunnel, from the nerve's middle to the side of the little finger
# and down: superficial flexors of fingers 3, 4, 2, 5, long flexor of the thumb, deep flexors 2 to 5
SUPERFICIAL_MM = (5.7, 1.1), (10.3, 1.0), (0.7, 3.4), (13.2, 4.0)
THUMB_MM = -5.0, 2.9
DEEP_MM = (-2.3, 6.6), (2.9, 7.1), (6.7, 4.4), (9.6, 7.3)
TUNNEL_MM = np.array([*SUPERFICIAL_MM, THUMB_MM, *DEEP_MM])


@dataclass(frozen=True)
class Section:
    """A drawing across the arm.

    Attributes:
        layers: Pens with what they drew; each layer covers those before it.
        contours: Outline of each mass of the median nerve, (n, 2) mm.
    """

    layers: list[Pen]
    contours: list[Floats]


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What stays the same along one hand and forearm; lengths in mm.

    Attributes:
        nerve: The median nerve.
        faint_db: How much weaker than usual nerves echo against what surrounds them.
        wrist_fat: Thickness of the fat at the wrist.
        forearm_fat: Thickness of the fat on the forearm.
        belly: Thickness of the superficial muscles of the forearm.
        muscle: Thickness of the superficial finger flexor, under which the nerve lies.
        tendons: Middles of TUNNEL_MM's tendons as they are in this hand, (9, 2).
        radii: Their half axes, (9, 2).
        palmaris: Whether there is the flat tendon on the retinaculum that one in seven lacks.
        slide: How far the nerve moves to the little finger's side for each cm up the wrist.
        aside: Where the examiner holds the nerve, to the right of the image's middle.
    """

    nerve: NerveShape
    faint_db: float
    wrist_fat: float
    forearm_fat: float
    belly: float
    muscle: float
    tendons: Floats
    radii: Floats
    palmaris: bool
    slide: float
    aside: float


def draw_hand(person: np.random.Generator, hand: np.random.Generator, *, bifid: bool) -> Hand:
    """Draw a hand.

    Args:
        person: What both hands have in common comes from here, so the same state for each.
        hand: What is this hand's own.
        bifid: Whether the median nerve is of two masses.
    """
    fat, strength = person.uniform(0, 1), person.uniform(0.8, 1.2)
    size = person.uniform(0.92, 1.1)
    crowd = hand.normal(0, 0.35, TUNNEL_MM.shape).astype(np.float32)
    radii = size * hand.uniform((2.1, 1.4), (2.7, 1.8), TUNNEL_MM.shape)
    return Hand(
        nerve=draw_shape(hand, bifid=bifid),
        faint_db=hand.uniform(1, 11),
        wrist_fat=0.6 + 1.4 * fat + hand.uniform(0, 0.4),
        forearm_fat=1.0 + 3.0 * fat + hand.uniform(0, 0.8),
        belly=strength * hand.uniform(3.2, 5.0),
        muscle=strength * hand.uniform(3.6, 6.0),
        tendons=np.asarray(size * TUNNEL_MM + crowd, np.float32),
        radii=np.asarray(radii, np.float32),
        palmaris=bool(hand.uniform() < 0.86),
        slide=hand.normal(0.3, 0.4),
        aside=float(np.clip(hand.normal(0, 3.0), -MOST_ASIDE_MM, MOST_ASIDE_MM)),
    )
