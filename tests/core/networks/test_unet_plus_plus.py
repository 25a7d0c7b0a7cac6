"""U-Net++ against segmentation_models_pytorch, its published sizes, and its several heads."""

from functools import partial

import pytest
import torch
from segmentation_models_pytorch.decoders.unetplusplus.decoder import UnetPlusPlusDecoder
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ConvNormAct
from core.losses import DeepSupervision, DiceLoss
from core.networks import UNetPlusPlus

PLAIN = partial(ConvNormAct, act=nn.ReLU())
WIDTHS = (2, 3, 5, 7)


class ConvAct(nn.Sequential):
    """A 3x3 convolution and its activation, as the first U-Nets had them."""

    def __init__(self, in_channels, out_channels):
        super().__init__(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU())


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def small(**settings):
    torch.manual_seed(0)
    return UNetPlusPlus(block=PLAIN, widths=WIDTHS, **settings)


def scramble(module):
    """Leave no weight or statistic at its start."""
    for values in module.state_dict().values():
        if values.is_floating_point():
            values.copy_(0.1 + torch.rand(values.shape, dtype=values.dtype) / 4)


def in_peer_s_order(weight, width, before):
    """Weights for [deep, X[i,0], ..., X[i,j-1]] in the peer's order, [deep, X[i,j-1], ..., X[i,0]].

    Args:
        weight: (out, deep + before * width, 3, 3).
        width: Channels of each node of the level.
        before: Number j of nodes before this one.
    """
    deep, *nodes = weight.split([weight.shape[1] - before * width, *[width] * before], dim=1)
    return torch.cat([deep, *reversed(nodes)], dim=1)


def copy_node(node, block, width, before):
    """Give the peer's block the weights of our node; its convolutions have no bias."""
    first, second = (unit[0].weight.data for unit in node.blend)
    block.conv1[0].weight.data = in_peer_s_order(first, width, before)
    block.conv2[0].weight.data = second
    for unit, theirs in zip(node.blend, (block.conv1, block.conv2), strict=True):
        unit[0].bias.data.zero_()
        theirs[1].load_state_dict(unit[1].state_dict())


def test_every_node_agrees_with_segmentation_models():
    network = small(upsampling="nearest").double().eval()
    scramble(network)
    peer = UnetPlusPlusDecoder((1, *WIDTHS), (*WIDTHS[-2::-1], 4), n_blocks=4).double().eval()
    theirs, ours = {}, {}
    for number, column in enumerate(network.columns, start=1):
        for level, node in enumerate(column):
            # The peer counts from the bottleneck up: first the node's diagonal, then its level.
            name = f"x_{len(WIDTHS) - 1 - level - number}_{len(WIDTHS) - 2 - level}"
            copy_node(node, peer.blocks[name], WIDTHS[level], number)
            node.register_forward_hook(lambda m, i, y, name=name: ours.update({name: y}))
            peer.blocks[name].register_forward_hook(
                lambda m, i, y, name=name: theirs.update({name: y})
            )
    image = torch.rand(2, 1, 16, 24, dtype=torch.float64)
    network(image)
    peer([image, *network.encoder(image)])
    assert len(ours) == 6
    assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"block": PLAIN}, 9_162_753),  # a widely used version in PyTorch: 9.16 million
        ({"block": ConvAct, "upsampling": "transposed"}, 9_041_601),  # the paper: 9.04 million
    ],
)
def test_published_sizes(settings, count):
    with torch.device("meta"):
        assert parameters(UNetPlusPlus(**settings)) == count


def test_number_of_parameters_is_that_of_the_formula():
    widths = (32, 64, 128, 256, 512)
    count = 32 + 1  # head
    for level, width in enumerate(widths):
        deeper = [1, *widths][level]
        for before in range(len(widths) - level):  # X[level,0], X[level,1], ...
            inputs = before * width + widths[level + 1] if before else deeper
            count += 9 * inputs * width + 9 * width * width + 2 * 3 * width
    with torch.device("meta"):
        assert parameters(UNetPlusPlus(block=PLAIN)) == count


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed"])
@pytest.mark.parametrize("up_convs", [0, 2])
def test_gives_a_map_of_logits_for_each_class(upsampling, up_convs):
    network = small(upsampling=upsampling, up_convs=up_convs, out_channels=3)
    assert network(torch.rand(2, 1, 16, 24)).shape == (2, 3, 16, 24)


def test_without_deep_supervision_the_last_node_has_the_head():
    network, nodes = small().eval(), []
    network.columns[-1][0].register_forward_hook(lambda m, i, y: nodes.append(y))
    logits = network(torch.rand(1, 1, 16, 24))
    assert torch.equal(logits, network.heads[0](nodes[0]))
    assert len(network.heads) == 1


def test_deep_supervision_gives_a_list_from_the_shallowest_to_the_last_in_training():
    network, nodes = small(deep_supervision=True), []
    for column in network.columns:
        column[0].register_forward_hook(lambda m, i, y: nodes.append(y))
    outputs = network(torch.rand(2, 1, 16, 24))
    assert isinstance(outputs, list)
    assert len(outputs) == 3
    for output, head, node in zip(outputs, network.heads, nodes, strict=True):
        assert torch.equal(output, head(node))


@pytest.mark.parametrize("out_channels", [1, 3])
def test_deep_supervision_averages_the_heads_probabilities_in_evaluation(out_channels):
    network = small(deep_supervision=True, out_channels=out_channels).eval()
    nodes = []
    for column in network.columns:
        column[0].register_forward_hook(lambda m, i, y: nodes.append(y))
    logits = network(torch.rand(2, 1, 16, 24))
    single = torch.stack([head(x) for head, x in zip(network.heads, nodes, strict=True)])
    if out_channels == 1:
        assert_close(logits.sigmoid(), single.sigmoid().mean(0))
    else:
        assert_close(logits.softmax(1), single.softmax(2).mean(0))


def test_heads_are_trained_through_the_loss():
    network = small(deep_supervision=True)
    mask = torch.ones(2, 16, 24).long()
    DeepSupervision(loss=DiceLoss())(network(torch.rand(2, 1, 16, 24)), mask).backward()
    assert all(p.grad is not None for p in network.parameters())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": (8,)}, "widths: expected at least two levels, got 1"),
        ({"convs": 0}, "convs: expected at least 1, got 0"),
        ({"upsampling": "cubic"}, "upsampling: expected one of nearest, bilinear, transposed"),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        UNetPlusPlus(block=PLAIN, **settings)


def test_size_that_cannot_be_halved_is_an_error():
    with pytest.raises(InputError, match=r"divisible by 8: pad or resize to \(24, 24\)"):
        small()(torch.rand(1, 1, 20, 24))
