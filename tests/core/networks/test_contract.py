"""What every segmentation network of the house keeps to; add a network by adding a line."""

from functools import partial
from itertools import product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.layers import (
    ConvNormAct,
    InceptionBlock,
    NoisyActivation,
    NoisyHardSigmoid,
    NoisyReLU,
    ScaleAttentionalConv,
)
from core.losses import DeepSupervision, DiceLoss, WithPresence
from core.networks import AttentionUNet, InceptionUNet, MultiResUNet, UNet, UNetPlusPlus

SIZE = (16, 24)
UNETS = {
    "UNet": partial(UNet, convs=1, up_convs=1),
    "UNetPlusPlus": partial(UNetPlusPlus, convs=1),
    "UNetPlusPlus with deep supervision": partial(UNetPlusPlus, convs=1, deep_supervision=True),
    "AttentionUNet": partial(AttentionUNet, convs=1),
    "MultiResUNet": partial(MultiResUNet, alpha=6.03),  # units of 16, 32, 48 at the least width
}
BLOCKS = {
    ConvNormAct: (4, 8, 8),
    # Two channels a scale: the memory order of one is ambiguous, and noise follows it.
    ScaleAttentionalConv: (8, 8, 16),
    InceptionBlock: (16, 32, 32),
}


def of_blocks(network, block, act):
    """Return a U-Net of this block, in small widths that the block takes."""
    return network(block=partial(block, act=act), widths=BLOCKS[block])


NETWORKS = {
    "InceptionUNet": lambda act: InceptionUNet(act=act, widths=(16, 32, 32), input_size=SIZE),
    "InceptionUNet without presence": lambda act: InceptionUNet(
        act=act, widths=(16, 32, 32), presence_head=False
    ),
} | {
    f"{name} of {block.__name__}": partial(of_blocks, UNETS[name], block)
    for name, block in product(UNETS, BLOCKS)
}


@pytest.fixture(params=NETWORKS)
def build(request):
    torch.manual_seed(0)
    return NETWORKS[request.param]


@pytest.fixture
def image():
    return torch.rand(2, 1, *SIZE, generator=torch.Generator().manual_seed(1))


def run(network, image, seed=0):
    """Return the outputs as a tuple, whether the network has one or several."""
    torch.manual_seed(seed)
    output = network(image)
    return (output,) if isinstance(output, torch.Tensor) else tuple(output)


def loss_for(output):
    """The loss that takes the network's raw output."""
    if isinstance(output, tuple):
        return WithPresence(mask_loss=DiceLoss())
    return DeepSupervision(loss=DiceLoss()) if isinstance(output, list) else DiceLoss()


def test_gives_mask_logits_on_the_grid_of_the_image(build, image):
    mask, *presence = run(build(nn.ReLU()).eval(), image)
    assert mask.shape == (2, 1, *SIZE)
    assert [p.shape for p in presence] in ([], [(2,)])


@pytest.mark.parametrize("act", [NoisyReLU(noise=0.1), NoisyActivation()])
def test_every_parameter_gets_a_gradient(build, image, act):
    network = build(act)
    output = network(image)
    loss_for(output)(output, torch.ones(2, *SIZE).long()).backward()
    without = [n for n, p in network.named_parameters() if p.grad is None]
    assert without == []
    assert all(p.grad.isfinite().all() for p in network.parameters())


def test_evaluation_is_deterministic(build, image):
    network = build(NoisyHardSigmoid(noise=0.1)).eval()
    assert_close(run(network, image, 1), run(network, image, 2), rtol=0, atol=0)


def test_training_repeats_with_its_seed_and_only_then(build, image):
    network = build(NoisyHardSigmoid(noise=0.1))
    first, again, other = (run(network, image, seed)[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_answer_does_not_depend_on_the_images_beside_it(build, image):
    network = build(nn.ReLU()).eval()
    alone, together = run(network, image[:1]), run(network, image)
    assert_close(alone, tuple(output[:1] for output in together), rtol=1e-4, atol=1e-5)


def test_memory_order_of_the_image_does_not_matter(build, image):
    network = build(nn.ReLU()).eval()
    assert_close(
        run(network, image), run(network, image.contiguous(memory_format=torch.channels_last))
    )


def test_weights_survive_a_file(build, image, tmp_path):
    network, other = build(NoisyActivation()).eval(), build(NoisyActivation()).eval()
    torch.save(network.state_dict(), tmp_path / "weights.pt")
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert_close(run(network, image), run(other, image), rtol=0, atol=0)


def test_runs_in_half_precision(build, image):
    network = build(NoisyHardSigmoid(noise=0.1))
    with torch.autocast("cpu", torch.bfloat16):
        assert all(output.isfinite().all() for output in run(network, image))


@pytest.mark.slow
@pytest.mark.parametrize(
    "build", [name for name in NETWORKS if not name.endswith("of InceptionBlock")], indirect=True
)
@pytest.mark.parametrize(
    ("act", "mode"),
    [
        (NoisyHardSigmoid(noise=0.1), "train"),
        (NoisyActivation(), "train"),
        (NoisyActivation(), "eval"),
    ],
)
def test_compiles_to_one_graph_with_the_same_numbers(build, image, act, mode):
    network = getattr(build(act), mode)()
    torch.compiler.reset()  # it gives up a function that it has compiled for many networks
    compiled = torch.compile(network, backend="aot_eager", fullgraph=True)
    assert_close(run(compiled, image), run(network, image))
