"""What our runs say to a paper's claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Final

from core.checks import InputError
from core.experiments.claims import FIXED, SAME, Claim, Pair, Row
from core.experiments.evidence import Evidence
from core.experiments.sentences import sentence
from core.experiments.spec import Done, Experiment, Size, combinations, label
from core.statistics import Comparison, holm

HOLDS: Final = "holds"
DOES_NOT_HOLD: Final = "does not hold"
WITHIN_NOISE: Final = "within noise"
UNTESTED: Final = "cannot be tested with this data"
WORDS: Final = (DOES_NOT_HOLD, UNTESTED, WITHIN_NOISE, HOLDS)
"""What a verdict may be; that of several comparisons is the first of these that one has."""
SIGNIFICANT: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One comparison of a claim.

    Attributes:
        first: The row, or rows, that it says something of.
        second: What they are held against.
        comparison: Of both; None where nothing could be compared.
        p: Corrected for the claim's other comparisons where it speaks against the claim; NaN where
            none is asked for.
        word: What it comes to, one of `WORDS`.
        why: In a sentence.
    """

    first: str
    second: str
    comparison: Comparison | None
    p: float
    word: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the runs say to a claim: one of `WORDS`, why, and each comparison behind it."""

    claim: Claim
    word: str
    why: str
    comparisons: tuple[Judged, ...]


def judge(
    experiment: Experiment,
    done: Sequence[Done],
    size: Size | None = None,
    evidence: Evidence | None = None,
) -> list[Verdict]:
    """Hold every claim of an experiment against its tested runs.

    A claim on higher or lower holds where the difference is significant (see
    `core.statistics.compare`) and of the claimed sign, does not hold where it is of the other, and
    else is within noise. "Same" holds where the 95 % interval lies within what still counts as the
    same, does not hold where it lies outside, and else is within noise.

    Of several comparisons all must hold, so that each is tested as if it were alone (an
    intersection-union test). A single one speaks against the claim, so that p values of differences
    of the other sign are corrected for their number (Holm).

    Args:
        experiment: With its claims.
        done: Its tested runs.
        size: The size that was run, whose rows may be others than the experiment's.
        evidence: Of the same runs, where somebody has read them already.

    Returns:
        A verdict a claim, in their order.

    References:
        Berger, Technometrics 1982;24:295-300, intersection-union tests.
    """
    rows = combinations(experiment.rows | (size.rows if size else {}))
    evidence = evidence or Evidence(done)
    return [
        _verdict(claim, _comparisons(claim, rows, evidence, _scale(experiment, claim)))
        for claim in experiment.claims
    ]


def _comparisons(
    claim: Claim, rows: list[Row], evidence: Evidence, scale: float
) -> tuple[Judged, ...]:
    """Return what each comparison of a claim comes to."""
    pairs = claim.pairs(rows)
    found = [_compared(evidence, claim, pair) for pair in pairs]
    alone = [_tested_p(claim, of) for of in found]
    p = [
        one if isinstance(of, Comparison) and _supports(claim, of) else corrected
        for of, one, corrected in zip(found, alone, holm(alone), strict=True)
    ]
    return tuple(
        _judged(claim, pair, of, one, scale) for pair, of, one in zip(pairs, found, p, strict=True)
    )


def _compared(evidence: Evidence, claim: Claim, pair: Pair) -> Comparison | str:
    """Return the comparison of two sides, or why there is none."""
    try:
        return evidence.compare(claim, pair)
    except InputError as reason:
        return str(reason)


def _tested_p(claim: Claim, found: Comparison | str) -> float:
    """Return the p value that a claim asks for; NaN where it asks for none."""
    asked = claim.word != SAME and claim.metric not in FIXED
    return found.p if asked and isinstance(found, Comparison) else nan


def _judged(claim: Claim, pair: Pair, found: Comparison | str, p: float, scale: float) -> Judged:
    first, second = map(_name, pair)
    if isinstance(found, str):
        word, why, comparison = UNTESTED, found, None
    else:
        word, why, comparison = _word(claim, found, p), sentence(claim, found, p, scale), found
    return Judged(first=first, second=second, comparison=comparison, p=p, word=word, why=why)


def _word(claim: Claim, found: Comparison, p: float) -> str:
    """Return what a comparison says to a claim."""
    if claim.word == SAME:
        ends = (found.difference,) * 2 if claim.metric in FIXED else (found.low, found.high)
        return _word_of_same(*ends, claim.within or 0.0)
    supports = _supports(claim, found)
    if claim.metric in FIXED:
        equal = claim.times != 1 and found.difference == 0  # exactly that many times
        return HOLDS if supports or equal else DOES_NOT_HOLD
    if isnan(p):
        return UNTESTED
    if p >= SIGNIFICANT:
        return WITHIN_NOISE
    return HOLDS if supports else DOES_NOT_HOLD


def _supports(claim: Claim, found: Comparison) -> bool:
    return found.difference > 0 if claim.word == "higher" else found.difference < 0


def _word_of_same(low: float, high: float, within: float) -> str:
    if isnan(low):
        return UNTESTED
    if -within <= low and high <= within:
        return HOLDS
    return DOES_NOT_HOLD if low > within or high < -within else WITHIN_NOISE


def _verdict(claim: Claim, judged: tuple[Judged, ...]) -> Verdict:
    """Return what the comparisons of a claim come to together; all of them must hold."""
    if not judged:
        why = "this size runs no rows of one side"
        return Verdict(claim=claim, word=UNTESTED, why=why, comparisons=())
    word = min((one.word for one in judged), key=WORDS.index)
    deciding = [one for one in judged if one.word == word]
    least = max(deciding, key=lambda one: 0.0 if isnan(one.p) else one.p)
    why = least.why
    if len(judged) > 1:
        share = f"in {len(deciding)} of {len(judged)} comparisons"
        why = f"{share}; {least.first} beside {least.second}: {why}"
    return Verdict(claim=claim, word=word, why=why, comparisons=judged)


def _name(rows: list[Row]) -> str:
    """Return the label of a row, or of the mean of several."""
    return label(rows[0]) if len(rows) == 1 else f"the mean of {len(rows)} rows"


def _scale(experiment: Experiment, claim: Claim) -> float:
    """Return the factor to the unit in which the table shows a claim's metric."""
    return next(c.scale for c in experiment.columns if c.metric == claim.metric)
