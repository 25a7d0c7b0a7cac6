import numpy as np

from core.data.cache import CachedSource
from core.data.patches import Patches

ROWS = np.arange(6)


def test_a_patch_is_a_view_of_the_mapped_file(gridded, tmp_path):
    cached = CachedSource(gridded, tmp_path)
    patches = Patches(size=16, stride=8).split(cached, ROWS)
    cut = patches.cut(cached, 17)
    assert cut.keys() == {"image", "mask"}
    for array in cut.values():
        assert array.shape == (16, 16)
        assert np.shares_memory(array, cached._pixels)
        assert not array.flags.writeable


def test_cut_is_the_patch_that_the_table_says(gridded):
    patches = Patches(size=16, stride=8).split(gridded, np.array([2, 5]))
    place = patches.table.iloc[40]
    assert patches.row(40) == place["row"] == 5
    for name, array in patches.cut(gridded, 40).items():
        whole = gridded[5][name]
        top, left = place["top"], place["left"]
        np.testing.assert_array_equal(array, whole[top : top + 16, left : left + 16])


def test_every_patch_is_in_one_pool(gridded):
    patches = Patches(size=16, stride=8).split(gridded, ROWS)
    pools = patches.table["pool"]
    assert set(patches.numbers("clean")) & set(patches.numbers("corrupted")) == set()
    assert len(patches.numbers("all")) == (pools != "background").sum()
    assert set(pools.iloc[patches.numbers("clean")]) == {"clean"}
