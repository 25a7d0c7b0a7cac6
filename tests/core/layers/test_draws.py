"""Random tensors in the memory order of another."""

import pytest
import torch

from core.layers.draws import normal_like, uniform_like

CONTIGUOUS = torch.empty(2, 6, 4, 5)
CHANNELS_LAST = CONTIGUOUS.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("draw", [normal_like, uniform_like])
@pytest.mark.parametrize("x", [CONTIGUOUS, CHANNELS_LAST, torch.empty(3, 7), torch.empty(0, 2)])
def test_shape_and_memory_order_are_those_of_the_tensor(draw, x):
    drawn = draw(x)
    assert (drawn.shape, drawn.stride()) == (x.shape, x.stride())


@pytest.mark.parametrize("draw", [normal_like, uniform_like])
def test_slice_of_channels_is_drawn_without_gaps(draw):
    assert draw(CHANNELS_LAST[:, 1:4]).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtype_is_that_of_the_tensor(dtype):
    assert normal_like(CHANNELS_LAST.to(dtype)).dtype == dtype


def test_every_value_is_a_draw_of_its_own():
    assert normal_like(CHANNELS_LAST).unique().numel() == CHANNELS_LAST.numel()
