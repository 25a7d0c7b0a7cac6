import math

import pytest
import torch

from core.checks import InputError
from core.losses import PixelCrossEntropy


def test_it_is_the_mean_surprise_of_the_true_classes():
    output = torch.tensor([[[[0.0, math.log(3)]]]])  # probabilities 1/2 and 3/4
    mask = torch.tensor([[[1, 0]]])
    expected = (math.log(2) + math.log(4)) / 2
    assert float(PixelCrossEntropy()(output, mask)) == pytest.approx(expected)


def test_of_several_structures_the_background_is_first():
    output = torch.log(torch.tensor([0.7, 0.2, 0.1]))[None, :, None, None].repeat(1, 1, 1, 2)
    mask = torch.tensor([[[0, 2]]])
    expected = -(math.log(0.7) + math.log(0.1)) / 2
    assert float(PixelCrossEntropy()(output, mask)) == pytest.approx(expected)


def test_with_one_map_all_but_background_is_foreground():
    output = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(2, 4, 4, dtype=torch.int64)
    loss = PixelCrossEntropy()
    assert torch.equal(loss(output, mask), loss(output, 3 * mask))


def test_a_network_that_is_sure_of_nothing_has_a_gradient():
    output = torch.full((1, 1, 2, 2), -60.0, requires_grad=True)
    PixelCrossEntropy()(output, torch.ones(1, 2, 2, dtype=torch.int64)).backward()
    torch.testing.assert_close(output.grad, torch.full((1, 1, 2, 2), -0.25))


def test_half_precision_is_computed_in_single():
    output = torch.zeros(1, 1, 2, 2, dtype=torch.float16)
    assert (
        PixelCrossEntropy()(output, torch.zeros(1, 2, 2, dtype=torch.int64)).dtype is torch.float32
    )


@pytest.mark.parametrize("shape", [(1, 1, 2, 3), (2, 1, 2, 2), (1, 2, 2)])
def test_output_that_does_not_fit_is_refused(shape):
    with pytest.raises(InputError, match="mask logits"):
        PixelCrossEntropy()(torch.zeros(shape), torch.zeros(1, 2, 2, dtype=torch.int64))
