"""Normalisations by name."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers.normalisation import normalisation


@pytest.mark.parametrize(
    ("norm", "over", "parameters"), [("batch", (0, 2, 3), 2 * 3), ("instance", (2, 3), 0)]
)
def test_takes_mean_and_scale_away(norm, over, parameters):
    layer, x = normalisation(norm, 3), torch.randn(4, 3, 5, 6)
    mean = x.mean(over, keepdim=True)
    spread = x.var(over, keepdim=True, correction=0).add(1e-5).sqrt()
    assert_close(layer(x), (x - mean) / spread)
    assert sum(p.numel() for p in layer.parameters()) == parameters


def test_none_leaves_features_as_they_are():
    x = torch.randn(2, 3, 4, 4)
    assert normalisation("none", 3)(x) is x


def test_every_call_makes_a_layer_of_its_own():
    assert normalisation("batch", 3) is not normalisation("batch", 3)
    assert isinstance(normalisation("batch", 3), nn.BatchNorm2d)


def test_other_name_is_an_error_that_lists_the_known():
    with pytest.raises(InputError, match="norm: expected one of batch, instance, none, got group"):
        normalisation("group", 3)
