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
_NAMED: Final = 4  # rows that are not run


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
    same, does not hold where the difference is significantly larger than that, and else is within
    noise.

    Of several comparisons all must hold, so that each is tested as if it were alone (an
    intersection-union test). A single one speaks against the claim, so that p values of differences
    of the other sign, or larger than the same, are corrected for their number (Holm). Rows that
    this size does not run change nothing, and are named.

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
        _verdict(
            claim,
            _comparisons(claim, rows, evidence, _scale(experiment, claim)),
            _left_out(claim, rows, combinations(experiment.rows)),
        )
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
        corrected if isinstance(of, str) or not _supports(claim, of) else _p_for(claim, one)
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
    if isinstance(found, str) or claim.metric in FIXED:
        return nan
    return found.p_beyond(claim.within or 0.0) if claim.word == SAME else found.p


def _p_for(claim: Claim, p: float) -> float:
    """Return the p value of what speaks for a claim; that two are the same has none."""
    return nan if claim.word == SAME else p


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
        return _word_of_same(claim, found, p)
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
    if claim.word == SAME:
        return abs(found.difference) <= (claim.within or 0.0)
    return found.difference > 0 if claim.word == "higher" else found.difference < 0


def _word_of_same(claim: Claim, found: Comparison, p: float) -> str:
    within = claim.within or 0.0
    if claim.metric in FIXED:
        return HOLDS if _supports(claim, found) else DOES_NOT_HOLD
    if isnan(found.low):
        return UNTESTED
    if -within <= found.low and found.high <= within:
        return HOLDS
    return DOES_NOT_HOLD if p < SIGNIFICANT else WITHIN_NOISE


def _left_out(claim: Claim, run: list[Row], own: list[Row]) -> str:
    """Say which rows of a claim are the experiment's own and not run in this size."""
    pairs = claim.pairs([*run, *(row for row in own if row not in run)])
    of_claim = [row for pair in pairs for side in pair for row in side]
    names = [label(row) for row in own if row in of_claim and row not in run]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} not run in this size" if names else ""


def _verdict(claim: Claim, judged: tuple[Judged, ...], left_out: str) -> Verdict:
    """Return what the comparisons of a claim come to together; all of them must hold."""
    if not judged:
        why = left_out or "this size runs no rows of one side"
        return Verdict(claim=claim, word=UNTESTED, why=why, comparisons=())
    word = min((one.word for one in judged), key=WORDS.index)
    deciding = [one for one in judged if one.word == word]
    least = max(deciding, key=lambda one: 0.0 if isnan(one.p) else one.p)
    why = least.why
    if len(judged) > 1:
        share = f"in {len(deciding)} of {len(judged)} comparisons"
        why = f"{share}; {least.first} beside {least.second}: {why}"
    why = "; ".join(filter(None, (why, left_out)))
    return Verdict(claim=claim, word=word, why=why, comparisons=judged)


def _name(rows: list[Row]) -> str:
    """Return the label of a row, or of the mean of several."""
    return label(rows[0]) if len(rows) == 1 else f"the mean of {len(rows)} rows"


def _scale(experiment: Experiment, claim: Claim) -> float:
    """Return the factor to the unit in which the table shows a claim's metric."""
    return next(c.scale for c in experiment.columns if c.metric == claim.metric)
