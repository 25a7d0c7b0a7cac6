"""Segmentation of more than one structure: softmax, a row for each, metrics of each."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score

from core.checks import InputError
from core.losses import DiceLoss
from core.tasks import SegmentationTask
from tests.core.tasks.test_segmentation import GRID, Given, adam, batch

NAMES = ["nerve", "vessel"]


def task(logits, **options):
    options = {"structures": NAMES, **options}
    return SegmentationTask(network=Given(logits), loss=DiceLoss(), optimizer=adam, **options)


@pytest.fixture
def random():
    """Three images of background, nerve and vessel, and logits that know something of them."""
    rng = np.random.default_rng(0)
    truths = [rng.integers(0, 3, GRID).astype(np.uint8) for _ in range(3)]
    hints = np.eye(3)[np.stack(truths)].transpose(0, 3, 1, 2)
    logits = torch.from_numpy(hints + rng.normal(0, 1, hints.shape)).float()
    return truths, logits


def test_the_likeliest_class_wins():
    logits = torch.zeros(1, 3, *GRID)
    logits[:, 1, 0], logits[:, 2, 1] = 3.0, 3.0
    logits[:, 0, 2:] = 1.0
    (mask,) = task(logits).predict_step(batch([np.zeros(GRID, np.uint8)]), 0)["masks"]
    assert mask.dtype == np.uint8
    assert mask[:, 0].tolist() == [1, 2, 0, 0, 0, 0, 0, 0]


def test_each_structure_has_its_row_and_its_dice(random):
    truths, logits = random
    ours = task(logits)
    masks = ours.test_step(batch(truths), 0)["masks"]
    rows, summary = ours.image_table.rows(), ours.image_table.compute()
    assert rows["structure"].tolist() == NAMES * 3
    expected = [
        f1_score(truth.ravel() == k, mask.ravel() == k)
        for truth, mask in zip(truths, masks, strict=True)
        for k in (1, 2)
    ]
    np.testing.assert_allclose(rows["dice"], expected)
    assert summary["vessel/dice"].item() == pytest.approx(np.mean(expected[1::2]))
    assert summary["dice"].item() == pytest.approx(np.mean(expected))
    assert summary["images"] == 3


def test_each_structure_has_its_area_under_the_curve(random):
    truths, logits = random
    ours = task(logits)
    ours.test_step(batch(truths), 0)
    scores = logits.softmax(1).numpy()
    expected = {
        name: roc_auc_score((np.stack(truths) == k).ravel(), scores[:, k].ravel())
        for k, name in enumerate(NAMES, 1)
    }
    assert ours.curves.areas() == pytest.approx(expected, abs=1e-5)
    logged = {name: value.item() for name, value in ours._areas_under_curves().items()}
    own = {f"{name}/auc": area for name, area in expected.items()}
    assert logged == pytest.approx({"auc": np.mean(list(expected.values())), **own}, abs=1e-5)


def test_groups_have_curves_of_their_own(random):
    truths, logits = random
    images = {**batch(truths), "group": ["wrist", "arm", "wrist"]}
    ours = task(logits)
    ours.test_step(images, 0)
    curves = ours.curves.curves()
    assert [tuple(key) for key in curves] == [
        (name, group) for name in NAMES for group in ("all", "arm", "wrist")
    ]
    wrist = np.stack([truths[0], truths[2]]) == 1
    scores = logits.softmax(1).numpy()[[0, 2], 1]
    exact = roc_auc_score(wrist.ravel(), scores.ravel())
    assert curves[("nerve", "wrist")].auc == pytest.approx(exact, abs=1e-5)


def test_postprocessing_sees_one_structure_at_a_time(random):
    truths, logits = random
    seen = []

    def keep_top(mask):
        seen.append(set(np.unique(mask)))
        mask = mask.copy()
        mask[4:] = 0
        return mask

    plain = task(logits).predict_step(batch(truths), 0)["masks"]
    changed = task(logits, postprocess=keep_top).predict_step(batch(truths), 0)["masks"]
    assert seen == [{0, 1}] * 6
    for before, after in zip(plain, changed, strict=True):
        assert (after[:4] == before[:4]).all()
        assert not after[4:].any()


def test_a_mask_with_an_unknown_class_is_refused():
    truth = np.full(GRID, 3, np.uint8)
    with pytest.raises(
        InputError, match="class in a mask: expected at most 2: nerve, vessel, got 3"
    ):
        task(torch.zeros(1, 3, *GRID)).test_step(
            {**batch([truth]), "mask": torch.zeros(1, *GRID).long()}, 0
        )


def test_too_few_maps_are_refused():
    images = batch([np.zeros(GRID, np.uint8)])
    with pytest.raises(InputError, match="maps of logits: expected 3 for nerve, vessel, got 2"):
        task(torch.zeros(1, 2, *GRID)).predict_step(images, 0)


def test_a_second_test_forgets_the_first(random):
    truths, logits = random
    ours = task(logits)
    ours.test_step(batch(truths), 0)
    ours.on_test_epoch_start()
    assert len(ours.image_table.rows()["index"]) == 0
    assert ours.curves.curves() == {}


def test_training_notices_both_before_an_epoch_has_gone_by():
    images = {**batch([np.zeros(GRID, np.uint8)]), "mask": torch.full((1, *GRID), 3)}
    with pytest.raises(InputError, match="maps of logits: expected 3 for nerve, vessel, got 1"):
        task(torch.zeros(1, 1, *GRID)).training_step(images, 0)
    with pytest.raises(
        InputError, match="class in a mask: expected at most 2: nerve, vessel, got 3"
    ):
        task(torch.zeros(1, 3, *GRID)).training_step(images, 0)
