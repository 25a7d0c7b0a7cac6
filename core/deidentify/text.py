"""Looking for text inside of the ultrasound sector, where blanking cannot reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.checks import InputError
from core.deidentify.pixels import Inside
from core.dicom.pixels import Pixels

_STEP: Final = 48  # grey levels: what a letter's edge differs by from its left and from before
_BLOCK: Final = (16, 48)  # rows, columns; about a word
_LEAST: Final = 12  # pixels of new edges in a block, as one letter has
_MOST: Final = 6  # frames looked at for what is new in them
_SIDE: Final = 480  # pixels; smaller pictures are doubled, so that letters have a readable size
_SURE: Final = 0.5
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"(?:\d\W?){5}")
_HARMLESS: Final = frozenset(
    {
        *("hz", "khz", "mhz", "cm", "mm", "ml", "db", "bpm", "fps"),
        *("fr", "hr", "ms", "sec", "mi", "tis", "tib", "tic", "pw"),
        *("cw", "wf", "sv", "prf", "ecg", "gen", "hgen", "pen", "hpen"),
        *("res", "hres", "low", "med", "high", "off", "dyn", "dr", "map"),
        *("col", "flow", "opt", "harm", "thi", "gain", "depth", "frq", "freq"),
    }
)
"""Words that machines write beside the sector: units, indices and settings, none of them a name."""


class Watch:
    """Notes, frame by frame, what a reader of text has to look at.

    Text that is burned into every frame stands out in the minimum over time, where tissue moves
    and fades. Text that comes up, if only in one of hundreds of frames, brings more new edges into
    its place than that place has in nine of ten frames.

    Args:
        inside: (H, W) of what is looked at.
    """

    def __init__(self, inside: Inside) -> None:
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        self._crop = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        self._edges: list[npt.NDArray[np.int64]] = []
        self._before: npt.NDArray[np.int16] | None = None
        self.lowest: Pixels | None = None

    def passing(self, frames: Iterable[Pixels]) -> Iterator[Pixels]:
        """Hand frames through, and take note of them."""
        for frame in frames:
            self._see(self.seen(frame))
            yield frame

    def seen(self, frame: Pixels) -> Pixels:
        """Return the part that is looked at, as grey levels: of a colour the brightest channel."""
        grey = frame if frame.ndim == 2 else frame.max(axis=2)
        return np.ascontiguousarray(grey[self._crop])

    def remarkable(self) -> list[int]:
        """Return the numbers of the frames to be read: the first one, and those with news."""
        counts = np.stack(self._edges)
        excess = (counts - np.quantile(counts, 0.9, axis=0)).max(axis=1)
        order = np.argsort(-excess, kind="stable")[:_MOST]
        return sorted({0, *(int(number) for number in order if excess[number] >= _LEAST)})

    def _see(self, grey: Pixels) -> None:
        now = grey.astype(np.int16)
        before = now if self._before is None else self._before
        lowest = grey if self.lowest is None else self.lowest
        rise = now - before >= _STEP
        sharp = np.abs(np.diff(now, axis=1, prepend=now[:, :1])) >= _STEP
        self._edges.append(_block_counts(rise & sharp))
        self._before, self.lowest = now, np.minimum(grey, lowest)


def _block_counts(marks: Inside) -> npt.NDArray[np.int64]:
    """Return how many pixels of each block are marked, as a flat array."""
    starts = [np.arange(0, side, block) for side, block in zip(marks.shape, _BLOCK, strict=True)]
    sums = np.add.reduceat(marks.astype(np.int64), starts[0], axis=0)
    return np.add.reduceat(sums, starts[1], axis=1).ravel()


def text_finder() -> Callable[[Pixels], bool]:
    """Return what tells whether a picture (H, W) uint8 holds text that may be somebody's.

    Raises:
        InputError: If the extra `ocr` is not installed.
    """
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise InputError("--ocr: expected the extra `ocr`: pip install sonolab[ocr]") from error
    engine = RapidOCR(params={"Global.log_level": "critical"})

    def holds_text(picture: Pixels) -> bool:
        times = 2 if min(picture.shape) < _SIDE else 1
        enlarged = picture.repeat(times, axis=0).repeat(times, axis=1)
        return _any_telling(engine(np.stack([enlarged] * 3, axis=-1), use_cls=False))

    return holds_text


def _any_telling(found: Any) -> bool:
    pairs = zip(found.txts or (), found.scores or (), strict=True)
    return any(score >= _SURE and is_telling(text) for text, score in pairs)


def is_telling(text: str) -> bool:
    """Return whether a text may be somebody's: a word that no machine writes, or a long number."""
    words = set(_WORD.findall(text.casefold()))
    return bool(words - _HARMLESS) or _NUMBER.search(text) is not None
