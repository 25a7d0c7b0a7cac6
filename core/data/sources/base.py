"""Where samples come from: a table with one row a sample, and the pixels of each row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd

from core.checks import InputError, require
from core.data.digests import digest, file_digests
from core.data.images import read_image
from core.data.masks import parse_foreground, read_mask
from core.dicom.pixels import Pixels
from core.files import printable

RawSample = dict[str, npt.NDArray[Any]]


class Source(ABC):
    """A map-style place that samples come from; knows nothing of splits, augmentation or tensors.

    Attributes:
        table: One row a sample: `id` (unique), `subject`, and what the data offers: `frame`,
            `device`, `region`, `split`, `has_mask`, `spacing_row_mm`, `spacing_col_mm` (NaN where
            unknown)...
        simulated: Whether the images are simulated; figures and reports say so.
        memo_folder: Where digests of files are remembered between runs; None for nowhere.
    """

    table: pd.DataFrame
    simulated: bool = False
    memo_folder: Path | None = None

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[RawSample]:
        return (self[index] for index in range(len(self)))

    @abstractmethod
    def __getitem__(self, index: int) -> RawSample:
        """Return `image` (H, W) or (H, W, 3) uint8 and, if there are masks, `mask` (H, W) uint8."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Hex digest that changes whenever content or parameters do."""


class FileSource(Source):
    """Images, and masks if there are any, each in a file of its own.

    Whether the files are there is checked at once; what is in them, when they are read.

    Args:
        table: One row an image, as in `Source`.
        images: The image file of each row.
        masks: The mask file of each row; None if there are no masks.
        foreground: Class index of each mask colour; see `core.data.masks.read_mask`.
        white_level: Value that becomes white, for images deeper than 8 bits.

    Raises:
        InputError: If an id is there twice, or files are missing.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        images: Sequence[Path],
        masks: Sequence[Path] | None = None,
        *,
        foreground: Mapping[str, int] | None = None,
        white_level: float | None = None,
    ) -> None:
        self.table, self.images, self.masks = table, images, masks
        self.foreground, self.white_level = foreground, white_level
        parse_foreground(foreground or {})
        require_unique(table["id"])
        require_files(images, "image")
        require_files(masks or [], "mask")

    def __getitem__(self, index: int) -> RawSample:
        image = read_image(self.images[index], white_level=self.white_level)
        if self.masks is None:
            return {"image": image}
        mask = read_mask(self.masks[index], foreground=self.foreground)
        require_same_size(image, mask, self.masks[index])
        return {"image": image, "mask": mask}

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of all files' content, the table and the parameters; worked out once."""
        parameters = repr((sorted((self.foreground or {}).items()), self.white_level))
        files = file_digests([*self.images, *(self.masks or [])], self.memo_folder)
        return digest([type(self).__name__, parameters, self.table.to_csv(index=False), *files])


def require_unique(ids: pd.Series[str]) -> None:
    """Refuse ids that are there more than once, naming some."""
    twice = ids[ids.duplicated()].unique().tolist()
    require(not twice, "id", "each id once", f"{len(twice)} more than once: {some(twice)}")


def require_files(paths: Sequence[Path], what: str) -> None:
    """Refuse paths that are no files, naming some and the count."""
    missing = [printable(path.name) for path in paths if not path.is_file()]
    got = f"{len(missing)} missing: {some(missing)}"
    require(not missing, f"{what} files", f"all {len(paths)} to be there", got)


def require_folder(root: Path, key: str) -> None:
    """Refuse a root that is no folder."""
    require(root.is_dir(), key, "a folder", printable(root))


def require_same_size(image: Pixels, mask: Pixels, mask_path: Path) -> None:
    """Refuse a mask on another grid than its image."""
    wanted, came = ("x".join(map(str, pixels.shape[:2])) for pixels in (image, mask))
    if wanted != came:
        name = printable(mask_path.name)
        raise InputError(f"mask {name}: expected the image's size {wanted}, got {came}")


def some(names: Sequence[str], count: int = 5) -> str:
    """List the first few names."""
    return ", ".join(map(str, names[:count])) + (", ..." if len(names) > count else "")
