import json
from pathlib import Path

import pandas as pd

from core.deidentify.copying import copy_file
from core.deidentify.folder import STAMP
from tests import phi
from tests.core.deidentify.test_main import write_plain


def test_nothing_public_has_the_order_or_the_times_of_the_originals(
    deidentify, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)  # the order is that of key and paths, here always the same ones
    (tmp_path / "k").mkdir()
    (tmp_path / "k" / "key").write_text("6b" * 32)
    for number, name in enumerate(("ANDERSSON", "BERG", "CARLSSON", "DAHL", "EK", "ZETTER")):
        ds = phi.dataset(phi.cine(seed=number), number=number, patient=name)
        phi.write(Path("in") / name / "a.dcm", ds)
        (tmp_path / "in" / name / "note.txt").write_text(name)
    copied = []
    monkeypatch.setattr(
        "core.deidentify.folder.copy_file",
        lambda path, *rest: copied.append(path) or copy_file(path, *rest),
    )
    run = deidentify(source=Path("in"))
    assert copied not in (sorted(copied), sorted(copied, reverse=True))
    for name in ("files.csv", "quarantine.csv"):
        table = pd.read_csv(run.output / name)
        assert list(table.columns) == ["id", "outcome", "reason", "file"]
        assert table["id"].is_monotonic_increasing
    assert len({path.stat().st_mtime_ns for path in run.output.rglob("*")}) == 1
    [private] = (tmp_path / "k").glob("*.originals.csv")
    assert pd.read_csv(private)["original"].is_monotonic_increasing


def test_one_odd_file_does_not_stop_the_others(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    ds = phi.dataset(phi.cine(), number=9)
    ds.add_new("UltrasoundColorDataPresent", "UL", 70000)
    phi.write(tmp_path / "in" / "0 odd.dcm", ds)
    assert "3 files: 3 written" in deidentify().said


def test_a_refused_output_leaves_no_key_behind(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    (tmp_path / "afile").write_text("mine")
    for place in ("afile", "afile/inside"):
        run = deidentify(output=tmp_path / place)
        assert run.code in (1, 2)
        assert not (tmp_path / "k").exists()


def test_going_on_without_the_key_is_refused_and_makes_none(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    deidentify()
    run = deidentify(key=tmp_path / "other")
    assert (run.code, "--key: expected the key the copies" in run.said) == (2, True)
    assert not (tmp_path / "other").exists()


def test_a_damaged_stamp_is_one_line(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    run = deidentify()
    (run.output / STAMP).write_text("{")
    run = deidentify()
    assert (run.code, run.said.count("\n")) == (2, 1)
    assert "expected a whole deidentified.json" in run.said


def test_a_folder_of_others_is_not_written_into(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    run = deidentify()
    assert (run.code, "--output: expected a new folder" in run.said) == (2, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_going_on_in_another_way_is_refused(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    deidentify()
    run = deidentify("--syntax", "rle")
    assert (run.code, "the key and options its copies were begun with" in run.said) == (2, True)


def test_a_second_call_goes_on_and_writes_no_copy_again(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    first = deidentify()
    places = {path: path.stat().st_ino for path in first.copies}
    write_plain(tmp_path / "in", files=3)
    second = deidentify()
    assert "3 files: 3 written" in second.said
    assert {path: path.stat().st_ino for path in places} == places


def test_copies_of_files_that_are_gone_are_pointed_out(deidentify, tmp_path):
    write_plain(tmp_path / "in", files=3)
    deidentify()
    next((tmp_path / "in").rglob("*2.dcm")).unlink()
    run = deidentify()
    assert (run.code, "1 belong to no file of --input" in run.said) == (1, True)


def test_a_stamp_holds_no_key(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    run = deidentify()
    secret = (tmp_path / "k" / "key").read_text().strip()
    stamp = (run.output / STAMP).read_text()
    assert secret not in stamp
    assert set(json.loads(stamp)) == {"made_by", "key", "top_rows", "ocr", "syntax"}
