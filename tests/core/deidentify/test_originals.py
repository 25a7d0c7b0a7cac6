import os
from pathlib import Path

import pandas as pd
import pytest

from tests.core.deidentify.test_main import write_plain


def test_what_cannot_be_entered_is_counted(deidentify, tmp_path, monkeypatch):
    write_plain(tmp_path / "in", files=1)
    write_plain(tmp_path / "elsewhere", files=3)
    (tmp_path / "in" / "JANSSON").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "gone.dcm").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "closed").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    run = deidentify()
    assert "4 files: 1 written, 0 for review, 3 quarantined" in run.said
    reasons = pd.read_csv(run.output / "quarantine.csv")["reason"].to_list()
    assert sorted(reasons) == [
        *("a broken link", "a folder that cannot be opened"),
        "a linked folder, which is not entered",
    ]
    assert "JANSSON" not in run.said + (run.output / "quarantine.csv").read_text()


def test_outputs_of_one_name_have_lists_of_their_own(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    for place in ("o1", "o2"):
        deidentify(output=tmp_path / place / "copies")
    assert len(list((tmp_path / "k").glob("key.copies.*.originals.csv"))) == 2


@pytest.mark.parametrize("place", ["in", "in/inside", "."])
def test_an_output_with_the_originals_is_refused(deidentify, tmp_path, place):
    write_plain(tmp_path / "in")
    run = deidentify(output=tmp_path / place)
    assert (run.code, "--output: expected a folder that neither" in run.said) == (2, True)


@pytest.mark.parametrize("place", ["in/key", "out/key"])
def test_a_key_with_the_images_is_refused(deidentify, tmp_path, place):
    write_plain(tmp_path / "in")
    run = deidentify(key=tmp_path / place)
    assert (run.code, "--key: expected a file outside of" in run.said) == (2, True)
    assert not (tmp_path / "out").exists()


def test_the_output_may_lie_beside_a_single_file(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    run = deidentify(source=tmp_path / "in" / "0.dcm", output=tmp_path / "in" / "out")
    assert (run.code, "1 files: 1 written" in run.said) == (0, True)


def test_originals_are_only_read(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    before = {path: path.read_bytes() for path in (tmp_path / "in").rglob("*.dcm")}
    deidentify()
    assert {path: path.read_bytes() for path in (tmp_path / "in").rglob("*.dcm")} == before
