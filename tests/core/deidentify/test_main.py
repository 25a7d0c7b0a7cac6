import re
import shutil
import stat
from datetime import date

import pandas as pd
import pytest
from pydicom import dcmread

from core.deidentify.__main__ import main
from core.dicom.encode import SYNTAXES
from tests import phi


def plant(folder, *, files=2, syntaxes=("explicit", "rle"), patients=2):
    """Planted files under a planted folder name; returns how many identities each holds."""
    counts = []
    for number in range(files):
        path = folder / f"{phi.STEM}_EVA" / f"{phi.STEM}{number}.dcm"
        syntax = syntaxes[number % len(syntaxes)]
        patient = f"{phi.STEM}-{number % patients}"
        counts.append(
            phi.planted(path, phi.cine(seed=number), syntax, patient=patient, seed=number)
        )
    return counts


def write_plain(folder, *, files=2):
    for number in range(files):
        ds = phi.dataset(phi.cine(seed=number), number=number, patient=f"P{number % 2}")
        phi.write(folder / f"{number}.dcm", ds)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    counts = plant(folder, files=9, syntaxes=list(SYNTAXES), patients=3)
    return folder, counts


def test_nothing_planted_is_left_in_any_byte(originals, deidentify, capfd):
    folder, counts = originals
    run = deidentify(source=folder)
    assert run.code == 0
    assert min(counts) >= 380
    assert len(phi.leaks(folder)) == len(counts) + 1  # the folder's name too: the search sees them
    assert len(run.copies) == len(counts)
    assert phi.leaks(run.output) == []
    assert not any(word in run.said + "".join(capfd.readouterr()) for word in phi.WORDS)


def test_a_patients_files_stay_together_over_runs(originals, deidentify, tmp_path):
    folder, _ = originals
    groups = []
    for number in range(3):
        run = deidentify(source=folder, output=tmp_path / f"out{number}")
        groups.append(sorted(path.relative_to(run.output) for path in run.copies))
    assert groups[0] == groups[1] == groups[2]
    assert len({path.parent for path in groups[0]}) == 3


def test_the_summary_counts_every_file(originals, deidentify, tmp_path):
    shutil.copytree(originals[0], tmp_path / "in")
    (tmp_path / "in" / "note.txt").write_text("JANSSON")
    (tmp_path / "in" / ".hidden").write_bytes(b"\0" * 200)
    shutil.copy(next((tmp_path / "in").rglob("*.dcm")), tmp_path / "in" / "again.dcm")
    run = deidentify()
    assert "12 files: 9 written, 0 for review, 3 quarantined" in run.said
    reasons = pd.read_csv(run.output / "quarantine.csv")["reason"].to_list()
    assert sorted(reasons) == ["not a DICOM file", "not a DICOM file", "the same as another file"]


def test_files_for_review_are_shown_on_a_page_of_their_own(deidentify, tmp_path):
    write_plain(tmp_path / "in")
    ds = phi.dataset(phi.cine(2), number=9, BurnedInAnnotation="YES")
    phi.write(tmp_path / "in" / "9.dcm", ds)
    run = deidentify()
    assert "3 files: 2 written, 1 for review" in run.said
    pages = [(run.output / place / "deidentified.html").read_text() for place in ("", "review")]
    shown = [re.findall(r"(\d+) files?, (\d+) frames", page) for page in pages]
    assert shown == [[("2", "6")], [("1", "2")]]
    assert ["this page stays in the house" in page for page in pages] == [False, True]


def test_without_any_copy_the_exit_code_tells(deidentify, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("JANSSON")
    run = deidentify()
    assert (run.code, "1 files: 0 written, 0 for review, 1 quarantined" in run.said) == (1, True)


def test_the_private_list_is_beside_the_key_and_private(originals, deidentify, tmp_path):
    deidentify(source=originals[0])
    [path] = (tmp_path / "k").glob("*.originals.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    table = pd.read_csv(path)
    assert all((tmp_path / "out" / file).is_file() for file in table["file"])
    assert table["original"].str.contains(phi.STEM).all()


def test_dates_keep_their_intervals(deidentify, tmp_path):
    days = ["20180301", "20180305", "20200229"]
    for number, day in enumerate(days):
        ds = phi.dataset(phi.cine(), number=number, StudyDate=day)
        phi.write(tmp_path / "in" / f"{number}.dcm", ds)
    copies = [dcmread(path) for path in deidentify().copies]
    moved = sorted(date.fromisoformat(copy.StudyDate) for copy in copies)
    stated = [date.fromisoformat(day) for day in days]
    assert [day - moved[0] for day in moved] == [day - stated[0] for day in stated]
    assert moved[0] <= date(2017, 3, 1)


def test_the_page_shows_the_maximum_and_says_what_was_not_looked_for(originals, deidentify):
    run = deidentify(source=originals[0])
    page = (run.output / "deidentified.html").read_text()
    assert page.count("data:image/jpeg") == 2  # maximum and persistence of the only kind
    assert "9 files, 27 frames; outside all pixels are 0" in page
    assert "Text inside of the ultrasound sector was not looked for" in page


def test_an_unknown_machine_can_be_allowed(deidentify, tmp_path):
    ds = phi.dataset(phi.cine(), Manufacturer="Acme", ManufacturerModelName="Scan 1")
    phi.write(tmp_path / "in" / "a.dcm", ds)
    assert "1 quarantined" in deidentify().said
    run = deidentify("--machine", "Acme|Scan 1")
    assert "1 written" in run.said
    assert dcmread(run.copies[0]).ManufacturerModelName == "Scan 1"


def test_the_theses_way_sends_files_without_regions_to_review(deidentify, tmp_path):
    ds = phi.dataset(phi.cine(), SequenceOfUltrasoundRegions=[])
    phi.write(tmp_path / "in" / "a.dcm", ds)
    run = deidentify("--top-rows", "16")
    assert "1 for review" in run.said
    pixels = dcmread(run.copies[0])
    assert run.copies[0].is_relative_to(run.output / "review")
    assert pixels.BurnedInAnnotation == "YES"


def test_the_working_folder_can_be_the_output(deidentify, tmp_path, monkeypatch):
    write_plain(tmp_path / "in")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["--input", str(tmp_path / "in"), "--output", "."]) == 0
    assert (tmp_path / "here.key").is_file()


def test_a_copy_that_is_not_black_outside_is_an_error(deidentify, tmp_path, monkeypatch):
    write_plain(tmp_path / "in")
    monkeypatch.setattr("core.deidentify.copying.blanked", lambda frames, inside: iter(frames))
    run = deidentify()
    assert (run.code, "1 kinds of copies are not black outside" in run.said) == (1, True)
