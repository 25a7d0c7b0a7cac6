from math import isnan

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from core.checks import InputError
from core.metrics.confidence import confidence, presence_measures


def speckle(*shape):
    return np.random.default_rng(0).random(shape).astype(np.float32)


def square(side, marked):
    """Probabilities (1, side, side): 1 in some pixels, 0 elsewhere."""
    scores = np.zeros((1, side, side), np.float32)
    scores[0].flat[:marked] = 1
    return scores


def test_it_is_the_mean_of_the_highest_probabilities_of_each_kind():
    scores = speckle(3, 512, 512) * np.array([1, 0.5, 0.1], np.float32)[:, None, None]
    expected = np.sort(scores.reshape(3, -1).astype(np.float64), axis=1)[:, -30:].mean(axis=1)
    assert confidence(scores) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("marked", "expected"), [(0, 0), (1, 1 / 30), (15, 0.5), (30, 1), (9999, 1)]
)
def test_from_thirty_pixels_on_it_is_certain_as_the_original_is(marked, expected):
    assert confidence(square(512, marked)) == pytest.approx(expected)


@pytest.mark.parametrize(("side", "counted"), [(96, 6), (128, 8), (256, 15), (512, 30), (1024, 60)])
def test_number_of_pixels_follows_the_side_of_the_image(side, counted):
    assert confidence(square(side, counted))[0] == 1
    assert confidence(square(side, counted - 1))[0] == pytest.approx(1 - 1 / counted)


def test_oblong_images_count_by_the_side_of_a_square_as_large():
    scores = square(512, 20).reshape(1, 128, 2048)
    assert confidence(scores)[0] == pytest.approx(20 / 30)


def test_number_of_pixels_can_be_chosen():
    assert confidence(square(512, 5), n=10)[0] == pytest.approx(0.5)


def test_one_pixel_counts_where_the_image_is_tiny():
    assert confidence(square(4, 1))[0] == 1


def test_all_pixels_count_where_there_are_fewer():
    assert confidence(square(4, 4), n=10_000)[0] == pytest.approx(4 / 16)


@pytest.mark.parametrize("shape", [(8, 8), (1, 0, 8)])
def test_scores_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match=r"scores: expected \(K, H, W\)"):
        confidence(np.zeros(shape, np.float32))


def test_no_pixels_are_refused():
    with pytest.raises(InputError, match="n: expected a positive number"):
        confidence(square(8, 0), n=0)


@pytest.mark.parametrize("decimals", [1, 8], ids=["ties", "no ties"])
def test_measures_are_scikit_learns(decimals):
    rng = np.random.default_rng(1)
    truth = rng.random(200) < 0.3
    confidences = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 1).round(decimals)
    ours = presence_measures(truth, confidences)
    matrix = confusion_matrix(truth, confidences >= 0.5, normalize="true")
    assert ours["auc"] == pytest.approx(roc_auc_score(truth, confidences))
    assert [ours["specificity"], ours["sensitivity"]] == pytest.approx(np.diag(matrix).tolist())


def test_exactly_one_half_is_present():
    assert presence_measures(np.array([True]), np.array([0.5]))["sensitivity"] == 1


@pytest.mark.parametrize(("there", "known"), [(True, "sensitivity"), (False, "specificity")])
def test_what_needs_the_other_class_is_unknown_without_it(there, known):
    ours = presence_measures(np.full(4, there), np.array([0.2, 0.4, 0.6, 0.8]))
    assert {name for name, value in ours.items() if not isnan(value)} == {known}
