"""Who labels what next, and how far they are."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from core.labelling.catalogue import Catalogue, Item
from core.labelling.history import Event, History
from core.labelling.store import LabelStore

_LOOKS_S = 45.0  # a page that shows a cine says so every 15 s


class Session:
    """The work of all labellers on the cines of a folder.

    Args:
        catalogue: The cines.
        store: The events.
        clock: Seconds, rising.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        store: LabelStore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue, self._store, self._clock = catalogue, store, clock
        self._looks: dict[str, dict[str, float]] = defaultdict(dict)  # digest, labeller: until when

    def next(self, labeller: str, *, second: bool = False) -> Item | None:
        """Return the cine to label next, which is then looked at by this labeller.

        First what nobody else looks at; then what the labeller skipped least often; then by number.

        Args:
            labeller: Who asks.
            second: Whether cines count too that somebody else has labelled already.

        Returns:
            None when nothing is left, or none is read yet.
        """
        history = self._store.history
        needed = (
            item
            for item in self._catalogue.items
            if labeller not in (done := _done(history, item)) and (second or not done)
        )
        item = min(needed, key=lambda item: self._rank(history, item, labeller), default=None)
        self.look(item, labeller)
        return item

    def look(self, item: Item | None, labeller: str) -> None:
        """Note that a labeller looks at a cine, and so at no other."""
        for lookers in list(self._looks.values()):
            lookers.pop(labeller, None)
        if item:
            self._looks[item.digest][labeller] = self._clock() + _LOOKS_S

    def add(self, event: Event) -> None:
        """Keep an event; raises what `LabelStore.add` raises."""
        self._store.add(event)

    def undo_of(self, labeller: str) -> Item | None:
        """Return the cine that an undo of this labeller would change."""
        last = self._store.history.last(labeller)
        return self._catalogue.get(last.cine) if last else None

    def seen(self, item: Item, labeller: str) -> dict[str, Any]:
        """Describe a cine as its labeller sees it.

        Nothing says what it is but number and machine, and nothing what others think of it.
        """
        history = self._store.history
        opinion = history.opinion(item.digest, labeller)
        return {
            "id": item.digest,
            "number": self._catalogue.number(item),
            "machine": item.device,
            "frames": item.frames,
            "fps": None if math.isnan(item.fps) else item.fps,
            "version": history.version(item.digest, labeller),
            "pieces": [piece._asdict() for piece in opinion.pieces(item.frames)],
            "skips": opinion.skips,
            "shared": bool(self._others(item, labeller)),
        }

    def progress(self, labeller: str) -> dict[str, Any]:
        """Count the cines: all, those with all their labels, the labeller's and those of others."""
        history, counts = self._store.history, {"done": 0, "mine": 0, "others": 0}
        for item in self._catalogue.items:
            done = _done(history, item)
            counts["done"] += bool(done)
            counts["mine"] += labeller in done
            counts["others"] += bool(done - {labeller})
        complete = self._catalogue.is_complete
        return counts | {"all": len(self._catalogue.items), "reading": not complete}

    def _rank(self, history: History, item: Item, labeller: str) -> tuple[bool, int, int]:
        skips = history.opinion(item.digest, labeller).skips
        return bool(self._others(item, labeller)), skips, self._catalogue.number(item)

    def _others(self, item: Item, labeller: str) -> list[str]:
        """Return who else looks at a cine."""
        now, lookers = self._clock(), dict(self._looks.get(item.digest, {}))
        return [name for name, until in lookers.items() if name != labeller and until > now]


def _done(history: History, item: Item) -> set[str]:
    """Return who gave every piece of a cine its view."""
    opinions = history.opinions(item.digest)
    return {labeller for labeller, opinion in opinions.items() if opinion.is_done}
