import pickle

import numpy as np
import pytest

from core.checks import InputError
from core.data import SpinePhantom

SMALL = {"subjects": 4, "scale": 0.2, "seed": 1}


@pytest.fixture(scope="module")
def phantom():
    return SpinePhantom(**SMALL)


def test_every_subject_has_one_image_of_its_own_name(phantom):
    assert len(phantom) == 4
    assert phantom.table["id"].is_unique
    assert phantom.table["subject"].tolist() == phantom.table["id"].tolist()


def test_table_has_the_truth_of_each_subject(phantom):
    subjects = phantom.scene.subjects
    assert phantom.table["cobb_deg"].tolist() == [s.cobb_deg for s in subjects]
    assert phantom.table["striped_share"].tolist() == [s.striped_share for s in subjects]
    assert phantom.table["has_mask"].all()


def test_spacing_follows_from_the_scale(phantom):
    np.testing.assert_allclose(phantom.table[["spacing_row_mm", "spacing_col_mm"]], 0.21 / 0.2)


def test_samples_hold_image_mask_reference_and_stripes_of_one_size(phantom):
    for sample in phantom:
        assert list(sample) == ["image", "mask", "reference", "striped"]
        assert {pixels.shape for pixels in sample.values()} == {sample["image"].shape}
        assert {pixels.dtype for pixels in sample.values()} == {np.dtype(np.uint8)}


def test_sizes_vary_with_the_subject(phantom):
    assert len({sample["image"].shape for sample in phantom}) == 4


def test_it_is_simulated_and_says_so(phantom):
    assert phantom.simulated


def test_same_arguments_give_the_same_samples(phantom):
    again = pickle.loads(pickle.dumps(SpinePhantom(**SMALL)))
    for name, pixels in again[3].items():
        np.testing.assert_array_equal(pixels, phantom[3][name])
    assert again.fingerprint == phantom.fingerprint


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"stripes": 0.4}, {"severity": 30.0}, {"scale": 0.25}, {"subjects": 5}],
)
def test_fingerprint_changes_with_every_argument(phantom, change):
    assert SpinePhantom(**{**SMALL, **change}).fingerprint != phantom.fingerprint


def test_argument_out_of_range_is_named():
    with pytest.raises(InputError, match="scale: expected 0.1 to 1, got 2"):
        SpinePhantom(**{**SMALL, "scale": 2})
