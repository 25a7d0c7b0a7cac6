"""Patches: images cut into small squares, and parted into clean and corrupted ones."""

from core.data.patches.module import PatchData
from core.data.patches.pools import Patches
from core.data.patches.table import PatchTable
from core.edges import EdgeMeasure

__all__ = ["EdgeMeasure", "PatchData", "PatchTable", "Patches"]
