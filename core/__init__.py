"""Sonolab's core: everything that more than one ultrasound paper needs."""
