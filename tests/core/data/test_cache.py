import multiprocessing
import os
import pickle

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError, RunError
from core.data import KaggleNerve, digests
from core.data.cache import CachedSource
from tests.fakes import full_disk


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def assert_same_samples(source, cached):
    assert len(cached) == len(source)
    for raw, kept in zip(source, cached, strict=True):
        assert raw.keys() == kept.keys()
        for key in raw:
            np.testing.assert_array_equal(kept[key], raw[key])
            assert kept[key].dtype == np.uint8


def count_reads(source):
    """Let a source note which samples are asked of it."""
    reads, read = [], type(source).__getitem__
    counting = type("Counting", (type(source),), {})
    counting.__getitem__ = lambda self, index: reads.append(index) or read(self, index)
    source.__class__ = counting
    return reads


def test_cache_gives_what_the_source_gives(kaggle, folder):
    assert_same_samples(KaggleNerve(kaggle), CachedSource(KaggleNerve(kaggle), folder))


def test_sizes_and_colour_may_differ(listed, folder):
    rng = np.random.default_rng(0)
    shapes = [(10, 20), (30, 8, 3), (12, 12)]
    source = listed([rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes])
    cached = CachedSource(source, folder)
    assert_same_samples(source, cached)
    assert "has_mask" not in cached.table


def test_table_tells_of_empty_masks_and_equal_images(listed, folder):
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    full, empty = (np.full((10, 10), value, np.uint8) for value in (1, 0))
    source = listed([image, image + 1, image.copy()], [full, empty, full])
    table = CachedSource(source, folder).table
    assert table["has_mask"].tolist() == [True, False, True]
    assert table["image_digest"].duplicated().tolist() == [False, False, True]
    assert table["id"].tolist() == source.table["id"].tolist()


def test_blank_images_are_not_equal_to_each_other(listed, folder):
    blank = np.zeros((10, 10), np.uint8)
    table = CachedSource(listed([blank, blank.copy()]), folder).table
    assert table["image_digest"].tolist() == ["", ""]


def test_samples_are_views_that_cannot_be_written(kaggle, folder):
    image = CachedSource(KaggleNerve(kaggle), folder)[0]["image"]
    assert image.base is not None
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = 1


def test_second_start_decodes_nothing(kaggle, folder):
    CachedSource(KaggleNerve(kaggle), folder).build()
    source = KaggleNerve(kaggle)
    reads = count_reads(source)
    source.__dict__["fingerprint"] = KaggleNerve(kaggle).fingerprint
    CachedSource(source, folder)[3]
    assert reads == []


def test_changed_image_gets_a_new_cache(kaggle, folder):
    CachedSource(KaggleNerve(kaggle), folder).build()
    Image.new("L", (58, 42), 77).save(kaggle / "1_1.tif", compression="tiff_lzw")
    assert (CachedSource(KaggleNerve(kaggle), folder)[0]["image"] == 77).all()


def tear(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [tear, flip, os.remove])
@pytest.mark.parametrize("ending", [".pixels", ".index"])
def test_damaged_cache_is_built_again(kaggle, folder, monkeypatch, damage, ending):
    monkeypatch.setattr(digests, "_SETTLED_NS", -1)
    for _ in range(2):  # the second start remembers the whole file's digest
        CachedSource(KaggleNerve(kaggle), folder).build()
    (file,) = folder.glob(f"*{ending}")
    damage(file)
    source = KaggleNerve(kaggle)
    assert_same_samples(source, CachedSource(source, folder))


def test_flip_is_seen_behind_the_same_size_and_time(kaggle, folder):
    CachedSource(KaggleNerve(kaggle), folder).build()
    (file,) = folder.glob("*.pixels")
    times = file.stat()
    flip(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert_same_samples(KaggleNerve(kaggle), CachedSource(KaggleNerve(kaggle), folder))


def test_pickled_cache_maps_the_file_itself(kaggle, folder):
    cached = CachedSource(KaggleNerve(kaggle), folder)
    before = cached[2]["image"]
    content = pickle.dumps(cached)
    assert len(content) < before.size * len(cached)
    np.testing.assert_array_equal(pickle.loads(content)[2]["image"], before)


def sum_through_cache(arguments):
    root, folder = arguments
    return [int(sample["image"].sum()) for sample in CachedSource(KaggleNerve(root), folder)]


def test_processes_may_build_at_once(kaggle, folder):
    expected = [int(sample["image"].sum()) for sample in KaggleNerve(kaggle)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map(sum_through_cache, [(kaggle, folder)] * 6, chunksize=1)
    assert found == [expected] * 6
    assert sorted(path.suffix for path in folder.iterdir() if path.suffix) == [
        ".index",
        ".json",
        ".pixels",
    ]


def test_full_disk_is_one_clear_line_and_leaves_nothing(kaggle, folder):
    message = r"^cannot write .*\.pixels: File too large$"
    with pytest.raises(RunError, match=message), full_disk(after=8192):
        CachedSource(KaggleNerve(kaggle), folder).build()
    assert not list(folder.glob("*.pixels*"))
    assert not list(folder.glob(".*"))


def test_image_that_cannot_be_read_is_named_and_leaves_nothing(kaggle, folder):
    (kaggle / "2_1.tif").write_bytes(b"torn")
    with pytest.raises(InputError, match=r"2_1\.tif: expected a whole"):
        CachedSource(KaggleNerve(kaggle), folder).build()
    assert not list(folder.glob("*.pixels"))
    assert not list(folder.glob(".*"))


def test_other_types_than_bytes_are_refused(listed, folder):
    with pytest.raises(InputError, match="sample key 'image': expected uint8 to cache, got array"):
        CachedSource(listed([np.zeros((10, 10), np.float32)]), folder).build()


def test_abandoned_temporary_files_are_removed(kaggle, folder):
    cached = CachedSource(KaggleNerve(kaggle), folder)
    folder.mkdir()
    left, fresh = (folder / f".{cached.fingerprint}.pixels.{end}" for end in ("left", "fresh"))
    for path in (left, fresh):
        path.touch()
    os.utime(left, (0, 0))
    cached.build()
    assert not left.exists()
    assert fresh.exists()


def test_cache_is_as_simulated_as_its_source(listed, folder):
    source = listed([np.zeros((10, 10), np.uint8)])
    source.simulated = True
    assert CachedSource(source, folder).simulated
    assert CachedSource(source, folder).fingerprint == source.fingerprint
