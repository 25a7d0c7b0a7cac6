from types import SimpleNamespace

import numpy as np
import pytest
from torch import nn

from core.callbacks import Whitening
from core.layers import Whiten


class Data:
    """Knows mean and deviation of whatever rows; remembers of which it was asked."""

    def __init__(self):
        self.stages, self.asked = {"train": np.array([1, 4]), "test": np.array([0])}, []

    def statistics(self, rows):
        self.asked.append(list(rows))
        return 0.25, 0.5


@pytest.fixture
def start():
    """Start a training of these layers; returns the data."""

    def begin(*layers):
        data = Data()
        Whitening().on_fit_start(SimpleNamespace(datamodule=data), nn.Sequential(*layers))
        return data

    return begin


def test_every_layer_gets_the_numbers_of_the_training_images(start):
    first, second = Whiten(), Whiten()
    data = start(first, nn.Sequential(nn.ReLU(), second))
    assert data.asked == [[1, 4]]
    assert [float(layer.mean) for layer in (first, second)] == [0.25, 0.25]
    assert [float(layer.std) for layer in (first, second)] == [0.5, 0.5]


def test_where_nothing_is_whitened_no_image_is_read(start):
    assert start(nn.Conv2d(1, 1, 1)).asked == []
