"""What is known of each patch: where it lies, what it measures, and which pool it is in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import InputError, require
from core.data.sources.base import RawSample, Source

if TYPE_CHECKING:
    from core.data.patches.pools import Patches

Ints = npt.NDArray[np.int64]
Pool = Literal["all", "clean", "corrupted"]


@dataclass(frozen=True)
class PatchTable:
    """The patches of some images.

    Attributes:
        table: One row a patch, whose place is the patch's number: `row` of the source, `top` and
            `left` pixel, `measure` (mean edge, grey levels), `background` (share of black pixels),
            and `pool`: clean, neither, corrupted, or background for those that are not used.
        patches: How they were cut and parted.
    """

    table: pd.DataFrame
    patches: Patches

    def numbers(self, pool: Pool) -> Ints:
        """Return the numbers of a pool's patches; "all" is every patch that is used.

        Raises:
            InputError: If there are none; says what the patches measure instead.
        """
        require(pool in get_args(Pool), "pool", " or ".join(get_args(Pool)), pool)
        pools = self.table["pool"]
        found = np.flatnonzero(pools != "background" if pool == "all" else pools == pool)
        if not len(found):
            raise self._why_none(pool)
        return found

    def row(self, number: int) -> int:
        """Return the row of the source that a patch is from."""
        return int(self._places[number, 0])

    def cut(self, source: Source, number: int) -> RawSample:
        """Return the sample of one patch: views into what the source gives, not copies."""
        row, top, left = self._places[number].tolist()
        part = np.s_[top : top + self.patches.size, left : left + self.patches.size]
        return {name: array[part] for name, array in source[row].items()}

    @cached_property
    def _places(self) -> Ints:
        """Row of the source, top and left of each patch; far quicker to look up than the table."""
        return self.table[["row", "top", "left"]].to_numpy(np.int64)

    def _why_none(self, pool: Pool) -> InputError:
        """Name the threshold that leaves a pool empty, and what the patches measure."""
        rule = self.patches
        used = self.table.loc[self.table["pool"] != "background", "measure"]
        if used.empty:
            key, least = "most_background", self.table["background"].min()
            expected = f"that are at most {rule.most_background:.0%} black"
            found = f"none (least {least:.0%})"
        elif pool == "clean":
            key, expected = "clean_below", f"of at most {rule.clean_below}"
            found = f"none (5 % quantile {used.quantile(0.05):.2f})"
        else:
            key, expected = "corrupted_above", f"of at least {rule.corrupted_above}"
            found = f"none (95 % quantile {used.quantile(0.95):.2f})"
        return InputError(f"data.patches.{key}: expected training patches {expected}, got {found}")
