"""CycleGAN's generator: its published size, its range, its wiring."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.networks import ResNetGenerator
from core.networks.resnet_generator import ResidualBlock


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def conv(kernel, channels, width):
    return kernel**2 * channels * width + width


@pytest.fixture
def small():
    torch.manual_seed(0)
    return ResNetGenerator(blocks=2, width=4)


@pytest.mark.parametrize(
    ("blocks", "channels", "count"), [(9, 1, 11_365_633), (9, 3, 11_378_179), (6, 3, 7_837_699)]
)
def test_parameters_are_the_published_ones(blocks, channels, count):
    ends = conv(7, channels, 64) + conv(7, 64, channels)
    middle = conv(3, 64, 128) + conv(3, 128, 256) + conv(3, 256, 128) + conv(3, 128, 64)
    network = ResNetGenerator(blocks=blocks, in_channels=channels, out_channels=channels)
    assert parameters(network) == ends + middle + 2 * blocks * conv(3, 256, 256) == count


@pytest.mark.parametrize("size", [(8, 8), (64, 64), (20, 36)])
def test_image_of_the_same_size_in_0_to_1(small, size):
    made = small(torch.rand(2, 1, *size))
    assert made.shape == (2, 1, *size)
    assert made.min() >= 0
    assert made.max() <= 1
    assert made.std() > 0.05


def test_output_is_the_paper_s_tanh_brought_from_minus_1_to_1(small):
    image, before = torch.rand(1, 1, 16, 16), []
    small.head[-2].register_forward_hook(lambda m, i, y: before.append(y))
    made = small(image)
    assert_close(2 * made - 1, before[0].tanh())


def test_range_of_the_input_does_not_matter(small):
    image = torch.rand(1, 1, 16, 16)
    assert_close(small.double()(image.double()), small(2 * image.double() - 1), atol=1e-3, rtol=0)


def test_sizes_on_the_way(small):
    seen = []
    for part in (small.entry, *small.down, small.blocks, *small.up):
        part.register_forward_hook(lambda m, i, y: seen.append(tuple(y.shape[1:])))
    small(torch.rand(1, 1, 16, 24))
    widths = [(4, 16, 24), (8, 8, 12), (16, 4, 6), (16, 4, 6), (8, 8, 12), (4, 16, 24)]
    assert seen == widths


def test_residual_block_adds_to_what_it_gets():
    torch.manual_seed(0)
    block, x = ResidualBlock(3), torch.randn(2, 3, 6, 5)
    (_, first, *_), y = block.residual, x
    for layer in (first, block.residual[5]):
        y = nn.functional.pad(y, (1, 1, 1, 1), mode="reflect")
        y = nn.functional.conv2d(y, layer.weight, layer.bias)
        y = nn.functional.instance_norm(y)
        y = y.relu() if layer is first else y
    assert_close(block(x), x + y)


def test_flat_images_stay_flat_up_to_the_borders(small):
    # Mirrored borders know no outside; only the transposed convolutions pad with zeros.
    made = small.blocks(small.entry[:2](torch.full((1, 1, 16, 16), 0.3)).repeat(1, 4, 1, 1))
    assert_close(made, made.mean((2, 3), keepdim=True).expand_as(made))


def test_every_parameter_gets_a_gradient(small):
    small(torch.rand(2, 1, 16, 16)).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in small.parameters())


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((18, 16), r"divisible by 4: pad or resize to \(20, 16\)"),
        ((4, 16), "image: expected at least 8 pixels a side"),
    ],
)
def test_size_that_does_not_fit_is_an_error(small, size, message):
    with pytest.raises(InputError, match=message):
        small(torch.rand(1, 1, *size))


def test_negative_number_of_blocks_is_an_error():
    with pytest.raises(InputError, match="blocks: expected 0 or more, got -1"):
        ResNetGenerator(blocks=-1)
