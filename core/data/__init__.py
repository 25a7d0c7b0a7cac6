"""Data: where samples come from, how they are split, cached and loaded.

What YAML names most often is here under short names.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.data.contradictions import Contradictions
from core.data.fewer import FewerLabels
from core.data.sources.folder import ImageFolder
from core.data.sources.kaggle_nerve import KaggleNerve
from core.data.sources.manifest import Manifest
from core.data.sources.median_phantom import MedianNervePhantom
from core.data.sources.phantom import NervePhantom
from core.data.sources.spine_phantom import SpinePhantom
from core.data.splits import ColumnSplit, HoldoutSplit, KFoldSplit

if TYPE_CHECKING:
    from core.data.annotated import AnnotatedData
    from core.data.patches import PatchData, Patches

__all__ = [
    "AnnotatedData",
    "ColumnSplit",
    "Contradictions",
    "FewerLabels",
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


_LATE = {
    "AnnotatedData": "core.data.annotated",
    "PatchData": "core.data.patches",
    "Patches": "core.data.patches",
}


def __getattr__(name: str) -> Any:
    """Import DataModules, and Lightning with them, only where they are named."""
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
