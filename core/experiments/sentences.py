"""A comparison in a plain sentence, with its numbers in the table's unit."""

from __future__ import annotations

from math import floor, isnan, log10, nan

from core.experiments.claims import FIXED, SAME, Claim
from core.statistics import Comparison


def sentence(claim: Claim, found: Comparison, p: float, scale: float) -> str:
    """Say what a comparison has found.

    Args:
        claim: What it was made for.
        found: In the metric's own unit.
        p: Its corrected p value; NaN where none was asked for.
        scale: Factor to the table's unit.

    Returns:
        Such as "0.833 against 0.801: 0.032 higher (0.010 to 0.054), p = 0.003, 12 subjects, 2
        trainings each".
    """
    first, second = scale * found.first, scale * found.second / claim.factor
    half = scale * (found.high - found.low) / 2
    known = abs(first - second) if isnan(half) else half
    digits = 0 if claim.metric in FIXED else _decimals(known)
    parts = [_difference(found, scale, digits) if claim.times == 1 else ratio(claim, found)]
    said = "" if isnan(p) else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if said and claim.word != SAME:
        parts.append(said)
    if claim.metric not in FIXED:
        parts.append(_basis(found))
    if claim.word == SAME:
        parts.append(f"up to {scale * (claim.within or 0):g} counts as the same")
        parts += [f"{said} that it is more"] if said else []
    return f"{first:,.{digits}f} against {second:,.{digits}f}: {', '.join(parts)}"


def _difference(found: Comparison, scale: float, digits: int) -> str:
    """Say how much the first is higher or lower, with the interval of that."""
    if found.difference == 0 and isnan(found.low):
        return "no difference"
    sign = 1 if found.difference >= 0 else -1
    text = f"{abs(scale * found.difference):,.{digits}f} {'higher' if sign > 0 else 'lower'}"
    if isnan(found.low):
        return text
    low, high = sorted(sign * scale * end for end in (found.low, found.high))
    return f"{text} ({low:,.{digits}f} to {high:,.{digits}f})"


def ratio(claim: Claim, found: Comparison) -> str:
    """Say how many times the second side the first one is."""
    first, second = found.first, found.second / claim.factor
    times = max(first, second) / min(first, second) if first * second > 0 else nan
    return f"{times:.3g} times as {'high' if first > second else 'low'}"


def _basis(found: Comparison) -> str:
    """Say what a comparison rests on."""
    one, other = found.runs
    runs = f"{one} trainings each" if one == other else f"{one} and {other} trainings"
    if not found.subjects:
        return runs
    subjects = f"{found.subjects} subjects" if found.paired else "different subjects"
    return f"{subjects}, {runs}"


def _decimals(step: float) -> int:
    """Return how many decimals show a step with two digits."""
    return min(max(1 - floor(log10(step)), 0), 6) if step > 0 else 3
