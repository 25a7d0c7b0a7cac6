"""Pretrained weights in their published layouts: same numbers as the published network's."""

from pathlib import Path

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad
from torch.testing import assert_close
from torchvision.models.vgg import make_layers
from torchvision.transforms.functional import normalize

from core.checks import InputError
from core.networks import WaveletTransfer

WIDTHS = (4, 6, 8, 10)
ENCODER = ("1_1", "1_2", "2_1", "2_2", "3_1", "3_2", "3_3", "3_4", "4_1")
DECODER = ("4_1", "3_4_2", "3_3", "3_2", "3_1", "2_2_2", "2_1", "1_2_2", "1_1")
BAND_SIGNS = torch.tensor(  # LL, LH, HL, HH
    [[[1.0, 1], [1, 1]], [[-1, 1], [-1, 1]], [[-1, -1], [1, 1]], [[1, -1], [-1, 1]]]
)


@pytest.fixture
def image():
    return torch.rand(2, 1, 16, 24, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def network():
    torch.manual_seed(0)
    return WaveletTransfer(widths=WIDTHS)


def kernels(names, sides, **others):
    """A state dict of 3x3 convolutions in WCT2's layout."""
    generator = torch.Generator().manual_seed(2)
    made = dict(others)
    for name, (in_channels, out_channels) in zip(names, sides, strict=True):
        shape = (out_channels, in_channels, 3, 3)
        made[f"conv{name}.weight"] = torch.randn(shape, generator=generator) / in_channels**0.5 / 3
        made[f"conv{name}.bias"] = torch.randn(out_channels, generator=generator) / 10
    return made


@pytest.fixture
def wct2():
    """State dicts of WCT2's encoder and decoder in small widths, with filters as it stores them."""
    a, b, c, d = WIDTHS
    down = [(3, a), (a, a), (a, b), (b, b), (b, c), *3 * [(c, c)], (c, d)]
    up = [(d, c), (5 * c, c), *2 * [(c, c)], (c, b), (5 * b, b), (b, a), (5 * a, a), (a, 3)]
    preprocessing = {
        "conv0.weight": torch.tensor([[0.0, 0, 2], [0, 3, 0], [4, 0, 0]])[..., None, None],
        "conv0.bias": torch.tensor([-0.4, -0.5, -0.6]),
        "pool1.LL.weight": torch.full((a, 1, 2, 2), 0.5),
    }
    filters = {"recon_block1.LL.weight": torch.full((a, 1, 2, 2), 0.5)}
    return kernels(ENCODER, down, **preprocessing), kernels(DECODER, up, **filters)


def vgg19_files(widths):
    """VGG19's features in these widths, of which the encoder takes the first."""
    torch.manual_seed(3)
    a, b, c, d = widths
    layers = make_layers([a, a, "M", b, b, "M", c, c, c, c, "M", d, d, d, d, "M"], batch_norm=False)
    return layers, {f"features.{name}": value for name, value in layers.state_dict().items()}


def written(folder, content, name="weights.pth", **options):
    torch.save(content, folder / name, **options)
    return folder / name


def deepest(network, image):
    return network.encoder(image, lambda place, x: x)[0]


def upsampled(band, signs):
    return interpolate(band, scale_factor=2) * signs.repeat(band.shape[2], band.shape[3]) / 2


def of_wct2(encoder, decoder, image):
    """What WCT2 makes of a grey image without transfer, written down step by step."""

    def unit(stored, name, x):
        weight, bias = stored[f"conv{name}.weight"], stored[f"conv{name}.bias"]
        return conv2d(pad(x, (1, 1, 1, 1), mode="reflect"), weight, bias).relu()

    x, kept = conv2d(image.repeat(1, 3, 1, 1), encoder["conv0.weight"], encoder["conv0.bias"]), []
    for name in ENCODER:
        x = unit(encoder, name, x)
        if name in ("1_2", "2_2", "3_4"):
            bands = [
                2 * avg_pool2d(x * signs.repeat(x.shape[2] // 2, x.shape[3] // 2), 2)
                for signs in BAND_SIGNS
            ]
            kept.append((bands[1:], x))
            x = bands[0]
    for name in DECODER[:-1]:
        if name in ("3_4_2", "2_2_2", "1_2_2"):
            details, fine = kept.pop()
            shares = [upsampled(*pair) for pair in zip((x, *details), BAND_SIGNS, strict=True)]
            x = torch.cat([*shares, fine], dim=1)
        x = unit(decoder, name, x)
    x = pad(x, (1, 1, 1, 1), mode="reflect")
    return conv2d(x, decoder["conv1_1.weight"], decoder["conv1_1.bias"]).mean(1, keepdim=True)


def test_vgg19_s_features_are_those_of_torchvision_with_haar_for_max_pooling(tmp_path, image):
    layers, stored = vgg19_files(WIDTHS)
    network = WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, stored))
    x = normalize(image.repeat(1, 3, 1, 1), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    for layer in layers[:21]:
        if isinstance(layer, nn.Conv2d):
            layer.padding_mode, layer._reversed_padding_repeated_twice = "reflect", [1, 1, 1, 1]
        x = 2 * avg_pool2d(x, 2) if isinstance(layer, nn.MaxPool2d) else layer(x)
    assert x.abs().max() > 0.01
    assert_close(deepest(network, image), x, rtol=1e-4, atol=1e-5)


def test_default_network_takes_vgg19_s_own_widths(tmp_path):
    _, stored = vgg19_files((64, 128, 256, 512))
    network = WaveletTransfer(weights=written(tmp_path, stored))
    assert torch.equal(network.encoder.steps[2].widen[0].weight, stored["features.19.weight"])
    assert torch.equal(network.encoder.steps[0].refine[0][0].bias, stored["features.2.bias"])


def test_wct2_s_two_files_give_wct2_s_image(tmp_path, image, wct2):
    files = [written(tmp_path, half, f"{i}.pth") for i, half in enumerate(wct2)]
    network = WaveletTransfer(widths=WIDTHS, weights=files)
    expected = of_wct2(*wct2, image)
    assert expected.std() > 0.01
    assert_close(network.reconstruct(image), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("weights", [Path("vgg19.pth"), [Path("encoder.pth"), Path("decoder.pth")]])
def test_files_stay_the_same_in_a_config_that_a_run_writes(weights):
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(WaveletTransfer, "network")
    parser.set_defaults({"network.weights": weights})
    text = parser.dump(parser.get_defaults())
    assert parser.parse_string(text).network.weights == weights


def test_one_of_the_halves_leaves_the_other_as_initialised(tmp_path, network, wct2):
    torch.manual_seed(0)
    half = WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, wct2[1]))
    assert torch.equal(half.encoder.entry[0].weight, network.encoder.entry[0].weight)
    assert not torch.equal(half.decoder.exit.weight, network.decoder.exit.weight)


def test_files_of_2017_in_the_old_format_are_read(tmp_path, wct2):
    file = written(tmp_path, wct2[0], _use_new_zipfile_serialization=False)
    network = WaveletTransfer(widths=WIDTHS, weights=file)
    assert torch.equal(network.encoder.steps[0].refine[0][0].bias, wct2[0]["conv1_2.bias"])


@pytest.mark.parametrize("prefix", [None, "", "network.denoiser."])
def test_own_state_dict_and_checkpoint_bring_weights_and_style(tmp_path, network, image, prefix):
    network.learn_style(image / 2)
    content = network.state_dict()
    if prefix is not None:
        named = {f"{prefix}{name}": value for name, value in content.items()}
        content = {"epoch": 3, "state_dict": named | {"network.segmenter.weight": torch.ones(1)}}
    loaded = WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, content))
    assert_close(loaded(image), network(image), rtol=0, atol=0)


