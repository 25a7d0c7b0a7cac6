"""The wavelet transfer network: its counts, its statistics, and what it does to images."""

from itertools import pairwise

import pytest
import torch
from torch.nn.functional import interpolate, mse_loss
from torch.testing import assert_close
from torchvision.models import vgg19

from core.checks import InputError
from core.networks import WaveletTransfer
from core.networks.wavelet_transfer import Style

SMALL = {"widths": (4, 6, 8)}


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def conv(in_channels, out_channels):
    return 9 * in_channels * out_channels + out_channels


def smooth(count, seed, size=32):
    """Images (count,1,size,size) in 0..1 without fine detail."""
    coarse = torch.rand(count, 1, 5, 5, generator=torch.Generator().manual_seed(seed))
    return interpolate(coarse, (size, size), mode="bicubic", align_corners=True).clamp(0, 1)


def statistics(features):
    return features.mean((0, 2, 3)), features.std((0, 2, 3))


@pytest.fixture
def network():
    torch.manual_seed(0)
    return WaveletTransfer(**SMALL)


@pytest.fixture
def image():
    return smooth(2, seed=1, size=16)


@pytest.fixture(scope="module")
def dark():
    return 0.4 * smooth(4, seed=2)


@pytest.fixture(scope="module")
def bright():
    return 0.5 + 0.5 * smooth(8, seed=3)


@pytest.fixture(scope="module")
def trained(bright):
    """An autoencoder of a few images, its style that of bright ones, and its losses."""
    torch.manual_seed(0)
    network, images, losses = WaveletTransfer(widths=(8, 16)), smooth(4, seed=4), []
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(80):
        loss = mse_loss(network.reconstruct(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    network.learn_style(bright)
    return network.eval().requires_grad_(False), losses


def test_encoder_has_vgg19_s_parameters_up_to_relu4_1_but_for_two_colours():
    with torch.device("meta"):
        encoder, peer = WaveletTransfer().encoder, vgg19().features[:21]
    assert parameters(encoder) == parameters(peer) - 2 * 9 * 64


def test_default_has_the_parameters_counted_by_hand():
    encoder = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), *3 * [(256, 256)], (256, 512)]
    decoder = [(512, 256), (5 * 256, 256), *2 * [(256, 256)], (256, 128), (5 * 128, 128)]
    decoder += [(128, 64), (5 * 64, 64), (64, 1)]
    with torch.device("meta"):
        network = WaveletTransfer()
    assert parameters(network.encoder) == sum(conv(*sides) for sides in encoder) == 3_504_576
    assert parameters(network.decoder) == sum(conv(*sides) for sides in decoder) == 6_600_641
    assert parameters(network) == 10_105_217


@pytest.mark.parametrize("widths", [(4, 8), (4, 6, 8), (2, 3, 4, 5, 6)])
def test_each_further_level_halves_the_size(widths):
    network = WaveletTransfer(widths=widths)
    assert network.step == 2 ** (len(widths) - 1)
    places = {}
    network._pass(torch.rand(1, 1, 64, 96), lambda place, x: places.setdefault(place, x))
    sides = [tuple(places[f"encoder{level}"].shape) for level, _ in enumerate(widths, 1)]
    assert sides == [(1, width, 64 >> i, 96 >> i) for i, width in enumerate(widths)]
    sides = [tuple(places[f"decoder{level}"].shape) for level, _ in enumerate(widths, 1)]
    assert sides == [(1, width, 64 >> i, 96 >> i) for i, width in enumerate(widths)]
    sides = [tuple(places[f"skip{level}"].shape) for level, _ in enumerate(pairwise(widths), 1)]
    assert sides == [(1, 3 * width, 32 >> i, 48 >> i) for i, width in enumerate(widths[:-1])]


def test_adain_worked_by_hand():
    style = Style(1)
    style.learn(torch.tensor([10.0, 14.0]).view(1, 1, 1, 2))  # mean 12, deviation sqrt(8)
    x = torch.tensor([1.0, 3.0]).view(1, 1, 1, 2)  # mean 2, deviation sqrt(2)
    assert_close(style(x).flatten(), torch.tensor([10.0, 14.0]), rtol=0, atol=1e-4)


