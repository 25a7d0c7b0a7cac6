"""Sources of frames, over cines that are folders of PNG files."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks import InputError
from core.data import CineFolder, LabelledCines


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


def test_the_fingerprint_follows_the_pixels(root):
    csv = labels(root, *PIECES)
    before = LabelledCines(csv).fingerprint
    Image.fromarray(np.zeros((12, 16), np.uint8)).save(root / "one" / "004.png")
    assert LabelledCines(csv).fingerprint != before


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (("three", "p", "", 0, 1, "A4C", ""), "cine three: expected a file or folder, got nothing"),
        (("../x", "p", "", 0, 1, "A4C", ""), "cine ../x: expected a path below the root folder"),
        (("one", "p", "", 3, 1, "A4C", ""), "cine one: expected first_frame up to last_frame"),
        (("one", "p", "", "x", 1, "A4C", ""), "'first_frame': expected a frame number .* line 2"),
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
    with pytest.raises(InputError, match="cine one: expected frame 6, got 6 frames"):
        source[2]


def test_a_frame_listed_twice_is_refused(root):
    with pytest.raises(InputError, match="id: expected each id once, got 1 more than once: one#2"):
        LabelledCines(labels(root, PIECES[0], ("one", "p1", "E7", 2, 4, "A5C", "me")))


def test_a_missing_column_is_named(root):
    pd.DataFrame([{"cine": "one", "subjct": "p"}]).to_csv(root / "labels.csv", index=False)
    with pytest.raises(InputError, match="a column 'subject', did you mean 'subjct'|'subject'"):
        LabelledCines(root / "labels.csv")


def test_a_folder_gives_all_frames_of_all_cines(root):
    source = CineFolder(root)
    assert source.table["sequence"].value_counts().to_dict() == {"one": 6, "two": 6}
    assert [level(source, index) for index in (5, 6)] == [50, 1]


def test_a_torn_cine_is_passed_over_with_its_reason(root):
    (root / "bad.mp4").write_bytes(b"no film")
    source = CineFolder(root)
    assert set(source.table["sequence"]) == {"one", "two"}
    assert list(source.skipped) == ["bad.mp4"]


def test_a_folder_without_cines_is_refused(tmp_path):
    with pytest.raises(InputError, match="root: expected a folder with readable cines"):
        CineFolder(tmp_path)
