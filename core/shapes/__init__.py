"""Shapes of binary masks: ellipses, separate masses, and what a prediction is cleaned with."""

from core.shapes.ellipse import Ellipse, draw, ellipticity, moment_ellipse
from core.shapes.masses import Masses, find_masses, mass_count
from core.shapes.postprocess import Chain, CutToEllipse, FitEllipse, KeepLargest, KeepMasses

__all__ = [
    "Chain",
    "CutToEllipse",
    "Ellipse",
    "FitEllipse",
    "KeepLargest",
    "KeepMasses",
    "Masses",
    "draw",
    "ellipticity",
    "find_masses",
    "mass_count",
    "moment_ellipse",
]
