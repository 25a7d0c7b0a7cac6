"""What labellers did, and what they thereby say of the cines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["label", "split", "skip", "undo"]


class Event(NamedTuple):
    """One thing that one labeller did to one cine; none is ever changed or taken out.

    Attributes:
        cine: The cine's digest.
        labeller: Who did it.
        version: How many events of this labeller on this cine came before.
        kind: label, split, skip, or undo: takes back the labeller's last event that still stands.
        frame: First frame of the labelled piece, or of what is split off; 0 for skip and undo.
        view: Of a label; empty else.
    """

    cine: str
    labeller: str
    version: int
    kind: Kind
    frame: int = 0
    view: str = ""


class Piece(NamedTuple):
    """Frames first..last, from 0 and inclusive, and their view; empty where there is none yet."""

    first: int
    last: int
    view: str


@dataclass(frozen=True)
class Opinion:
    """What one labeller says of one cine.

    Attributes:
        starts: First frames of its pieces, rising, from 0.
        views: Views of the labelled ones, by first frame.
        skips: How often it was put off.
    """

    starts: tuple[int, ...] = (0,)
    views: Mapping[int, str] = field(default_factory=dict)
    skips: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every piece has its view."""
        return len(self.views) == len(self.starts)

    def pieces(self, frames: int) -> list[Piece]:
        """Return the pieces of a cine of so many frames, in order."""
        lasts = [start - 1 for start in (*self.starts[1:], frames)]
        return [
            Piece(first, last, self.views.get(first, ""))
            for first, last in zip(self.starts, lasts, strict=True)
        ]


def opinion_of(events: Sequence[Event]) -> Opinion:
    """Return what events of one labeller on one cine come to.

    Of a piece that was split, the front keeps its view.
    """
    splits = (event.frame for event in events if event.kind == "split")
    return Opinion(
        starts=tuple(sorted({0, *splits})),
        views={event.frame: event.view for event in events if event.kind == "label"},
        skips=sum(event.kind == "skip" for event in events),
    )


_NOTHING = Opinion()


class History:
    """The sum of all events, brought up to date by one after the other."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], int] = defaultdict(int)
        self._standing: dict[str, list[Event]] = defaultdict(list)  # by labeller
        self._of_cine: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._opinions: dict[str, dict[str, Opinion]] = {}

    def version(self, cine: str, labeller: str) -> int:
        """Return how many events of this labeller there are on this cine, undone ones included."""
        return self._versions.get((cine, labeller), 0)

    def opinion(self, cine: str, labeller: str) -> Opinion:
        """Return what a labeller says of a cine."""
        return self.opinions(cine).get(labeller, _NOTHING)

    def opinions(self, cine: str) -> Mapping[str, Opinion]:
        """Return what each labeller says of a cine, by name."""
        return self._opinions.get(cine, {})

    @property
    def cines(self) -> list[str]:
        """Digests of the cines that something was said of."""
        return list(self._opinions)

    def last(self, labeller: str) -> Event | None:
        """Return what an undo of this labeller would take back."""
        standing = self._standing.get(labeller)
        return standing[-1] if standing else None

    def takes(self, event: Event) -> bool:
        """Return whether an event fits what is: it was made knowing all that came before."""
        if event.version != self.version(event.cine, event.labeller):
            return False
        starts = self.opinion(event.cine, event.labeller).starts
        if event.kind == "undo":
            last = self.last(event.labeller)
            return last is not None and last.cine == event.cine
        return event.kind == "skip" or (event.frame in starts) == (event.kind == "label")

    def add(self, event: Event) -> None:
        """Count an event in; it must be one that `takes` holds for."""
        key = (event.cine, event.labeller)
        for stack in (self._standing[event.labeller], self._of_cine[key]):
            if event.kind == "undo":
                stack.pop()
            else:
                stack.append(event)
        self._versions[key] += 1
        opinion = opinion_of(self._of_cine[key])
        # a new dict, as another thread may be going through the former one
        self._opinions[event.cine] = {**self.opinions(event.cine), event.labeller: opinion}
