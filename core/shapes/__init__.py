"""Shapes of masks: ellipses, masses, spines, what was removed, and what cleans predictions."""

from core.shapes.difference import DifferenceMask
from core.shapes.ellipse import Ellipse, draw, ellipticity, moment_ellipse
from core.shapes.masses import Masses, find_masses, mass_count
from core.shapes.midline import Midline, find_midline
from core.shapes.postprocess import Chain, CutToEllipse, FitEllipse, KeepLargest, KeepMasses
from core.shapes.spine import spine_angle

__all__ = [
    "Chain",
    "CutToEllipse",
    "DifferenceMask",
    "Ellipse",
    "FitEllipse",
    "KeepLargest",
    "KeepMasses",
    "Masses",
    "Midline",
    "draw",
    "ellipticity",
    "find_masses",
    "find_midline",
    "mass_count",
    "moment_ellipse",
    "spine_angle",
]
