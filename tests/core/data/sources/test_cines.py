"""Sources of frames, over cines that are folders of PNG files."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks import InputError
from core.data import CineFolder, LabelledCines
from core.data.checking import check


def write_cine(folder, frames=6, shade=0):
    """Frame n of a cine is even in level 10 n + shade."""
    folder.mkdir(parents=True)
    for number in range(frames):
        level = np.full((12, 16), 10 * number + shade, np.uint8)
        Image.fromarray(level).save(folder / f"{number:03d}.png")


@pytest.fixture
def root(tmp_path):
    write_cine(tmp_path / "one")
    write_cine(tmp_path / "two", shade=1)
    return tmp_path


def labels(root, *pieces):
    columns = ["cine", "subject", "device", "first_frame", "last_frame", "view", "labeller"]
    pd.DataFrame(pieces, columns=columns).to_csv(root / "labels.csv", index=False)
    return root / "labels.csv"


PIECES = [("one", "p1", "E7", 0, 2, "A4C", "me"), ("one", "p1", "E7", 3, 5, "A5C", "me")]


def level(source, index):
    return int(source[index]["image"][0, 0])


def test_frames_of_every_piece_are_samples(root):
    source = LabelledCines(labels(root, *PIECES, ("two", "p2", "", 1, 1, "PLAX", "me")))
    assert source.table["view"].tolist() == ["A4C"] * 3 + ["A5C"] * 3 + ["PLAX"]
    assert source.table["subject"].tolist() == ["p1"] * 6 + ["p2"]
    assert [level(source, index) for index in (0, 4, 6)] == [0, 40, 11]


def test_pieces_of_one_cine_are_sequences_of_their_own(root):
    source = LabelledCines(labels(root, *PIECES))
    assert source.table.groupby("sequence")["view"].nunique().tolist() == [1, 1]


def test_every_nth_frame_of_a_piece_is_taken(root):
    source = LabelledCines(labels(root, *PIECES), every=2)
    assert source.table["frame"].tolist() == [0, 2, 3, 5]


def test_unknown_views_are_left_out(root):
    source = LabelledCines(labels(root, PIECES[0], ("two", "p2", "", 0, 5, "UNKNOWN", "me")))
    assert set(source.table["view"]) == {"A4C"}


def test_cines_may_lie_elsewhere(root, tmp_path_factory):
    csv = labels(tmp_path_factory.mktemp("labels"), *PIECES)
    assert level(LabelledCines(csv, root=root), 1) == 10


def test_a_further_column_takes_no_place_of_the_sources_own(root):
    rows = pd.read_csv(labels(root, *PIECES))
    taken = {"id": "x", "sequence": "y", "frame": 0, "image_digest": "z", "dpi": 96}
    rows.assign(**taken, group="twins").to_csv(root / "labels.csv", index=False)
    table = LabelledCines(root / "labels.csv").table
    assert table["id"].tolist() == [f"one#{frame}" for frame in range(6)]
    assert table["sequence"].tolist() == ["one#0"] * 3 + ["one#3"] * 3
    assert table["frame"].tolist() == list(range(6))
    assert set(table) & {"image_digest", "dpi"} == set()
    assert set(table["group"]) == {"twins"}


def test_blanks_around_cells_make_no_other_patient(root):
    source = LabelledCines(labels(root, PIECES[0], ("two ", " p1", "E7", 0, 1, "A4C ", "")))
    assert set(source.table["subject"]) == {"p1"}
    assert set(source.table["view"]) == {"A4C"}


@pytest.mark.parametrize("name", ["./one", "one/", "two/../one"])
def test_a_cine_is_one_however_its_path_is_written(root, name):
    with pytest.raises(InputError, match="id: expected each id once|below the root folder"):
        LabelledCines(labels(root, PIECES[0], (name, *PIECES[0][1:])))


@pytest.mark.parametrize(
    ("column", "other"), [("subject", ("p2", "E7", "")), ("device", ("p1", "E9", ""))]
)
def test_a_cine_is_of_one_subject_and_device(root, column, other):
    subject, device, _ = other
    piece = ("./one", subject, device, 3, 5, "A5C", "me")
    with pytest.raises(
        InputError, match=f"cine one: expected one {column} in all its rows, got .*"
    ):
        LabelledCines(labels(root, PIECES[0], piece))


def test_the_fingerprint_follows_the_pixels(root):
    csv = labels(root, *PIECES)
    before = LabelledCines(csv).fingerprint
    Image.fromarray(np.zeros((12, 16), np.uint8)).save(root / "one" / "004.png")
    assert LabelledCines(csv).fingerprint != before


def test_the_fingerprint_follows_the_frames_that_are_taken(root):
    csv = labels(root, *PIECES)
    assert LabelledCines(csv, every=2).fingerprint != LabelledCines(csv).fingerprint


def test_the_fingerprint_follows_the_order_of_frames(root):
    csv = labels(root, *PIECES)
    before = LabelledCines(csv)
    assert [level(before, 2), before.fingerprint] == [20, LabelledCines(csv).fingerprint]
    (root / "one" / "002.png").rename(root / "one" / "0020.png")  # where it was, but now the last
    after = LabelledCines(csv)
    assert level(after, 2) == 30
    assert after.fingerprint != before.fingerprint


def test_a_corrected_view_leaves_the_fingerprint_as_it_was(root):
    before = LabelledCines(labels(root, *PIECES)).fingerprint
    corrected = [(*piece[:5], "PLAX", "you") for piece in PIECES]
    assert LabelledCines(labels(root, *corrected)).fingerprint == before


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (("three", "p", "", 0, 1, "A4C", ""), "cine three: expected a file or folder, got nothing"),
        (("../x", "p", "", 0, 1, "A4C", ""), "cine ../x: expected a path below the root folder"),
        (("one", "p", "", 3, 1, "A4C", ""), "cine one: expected first_frame up to last_frame"),
        (("one", "p", "", "x", 1, "A4C", ""), "'first_frame': expected a frame number .* line 2"),
        (("one", "p", "", 0, 10**20 - 1, "A4C", ""), "'last_frame': .* below 100000 .* line 2"),
        (("one", "p", "", 0, 10**9, "A4C", ""), "'last_frame': expected .* below 100000 .* line 2"),
        (("a\\b.dcm", "p", "", 0, 1, "A4C", ""), r"a\\b.dcm: expected a path with / .* got \\"),
        (("one", "", "", 0, 1, "A4C", ""), "column 'subject': expected a value in every row"),
        (("one", "p", "", 0, 1, "UNKNOWN", ""), "expected pieces with a view other than UNKNOWN"),
    ],
)
def test_wrong_cells_are_named(root, piece, message):
    with pytest.raises(InputError, match=message):
        LabelledCines(labels(root, piece))


def test_frames_beyond_the_end_of_a_cine_are_refused(root):
    source = LabelledCines(labels(root, ("one", "p1", "E7", 4, 6, "A4C", "me")))
    assert level(source, 1) == 50
    with pytest.raises(InputError, match="cine one: expected listed frames up to its last, 5"):
        source[2]


def test_frames_beyond_the_end_of_a_cine_are_one_problem(root):
    source = LabelledCines(labels(root, ("one", "p1", "E7", 4, 99, "A4C", "me")))
    [problem] = check(source)
    assert problem == (
        "cine one: expected listed frames up to its last, 5, got further ones (94 images)"
    )


def test_a_problem_of_a_cine_names_its_path(root):
    (root / "a").mkdir()
    (root / "a" / "bad.mp4").write_bytes(b"no film")
    source = LabelledCines(labels(root, ("a/bad.mp4", "p1", "E7", 0, 0, "A4C", "me")))
    with pytest.raises(InputError, match=r"^cine a/bad.mp4: expected"):
        source[0]


def test_a_frame_listed_twice_is_refused(root):
    with pytest.raises(InputError, match="id: expected each id once, got 1 more than once: one#2"):
        LabelledCines(labels(root, PIECES[0], ("one", "p1", "E7", 2, 4, "A5C", "me")))


def test_a_missing_column_is_named(root):
    pd.DataFrame([{"cine": "one", "subjct": "p"}]).to_csv(root / "labels.csv", index=False)
    said = "labels.csv: expected a column 'subject', did you mean 'subjct'?, got cine, subjct"
    with pytest.raises(InputError, match=f"^{re.escape(said)}$"):
        LabelledCines(root / "labels.csv")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_mark_between_columns_is_named(root, mark):
    csv = labels(root, *PIECES)
    csv.write_text(csv.read_text().replace(",", mark))
    said = f"labels.csv: expected commas between columns, got {mark!r}"
    with pytest.raises(InputError, match=f"^{re.escape(said)}$"):
        LabelledCines(csv)


def test_a_folder_gives_all_frames_of_all_cines(root):
    source = CineFolder(root)
    assert source.table["sequence"].value_counts().to_dict() == {"one": 6, "two": 6}
    assert [level(source, index) for index in (5, 6)] == [50, 1]


def test_a_torn_cine_is_passed_over_with_its_reason(root):
    (root / "bad.mp4").write_bytes(b"no film")
    source = CineFolder(root)
    assert set(source.table["sequence"]) == {"one", "two"}
    assert list(source.skipped) == ["bad.mp4"]
    assert source.skipped["bad.mp4"].startswith("expected")


def test_a_folder_without_cines_is_refused(tmp_path):
    with pytest.raises(InputError, match="root: expected a folder with readable cines"):
        CineFolder(tmp_path)