def test_after_transfer_each_image_has_the_reference_s_statistics():
    torch.manual_seed(0)
    style, reference = Style(3), 5 + 2 * torch.randn(4, 3, 6, 6)
    style.learn(reference)
    for styled in style(torch.randn(2, 3, 8, 8) * torch.tensor([1.0, 7.0]).view(2, 1, 1, 1)):
        assert_close(statistics(styled[None]), statistics(reference), rtol=1e-4, atol=1e-4)


def test_flat_features_take_the_reference_s_mean():
    style = Style(2)
    style.learn(torch.rand(1, 2, 4, 4))
    x = torch.zeros(1, 2, 4, 4, requires_grad=True)
    style(x).sum().backward()
    assert_close(style(x), style.mean.view(1, 2, 1, 1).expand(1, 2, 4, 4))
    assert x.grad.isfinite().all()


def test_first_batches_count_alike_and_later_ones_by_the_momentum():
    style, learnt = Style(1, momentum=0.4), []
    for mean in (1.0, 3.0, 12.0):
        style.learn(mean + torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2))
        learnt.append(style.mean.item())
    assert learnt == pytest.approx([1.0, 2.0, 0.6 * 2 + 0.4 * 12])
    assert style.variance.item() == pytest.approx(2.0)


def test_without_a_style_forward_is_reconstruct(network, image):
    assert torch.equal(network(image), network.reconstruct(image))


