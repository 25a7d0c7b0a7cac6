"""The MultiRes U-Net: its size against the authors' code, its paths, and what it refuses."""

from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.layers import ConvNormAct, MultiResBlock, NoisyReLU, ResPath
from core.layers.multires import Shortcut
from core.networks import MultiResUNet

PLAIN = partial(ConvNormAct, act=nn.ReLU())


class Unit(nn.Sequential):
    """The authors' unit: no bias, and a normalisation that only shifts."""

    def __init__(self, in_channels, out_channels):
        conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        super().__init__(conv, nn.BatchNorm2d(out_channels, affine=False), nn.ReLU())
        self.shift = nn.Parameter(torch.zeros(out_channels))


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_number_of_parameters_is_that_of_the_formula():
    """By hand from the widths of the authors' code; they normalise once at every place here."""
    units = [(8, 17, 26), (17, 35, 53), (35, 71, 106), (71, 142, 213), (142, 284, 427)]
    made = [sum(three) for three in units]
    widths = (32, 64, 128, 256, 512)

    def conv_norm(inputs, outputs, kernel):
        return kernel**2 * inputs * outputs + 3 * outputs

    def block(inputs, three):
        cascade = sum(conv_norm(a, b, 3) for a, b in pairwise([inputs, *three]))
        return cascade + conv_norm(inputs, sum(three), 1) + 2 * 2 * sum(three)

    def path(inputs, width, length):
        steps = [inputs, *[width] * (length - 1)]
        return sum(conv_norm(n, width, 1) + conv_norm(n, width, 3) + 2 * width for n in steps)

    count = sum(block(*pair) for pair in zip([1, *made[:-1]], units, strict=True))
    for level, width in enumerate(widths[:-1]):
        count += path(made[level], width, 4 - level)
        count += 4 * made[level + 1] * width + width
        count += block(2 * width, units[level])
    count += made[0] + 1
    assert count == 7_251_074
    with torch.device("meta"):
        assert parameters(MultiResUNet(block=PLAIN)) == count


def test_authors_code_s_size_for_colour_images():
    """7,262,750, as Keras counts it: with running statistics."""
    with torch.device("meta"):
        network = MultiResUNet(block=Unit, in_channels=3)
    statistics = sum(2 * m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d))
    # The authors' shortcuts have no bias and no scale; their head has a shift, a mean and a
    # variance instead of a bias.
    shortcuts = [m for m in network.modules() if isinstance(m, Shortcut)]
    surplus = sum(2 * m.norm.num_features for m in shortcuts)
    assert parameters(network) + statistics - surplus + 2 == 7_262_750


def test_paths_are_the_longer_the_finer_their_features():
    network = MultiResUNet(block=PLAIN, widths=(4, 4, 4, 4, 4))
    paths = [m for m in network.modules() if isinstance(m, ResPath)]
    assert [len(path) for path in paths] == [1, 2, 3, 4]


def test_every_level_is_one_block():
    network = MultiResUNet(block=PLAIN, widths=(4, 8, 16))
    blocks = [m for m in network.modules() if isinstance(m, MultiResBlock)]
    assert len(blocks) == 3 + 2


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed"])
def test_gives_a_map_of_logits_for_each_class(upsampling):
    network = MultiResUNet(block=PLAIN, widths=(4, 8, 8), upsampling=upsampling, out_channels=3)
    assert network(torch.rand(2, 1, 8, 12)).shape == (2, 3, 8, 12)


def test_activations_behind_the_sums_can_be_noisy():
    network = MultiResUNet(block=PLAIN, act=NoisyReLU(noise=0.5), widths=(4, 8)).train()
    image = torch.rand(1, 1, 8, 8)
    assert not torch.equal(network(image), network(image))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": (8,)}, "widths: expected at least two levels, got 1"),
        ({"widths": (2, 8)}, "widths: expected at least 4 channels a level, got 2"),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        MultiResUNet(block=PLAIN, **settings)


def test_size_that_cannot_be_halved_is_an_error():
    network = MultiResUNet(block=PLAIN, widths=(4, 8, 8))
    with pytest.raises(InputError, match=r"divisible by 4: pad or resize to \(12, 8\)"):
        network(torch.rand(1, 1, 10, 8))


def test_without_normalisation_it_restores_colour_images():
    """Less a scale and a shift for each channel that is normalised."""
    with torch.device("meta"):
        normalised = MultiResUNet(block=PLAIN, in_channels=3, out_channels=3)
        block = partial(PLAIN, norm="none")
        plain = MultiResUNet(block=block, norm="none", in_channels=3, out_channels=3)
        assert plain(torch.rand(1, 3, 16, 16)).shape == (1, 3, 16, 16)
    norms = [m for m in normalised.modules() if isinstance(m, nn.BatchNorm2d)]
    assert not [m for m in plain.modules() if isinstance(m, nn.BatchNorm2d)]
    affine = sum(2 * m.num_features for m in norms)
    assert parameters(plain) == parameters(normalised) - affine == 7_226_904
