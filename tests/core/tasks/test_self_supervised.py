"""A denoiser that learns by a pretext, and a segmenter behind it that does not disturb it."""

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.restoration import Autoencoding, BlindSpot, GridPhases, RandomNeighbours
from core.tasks import SelfSupervisedTask
from tests.bits import end_of, same
from tests.core.tasks.spines import STRUCTURES, adam, network, train
from tests.cut import Cut, CutOffError


def task(pretext=None, **options):
    return SelfSupervisedTask(
        network=network(),
        pretext=pretext or BlindSpot(hide=RandomNeighbours(share=0.04)),
        loss=nn.CrossEntropyLoss(),
        optimizer=adam,
        structures=STRUCTURES,
        **options,
    )


def batch():
    torch.manual_seed(0)
    return {"image": torch.rand(2, 1, 16, 16), "mask": torch.randint(4, (2, 16, 16))}


def gradients(**options):
    """Gradients of a training step on the denoiser and on the segmenter."""
    torch.manual_seed(1)
    ours = task(BlindSpot(hide=GridPhases()), **options)
    ours.network.segmenter[3].p = 0.0
    nn.init.normal_(ours.network.denoiser.weight)
    torch.manual_seed(2)
    ours.training_step(batch(), 0).backward()
    parts = ours.network.denoiser, ours.network.segmenter
    return [[p.grad.clone() for p in part.parameters()] for part in parts]


def test_the_segmenters_loss_does_not_reach_the_denoiser():
    denoiser, segmenter = gradients(segmentation=1.0)
    same_denoiser, heavier = gradients(segmentation=5.0)
    for a, b in zip(denoiser, same_denoiser, strict=True):
        assert torch.equal(a, b)
        assert a.abs().sum() > 0
    for a, b in zip(segmenter, heavier, strict=True):
        torch.testing.assert_close(5 * a, b)


def test_the_segmenter_sees_restored_images():
    ours, seen = task(), []
    nn.init.constant_(ours.network.denoiser.bias, 0.5)
    ours.network.segmenter.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    ours.training_step(batch(), 0)
    torch.testing.assert_close(seen[0], batch()["image"] + 0.5)


def test_the_loss_is_the_sum_of_both():
    torch.manual_seed(0)
    ours = task(segmentation=3.0)
    loss = ours.training_step(batch(), 0)
    assert loss == ours._sums["pretext"] + ours._sums["segmentation"]
    assert loss == ours._sums["loss"]


@pytest.mark.parametrize("hide", [RandomNeighbours(share=0.04), GridPhases(width=3)])
def test_cut_off_and_resumed_ends_with_the_same_bits(tmp_path, hide):
    def make():
        return task(BlindSpot(hide=hide))

    unpaired = {"pool": "all", "unpaired": False}
    train(tmp_path / "whole", make, **unpaired)
    with pytest.raises(CutOffError):
        train(tmp_path / "part", make, Cut(3), **unpaired)
    train(tmp_path / "part", make, resume=True, **unpaired)
    assert same(end_of(tmp_path / "part"), end_of(tmp_path / "whole"))


def test_images_without_masks_are_refused():
    with pytest.raises(InputError, match="images with masks"):
        task().training_step({"image": torch.rand(1, 1, 16, 16)}, 0)


def test_a_transfer_without_clean_patches_is_refused():
    with pytest.raises(InputError, match="unpaired: true"):
        task(Autoencoding()).training_step(batch(), 0)


def test_a_negative_weight_is_refused():
    with pytest.raises(InputError, match="model.segmentation"):
        task(segmentation=-1.0)
