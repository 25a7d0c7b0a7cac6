"""Removing and finding annotations by Noise2Noise: the paper's configs and experiments."""
