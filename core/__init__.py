"""Sonolab's core: everything that more than one ultrasound paper needs."""

__version__ = "0.1.0"
