"""Frames of cines as the page fetches them: several JPEGs in one answer."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from PIL import Image

from core.checks import InputError, require
from core.cines import Cine, open_cine
from core.labelling.catalogue import Item

MOST: Final = 32
"""Frames in one answer."""

_SIDE = 1024  # pixels: larger frames are made smaller, as the page shows them no larger
_QUALITY = 88
_OPEN = 6  # cines held open


class _Place:
    """Of one cine: whose turn it is, and the cine while it is open."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.cine: Cine | None = None

    def close(self) -> None:
        """Close the cine; the lock is held."""
        if self.cine:
            self.cine.close()
            self.cine = None


class FrameReader:
    """Reads frames, and keeps the cines open that are being watched; threads may share it.

    A cine is opened, read and closed under its own lock, so that a slow one keeps only those
    waiting who watch it.
    """

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._lock = Lock()  # of this table, never held for long

    def read(self, item: Item, first: int, last: int) -> bytes:
        """Return frames first..last: of each the length (4 bytes, big endian) and the JPEG.

        Raises:
            InputError: If the cine has no such frames, or they cannot be read, or are too many.
        """
        fits = 0 <= first <= last < item.frames and last - first < MOST
        require(fits, "frames", f"at most {MOST} of 0 to {item.frames - 1}", f"{first} to {last}")
        with self._open(item) as cine:
            jpegs = [_jpeg(Image.fromarray(cine[index])) for index in range(first, last + 1)]
        return b"".join(len(jpeg).to_bytes(4, "big") + jpeg for jpeg in jpegs)

    @contextmanager
    def _open(self, item: Item) -> Iterator[Cine]:
        """Lend a cine to one thread."""
        with self._lock:
            place = self._places.pop(item.digest, None) or _Place()
            self._places[item.digest] = place
        try:
            with place.lock:
                cine = place.cine = place.cine or _reopened(item)
                yield cine
        finally:
            self._close_others()

    def _close_others(self) -> None:
        """Close what was longest not asked for; whoever reads one now does so afterwards."""
        with self._lock:
            opened = [place for place in self._places.values() if place.cine is not None]
            for place in opened[:-_OPEN]:
                if place.lock.acquire(blocking=False):
                    place.close()
                    place.lock.release()


def _reopened(item: Item) -> Cine:
    cine = open_cine(item.path)
    if cine.frames != item.frames:
        cine.close()
        raise InputError(f"{cine.name}: expected {item.frames} frames as before, got {cine.frames}")
    return cine


def _jpeg(frame: Image.Image) -> bytes:
    frame.thumbnail((_SIDE, _SIDE), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
