"""Weights that a classifier starts from: state dicts, runs, the hub, and what is none of these."""

import pytest
import timm.models
import torch
from safetensors.torch import save_file
from torch import nn

from core.checks import InputError
from core.networks import MadaniCNN, MobileNetV1, NASNetMobile, SequenceClassifier
from core.networks.classifier_weights import fill

HEAD = ("classifier.weight", "classifier.bias")


@pytest.fixture(scope="module")
def donor():
    torch.manual_seed(7)
    return MobileNetV1(classes=3)


def same(network, other, head):
    """Whether all tensors agree, those of the head only where `head` says so."""
    own, others = network.body.state_dict(), other.body.state_dict()
    agree = {
        name
        for name in own
        if own[name].shape == others[name].shape and torch.equal(own[name], others[name])
    }
    return agree >= own.keys() - set(HEAD) and (agree >= set(HEAD)) == head


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("classes", [3, 5])
def test_a_state_dict_of_timm_s_network_gives_all_that_fits(donor, tmp_path, suffix, classes):
    path, save = tmp_path / f"mobilenet{suffix}", {".pth": torch.save, ".safetensors": save_file}
    save[suffix](donor.body.state_dict(), path)
    network = MobileNetV1(classes=classes, weights=str(path))
    assert same(network, donor, head=classes == 3)


def saved(network, folder, prefix="network."):
    """A run's folder with this network as its best."""
    (folder / "checkpoints").mkdir(parents=True)
    named = {f"{prefix}{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save(
        {"state_dict": {"loss.weight": torch.ones(3)} | named}, folder / "checkpoints" / "best.ckpt"
    )
    return folder


@pytest.mark.parametrize("place", ["", "checkpoints/best.ckpt"])
@pytest.mark.parametrize("prefix", ["network.", "network.encoder."])
def test_a_run_gives_its_network(donor, tmp_path, place, prefix):
    folder = saved(donor, tmp_path, prefix)
    assert same(MobileNetV1(classes=3, weights=str(folder / place)), donor, head=True)


def test_a_trained_network_becomes_the_encoder_of_cines(tmp_path):
    torch.manual_seed(7)
    donor = MadaniCNN(classes=3, size=(36, 36))
    donor.whiten.set(0.3, 0.2)
    encoder = MadaniCNN(size=(36, 36), weights=str(saved(donor, tmp_path)))
    network, image = SequenceClassifier(encoder, head="mean").eval(), torch.rand(2, 1, 36, 36)
    assert torch.equal(network.features(image), donor.eval().features(image))


def test_files_that_count_no_batches_do(donor, tmp_path):
    old = {n: t for n, t in donor.body.state_dict().items() if "num_batches" not in n}
    torch.save(old, tmp_path / "old.pth")
    assert same(MobileNetV1(classes=3, weights=str(tmp_path / "old.pth")), donor, head=True)


@pytest.mark.parametrize("change", ["gone", "shape"])
def test_a_tensor_that_does_not_fit_is_named(donor, tmp_path, change):
    stored = donor.body.state_dict()
    name = "blocks.3.2.conv_pw.weight"
    stored.pop(name)
    if change == "shape":
        stored[name] = torch.ones(2, 2)
    torch.save(stored, tmp_path / "other.pth")
    message = r"weights .*other.pth: expected the tensors of EfficientNet, got none that fit 1 of 164: blocks.3.2.conv_pw.weight"
    with pytest.raises(InputError, match=message):
        MobileNetV1(weights=str(tmp_path / "other.pth"))


def test_weights_of_another_network_are_one_line(donor, tmp_path):
    torch.save(donor.body.state_dict(), tmp_path / "other.pth")
    with pytest.raises(
        InputError, match=r"the tensors of NASNet, got none that fit .*: conv0"
    ) as caught:
        NASNetMobile(weights=str(tmp_path / "other.pth"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.pth", None, "the file is missing"),
        ("empty.pth", b"", "the file is empty"),
        ("text.pth", b"not a file of weights", ""),
        ("text.safetensors", b"not a file of weights", ""),
    ],
)
def test_a_file_without_weights_is_one_line(tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(
        InputError, match=f"weights .*{name}: expected a state dict.*, got {reason}"
    ) as caught:
        MadaniCNN(weights=str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    torch.save(pytest.fail, tmp_path / "evil.pth")
    with pytest.raises(InputError, match=r"weights .*evil.pth: expected a state dict"):
        MadaniCNN(weights=str(tmp_path / "evil.pth"))


def test_timm_s_weights_come_from_the_hub(donor, monkeypatch):
    asked = []
    monkeypatch.setattr(
        timm.models,
        "load_state_dict_from_hf",
        lambda name: asked.append(name) or donor.body.state_dict(),
    )
    assert same(MobileNetV1(classes=8, weights="timm"), donor, head=False)
    assert asked == ["timm/mobilenetv1_100.ra4_e3600_r224_in1k"]


def test_without_the_hub_one_line_says_what_else_there_is(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    message = r"weights: expected mobilenetv1_100.ra4\S+ from the Hugging Face hub or its cache, got .*give weights as a file"
    with pytest.raises(InputError, match=message) as caught:
        MobileNetV1(weights="timm")
    assert "\n" not in str(caught.value)


def test_timm_has_no_weights_of_nasnet_mobile():
    with pytest.raises(
        InputError, match="weights: expected a file: timm has no weights of NASNetMobile"
    ):
        NASNetMobile(weights="timm")


@pytest.mark.parametrize(("classes", "taken"), [(3, True), (5, False)])
def test_a_head_of_several_layers_is_taken_whole_or_not_at_all(classes, taken):
    def network(outputs):
        return nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, outputs))

    own, donor = network(classes), network(3)
    fill(own, donor.state_dict(), "weights", head=("1.", "2."))
    assert torch.equal(own[0].weight, donor[0].weight)
    assert torch.equal(own[1].weight, donor[1].weight) == taken
