from math import isnan

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score, roc_curve

from core.checks import InputError
from core.metrics.auc import PixelAUC


def scores_like(spread, shift, seed=0, size=(150, 210)):
    rng = np.random.default_rng(seed)
    truth = rng.random(size) < 0.1
    return expit(rng.normal(-shift, spread, size) + 1.5 * shift * truth).astype(np.float32), truth


def fed(*images):
    metric = PixelAUC()
    for scores, truth in images:
        metric.update(scores, truth)
    return metric


@pytest.mark.parametrize(
    "scores_and_truth",
    [scores_like(1, 1), scores_like(2, 4), scores_like(6, 12), scores_like(30, 20)],
    ids=["unsure", "sure", "very sure", "saturated"],
)
def test_area_equals_sklearn(scores_and_truth):
    scores, truth = scores_and_truth
    exact = roc_auc_score(truth.ravel(), scores.ravel())
    assert fed(scores_and_truth).compute().item() == pytest.approx(exact, abs=1e-6)


def test_images_of_different_sizes_add_up_to_one_set():
    images = [scores_like(2, 4, seed, (40 + seed, 90 - seed)) for seed in range(5)]
    scores, truth = (np.concatenate([image[i].ravel() for image in images]) for i in range(2))
    exact = roc_auc_score(truth, scores)
    assert fed(*images).compute().item() == pytest.approx(exact, abs=1e-6)


def test_ties_count_one_half():
    assert fed((np.full(6, 0.3), np.arange(6) % 2)).compute() == 0.5


def test_hand_worked_pairs():
    scores = np.array([0.1, 0.4, 0.35, 0.8])  # of the 4 pairs, (0.4, 0.35) is in the wrong order
    assert fed((scores, np.array([0, 0, 1, 1]))).compute() == 0.75


def test_both_ends_of_the_scale_are_ordered():
    rising = np.array([-0.0, 1e-40, 1e-20, 0.3, 0.5, 0.7, 1 - 1e-4, 1 - 6e-8, 1], np.float32)
    for cut in range(1, len(rising)):
        assert fed((rising, np.arange(len(rising)) >= cut)).compute() == 1


def test_tensors_and_arrays_count_alike():
    scores, truth = scores_like(2, 4)
    tensors = torch.from_numpy(scores), torch.from_numpy(truth).long()
    assert torch.equal(fed((scores, truth)).counts, fed(tensors).counts)


def test_transposed_images_count_alike():
    scores, truth = scores_like(2, 4)
    assert torch.equal(fed((scores, truth)).counts, fed((scores.T, truth.T)).counts)


def test_state_does_not_grow():
    metric = fed(scores_like(2, 4))
    size = metric.counts.nbytes
    metric.update(*scores_like(2, 4))
    assert metric.counts.nbytes == size < 10e6


@pytest.mark.parametrize("only", [0, 1], ids=["negatives", "positives"])
def test_one_class_leaves_area_and_curve_undefined(only):
    metric = fed((np.array([0.2, 0.7]), np.full(2, only)))
    assert isnan(metric.compute())
    assert np.isnan(metric.curve()).all()


def test_curve_follows_sklearn():
    scores, truth = scores_like(2, 4)
    fpr, tpr = fed((scores, truth)).curve(points=300)
    exact_fpr, exact_tpr, _ = roc_curve(truth.ravel(), scores.ravel(), drop_intermediate=False)
    nearest = np.hypot(exact_fpr[:, None] - fpr, exact_tpr[:, None] - tpr).min(axis=0)
    assert nearest.max() < 1e-3


def test_curve_is_thinned_and_keeps_its_ends():
    fpr, tpr = fed(scores_like(2, 4)).curve(points=300)
    assert 250 < len(fpr) <= 300
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(tpr, fpr) == pytest.approx(
        fed(scores_like(2, 4)).compute().item(), abs=1e-3
    )


@pytest.mark.parametrize("wrong", [1.1, -0.1, np.nan], ids=["above", "below", "nan"])
def test_scores_outside_0_to_1_are_refused(wrong):
    with pytest.raises(InputError, match=r"scores: expected probabilities in 0\.\.1"):
        fed((np.array([0.5, wrong]), np.array([0, 1])))


def test_whole_numbers_are_refused_as_scores():
    with pytest.raises(InputError, match="scores: expected floating point"):
        fed((np.array([0, 1]), np.array([0, 1])))


def test_different_shapes_are_refused():
    with pytest.raises(InputError, match=r"scores: expected the truth's shape \(3, 2\), got"):
        fed((np.zeros((2, 3), np.float32), np.zeros((3, 2))))
