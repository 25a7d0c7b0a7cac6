"""The ways to train a network that removes annotations, as reports name and draw them."""

from __future__ import annotations

from typing import Final, NamedTuple

from core.reports.run_folder import RunFolder

_COLOURS: Final = {"noise2noise": "#0072b2", "noise2clean": "#d55e00"}
_LABELS: Final = {"noise2noise": "Noise2Noise", "noise2clean": "Noise2Clean"}
_MARKERS: Final = {"noise2noise": "o", "noise2clean": "D"}  # apart without colour too


class Scheme(NamedTuple):
    """A way to train.

    Attributes:
        name: In removal.csv.
        label: On the page.
        colour: Of its marks.
        marker: Of its marks, as matplotlib names it.
        own: Whether it is the run's own; the other one is its rival.
    """

    name: str
    label: str
    colour: str
    marker: str
    own: bool


def run_schemes(run: RunFolder) -> list[Scheme]:
    """Return the schemes of a run, in the same order for every run: Noise2Noise first."""
    return [
        Scheme(name, _LABELS[name], _COLOURS[name], _MARKERS[name], name == run.schemes[0])
        for name in _LABELS
        if name in run.schemes
    ]
