import numpy as np
import pytest

from core.phantoms.stripes import Spell, draw_spells, with_stripes

SPACING_MM = 0.5


@pytest.fixture(scope="module")
def clean():
    rows, columns = np.mgrid[:800, :240]
    image = 120 + 30 * np.sin(rows / 40) + 40 * np.cos(columns / 30)
    image[:, :30] = image[:, 210:] = 0
    return image.astype(np.uint8)


@pytest.fixture(scope="module")
def noisy_and_region(clean):
    spells = [Spell(100.0, 160.0, 2.0, 1.0), Spell(300.0, 330.0, 2.0, 1.0)]
    return with_stripes(clean, spells, SPACING_MM, np.random.default_rng(0))


def test_outside_of_the_region_nothing_changes(clean, noisy_and_region):
    noisy, region = noisy_and_region
    np.testing.assert_array_equal(noisy[region == 0], clean[region == 0])
    assert set(np.unique(region)) == {0, 1}


@pytest.mark.parametrize("spacing_mm", [0.21, 0.42, 0.5, 0.8, 2.1])
def test_region_holds_every_changed_pixel_at_any_spacing(clean, spacing_mm):
    spells = [Spell(0.0, 800 * spacing_mm, 2.0, 1.0)]
    noisy, region = with_stripes(clean, spells, spacing_mm, np.random.default_rng(1))
    assert region[noisy != clean].all()
    assert (noisy != clean).any()


def test_the_region_lies_where_the_probe_was_fast(noisy_and_region):
    place = np.flatnonzero(noisy_and_region[1].any(1)) * SPACING_MM
    assert (((place >= 100) & (place < 163)) | ((place >= 300) & (place < 333))).all()


def test_region_is_of_areas_not_of_single_rows(clean, noisy_and_region):
    noisy, region = noisy_and_region
    assert region.sum() > 1.3 * (noisy != clean).sum()
    assert region[200:320, 40:200].mean() > 0.5


def test_black_around_the_scan_stays_black_except_for_slipped_rows(clean, noisy_and_region):
    assert not noisy_and_region[0][:, :15].any()
    assert not noisy_and_region[0][:, 225:].any()


def test_lines_are_alike_along_the_row_and_jump_from_row_to_row(clean, noisy_and_region):
    noise = noisy_and_region[0][200:320, 40:200].astype(float) - clean[200:320, 40:200]
    along, across = (np.abs(np.diff(noise, axis=axis)).mean() for axis in (1, 0))
    assert across > 5 * along


def test_some_lines_do_not_span_the_whole_width(clean, noisy_and_region):
    changed = (noisy_and_region[0] != clean)[200:320, 40:200].mean(1)
    assert ((changed > 0.1) & (changed < 0.7)).sum() > 10
    assert (changed > 0.9).any()


def test_lines_are_dark_and_bright(clean, noisy_and_region):
    noise = noisy_and_region[0].astype(int) - clean
    assert (noise < -30).sum() > 500
    assert (noise > 30).sum() > 500


def test_no_spells_no_noise(clean):
    noisy, region = with_stripes(clean, [], SPACING_MM, np.random.default_rng(0))
    np.testing.assert_array_equal(noisy, clean)
    assert not region.any()


@pytest.mark.parametrize("share", [0, 0.07, 0.5, 1])
def test_spells_cover_their_share_of_the_scan_without_overlap(share):
    for seed in range(20):
        spells = draw_spells(np.random.default_rng(seed), 5.0, 455.0, share)
        ends = [end for spell in spells for end in (spell.start_mm, spell.end_mm)]
        assert sum(ends[1::2]) - sum(ends[::2]) == pytest.approx(share * 450)
        assert (np.diff([5.0, *ends, 455.0]) > -1e-9).all()


def test_same_generator_gives_the_same_noise(clean):
    spells = [Spell(50.0, 200.0, 2.0, 0.8)]
    first, second = (
        with_stripes(clean, spells, SPACING_MM, np.random.default_rng(7))[0] for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != clean).any()
