import errno
import os
from contextlib import suppress

import pytest

from core.checks import RunError
from core.data.files import printable, replacing


def test_file_takes_its_name_when_whole(tmp_path):
    with replacing(tmp_path / "new" / "a") as file:
        file.write(b"content")
        assert not (tmp_path / "new" / "a").exists()
    assert (tmp_path / "new" / "a").read_bytes() == b"content"
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_former_content_stays_after_an_error(tmp_path):
    (tmp_path / "a").write_bytes(b"former")
    with suppress(KeyError), replacing(tmp_path / "a") as file:
        file.write(b"half")
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"former"


def test_full_disk_is_one_clear_line(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(RunError, match=r"^cannot write .*a: No space left on device$"),
        replacing(tmp_path / "a") as file,
    ):
        file.write(b"content")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.png", "plain.png"),
        ("Müller 中.png", "Müller 中.png"),
        ("a\nb", r"a\nb"),
        ("caf\udce9", r"caf\udce9"),
    ],
)
def test_names_become_printable(name, text):
    assert printable(name) == text
