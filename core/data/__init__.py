"""Data: where samples come from, how they are split, cached and loaded.

What YAML names most often is here under short names.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.data.balanced_holdout import BalancedHoldout
from core.data.contradictions import Contradictions
from core.data.fewer import FewerLabels
from core.data.fewer_images import FewerImages
from core.data.sources.cines import CineFolder, LabelledCines
from core.data.sources.folder import ImageFolder
from core.data.sources.kaggle_nerve import KaggleNerve
from core.data.sources.manifest import Manifest
from core.data.sources.median_phantom import MedianNervePhantom
from core.data.sources.phantom import NervePhantom
from core.data.sources.spine_phantom import SpinePhantom
from core.data.splits import ColumnSplit, HoldoutSplit, KFoldSplit
from core.data.vendor_split import VendorSplit

if TYPE_CHECKING:
    from core.data.annotated import AnnotatedData
    from core.data.keras_affine import KerasAffine
    from core.data.labelled import LabelledData
    from core.data.patches import PatchData, Patches
    from core.data.random_graphics import RandomGraphics
    from core.data.sources.heart_phantom import HeartPhantom

__all__ = [
    "AnnotatedData",
    "BalancedHoldout",
    "CineFolder",
    "ColumnSplit",
    "Contradictions",
    "FewerImages",
    "FewerLabels",
    "HeartPhantom",
    "HoldoutSplit",
    "ImageFolder",
    "KFoldSplit",
    "KaggleNerve",
    "KerasAffine",
    "LabelledCines",
    "LabelledData",
    "Manifest",
    "MedianNervePhantom",
    "NervePhantom",
    "PatchData",
    "Patches",
    "RandomGraphics",
    "SpinePhantom",
    "VendorSplit",
]


_LATE = {
    "AnnotatedData": "core.data.annotated",
    "KerasAffine": "core.data.keras_affine",
    "HeartPhantom": "core.data.sources.heart_phantom",
    "LabelledData": "core.data.labelled",
    "PatchData": "core.data.patches",
    "Patches": "core.data.patches",
    "RandomGraphics": "core.data.random_graphics",
}


def __getattr__(name: str) -> Any:
    """Import DataModules, and Lightning with them, only where they are named."""
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