def test_an_image_in_its_own_style_stays_as_it_is(network, image):
    expected = network(image[:1])
    network.learn_style(image[:1])
    assert not torch.equal(network(image[1:]), network.reconstruct(image[1:]))
    assert_close(network(image[:1]), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("place", ["encoder", "skip", "decoder"])
def test_features_of_every_chosen_place_get_the_reference_s_statistics(place):
    torch.manual_seed(0)
    network = WaveletTransfer(**SMALL, transfer_at=(place,))
    reference, seen, styled = smooth(3, seed=5, size=16), {}, {}
    network._pass(reference, lambda name, x: seen.setdefault(name, x))
    network.learn_style(reference)

    def watch(name, x):
        return styled.setdefault(name, network._in_style(name, x))

    network._pass(0.3 * smooth(1, seed=6, size=16), watch)
    levels = 2 if place == "skip" else 3
    assert list(network.styles) == [f"{place}{level}" for level in range(1, levels + 1)]
    for name in network.styles:
        mean, std = statistics(seen[name])
        varies = statistics(styled[name])[1] > 0  # a unit that never fires has nothing to scale
        assert varies.sum() > 1
        assert_close(statistics(styled[name])[0], mean, rtol=1e-3, atol=1e-4)
        assert_close(statistics(styled[name])[1][varies], std[varies], rtol=1e-2, atol=1e-4)


def test_high_frequencies_are_the_image_s_own_by_default(network, image):
    seen, styled = {}, {}
    network.learn_style(smooth(2, seed=7, size=16))
    network._pass(image, lambda name, x: seen.setdefault(name, x))
    network._pass(image, lambda name, x: styled.setdefault(name, network._in_style(name, x)))
    same = {name for name in seen if torch.equal(seen[name], styled[name])}
    assert same == {"encoder1", "encoder2", "encoder3", "skip1", "skip2"}


def test_learns_to_reconstruct(trained):
    _, losses = trained
    assert losses[-1] < losses[0] / 100
    assert losses[-1] < 0.003


def test_transfer_gives_dark_images_the_bright_reference_s_statistics(trained, dark, bright):
    network, _ = trained
    output = network(dark)
    assert dark.mean() < 0.25
    assert_close(output.mean(), bright.mean(), rtol=0, atol=0.05)
    for image in output:
        assert_close(image.std(), bright.std(), rtol=0.2, atol=0)


def test_transfer_keeps_the_structure(trained, dark):
    network, _ = trained
    for image, styled in zip(dark, network(dark), strict=True):
        pair = torch.stack([image.flatten(), styled.flatten()])
        assert torch.corrcoef(pair)[0, 1] > 0.95


def test_learning_a_style_follows_no_gradient_and_changes_no_weight(network, image):
    before = {name: p.clone() for name, p in network.named_parameters()}
    network.learn_style(image)
    assert not any(buffer.requires_grad for buffer in network.buffers())
    assert all(torch.equal(p, before[name]) for name, p in network.named_parameters())


def test_a_style_learnt_between_forward_and_backward_does_no_harm(network, image):
    network.learn_style(image)
    loss = network(image).sum()
    network.learn_style(image / 2)
    loss.backward()
    assert all(p.grad.isfinite().all() for p in network.parameters())


def test_style_lives_in_the_state_dict(network, image):
    network.learn_style(smooth(2, seed=8, size=16))
    other = WaveletTransfer(**SMALL)
    other.load_state_dict(network.state_dict())
    assert_close(other(image), network(image))


def test_every_parameter_learns_from_reconstruction(network, image):
    mse_loss(network.reconstruct(image), image).backward()
    assert all(p.grad is not None for p in network.parameters())


def test_frozen_keeps_the_encoder_and_trains_the_decoder(image):
    network = WaveletTransfer(**SMALL, frozen=True)
    network.reconstruct(image).sum().backward()
    assert all(p.grad is None for p in network.encoder.parameters())
    assert all(p.grad is not None for p in network.decoder.parameters())


def test_same_in_training_and_evaluation_and_whatever_lies_beside(network, image):
    network.learn_style(smooth(2, seed=9, size=16))
    together = network.train()(image)
    assert_close(network.eval()(image[:1]), together[:1], rtol=1e-4, atol=1e-5)


def test_features_are_kept_in_channels_last(network, image):
    places = {}
    network._pass(image, lambda place, x: places.setdefault(place, x))
    assert all(x.is_contiguous(memory_format=torch.channels_last) for x in places.values())


def test_runs_in_half_precision(network, image):
    with torch.autocast("cpu", torch.bfloat16):
        network.learn_style(image)
        output = network(image)
    assert output.isfinite().all()
    assert all(value.dtype != torch.bfloat16 for value in network.state_dict().values())
    assert_close(output.float(), network(image), rtol=0.1, atol=0.1)


@pytest.mark.slow
def test_compiles_to_one_graph_with_the_same_numbers(network, image):
    network.learn_style(smooth(2, seed=10, size=16))
    torch.compiler.reset()
    compiled = torch.compile(network, backend="aot_eager", fullgraph=True)
    assert_close(compiled(image), network(image))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 1, 18, 16), r"divisible by 4: pad or resize to \(20, 16\)"),
        ((1, 3, 16, 16), r"a batch \(B,1,h,w\)"),
        ((1, 1, 4, 16), "image: expected height and width of at least 8"),
    ],
)
def test_image_that_does_not_fit_is_an_error(network, shape, message):
    for method in (network, network.reconstruct, network.learn_style):
        with pytest.raises(InputError, match=message):
            method(torch.rand(shape))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": (8,)}, "widths: expected at least two levels, got 1"),
        ({"depths": (2,)}, r"depths: expected 2 numbers of at least 2, got \(2,\)"),
        ({"depths": (2, 1)}, r"depths: expected 2 numbers of at least 2, got \(2, 1\)"),
        ({"widths": (2,) * 7}, "depths: expected 6 numbers of at least 2"),
        ({"transfer_at": ("input",)}, "transfer_at: expected of encoder, skip, decoder, got input"),
        ({"transfer_at": ()}, "transfer_at: expected of encoder, skip, decoder, got none"),
        ({"momentum": 1.5}, "momentum: expected 0 to 1, got 1.5"),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        WaveletTransfer(**{**SMALL, **settings})
