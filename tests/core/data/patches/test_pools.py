import numpy as np
import pytest
from scipy import ndimage

from core.checks import InputError
from core.data.patches import EdgeMeasure, Patches

ROWS = np.arange(6)


def split(source, rows=ROWS, **options):
    return Patches(**{"size": 16, "stride": 8, **options}).split(source, rows)


def parts(source, table, size=16):
    """Each patch's image, cut one by one."""
    for row, top, left in table[["row", "top", "left"]].to_numpy():
        yield source[row]["image"][top : top + size, left : left + size]


def ramp(step):
    """Rises by `step` grey levels a row, so that every inner row's first derivative is `step`."""
    return np.repeat((np.arange(40) * step + 10).astype(np.uint8)[:, None], 16, axis=1)


@pytest.mark.parametrize("operator", ["sobel", "forward", "second"])
def test_measure_is_the_mean_of_the_edges_under_each_patch(gridded, operator):
    table = split(gridded, edge=EdgeMeasure(operator)).table
    maps = [EdgeMeasure(operator).map(sample["image"]).astype(float) for sample in gridded]
    direct = [
        maps[r][t : t + 16, c : c + 16].mean()
        for r, t, c in table[["row", "top", "left"]].to_numpy()
    ]
    np.testing.assert_allclose(table["measure"], direct, rtol=1e-6)


def test_measure_of_a_patch_in_the_middle_is_scipys(gridded):
    table = split(gridded).table
    image = gridded[3]["image"].astype(float)
    edges = np.abs(ndimage.sobel(image, axis=0, mode="nearest") / 8)
    found = table[(table["row"] == 3) & (table["top"] == 16) & (table["left"] == 40)]
    assert found["measure"].item() == pytest.approx(edges[16:32, 40:56].mean(), rel=1e-6)


def test_background_is_the_share_of_black_pixels(gridded):
    table = split(gridded).table
    direct = [np.mean(part == 0) for part in parts(gridded, table)]
    np.testing.assert_allclose(table["background"], direct)


def test_tissue_average_leaves_black_pixels_out(gridded):
    table = split(gridded, average="tissue", background="keep").table
    edges = [EdgeMeasure().map(sample["image"]) for sample in gridded]
    for _, one in table.iterrows():
        at = np.s_[int(one["top"]) : int(one["top"]) + 16, int(one["left"]) : int(one["left"]) + 16]
        inside = gridded[int(one["row"])]["image"][at] > 0
        expected = edges[int(one["row"])][at][inside].mean() if inside.any() else 0
        assert one["measure"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("step", "pool"),
    [(1, "clean"), (2, "clean"), (3, "neither"), (4, "corrupted"), (5, "corrupted")],
)
def test_both_thresholds_belong_to_their_pools(listed, step, pool):
    table = split(listed([ramp(step)]), [0], size=8).table
    inner = table[(table["top"] > 0) & (table["top"] < 32)]
    assert len(inner)
    assert set(inner["measure"]) == {step}
    assert set(inner["pool"]) == {pool}


def test_smooth_patches_are_clean_and_striped_ones_corrupted(gridded):
    table = split(gridded).table
    assert set(table.loc[table["left"] == 8, "pool"]) == {"clean"}  # a quarter of it is black
    assert set(table.loc[table["left"] == 16, "pool"]) == {"clean"}
    assert set(table.loc[table["left"] >= 32, "pool"]) == {"corrupted"}


def test_black_patches_are_in_no_pool_unless_kept(gridded):
    excluded, kept = split(gridded), split(gridded, background="keep")
    black = excluded.table["background"] > 0.5
    assert black.any()
    assert set(excluded.table.loc[black, "pool"]) == {"background"}
    assert set(kept.table.loc[black, "pool"]) == {"clean"}
    np.testing.assert_array_equal(excluded.numbers("all"), np.flatnonzero(~black))
    np.testing.assert_array_equal(kept.numbers("all"), np.arange(len(black)))


def test_grey_levels_that_count_as_black_are_chosen(listed):
    dim = listed([np.full((16, 16), 3, np.uint8)])
    assert split(dim, [0], black_up_to=2).table["background"].item() == 0
    assert split(dim, [0], black_up_to=3).table["background"].item() == 1


def test_patches_stand_a_stride_apart_and_the_last_ones_at_the_border():
    tops, lefts = Patches(size=96, stride=48).places((1024, 256))
    assert tops.tolist() == [*range(0, 913, 48), 928]
    assert lefts.tolist() == [0, 48, 96, 144, 160]
    assert [place.tolist() for place in Patches(size=16, stride=8).places((32, 16))] == [
        [0, 8, 16],
        [0],
    ]


def test_only_the_rows_asked_for_are_cut(gridded):
    table = split(gridded, np.array([4, 1])).table
    assert table["row"].unique().tolist() == [4, 1]
    assert len(table) == 2 * 5 * 7


def test_colour_is_measured_by_its_luminance(listed):
    grey = ramp(3)
    colour = np.repeat(grey[..., None], 3, axis=2)
    of_grey, of_colour = (split(listed([image]), [0], size=8).table for image in (grey, colour))
    np.testing.assert_array_equal(of_grey["measure"], of_colour["measure"])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"size": 0}, "data.patches.size: expected a positive number, got 0"),
        ({"stride": 0}, "data.patches.stride: expected a positive number, got 0"),
        ({"size": 49}, "data.patches.size: expected at most the grid's smaller side, 48, got 49"),
        ({"clean_below": 5.0}, "data.patches.clean_below: expected at most corrupted_above, 4.0, got 5.0"),
        ({"average": "all"}, "data.patches.average: expected patch or tissue, got all"),
        ({"background": "black"}, "data.patches.background: expected exclude or keep, got black"),
        ({"most_background": 2}, "data.patches.most_background: expected a share from 0 to 1, got 2"),
        ({"black_up_to": 255}, "data.patches.black_up_to: expected a grey level from 0 to 254, got 255"),
    ],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(gridded, option, message):
    with pytest.raises(InputError, match=message):
        split(gridded, **option)


def test_an_empty_pool_is_told_with_what_the_patches_measure(gridded):
    found = split(gridded).table
    low, high = found.loc[found["pool"] != "background", "measure"].quantile([0.05, 0.95])
    with pytest.raises(InputError) as clean:
        split(gridded, clean_below=0.01).numbers("clean")
    assert str(clean.value) == (
        "data.patches.clean_below: expected training patches of at most 0.01, "
        f"got none (5 % quantile {low:.2f})"
    )
    with pytest.raises(InputError) as corrupted:
        split(gridded, corrupted_above=99.0).numbers("corrupted")
    assert str(corrupted.value) == (
        "data.patches.corrupted_above: expected training patches of at least 99.0, "
        f"got none (95 % quantile {high:.2f})"
    )


def test_images_that_are_all_black_are_told(listed):
    black = split(listed([np.zeros((16, 16), np.uint8)]), [0])
    message = "most_background: expected training patches that are at most 50% black, got none .least 100%."
    with pytest.raises(InputError, match=message):
        black.numbers("all")


def test_an_unknown_pool_is_refused(gridded):
    with pytest.raises(InputError, match="pool: expected all or clean or corrupted, got dirty"):
        split(gridded).numbers("dirty")
