import numpy as np
import pytest
import torch

from core.checks import InputError
from core.metrics.masks import as_pair

MASK = np.zeros((4, 6), dtype=bool)


def test_bool_masks_pass_without_a_copy():
    prediction, truth = as_pair(MASK, MASK)
    assert prediction is MASK
    assert truth is MASK


def test_every_value_but_0_is_foreground():
    values = np.array([[0, 1], [2, 255]], dtype=np.uint8)
    assert as_pair(values, values)[0].tolist() == [[False, True], [True, True]]


@pytest.mark.parametrize(
    "wrong",
    [MASK[None], MASK.astype(float), MASK.astype(np.int64), torch.zeros(4, 6), None],
    ids=["three axes", "float", "int64", "tensor", "none"],
)
def test_what_is_no_mask_is_refused(wrong):
    with pytest.raises(
        InputError, match=r"^truth: expected a NumPy mask \(H, W\) of bool or uint8"
    ):
        as_pair(MASK, wrong)


def test_different_shapes_are_refused_with_both_named():
    with pytest.raises(InputError, match=r"prediction: expected .* \(4, 6\), got .* \(6, 4\)"):
        as_pair(MASK.T, MASK)
