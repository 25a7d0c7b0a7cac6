"""Spine projection images restored and segmented: DA-GAN and its rivals."""
