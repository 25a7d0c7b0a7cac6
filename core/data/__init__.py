"""Data: where samples come from, how they are split, cached and loaded.

What YAML names most often is here under short names.
"""

from core.data.contradictions import Contradictions
from core.data.sources.folder import ImageFolder
from core.data.sources.kaggle_nerve import KaggleNerve
from core.data.sources.manifest import Manifest
from core.data.sources.median_phantom import MedianNervePhantom
from core.data.sources.phantom import NervePhantom
from core.data.sources.spine_phantom import SpinePhantom
from core.data.splits import ColumnSplit, HoldoutSplit, KFoldSplit

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
    "SpinePhantom",
]
