"""Segmentation of the brachial plexus in ultrasound images with noisy activation functions."""
