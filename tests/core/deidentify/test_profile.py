import pytest
from pydicom.datadict import keyword_for_tag

from core.deidentify.dates import KINDS
from core.deidentify.kept import IMAGE, REGION
from core.deidentify.record import STATED_EMPTY, UIDS
from core.deidentify.verify import ALLOWED
from tests.phi import profile

ROWS = profile()
ACTIONS = {"removed", "emptied", "pseudonym", "moved"}


def test_the_table_is_all_of_edition_2026c():
    assert len(ROWS) == len({row["tag"] for row in ROWS}) == 656


def test_every_row_has_a_decided_action_other_than_keeping():
    assert {row["copy"] for row in ROWS} == ACTIONS


def test_keywords_are_those_of_the_dictionary():
    plain = [row for row in ROWS if "x" not in row["tag"] and "g" not in row["tag"]]
    wrong = [
        row
        for row in plain
        if row["keyword"] != keyword_for_tag(int(row["tag"].replace(",", ""), 16))
    ]
    assert wrong == []


@pytest.mark.parametrize("keyword", sorted({*IMAGE, *REGION}))
def test_what_is_kept_has_no_row(keyword):
    assert keyword not in {row["keyword"] for row in ROWS}


def test_what_is_removed_may_not_stand_in_a_copy():
    removed = {row["keyword"] for row in ROWS if row["copy"] == "removed" and row["keyword"]}
    assert not removed & ALLOWED


def test_the_other_actions_are_those_of_the_code():
    by_action = {
        action: {row["keyword"] for row in ROWS if row["copy"] == action} for action in ACTIONS
    }
    moved = {f"{kind}{part}" for kind in KINDS for part in ("Date", "Time")}
    assert by_action["moved"] == moved
    assert by_action["pseudonym"] == {
        *("PatientID", "PatientName", "MediaStorageSOPInstanceUID"),
        *UIDS,
    }
    assert by_action["emptied"] <= set(STATED_EMPTY)
