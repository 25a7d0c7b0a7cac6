"""Segmentation of the median nerve with the scale-attentional U-Net and its four rivals."""
