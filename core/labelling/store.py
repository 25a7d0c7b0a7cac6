"""The file that keeps every event: SQLite, append-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from core.checks import InputError, RunError
from core.files import printable
from core.labelling.history import Event, History

_MARK = 0x5EC0  # says in the file's header whose it is
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    cine TEXT NOT NULL,
    labeller TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('label', 'split', 'skip', 'undo')),
    frame INTEGER NOT NULL,
    view TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    UNIQUE (cine, labeller, version)
) STRICT""",
    *(
        f"""CREATE TRIGGER IF NOT EXISTS no_{change} BEFORE {change} ON events
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END"""
        for change in ("update", "delete")
    ),
)
_COLUMNS = ", ".join(Event._fields)
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES ({', '.join('?' * len(Event._fields))})"


class Conflict(Exception):  # noqa: N818 - no error: somebody was faster
    """An event was made without knowing what came before it."""


class LabelStore:
    """Events on disk, and the history that they come to. Threads and processes may share the file.

    What `add` has returned from survives a killed process and a power cut: the write-ahead log is
    flushed with every commit.

    Args:
        path: The SQLite file; made, with its folder, if it is missing.

    Raises:
        InputError: If there is a file of another kind.
        RunError: If it cannot be made or read.
    """

    def __init__(self, path: Path) -> None:
        self._name, self._lock = printable(path), Lock()
        self._history, self._seen = History(), 0
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=10, check_same_thread=False)
            self._base.isolation_level = None  # transactions begin where we say
            self._set_up()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @property
    def history(self) -> History:
        """What all events come to, those of other processes included."""
        with self._lock, self._said():
            self._catch_up()
            return self._history

    def add(self, event: Event) -> History:
        """Append an event, and return the history with it once it is on the disk.

        Raises:
            Conflict: If it does not fit what others, or the labeller elsewhere, did meanwhile.
            RunError: If it cannot be written; then it does not count.
        """
        with self._lock, self._said():
            with self._transaction():
                self._catch_up()
                if not self._history.takes(event):
                    raise Conflict(event)
                self._base.execute(_INSERT, event)
            self._catch_up()
            return self._history

    def _set_up(self) -> None:
        mark = self._base.execute("PRAGMA application_id").fetchone()[0]
        tables = self._base.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and mark != _MARK:
            raise InputError(f"{self._name}: expected a file of labels, got another database")
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        if mark == _MARK:  # nothing to write: others may be at it
            return
        with self._transaction():
            self._base.execute(f"PRAGMA application_id = {_MARK}")
            for statement in _SCHEMA:
                self._base.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        finally:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    def _catch_up(self) -> None:
        """Count in what is new in the file."""
        query = f"SELECT number, {_COLUMNS} FROM events WHERE number > ? ORDER BY number"
        for number, *values in self._base.execute(query, (self._seen,)):
            self._history.add(Event(*values))
            self._seen = number

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what SQLite raises into one line."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                expected = f"{self._name}: expected a file of labels, got one of another kind"
                raise InputError(expected) from error
            raise RunError(f"cannot keep labels in {self._name}: {error}") from error
        except OSError as error:
            raise RunError(f"cannot make {self._name}: {error.strerror or error}") from error
