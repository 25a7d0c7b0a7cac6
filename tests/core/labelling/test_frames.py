"""Cines that several threads watch at once."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

import numpy as np
import pytest

from core.cines.cine import Cine
from core.labelling import frames
from core.labelling.catalogue import Item
from core.labelling.frames import FrameReader

ITEMS = [Item(f"{n:032x}", Path(f"cine{n}"), 3, math.nan, "", "") for n in range(10)]


class Watched(Cine):
    """A cine that says how many are open; it must not be read once it is closed."""

    opened, lock = 0, Lock()

    def __init__(self, path):
        self.name, self.frames, self.size, self.colour = path.name, 3, (8, 8), False
        self.is_open = True
        self._count(1)

    def _read(self, index):
        assert self.is_open
        return np.zeros(self.size, np.uint8)

    def close(self):
        assert self.is_open
        self.is_open = False
        self._count(-1)

    @classmethod
    def _count(cls, change):
        with cls.lock:
            cls.opened += change


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(frames, "open_cine", Watched)
    monkeypatch.setattr(Watched, "opened", 0)
    return FrameReader()


def test_a_slow_cine_keeps_nobody_waiting_who_watches_another(reader, monkeypatch):
    begun, go_on = Event(), Event()

    def slow(path):
        if path == ITEMS[0].path:
            begun.set()
            assert go_on.wait(10)
        return Watched(path)

    monkeypatch.setattr(frames, "open_cine", slow)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(reader.read, ITEMS[0], 0, 2)
        assert begun.wait(10)
        for item in ITEMS[1:]:
            assert threads.submit(reader.read, item, 0, 2).result(5)
        assert not first.done()
        go_on.set()
        assert first.result(5)
    assert Watched.opened == frames._OPEN


def test_many_threads_read_no_closed_cine_and_leave_few_open(reader):
    order = np.random.default_rng(0).integers(0, len(ITEMS), 400)
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda number: reader.read(ITEMS[number], 0, 0), order))
    assert all(read)
    assert Watched.opened == frames._OPEN
