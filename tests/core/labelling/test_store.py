import sqlite3

import pytest

from core.checks import InputError, RunError
from core.labelling.history import Event
from core.labelling.store import Conflict, LabelStore


def label(cine="c", who="Anna", version=0, view="A4C"):
    return Event(cine, who, version, "label", 0, view)


def fill(store):
    for version in range(2000):
        store.add(label(version=version))


def test_events_are_there_when_the_file_is_opened_again(tmp_path):
    path = tmp_path / "new" / "labels.sqlite"
    LabelStore(path).add(label())  # not closed, as after a crash
    assert LabelStore(path).history.opinion("c", "Anna").views == {0: "A4C"}


def test_a_stale_event_is_refused_and_nothing_is_lost(store):
    store.add(label())
    with pytest.raises(Conflict):
        store.add(label(view="PLAX"))
    assert store.history.opinion("c", "Anna").views == {0: "A4C"}
    store.add(label(version=1, view="PLAX"))


def test_what_another_process_adds_is_seen(tmp_path):
    one, other = LabelStore(tmp_path / "l.sqlite"), LabelStore(tmp_path / "l.sqlite")
    one.add(label())
    with pytest.raises(Conflict):
        other.add(label(view="PLAX"))
    assert other.history.opinion("c", "Anna").views == {0: "A4C"}


def test_commits_reach_the_disk(store):
    pragma = lambda name: store._base.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", 2)


@pytest.mark.parametrize("change", ["DELETE FROM events", "UPDATE events SET view = 'PLAX'"])
def test_events_are_only_added(store, change):
    store.add(label())
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        store._base.execute(change)


def test_a_full_disk_is_said_and_the_label_does_not_count(store):
    store._base.execute("PRAGMA max_page_count = 8")
    with pytest.raises(RunError, match="labels.sqlite.*full"):
        fill(store)
    kept = store._base.execute("SELECT count(*) FROM events").fetchone()[0]
    assert store.history.version("c", "Anna") == kept > 10


def test_other_files_are_refused_and_left_as_they_are(tmp_path):
    text, other = tmp_path / "text", tmp_path / "other.sqlite"
    text.write_text("not a database " * 100)
    base = sqlite3.connect(other)
    base.execute("CREATE TABLE mine (x)")
    base.close()
    before = other.read_bytes(), text.read_bytes()
    for path in (text, other):
        with pytest.raises(InputError, match=rf"{path.name}.*expected a file of labels"):
            LabelStore(path)
    assert (other.read_bytes(), text.read_bytes()) == before


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="labels.sqlite"):
        LabelStore(tmp_path / "file" / "labels.sqlite")


def test_a_closed_file_is_said(tmp_path):
    store = LabelStore(tmp_path / "labels.sqlite")
    store.close()
    with pytest.raises(RunError, match="cannot keep labels in .*labels.sqlite: .*closed"):
        store.add(label())


def test_it_is_opened_while_another_writes(tmp_path, store):
    store.add(label())
    with store._transaction():
        other = LabelStore(tmp_path / "labels.sqlite")
        assert other.history.cines == ["c"]
        other.close()