def test_frozen_encoder_keeps_the_loaded_weights_untrained(tmp_path, wct2):
    network = WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, wct2[0]), frozen=True)
    assert not any(p.requires_grad for p in network.encoder.parameters())


def test_missing_file_is_an_error_that_names_what_is_needed(tmp_path):
    message = r"nowhere.pth: expected weights of torchvision's VGG19 \(vgg19-dcbb9e9d.*the file is missing"
    with pytest.raises(InputError, match=message):
        WaveletTransfer(widths=WIDTHS, weights=tmp_path / "nowhere.pth")


@pytest.mark.parametrize(
    ("content", "came"),
    [
        ({"layer.weight": torch.ones(2)}, "got layer.weight"),
        ({}, "got nothing"),
        (torch.ones(3), "got Tensor"),
        ({"state_dict": {"network.head.bias": torch.ones(1)}}, "got network.head.bias"),
    ],
)
def test_weights_of_something_else_are_an_error(tmp_path, content, came):
    with pytest.raises(InputError, match=f"expected weights of torchvision's VGG19.*{came}"):
        WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, content))


def test_file_that_is_not_torch_s_is_an_error(tmp_path):
    (tmp_path / "weights.pth").write_text("not weights")
    with pytest.raises(InputError, match=r"weights.pth: expected weights of .*, got \w+") as error:
        WaveletTransfer(widths=WIDTHS, weights=tmp_path / "weights.pth")
    assert "\n" not in str(error.value)


def test_vgg19_for_narrower_levels_is_an_error(tmp_path, wct2):
    message = r"expected convolution 1 of \(2, 1, 3, 3\), got \(4, 1, 3, 3\)"
    with pytest.raises(InputError, match=message):
        WaveletTransfer(widths=(2, 3), weights=written(tmp_path, wct2[0]))


def test_wct2_s_decoder_for_another_depth_is_an_error(tmp_path, wct2):
    message = r"expected convolution 1 of \(6, 8, 3, 3\), got \(8, 10, 3, 3\)"
    with pytest.raises(InputError, match=message):
        WaveletTransfer(widths=WIDTHS[:3], weights=written(tmp_path, wct2[1]))


def test_file_with_too_few_convolutions_is_an_error(tmp_path):
    stored = {"features.0.weight": torch.rand(4, 3, 3, 3), "features.0.bias": torch.rand(4)}
    with pytest.raises(InputError, match="expected 9 convolutions or more, got 1"):
        WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, stored))


def test_own_weights_of_another_width_are_an_error(tmp_path, network):
    other = WaveletTransfer(widths=(4, 6, 8, 12))
    message = (
        r"a transfer network of these widths and places, got no encoder.steps.2.widen.0.weight"
    )
    with pytest.raises(InputError, match=message):
        WaveletTransfer(widths=WIDTHS, weights=written(tmp_path, other.state_dict()))
