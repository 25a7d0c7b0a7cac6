"""The views that a cine can be labelled with, and the keys for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.checks import require
from core.files import printable

UNKNOWN: Final = "UNKNOWN"

TITLES: Final = {
    "A2C": "Apical two-chamber",
    "A3C": "Apical three-chamber",
    "A4C": "Apical four-chamber",
    "A5C": "Apical five-chamber",
    "PLAX": "Parasternal long axis",
    "SAXBASAL": "Short axis, basal",
    "SAXMID": "Short axis, mid",
    "SUB4C": "Subcostal four-chamber",
}
"""The views of Pop's thesis (LiTH-ISY-EX--20/5288--SE, section 2.1), and what they are called."""

KEYS: Final = "1234567890QWERTYOPADFGHJKLBNM"
"""One for each view, in order; C, S, U, X and Z do other things, I and V look like other keys."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


def key_of_view(views: Sequence[str]) -> dict[str, str]:
    """Give each view its key.

    Raises:
        InputError: If there are none or too many, or one is no name, twice there, or `UNKNOWN`.
    """
    require(0 < len(views) <= len(KEYS), "--views", f"1 to {len(KEYS)} views", len(views))
    for view in views:
        named = _NAME.fullmatch(view) and view != UNKNOWN
        expected = f"names of letters, digits, - and _, and not {UNKNOWN}"
        require(named, "--views", expected, printable(view))
    require(len(set(views)) == len(views), "--views", "each view once", " ".join(views))
    return dict(zip(views, KEYS, strict=False))
