"""Structured noise removed from spine projection images, and the spine segmented: DA-GAN and its rivals."""
