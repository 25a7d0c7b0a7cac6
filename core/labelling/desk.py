"""What a labelling page can do, and what it is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from core.checks import require
from core.labelling.catalogue import Catalogue, Item
from core.labelling.history import Event
from core.labelling.session import Session
from core.labelling.store import Conflict, LabelStore
from core.labelling.views import TITLES, UNKNOWN, key_of_view

Fields = dict[str, Any]
Answer = dict[str, Any]

_LABELLER = re.compile(r"\w[\w .-]{0,29}")
_SAID: Final = "Something else came first. The page now shows how things are; please look again."


class UnknownItem(Exception):  # noqa: N818 - the page is out of date, that is all
    """There is no such cine."""


class Desk:
    """Takes the fields of a request, checks them, acts, and says how things are then.

    Every action raises InputError for fields that are missing or wrong, `UnknownItem`, and RunError
    where a label cannot be kept. An answer has `item` (what the page shows now), `undo` (what an
    undo would change), `progress`, and `conflict` where nothing was kept as something else came
    first.

    Args:
        catalogue: The cines.
        store: Where labels are kept.
        views: What a cine can be labelled with, besides UNKNOWN.
        labeller: The name that the page begins with; empty lets it ask.
    """

    def __init__(
        self, catalogue: Catalogue, store: LabelStore, views: Sequence[str], labeller: str
    ) -> None:
        self._catalogue, self._store, self._labeller = catalogue, store, labeller
        self._keys = key_of_view(views)
        self._session = Session(catalogue, store)

    def setup(self) -> Answer:
        """What the page is made with."""
        views = [
            {"name": view, "key": key, "title": TITLES.get(view, "")}
            for view, key in self._keys.items()
        ]
        return {"views": views, "unknown": UNKNOWN, "labeller": self._labeller}

    def next(self, fields: Fields) -> Answer:
        """Give the cine to label next."""
        who = _labeller(fields)
        return self._answer(self._session.next(who, second=fields.get("second") is True), who)

    def open(self, fields: Fields) -> Answer:
        """Give the cine of a number."""
        who, number = _labeller(fields), _integer(fields, "number")
        count = len(self._catalogue.items)
        require(1 <= number <= count, "number", f"1 to {count}", number)
        item = self._catalogue.items[number - 1]
        self._session.look(item, who)
        return self._answer(item, who)

    def look(self, fields: Fields) -> Answer:
        """Say that a cine is still looked at."""
        who = _labeller(fields)
        item = self.item(_text(fields, "item"))
        self._session.look(item, who)
        return self._answer(item, who)

    def label(self, fields: Fields) -> Answer:
        """Give a piece its view."""
        view, known = _text(fields, "view"), [*self._keys, UNKNOWN]
        require(view in known, "view", f"one of {' '.join(known)}")
        return self._add(fields, "label", frame=_integer(fields, "frame"), view=view)

    def split(self, fields: Fields) -> Answer:
        """Split a piece before a frame."""
        frame = _integer(fields, "frame")
        frames = self.item(_text(fields, "item")).frames
        require(0 < frame < frames, "frame", f"1 to {frames - 1}", frame)
        return self._add(fields, "split", frame=frame)

    def skip(self, fields: Fields) -> Answer:
        """Put a cine off."""
        return self._add(fields, "skip")

    def undo(self, fields: Fields) -> Answer:
        """Take back the labeller's last event."""
        return self._add(fields, "undo")

    def _add(self, fields: Fields, kind: Any, **what: Any) -> Answer:
        who, item = _labeller(fields), self.item(_text(fields, "item"))
        event = Event(item.digest, who, _integer(fields, "version"), kind, **what)
        try:
            self._session.add(event)
        except Conflict:
            return self._answer(item, who) | {"conflict": _SAID}
        self._session.look(item, who)
        return self._answer(item, who)

    def _answer(self, item: Item | None, who: str) -> Answer:
        undo = self._session.undo_of(who)
        return {
            "item": self._session.seen(item, who) if item else None,
            "undo": self._session.seen(undo, who) if undo else None,
            "progress": self._session.progress(who),
        }

    def item(self, digest: str) -> Item:
        """Return the cine of an id."""
        item = self._catalogue.get(digest)
        if item is None:
            raise UnknownItem("no such cine")
        return item


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    require(isinstance(value, str), name, "a text")
    return str(value)


def _integer(fields: Fields, name: str) -> int:
    value = fields.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31
    require(whole, name, "a whole number, not negative")
    return int(str(value))


def _labeller(fields: Fields) -> str:
    return checked_labeller(_text(fields, "labeller"))


def checked_labeller(name: str) -> str:
    """Return the name of a labeller.

    Raises:
        InputError: If it is none.
    """
    expected = "1 to 30 letters, digits, spaces, points, - and _"
    require(_LABELLER.fullmatch(name) and name == name.strip(), "labeller", expected)
    return name
