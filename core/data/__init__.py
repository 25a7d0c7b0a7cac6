"""Data: where samples come from, how they are split, cached and loaded.

What YAML names most often is here under short names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.data.contradictions import Contradictions
from core.data.sources.folder import ImageFolder
from core.data.sources.kaggle_nerve import KaggleNerve
from core.data.sources.manifest import Manifest
from core.data.sources.median_phantom import MedianNervePhantom
from core.data.sources.phantom import NervePhantom
from core.data.sources.spine_phantom import SpinePhantom
from core.data.splits import ColumnSplit, HoldoutSplit, KFoldSplit

if TYPE_CHECKING:
    from core.data.patches import PatchData, Patches

__all__ = [
    "ColumnSplit",
    "Contradictions",
    "HoldoutSplit",
    "ImageFolder",
    "KFoldSplit",
    "KaggleNerve",
    "Manifest",
    "MedianNervePhantom",
    "NervePhantom",
    "PatchData",
    "Patches",
    "SpinePhantom",
]


def __getattr__(name: str) -> Any:
    """Import patches, and Lightning with them, only where they are named."""
    if name in ("PatchData", "Patches"):
        from core.data import patches

        return getattr(patches, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
