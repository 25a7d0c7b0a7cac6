"""How weights start."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


def he_normal(layer: Layer) -> Layer:
    """Draw the weights from N(0, 2 / fan-in), set the biases to 0 and return the layer.

    References:
        He et al., Delving Deep into Rectifiers, ICCV 2015, Section 2.2.
    """
    nn.init.kaiming_normal_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def linear_normal(layer: Layer) -> Layer:
    """Draw the weights from N(0, 1 / fan-in), which keeps the variance where nothing follows."""
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
