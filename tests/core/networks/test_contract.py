"""What every segmentation network of the house keeps to; add a network by adding a line."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.layers import NoisyActivation, NoisyHardSigmoid
from core.losses import DiceLoss, WithPresence
from core.networks import InceptionUNet

SIZE = (32, 48)
NETWORKS = {
    "InceptionUNet": lambda act: InceptionUNet(act=act, widths=(16, 32, 32), input_size=SIZE),
    "InceptionUNet without presence": lambda act: InceptionUNet(
        act=act, widths=(16, 32, 32), presence_head=False
    ),
}


@pytest.fixture(params=NETWORKS)
def build(request):
    torch.manual_seed(0)
    return NETWORKS[request.param]


@pytest.fixture
def image():
    return torch.rand(2, 1, *SIZE, generator=torch.Generator().manual_seed(1))


def run(network, image, seed=0):
    """Return the outputs as a tuple, whether the network has one or two."""
    torch.manual_seed(seed)
    output = network(image)
    return output if isinstance(output, tuple) else (output,)


def test_gives_mask_logits_on_the_grid_of_the_image(build, image):
    mask, *presence = run(build(nn.ReLU()), image)
    assert mask.shape == (2, 1, *SIZE)
    assert [p.shape for p in presence] in ([], [(2,)])


@pytest.mark.parametrize("act", [nn.ELU(), NoisyHardSigmoid(noise=0.1), NoisyActivation()])
def test_every_parameter_gets_a_gradient(build, image, act):
    network = build(act)
    output = network(image)
    mask = torch.ones(2, *SIZE).long()
    loss = WithPresence(mask_loss=DiceLoss()) if isinstance(output, tuple) else DiceLoss()
    loss(output, mask).backward()
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
@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("act", [NoisyHardSigmoid(noise=0.1), NoisyActivation()])
def test_compiles_to_one_graph_with_the_same_numbers(build, image, act, mode):
    network = getattr(build(act), mode)()
    compiled = torch.compile(network, backend="aot_eager", fullgraph=True)
    assert_close(run(compiled, image), run(network, image))
