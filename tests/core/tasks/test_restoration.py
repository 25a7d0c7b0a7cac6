"""Restoration under both schemes: what is held against what, and that a rival changes nothing."""

import numpy as np
import pytest
import torch
from torch import nn

from core.annotations import Annotator, RadialLine
from core.annotations.marks import MARKS
from core.checks import InputError
from core.metrics.overlap import overlap
from core.restoration import Standardise
from core.shapes import DifferenceMask
from tests.bits import end_of, same
from tests.core.tasks.annotations import fitted, task
from tests.cut import Cut, CutOffError


def batch():
    """Two images; the noisy ones are brighter in one corner each."""
    rng = np.random.default_rng(0)
    clean = torch.from_numpy(rng.integers(40, 120, (2, 3, 32, 32))).float() / 255
    noisy, target = clean.clone(), clean.clone()
    noisy[:, :, 4:12, 4:12] = 1.0
    target[:, :, 20:28, 20:28] = 1.0
    mask = (noisy != clean).any(1)
    return {
        "image": noisy,
        "target": target,
        "reference": clean,
        "mask": mask.long(),
        "truth": [each.numpy().astype(np.uint8) for each in mask],
        "box": torch.tensor([[0, 0, 32, 32]] * 2),
        "original_size": torch.tensor([[32, 32]] * 2),
        "spacing_mm": torch.full((2, 2), torch.nan),
        "index": torch.arange(2),
        "is_padding": torch.tensor([False, False]),
    }


class Fixed(nn.Module):
    """Gives the same images whatever it sees."""

    def __init__(self, images):
        super().__init__()
        self.register_buffer("images", images)

    def forward(self, image):
        return self.images[: len(image)]


@pytest.mark.parametrize(
    ("scheme", "target"), [("noise2noise", "target"), ("noise2clean", "reference")]
)
def test_the_scheme_says_what_the_output_is_held_against(scheme, target):
    ours, given = task(scheme=scheme), batch()
    expected = (ours.network(given["image"]) - given[target]).abs().mean()
    torch.testing.assert_close(ours.training_step(given, 0), expected)


def test_a_rival_starts_alike_and_is_held_against_the_other():
    ours, given = task(rival=True), batch()
    for own, other in zip(ours.network.parameters(), ours.rival.parameters(), strict=True):
        assert torch.equal(own, other)
        assert own is not other
    ours.training_step(given, 0)
    output = ours.network(given["image"])
    expected = [(output - given[key]).abs().mean() for key in ("target", "reference")]
    torch.testing.assert_close([ours._sums["loss"], ours._sums["rival"]], expected)


def test_a_rival_changes_nothing_for_the_network(tmp_path):
    alone = fitted(tmp_path / "alone").lightning_module.network.state_dict()
    both = fitted(tmp_path / "both", lambda: task(rival=True)).lightning_module
    assert all(
        torch.equal(tensor, alone[name]) for name, tensor in both.network.state_dict().items()
    )
    other = fitted(tmp_path / "other", lambda: task(scheme="noise2clean")).lightning_module.network
    rival = both.rival.state_dict()
    assert all(torch.equal(tensor, rival[name]) for name, tensor in other.state_dict().items())


def test_a_network_that_gives_the_clean_image_finds_all_that_was_put_on():
    given = batch()
    ours = task(network=Fixed(given["reference"]))
    seen = ours.predict_step(given, 0)
    for mask, truth in zip(seen["masks"], given["truth"], strict=True):
        np.testing.assert_array_equal(mask, truth)
    clean = (255 * given["reference"][1]).round().byte().permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(seen["restored"][1], clean)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("side", [128, 512])
def test_every_mark_is_found_by_a_network_that_gives_the_clean_image(mark, side):
    clean = np.full((side, side, 3), 60, np.uint8)
    lines = Annotator([RadialLine(marks=[mark], other=0.0, joined=0.0)])
    for key in range(10):
        noisy = lines.annotate(clean, key)
        found = DifferenceMask()(noisy.image, clean)
        assert overlap(found, noisy.mask).dice == 1


def test_scores_are_what_was_taken_off():
    given = batch()
    scores = task(network=Fixed(given["reference"])).predict_step(given, 0)["scores"]
    taken = (given["image"] - given["reference"]).abs().amax(1).numpy()
    assert scores[0].shape == (1, 32, 32)
    np.testing.assert_allclose(scores[0][0], taken[0], atol=1e-6)


def test_standardised_images_come_back():
    standardise = Standardise(mean=[0.2, 0.3, 0.4], std=[0.5, 0.25, 0.1])
    ours = task(network=nn.Identity(), standardise=standardise)
    image = batch()["image"]
    torch.testing.assert_close(ours.restore(image), image)
    torch.testing.assert_close(ours(image)[:, 1], (image[:, 1] - 0.3) / 0.25)


def test_the_loss_is_taken_of_standardised_images():
    given = batch()
    ours = task(network=nn.Identity(), standardise=Standardise(mean=[0.0], std=[0.1]))
    plain = task(network=nn.Identity())
    torch.testing.assert_close(ours.training_step(given, 0), 10 * plain.training_step(given, 0))


def test_restored_images_stay_in_range():
    restored = task(network=Fixed(torch.tensor([[-1.0, 2.0]]))).restore(torch.zeros(1, 2))
    assert restored.flatten().tolist() == [0.0, 1.0]


@pytest.mark.parametrize("rival", [False, True])
def test_cut_off_and_resumed_ends_with_the_same_bits(tmp_path, rival):
    def make():
        return task(rival=rival)

    fitted(tmp_path / "whole", make)
    with pytest.raises(CutOffError):
        fitted(tmp_path / "part", make, Cut(3))
    fitted(tmp_path / "part", make, resume=True)
    assert same(end_of(tmp_path / "part"), end_of(tmp_path / "whole"))


def test_images_without_a_second_noisy_one_are_refused():
    given = batch()
    del given["target"]
    with pytest.raises(InputError, match="'target' for noise2noise"):
        task().training_step(given, 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scheme": "noise2nothing"}, "noise2noise or noise2clean"),
        ({"structures": ["a", "b"]}, "one name"),
    ],
)
def test_wrong_arguments_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        task(**options)
