import numpy as np

from core.data.cache import CachedSource
from core.data.duplicates import find_duplicates


def test_copies_are_told_with_their_first(listed, tmp_path):
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    source = listed([image, image + 1, image.copy(), image + 0], subjects=["A", "B", "B", "A"])
    for any_source in (source, CachedSource(source, tmp_path)):
        pairs = find_duplicates(any_source)
        assert pairs[["index_a", "index_b"]].to_numpy().tolist() == [[0, 2], [0, 3]]
        assert pairs.loc[0, ["id_a", "id_b"]].tolist() == ["image 0", "image 2"]
        assert pairs.loc[0, ["subject_a", "subject_b"]].tolist() == ["A", "B"]


def test_different_images_give_no_line(listed):
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert find_duplicates(listed([image, image.T])).empty
