"""Haar bands by hand, against SciPy's Hadamard matrix, and put together again."""

import pytest
import torch
from scipy.linalg import hadamard
from torch.testing import assert_close

from core.checks import InputError
from core.layers.haar import HaarPool, HaarUnpool


@pytest.fixture
def x():
    return torch.randn(2, 3, 6, 10, generator=torch.Generator().manual_seed(0))


def test_bands_worked_by_hand():
    block = torch.tensor([[1.0, 2.0], [5.0, 10.0]]).view(1, 1, 2, 2)
    # (1+2+5+10)/2, (2-1+10-5)/2, (5+10-1-2)/2, (1-2-5+10)/2
    assert [band.item() for band in HaarPool()(block)] == [9.0, 3.0, 6.0, 2.0]


def test_bands_are_those_of_the_hadamard_matrix_up_to_sign(x):
    blocks = x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)  # (B,C,h,w,4)
    expected = blocks @ torch.tensor(hadamard(4) / 2, dtype=torch.float32)
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0])
    assert_close(torch.stack(HaarPool()(x), dim=-1), expected * signs)


def test_unpooling_undoes_pooling(x):
    assert_close(HaarUnpool()(*HaarPool()(x)), x)


def test_pooling_undoes_unpooling(x):
    bands = x.chunk(2, dim=3)
    four = (*bands, bands[0] + 1, bands[1] * 2)
    assert_close(HaarPool()(HaarUnpool()(*four)), four)


def test_energy_is_kept(x):
    assert_close(sum(band.square().sum() for band in HaarPool()(x)), x.square().sum())


def test_constant_features_have_no_high_frequencies():
    ll, *details = HaarPool()(torch.full((1, 2, 4, 4), 3.0))
    assert torch.equal(ll, torch.full((1, 2, 2, 2), 6.0))
    assert not torch.stack(details).any()


def test_horizontal_lines_show_in_hl_alone():
    lines = torch.zeros(1, 1, 4, 4)
    lines[:, :, ::2] = 1
    _, lh, hl, hh = HaarPool()(lines)
    assert torch.equal(hl, -torch.ones(1, 1, 2, 2))
    assert not lh.any()
    assert not hh.any()


def test_each_share_is_the_features_of_its_band_alone(x):
    bands = HaarPool()(x)
    shares = HaarUnpool().upsampled(*bands)
    assert shares.shape == (2, 4 * 3, 6, 10)
    for which, share in enumerate(shares.chunk(4, dim=1)):
        pooled = HaarPool()(share)
        for band in range(4):
            expected = bands[band] if band == which else torch.zeros_like(bands[band])
            assert_close(pooled[band], expected)


def test_memory_order_is_kept(x):
    x = x.contiguous(memory_format=torch.channels_last)
    bands = HaarPool()(x)
    assert all(band.is_contiguous(memory_format=torch.channels_last) for band in bands)
    shares = HaarUnpool().upsampled(*bands)
    assert shares.is_contiguous(memory_format=torch.channels_last)


def test_nothing_is_learnt_and_nothing_stored():
    for layer in (HaarPool(), HaarUnpool()):
        assert list(layer.parameters()) == []
        assert layer.state_dict() == {}


@pytest.mark.parametrize("shape", [(1, 2, 5, 4), (1, 2, 4, 5)])
def test_odd_size_is_an_error(shape):
    with pytest.raises(InputError, match=r"features: expected even height and width, got \(1, 2"):
        HaarPool()(torch.zeros(shape))
