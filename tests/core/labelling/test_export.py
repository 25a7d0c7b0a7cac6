import shutil

import pytest

from core.checks import InputError
from core.labelling.catalogue import Catalogue
from core.labelling.export import labels_of, text_of, write_labels
from core.labelling.history import Event
from core.labelling.store import LabelStore

HEADER = "cine,subject,device,first_frame,last_frame,view,labeller\n"


@pytest.fixture
def say(catalogue, store):
    """Let somebody label a piece, or split before a frame, of a cine by its place."""

    def add(place, who, frame, view=""):
        digest = catalogue.items[place].digest
        version = store.history.version(digest, who)
        store.add(Event(digest, who, version, "label" if view else "split", frame, view))

    return add


def exported(catalogue, store):
    labels = labels_of(catalogue, store.history)
    return text_of(labels.agreed).removeprefix(HEADER), text_of(labels.disputed).removeprefix(
        HEADER
    )


def test_one_row_a_piece_in_the_order_of_the_paths(catalogue, store, say):
    say(2, "Anna", 0, "PLAX")
    say(0, "Anna", 4)
    say(0, "Anna", 4, "A5C")
    say(0, "Anna", 0, "A4C")
    expected = "cine0,cine0,,0,3,A4C,Anna\ncine0,cine0,,4,5,A5C,Anna\ncine2,cine2,,0,5,PLAX,Anna\n"
    assert exported(catalogue, store) == (expected, "")


def test_who_agrees_shares_a_row(catalogue, store, say):
    say(0, "Ben", 0, "A4C")
    say(0, "Anna", 0, "A4C")
    assert exported(catalogue, store) == ("cine0,cine0,,0,5,A4C,Anna; Ben\n", "")


def test_who_disagrees_is_listed_apart(catalogue, store, say):
    say(0, "Anna", 0, "A4C")
    say(0, "Ben", 0, "A5C")
    say(1, "Ben", 0, "UNKNOWN")
    expected = "cine0,cine0,,0,5,A4C,Anna\ncine0,cine0,,0,5,A5C,Ben\n"
    assert exported(catalogue, store) == ("cine1,cine1,,0,5,UNKNOWN,Ben\n", expected)


def test_different_splits_are_compared_piece_by_piece(catalogue, store, say):
    say(0, "Anna", 0, "A4C")
    say(0, "Ben", 4)
    say(0, "Ben", 0, "A4C")
    say(0, "Ben", 4, "A5C")
    agreed, disputed = exported(catalogue, store)
    assert agreed == "cine0,cine0,,0,3,A4C,Anna; Ben\n"
    assert disputed == "cine0,cine0,,4,5,A4C,Anna\ncine0,cine0,,4,5,A5C,Ben\n"


def test_pieces_without_a_label_are_left_out(catalogue, store, say):
    say(0, "Anna", 3)
    say(0, "Anna", 3, "A2C")
    assert exported(catalogue, store) == ("cine0,cine0,,3,5,A2C,Anna\n", "")


def test_the_table_does_not_depend_on_the_order_of_the_events(catalogue, store, say, tmp_path):
    for place, who in ((0, "Anna"), (0, "Ben"), (1, "Ben")):
        say(place, who, 0, "A4C")
    other = LabelStore(tmp_path / "other.sqlite")
    for place, who in ((1, "Ben"), (0, "Ben"), (0, "Anna")):
        other.add(Event(catalogue.items[place].digest, who, 0, "label", 0, "A4C"))
    assert exported(catalogue, store) == exported(catalogue, other)


def test_labels_follow_a_renamed_cine_and_absent_ones_are_counted(catalogue, store, say, cines):
    say(0, "Anna", 0, "A4C")
    say(1, "Anna", 0, "A4C")
    (cines / "cine0").rename(cines / "z")
    shutil.rmtree(cines / "cine1")
    now = Catalogue(cines)
    now.scan(pytest.fail)
    labels = labels_of(now, store.history)
    assert [row.cine for row in labels.agreed] == ["z"]
    assert labels.absent == 1
    assert labels.summary.endswith("1 labelled cines are not in the folder")


def test_the_tables_are_written_and_replaced(catalogue, store, say, tmp_path):
    say(0, "Anna", 0, "A4C")
    say(0, "Ben", 0, "A5C")
    for _ in range(2):
        labels = labels_of(catalogue, store.history)
        write_labels(tmp_path / "out" / "labels.csv", labels)
        written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
        assert set(written) == {"labels.csv", "disagreements.csv"}
    assert written["labels.csv"] == HEADER
    assert len(written["disagreements.csv"].splitlines()) == 3
    assert (
        labels.summary == "no labels; 1 left out, on which labellers disagree (disagreements.csv)"
    )


def test_cines_that_name_no_patient_are_subjects_of_their_own(catalogue, store, say):
    catalogue.items[1] = catalogue.items[1]._replace(subject="P7")
    for place in range(3):
        say(place, "Anna", 0, "A4C")
    labels = labels_of(catalogue, store.history)
    assert [row.subject for row in labels.agreed] == ["cine0", "P7", "cine2"]
    assert labels.summary.endswith("; 2 cines name no patient: each counts as a subject of its own")


def test_an_empty_file_is_written_over(catalogue, store, tmp_path):
    (tmp_path / "labels.csv").touch()
    write_labels(tmp_path / "labels.csv", labels_of(catalogue, store.history))
    assert (tmp_path / "labels.csv").read_text() == HEADER


@pytest.mark.parametrize("name", ["labels.csv", "disagreements.csv"])
def test_other_files_are_not_written_over(catalogue, store, tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(
        InputError, match=f"{name}: expected a new file, or a former table of labels"
    ):
        write_labels(tmp_path / "labels.csv", labels_of(catalogue, store.history))
    assert (tmp_path / name).read_text() == "mine"
    assert not [path for path in tmp_path.glob("*.csv") if path.name != name]
