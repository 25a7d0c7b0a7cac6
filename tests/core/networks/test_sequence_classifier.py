"""Cines to one answer: order, weights of frames, single images, and the encoder's last layer."""

import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.networks import MadaniCNN, MobileNetV1, SequenceClassifier

HEADS = ["lstm", "gru", "attention", "mean"]


def built(head, **settings):
    torch.manual_seed(0)
    return SequenceClassifier(
        MadaniCNN(size=(36, 36)), classes=3, head=head, hidden=4, **settings
    ).eval()


@pytest.fixture
def cines():
    return torch.rand(2, 3, 1, 36, 36, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("head", HEADS)
def test_an_image_is_a_cine_of_one_frame(head, cines):
    network = built(head)
    assert_close(network(cines[:, 0]), network(cines[:, :1]))


@pytest.mark.parametrize("head", HEADS)
def test_cines_do_not_see_each_other(head, cines):
    network = built(head)
    assert_close(network(cines)[1:], network(cines[1:]))


@pytest.mark.parametrize("head", HEADS)
def test_the_order_of_frames_counts_in_recurrent_heads_alone(head, cines):
    network = built(head)
    torch.nn.init.normal_(network.query.weight, std=5) if head == "attention" else None
    same = torch.allclose(network(cines), network(cines[:, [2, 0, 1]]), atol=1e-6)
    assert same == (head in ("attention", "mean"))


@pytest.mark.parametrize("head", ["lstm", "gru"])
def test_recurrent_features_are_the_last_states_of_both_ways(head, cines):
    network = built(head)
    frames = torch.stack([network.encoder.features(cines[:, t]) for t in range(3)], dim=1)
    outputs = network.over_time(frames)[0]  # (B,T,2H), both ways side by side
    expected = torch.cat([outputs[:, -1, :4], outputs[:, 0, 4:]], dim=1)
    assert_close(network.features(cines), expected)


def test_mean_head_s_features_are_the_mean_of_the_frames(cines):
    network = built("mean")
    each = torch.stack([network.encoder.features(cines[:, t]) for t in range(3)])
    assert_close(network.features(cines), each.mean(0))


def test_attention_weighs_frames_by_how_well_they_answer_the_query(cines):
    network = built("attention")
    assert_close(network.attention(cines), torch.full((2, 3), 1 / 3))
    features = network.encoder.features(cines[0])
    network.query.weight.data = 50 * (features[2] - features[0])[None]
    weights = network.attention(cines)
    assert_close(weights.sum(1), torch.ones(2))
    assert weights[0, 2] > weights[0, 0]
    assert_close(network.features(cines)[0], weights[0] @ features)


def test_other_heads_have_no_attention(cines):
    with pytest.raises(InputError, match="head: expected attention, got mean"):
        built("mean").attention(cines)


@pytest.mark.parametrize("encoder", [MobileNetV1, MadaniCNN])
def test_the_encoder_s_last_layer_is_gone(encoder):
    network = SequenceClassifier(encoder(), head="mean")
    assert (
        sum(p.numel() for p in network.encoder.parameters())
        == sum(p.numel() for p in encoder(classes=1).parameters())
        - encoder(classes=1).head.in_features
        - 1
    )


def test_an_unknown_head_is_an_error():
    with pytest.raises(
        InputError, match="head: expected one of lstm, gru, attention, mean, got last"
    ):
        built("last")


def test_other_axes_are_an_error():
    with pytest.raises(InputError, match=r"image: expected a batch \(B,T,C,h,w\) or \(B,C,h,w\)"):
        built("mean")(torch.rand(1, 36, 36))
