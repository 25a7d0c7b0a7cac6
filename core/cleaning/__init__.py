"""Applying trained models to whole folders: annotations taken off images, and looked for."""
