"""Spatial attention, by hand and against its formula."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import SpatialAttention


@pytest.fixture
def attention():
    torch.manual_seed(0)
    return SpatialAttention(hidden=4)


def test_worked_by_hand():
    attention = SpatialAttention(hidden=2)
    first, _, last, _ = attention.compress
    first.weight.data = torch.tensor([[1.0, 0.0], [0.5, -1.0]]).view(2, 2, 1, 1)
    first.bias.data = torch.tensor([0.0, 0.5])
    last.weight.data = torch.tensor([2.0, 4.0]).view(1, 2, 1, 1)
    last.bias.data = torch.tensor([-1.0])
    v = torch.tensor([[1.0, -2.0], [3.0, 0.0]]).view(1, 2, 1, 2)
    # Means 2 and -1, maxima 3 and 0; hidden (2, 0) and (0, 0), of (2, -1.5) and (-1, 0).
    heat = torch.tensor([2 * 2 - 1.0, -1.0]).sigmoid().view(1, 1, 1, 2)
    assert_close(attention.heatmap(v), heat)
    assert_close(attention(v), v + v * heat)


def test_is_the_paper_s_residual_of_mean_and_maximum(attention):
    v = torch.randn(2, 6, 5, 7)
    pooled = torch.stack([v.mean(1), v.max(1).values], dim=1)
    heat = attention.compress(pooled)
    assert heat.shape == (2, 1, 5, 7)
    assert_close(attention(v), v + v * heat)


def test_pixels_do_not_see_each_other(attention):
    v = torch.randn(1, 3, 4, 4)
    changed = v.clone()
    changed[..., 2, 1] += 1
    moved = (attention.heatmap(v) != attention.heatmap(changed)).squeeze()
    assert moved.nonzero().tolist() in ([], [[2, 1]])
    assert moved.any()


def test_every_pixel_is_kept_and_scaled_by_at_most_two(attention):
    v = torch.rand(1, 3, 8, 8) + 0.1
    scale = attention(v) / v
    assert scale.min() > 1
    assert scale.max() < 2


@pytest.mark.parametrize("hidden", [1, 8, 16])
def test_parameters_are_those_of_two_1x1_convolutions(hidden):
    parameters = sum(p.numel() for p in SpatialAttention(hidden=hidden).parameters())
    assert parameters == (2 * hidden + hidden) + (hidden + 1)


def test_gradients_reach_features_and_every_parameter(attention):
    v = torch.randn(2, 6, 5, 7, requires_grad=True)
    attention(v).square().sum().backward()
    assert v.grad.abs().min() > 0
    assert all(p.grad.abs().max() > 0 for p in attention.parameters())


def test_other_weights_start_the_same_with_and_without_it():
    torch.manual_seed(3)
    alone = nn.Conv2d(3, 3, 3).weight
    torch.manual_seed(3)
    SpatialAttention()
    assert torch.equal(nn.Conv2d(3, 3, 3).weight, alone)


def test_start_repeats_with_its_seed_and_only_then():
    starts = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        starts.append(SpatialAttention().compress[0].weight)
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])


def test_memory_order_is_kept(attention):
    v = torch.randn(2, 6, 4, 5).contiguous(memory_format=torch.channels_last)
    assert attention(v).is_contiguous(memory_format=torch.channels_last)


def test_no_hidden_map_is_an_error():
    with pytest.raises(InputError, match="hidden: expected at least 1, got 0"):
        SpatialAttention(hidden=0)
