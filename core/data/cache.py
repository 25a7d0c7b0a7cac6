"""Every image decoded once, into a file that is mapped into memory from then on.

A cache is two files named by the source's fingerprint, so that changed images get a new one:
`<fingerprint>.pixels` holds the arrays of all samples, one after the other; `<fingerprint>.index`
tells where each begins, its shape, and the digest of the pixels. Each is written whole or not at
all.
"""

from __future__ import annotations

import json
import math
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from core.checks import require
from core.data.digests import digest, file_digests, image_digest, new_state
from core.data.sources.base import RawSample, Source
from core.dicom.pixels import Pixels
from core.files import replacing

_FORMAT = "1"
_ABANDONED_S = 24 * 3600  # age of a temporary file that no process can still be writing
Index = dict[str, Any]


class CachedSource(Source):
    """A source read through its cache, which is built at first use.

    Samples are read-only views of the mapped file, not copies; worker processes share its pages.
    The table gains two columns that only the pixels tell: `has_mask` (whether the mask is not
    empty) and `image_digest` (the same for equal images, none for blank ones).

    Args:
        source: What to cache; its samples' arrays must be uint8.
        folder: The cache folder; made if it is missing.

    Raises:
        InputError: On first use, if an image cannot be read.
        RunError: On first use, if the cache cannot be written, a full disk for example.
    """

    def __init__(self, source: Source, folder: Path | str) -> None:
        self.source, self.folder = source, Path(folder)
        self.simulated = source.simulated
        self.source.memo_folder = self.folder
        self._pixels: Pixels | None = None

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> RawSample:
        pixels = self._open() if self._pixels is None else self._pixels
        places = self._index["places"].items()
        return {key: _view(pixels, *of_row[index]) for key, of_row in places}

    def __getstate__(self) -> dict[str, Any]:
        """Leave the mapping out: a worker process maps the file itself."""
        return {**self.__dict__, "_pixels": None}

    @property
    def fingerprint(self) -> str:
        """The source's own."""
        return self.source.fingerprint

    @cached_property
    def table(self) -> pd.DataFrame:  # type: ignore[override]
        """The source's table with has_mask, if there are masks, and image_digest."""
        return self.source.table.assign(**self._index["columns"])

    def build(self) -> None:
        """Build the cache unless it is there, whole and unaltered.

        Raises:
            InputError: If an image cannot be read.
            RunError: If the cache cannot be written, a full disk for example.
        """
        _ = self._index

    @cached_property
    def _index(self) -> Index:
        file = self._file(".index")
        index = _read_index(file)
        if index is None or not _is_whole(self._file(".pixels"), index):
            index = _write_pixels(self._file(".pixels"), self.source)
            _write_index(file, index)
        return index

    def _open(self) -> Pixels:
        self.build()
        mapped = np.memmap(self._file(".pixels"), np.uint8, mode="r")
        self._pixels = np.asarray(mapped)  # a memmap's own slices are slower
        return self._pixels

    def _file(self, ending: str) -> Path:
        return self.folder / f"{self.fingerprint}{ending}"


def _view(pixels: Pixels, offset: int, *shape: int) -> Pixels:
    return pixels[offset : offset + math.prod(shape)].reshape(shape)


def _write_pixels(path: Path, source: Source) -> Index:
    """Decode the source into a file, and return its index."""
    _remove_abandoned(path)
    state = new_state()
    places: dict[str, list[list[int]]] = {}
    columns: dict[str, list[Any]] = {}
    end = 0
    with replacing(path) as file:
        for sample in tqdm(source, desc="building the cache", unit="image", delay=1, leave=False):
            for key, array in sample.items():
                require(array.dtype == np.uint8, f"sample key '{key}'", "uint8 to cache", array)
                content = np.ascontiguousarray(array)
                file.write(content.data)
                state.update(content.data)
                places.setdefault(key, []).append([end, *array.shape])
                end += array.size
            for name, value in _facts(sample).items():
                columns.setdefault(name, []).append(value)
    return {"size": end, "digest": state.hexdigest(), "places": places, "columns": columns}


def _facts(sample: RawSample) -> dict[str, Any]:
    """What only the pixels tell of a sample; blank frames of many cines are no one image."""
    image = sample["image"]
    blank = image.min() == image.max()
    facts: dict[str, Any] = {"image_digest": "" if blank else image_digest(image)}
    if "mask" in sample:
        facts["has_mask"] = bool(sample["mask"].any())
    return facts


def _is_whole(path: Path, index: Index) -> bool:
    """Whether the file is as it was written; read again only if its size or times have changed."""
    if not path.is_file() or path.stat().st_size != index["size"]:
        return False
    return file_digests([path], path.parent) == [index["digest"]]


def _write_index(path: Path, index: Index) -> None:
    content = json.dumps(index).encode("ascii")
    with replacing(path) as file:
        file.write(digest([_FORMAT, content]).encode("ascii") + b"\n" + content)


def _read_index(path: Path) -> Index | None:
    """Return an index that is whole, unaltered and of this format; else None."""
    if not path.is_file():
        return None
    found, _, content = path.read_bytes().partition(b"\n")
    if found.decode("ascii", "replace") != digest([_FORMAT, content]):
        return None
    index: Index = json.loads(content)
    return index


def _remove_abandoned(path: Path) -> None:
    """Remove what a process left that was killed while it wrote here, long ago."""
    for old in path.parent.glob(f".{path.name}.*"):
        if time.time() - old.stat().st_mtime > _ABANDONED_S:
            old.unlink(missing_ok=True)
