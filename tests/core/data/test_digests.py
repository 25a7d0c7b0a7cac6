import hashlib
import os

import numpy as np
import pytest

from core.checks import InputError
from core.data import digests
from core.data.digests import digest, file_digests, image_digest


def old(path, content=b"content"):
    """A file whose last change lies a minute back, by its own times as far as they can be set."""
    path.write_bytes(content)
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    return path


@pytest.fixture
def settled(monkeypatch):
    """Take files at once as settled: a test cannot set a file's time of status change."""
    monkeypatch.setattr(digests, "_SETTLED_NS", -1)


@pytest.fixture
def reads(monkeypatch):
    """Names of the files whose content is read."""
    names = []
    read = digests._file_digest
    monkeypatch.setattr(digests, "_file_digest", lambda path: names.append(path.name) or read(path))
    return names


def test_digest_is_blake2b_of_the_content(tmp_path):
    expected = hashlib.blake2b(b"content", digest_size=16).hexdigest()
    assert file_digests([old(tmp_path / "a")]) == [expected]


def test_digest_keeps_its_parts_apart():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest(["abc"]) == digest([b"abc"])


def test_image_digest_sees_shape_and_pixels():
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert image_digest(image) == image_digest(image.T.copy().T)
    assert image_digest(image) != image_digest(image.reshape(5, 20))
    assert image_digest(image) != image_digest(image[::-1])


def test_unchanged_files_are_read_once(tmp_path, settled, reads):
    paths = [old(tmp_path / name) for name in "ab"]
    first = file_digests(paths, tmp_path / "memo")
    assert file_digests(paths, tmp_path / "memo") == first
    assert reads == ["a", "b"]


def test_changed_file_is_read_again(tmp_path, settled, reads):
    paths = [old(tmp_path / name) for name in "ab"]
    first = file_digests(paths, tmp_path / "memo")
    old(paths[0], b"another content")
    second = file_digests(paths, tmp_path / "memo")
    assert (second[0] != first[0], second[1] == first[1]) == (True, True)
    assert reads == ["a", "b", "a"]


def test_change_is_seen_behind_the_same_size_and_time(tmp_path, settled):
    path = old(tmp_path / "a")
    times = path.stat()
    first = file_digests([path], tmp_path / "memo")
    path.write_bytes(b"CONTENT")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert file_digests([path], tmp_path / "memo") != first


def test_file_that_was_only_just_written_is_not_remembered(tmp_path, reads):
    (tmp_path / "a").write_bytes(b"content")
    for _ in range(2):
        file_digests([tmp_path / "a"], tmp_path / "memo")
    assert reads == ["a", "a"]


def test_memo_that_is_no_json_costs_only_time(tmp_path, settled):
    path = old(tmp_path / "a")
    first = file_digests([path], tmp_path)
    (tmp_path / digests.MEMO_NAME).write_text("{torn")
    assert file_digests([path], tmp_path) == first


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="gone: expected a readable file, got No such file"):
        file_digests([tmp_path / "gone"])
