import pytest
import torch

from core.checks import InputError
from core.restoration import Standardise


def test_it_standardises_each_channel_and_back():
    standardise = Standardise(mean=[0.2, 0.5], std=[0.1, 0.25])
    image = torch.rand(3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([(image[:, 0] - 0.2) / 0.1, (image[:, 1] - 0.5) / 0.25], 1)
    torch.testing.assert_close(standardise(image), expected)
    torch.testing.assert_close(standardise.undone(expected), image)


def test_without_numbers_images_stay_as_they_are():
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Standardise()(image), image)


def test_it_leaves_no_trace_in_checkpoints():
    assert not Standardise(mean=[0.1], std=[0.2]).state_dict()


@pytest.mark.parametrize("std", [[0.0], [-1.0], [1.0, 1.0], []])
def test_wrong_deviations_are_refused(std):
    with pytest.raises(InputError, match="std"):
        Standardise(mean=[0.0], std=std)
