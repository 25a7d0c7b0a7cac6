import errno
import os
from contextlib import suppress

import pytest

from core.checks import RunError
from core.files import png_names, printable, replace_text, replacing


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


def test_replacing_a_text_leaves_nothing_else_behind(tmp_path):
    for text in ("one", "two\r\nthree"):
        replace_text(tmp_path / "new" / "a.txt", text)
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"two\r\nthree"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_full_disk_says_that_the_former_file_is_whole(tmp_path, monkeypatch):
    replace_text(tmp_path / "a.txt", "former")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(RunError, match="disk full; the former file is whole"):
        replace_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "former"


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


def test_results_are_named_after_images_without_their_endings():
    names = png_names(["a.PNG", "ward/b.dcm", "1.2.840", "scan_7"])
    assert list(names.values()) == ["a.png", "ward/b.png", "1.2.840.png", "scan_7.png"]


def test_images_that_differ_in_their_ending_alone_keep_it():
    names = png_names(["a.png", "a.jpg", "ward/a.jpg"])
    assert list(names.values()) == ["a.png.png", "a.jpg.png", "ward/a.png"]


def test_a_new_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "usual").write_text("")
    replace_text(tmp_path / "ours", "text")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode
