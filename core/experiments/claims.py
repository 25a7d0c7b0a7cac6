"""What a paper says of its results, as something that can fail.

says: "Noise of 0.1 gives a higher Dice than none"     # in our words
where: "Section 4.2, Table 1"                          # its place in the paper
metric: test/dice                                      # a column of the experiment
higher: {model.network.act.noise: 0.1}                 # or lower; a value of an axis, or several
than: {model.network.act.noise: 0.0}                   # {} stands for all other rows
times: 19                                              # if wanted: at least by this factor
pooled: true                                           # if wanted: all rows of each side together

or, instead of the last four, with the largest difference that still counts as the same, in the
metric's own unit:

same: {network: U-Net}
as: {network: U-Net++}
within: 0.02
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.checks import nearest, require

if TYPE_CHECKING:  # an experiment has claims
    from core.experiments.spec import Experiment

Row = dict[str, Any]
Side = Mapping[str, Any]
Pair = tuple[list[Row], list[Row]]
"""Rows of both sides: one of each, or all of each where a claim is about their means."""

HIGHER, LOWER, SAME = "higher", "lower", "same"
OPPOSITE: Final = {HIGHER: "than", LOWER: "than", SAME: "as"}
"""The key of each word's other side."""
FIXED: Final = ("parameters", "train_images", "val_images", "test_images")
"""What no training changes, and is compared as it is."""
TIMED: Final = ("inference_ms", "inference_ms_folded")
"""What cells take that share a machine's cores: shown, and no test of anything."""
_NEEDED: Final = {"says", "where", "metric"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement on the rows of an experiment.

    Attributes:
        says: The statement, in our words.
        where: Its place in the paper.
        metric: The column that it is about.
        word: "higher", "lower" or "same".
        first: Which rows it says this of: by axis a value or label, or a list of them.
        second: Which rows they are held against; axes that neither side names are matched.
        times: The factor that the higher side has over the lower one, at least.
        within: Of "same": the largest difference that counts as such, in the metric's unit.
        pooled: Whether it is about all rows of each side together, instead of every pair: the mean
            over their subjects, each of which is a mean over the runs that tested it. So a row
            counts by its subjects; equal names in several rows are one person, as in their source.
    """

    says: str
    where: str
    metric: str
    word: str
    first: Side
    second: Side
    times: float = 1.0
    within: float | None = None
    pooled: bool = False

    @property
    def factor(self) -> float:
        """What the second side is multiplied by, for the first to be held against it."""
        return 1 / self.times if self.word == LOWER else self.times

    def check(self, experiment: Experiment) -> None:
        """See that the experiment has what the claim speaks of.

        Raises:
            InputError: If it names a metric, an axis or a label that is not there.
        """
        subject = f"{experiment.name}.yaml: claim '{self.says}'"
        metrics = [column.metric for column in experiment.columns]
        _require_one(self.metric, metrics, subject, "a column")
        axes = _all_values(experiment)
        for side in (self.first, self.second):
            for axis, given in side.items():
                _require_one(axis, axes, subject, "an axis of rows")
                for value in _several(given, axes[axis]):
                    _require_one(value, axes[axis], subject, f"a value of {axis}")

    def pairs(self, rows: Sequence[Row]) -> list[Pair]:
        """Return what is to be compared of these rows; nothing where a side has none."""
        first = [row for row in rows if _is_of(row, self.first)]
        second = [row for row in rows if _is_of(row, self.second) and row not in first]
        if self.pooled:
            return [(first, second)] if first and second else []
        named = {*self.first, *self.second}
        return [
            ([a], [b]) for a in first for b in second if _without(a, named) == _without(b, named)
        ]


def read_claim(given: Mapping[str, Any]) -> Claim:
    """Return a claim from its keys in a file.

    Raises:
        InputError: If keys are missing, unknown, or do not go together.
    """
    subject = f"claim '{given.get('says', '?')}'"
    words = [word for word in OPPOSITE if word in given]
    require(len(words) == 1, subject, f"one of {', '.join(OPPOSITE)}", ", ".join(words) or "none")
    [word] = words
    sides = {word, OPPOSITE[word]}
    needed = _NEEDED | ({"within"} if word == SAME else set())
    missing = sorted((needed | sides) - {*given})
    require(not missing, subject, f"also {', '.join(missing)}")
    wanted = {"pooled"} | ({"times"} if word != SAME else set())
    wrong = sorted({*given} - needed - sides - wanted)
    require(not wrong, subject, f"no {', '.join(wrong)} beside '{word}'")
    others = {key: value for key, value in given.items() if key not in sides}
    return Claim(word=word, first=given[word], second=given[OPPOSITE[word]], **others)


def _all_values(experiment: Experiment) -> dict[str, list[Any]]:
    """Return the values, or labels, that each axis of rows has in any size."""
    values: dict[str, list[Any]] = {}
    for rows in (experiment.rows, *(size.rows for size in experiment.sizes.values())):
        for axis, own in rows.items():
            values.setdefault(axis, []).extend(own)
    return values


def _several(given: Any, known: Sequence[Any]) -> list[Any]:
    """Return the values that one or a list of them stands for; a list may be a value itself."""
    return given if isinstance(given, list) and given not in known else [given]


def _is_of(row: Row, side: Side) -> bool:
    return all(
        axis in row and row[axis] in _several(given, [row[axis]]) for axis, given in side.items()
    )


def _without(row: Row, axes: set[str]) -> Row:
    return {axis: value for axis, value in row.items() if axis not in axes}


def _require_one(name: Any, known: Any, subject: str, what: str) -> None:
    names = [str(one) for one in dict.fromkeys(map(str, known))]
    near = nearest(name, names) if isinstance(name, str) else ""
    expected = f"{what}, one of {', '.join(names)}{near}"
    require(name in known, subject, expected, str(name))
