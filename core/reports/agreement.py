"""Bland and Altman's plot: what two ways to measure differ by, over what they measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from math import floor, log10
from textwrap import fill
from typing import Final, Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from core.reports.drawing import (
    GROUP_COLOURS,
    GROUP_MARKERS,
    INK,
    MUTED,
    OUTCOME_COLOURS,
    Plot,
    panel,
)

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

_MINUS: Final = "\N{MINUS SIGN}"
_LONGEST: Final = 36  # letters of a line beside an axis
_DOT: Final = OUTCOME_COLOURS["TP"]
_DASHES: Final = (0, (5, 3))
_BESIDE: Final = 1.025  # of the axes' width: where the numbers stand
_LABEL_HEIGHT: Final = 0.15  # of the axes' height: what a number and its interval need


class Limits(Protocol):
    """Bias and limits of agreement with 95 % intervals, as `core.metrics.agreement` has them."""

    @property
    def bias(self) -> float:
        """Mean difference."""

    @property
    def lower(self) -> float:
        """Lower limit of agreement."""

    @property
    def upper(self) -> float:
        """Upper limit of agreement."""

    @property
    def bias_ci(self) -> Interval:
        """Interval of the bias."""

    @property
    def lower_ci(self) -> Interval:
        """Interval of the lower limit."""

    @property
    def upper_ci(self) -> Interval:
        """Interval of the upper limit."""


def plot_bland_altman(
    ours: ArrayLike,
    truth: ArrayLike,
    limits: Limits,
    *,
    quantity: str,
    unit: str = "",
    name: str = "agreement",
    groups: Sequence[str] | None = None,
    sides: tuple[str, str] | None = None,
) -> Plot:
    """Plot prediction minus truth over the mean of both, with bias, limits and their intervals.

    Args:
        ours: Measured values (N,), finite.
        truth: True values (N,).
        limits: Their agreement.
        quantity: What is measured, such as "Area"; the heading speaks of it.
        unit: Its unit, such as "mm²"; nothing for a ratio.
        name: File name without ending.
        groups: Which group each pair is of (N,), drawn apart; None if all are of one.
        sides: What the two are where they are not prediction and truth.
    """
    first, second = np.asarray(ours, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    suffix = f" ({unit})" if unit else ""
    x_label = f"{quantity}, mean of {'both' if sides else 'prediction and truth'}{suffix}"
    y_label = f" {_MINUS} ".join(sides or ("Prediction", "truth")) + suffix
    figure, axes = panel(x_label, fill(y_label, _LONGEST), width=6.4)
    _draw_dots(axes, (first + second) / 2, first - second, groups)
    axes.margins(0.06)
    axes.axhline(0, color=MUTED, lw=0.6, alpha=0.7, zorder=1)
    note = f"{len(first)} pairs, shaded: 95 % intervals"
    axes.set_title(note, fontsize=9, color=MUTED, loc="left")
    _draw_lines(axes, limits)
    _write_numbers(axes, limits)
    return Plot(
        name=name,
        title=f"Agreement: {quantity.lower()}",
        alt=_in_words(limits, len(first), quantity, unit),
        figure=figure,
    )


def _draw_dots(axes: Axes, x: FloatArray, y: FloatArray, groups: Sequence[str] | None) -> None:
    """Draw the pairs, smaller where many; with groups a colour and a marker for each."""
    size = float(np.clip(6000 / len(x), 6, 24))
    if groups is None:
        axes.scatter(x, y, s=size, c=_DOT, alpha=0.6, lw=0, zorder=3)
        return
    of = np.asarray(groups)
    styles = zip(cycle(GROUP_COLOURS), cycle(GROUP_MARKERS), sorted(set(groups)), strict=False)
    for colour, marker, group in styles:
        own = of == group
        axes.scatter(
            x[own], y[own], s=size, c=colour, marker=marker, alpha=0.7, lw=0, zorder=3, label=group
        )
    axes.figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=9, labelcolor=INK)


def _draw_lines(axes: Axes, limits: Limits) -> None:
    """Draw bias and limits, each in a band that is its 95 % interval."""
    for value, interval, band, style in (
        (limits.upper, limits.upper_ci, MUTED, _DASHES),
        (limits.lower, limits.lower_ci, MUTED, _DASHES),
        (limits.bias, limits.bias_ci, _DOT, "-"),
    ):
        axes.axhspan(*interval, color=band, alpha=0.13, lw=0, zorder=0.5)
        axes.axhline(value, color=INK, lw=1.3, ls=style, zorder=2)


def _write_numbers(axes: Axes, limits: Limits) -> None:
    """Write each number and its interval beside its line, at least a label's height apart."""
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, top)
    middle = (limits.bias - bottom) / (top - bottom)
    step = max((limits.upper - limits.bias) / (top - bottom), _LABEL_HEIGHT)
    decimals = _decimals(limits)
    for place, what, value, (low, high) in (
        (middle + step, "+1.96 SD", limits.upper, limits.upper_ci),
        (middle, "bias", limits.bias, limits.bias_ci),
        (middle - step, f"{_MINUS}1.96 SD", limits.lower, limits.lower_ci),
    ):
        interval = f"{_signed(low, decimals)} to {_signed(high, decimals)}"
        _write_beside(axes, place, f"{what}  $\\bf{{{_signed(value, decimals)}}}$", interval)


def _write_beside(axes: Axes, place: float, number: str, interval: str) -> None:
    """Write a number and, below it, its interval to the right of the axes."""
    gap = 0.008
    above = axes.text(_BESIDE, place + gap, number, va="bottom", fontsize=9, color=INK)
    below = axes.text(_BESIDE, place - gap, interval, va="top", fontsize=8, color=MUTED)
    for text in (above, below):
        text.set_transform(axes.transAxes)


def _decimals(limits: Limits) -> int:
    """Return how many decimals show the width between the limits to three digits."""
    width = limits.upper - limits.lower
    return max(0, 2 - floor(log10(width))) if width > 0 else 2


def _signed(value: float, decimals: int) -> str:
    """Write a difference with a true minus sign, zero without any."""
    text = f"{value:.{decimals}f}"
    return text.replace("-", _MINUS) if float(text) else text.lstrip("-")


def _in_words(limits: Limits, pairs: int, quantity: str, unit: str) -> str:
    """Say what the plot shows."""
    decimals = _decimals(limits)
    bias, lower, upper, low, high = (
        _signed(value, decimals)
        for value in (limits.bias, limits.lower, limits.upper, *limits.bias_ci)
    )
    return (
        f"Bland-Altman plot of {pairs} pairs, {quantity.lower()}{f' in {unit}' if unit else ''}: "
        f"bias {bias} (95 % interval {low} to {high}), limits of agreement {lower} and {upper}."
    )
