"""Labelling cines with the view that they show, in a local web page."""
