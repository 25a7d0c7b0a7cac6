import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from core.checks import InputError
from core.losses import balanced_weights


@pytest.mark.parametrize("counts", [[1, 1], [3, 7, 90], [31, 5, 12, 400, 1, 77, 8, 9]])
def test_weights_are_scikit_learn_s(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    expected = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    weights = balanced_weights(torch.tensor(counts))
    assert weights.dtype == torch.float32
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)


def test_samples_weigh_one_on_average():
    counts = torch.tensor([3, 7, 90])
    assert float((balanced_weights(counts) * counts).sum() / 100) == pytest.approx(1)


def test_a_class_without_samples_weighs_nothing():
    assert balanced_weights(torch.tensor([4, 0, 4])).tolist() == pytest.approx([2 / 3, 0, 2 / 3])


@pytest.mark.parametrize("counts", [[0, 0], [3, -1], [[1, 2]]])
def test_counts_that_are_none_are_refused(counts):
    with pytest.raises(InputError, match="counts: expected the samples of each class"):
        balanced_weights(torch.tensor(counts))
