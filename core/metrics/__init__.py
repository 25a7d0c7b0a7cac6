"""Scores of segmentations: one function an idea, and classes that keep state over a stage."""
