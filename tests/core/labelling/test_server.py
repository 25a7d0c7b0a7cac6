import csv
import io

import numpy as np
import pytest
from PIL import Image

from core.checks import RunError


def pieces(answer):
    return [
        (piece["first"], piece["last"], piece["view"]) for piece in answer.json()["item"]["pieces"]
    ]


def rows(browser, name="labels.csv"):
    return list(csv.DictReader(io.StringIO(browser.get(f"/{name}").text)))


def jpegs_of(content):
    while content:
        length = int.from_bytes(content[:4], "big")
        yield Image.open(io.BytesIO(content[4 : 4 + length]))
        content = content[4 + length :]


def test_frames_come_in_order_as_they_are(browser, catalogue):
    item = browser.next()
    content = browser.get(f"/cines/{item['id']}/frames/2-4").content
    shown = [np.asarray(jpeg) for jpeg in jpegs_of(content)]
    assert len(shown) == 3
    for number, frame in enumerate(shown, start=2):
        path = catalogue.items[0].path / f"frame_{number:03d}.png"
        stored = np.asarray(Image.open(path)).astype(int)
        assert abs(frame.astype(int) - stored).mean() < 12  # white noise, the worst for JPEG


@pytest.mark.parametrize("frames", ["0-6", "6-6", "3-2", "0-99999999999999999999"])
def test_frames_that_are_not_there_are_refused(browser, frames):
    answer = browser.get(f"/cines/{browser.next()['id']}/frames/{frames}")
    assert answer.status_code == 400
    assert "expected at most 32 of 0 to 5" in answer.json()["message"]


def test_a_cine_that_has_vanished_is_said(browser, catalogue):
    (catalogue.items[0].path / "frame_003.png").unlink()
    answer = browser.get(f"/cines/{browser.next()['id']}/frames/0-5")
    assert answer.status_code == 400


def test_the_page_learns_no_name(browser, catalogue):
    item = browser.next()
    assert set(item) == {
        *("id", "number", "machine", "frames", "fps", "version", "pieces", "skips", "shared")
    }
    assert "cine0" not in browser.post("next").text


def test_the_next_unlabelled_comes_by_itself(browser):
    numbers = []
    while item := browser.next():
        numbers.append(item["number"])
        assert browser.do("label", item, frame=0, view="A4C").status_code == 200
    assert numbers == [1, 2, 3, 4]
    assert browser.post("next").json()["progress"] == {
        "all": 4,
        "done": 4,
        "mine": 4,
        "others": 0,
        "reading": False,
    }


def test_skipped_cines_come_again_at_the_end_in_turns(browser):
    for expected in (1, 2, 3, 4, 1, 2):
        item = browser.next()
        assert item["number"] == expected
        browser.do("skip", item)


def test_a_split_cine_is_done_when_each_piece_has_its_view(browser):
    item = browser.next()
    item = browser.do("split", item, frame=4).json()["item"]
    item = browser.do("label", item, frame=4, view="A5C").json()["item"]
    assert browser.next()["number"] == 1
    answer = browser.do("label", item, frame=0, view="UNKNOWN")
    assert pieces(answer) == [(0, 3, "UNKNOWN"), (4, 5, "A5C")]
    assert browser.next()["number"] == 2


def test_undo_leads_back_to_the_cine_of_the_last_step(browser):
    browser.do("label", browser.next(), frame=0, view="A4C")
    second = browser.next()
    undo = browser.post("look", item=second["id"]).json()["undo"]
    answer = browser.do("undo", undo)
    assert answer.json()["item"]["number"] == 1
    assert pieces(answer) == [(0, 5, "")]
    assert answer.json()["undo"] is None


def test_a_stale_page_is_told_and_the_first_label_stays(browser):
    item = browser.next()
    browser.do("label", item, frame=0, view="A4C")
    late = browser.do("label", item, frame=0, view="PLAX")
    assert late.status_code == 409
    assert "Something else came first" in late.json()["conflict"]
    assert pieces(late) == [(0, 5, "A4C")]
    assert browser.do("label", late.json()["item"], frame=0, view="PLAX").status_code == 200


def test_a_double_click_counts_once(browser):
    item = browser.next()
    twice = [browser.do("split", item, frame=3).status_code for _ in range(2)]
    assert twice == [200, 409]


def test_two_labellers_are_given_different_cines(browser):
    assert [browser.next(who)["number"] for who in ("Anna", "Ben", "Cleo", "Dag", "Eve")] == [
        *(1, 2, 3, 4, 1)
    ]


def test_two_labels_of_one_cine_are_both_kept(browser):
    item = browser.post("open", "Anna", number=1).json()["item"]
    same = browser.post("open", "Ben", number=1).json()["item"]
    assert same["shared"]
    assert browser.do("label", item, "Anna", frame=0, view="A4C").status_code == 200
    answer = browser.do("label", same, "Ben", frame=0, view="A5C")
    assert answer.status_code == 200
    assert answer.json()["progress"]["others"] == answer.json()["progress"]["mine"] == 1
    assert rows(browser) == []
    assert [row["labeller"] for row in rows(browser, "disagreements.csv")] == ["Anna", "Ben"]


def test_nobody_sees_what_others_think(browser):
    browser.do("label", browser.next("Anna"), "Anna", frame=0, view="SAXMID")
    opened = browser.post("open", "Ben", number=1)
    assert pieces(opened) == [(0, 5, "")]
    assert "SAXMID" not in opened.text


def test_cines_of_others_come_only_to_those_who_ask(browser):
    while item := browser.next("Anna"):
        browser.do("label", item, "Anna", frame=0, view="A4C")
    assert browser.next("Ben") is None
    assert browser.next("Ben", second=True)["number"] == 1
    assert browser.next("Anna", second=True) is None


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("label", {"frame": 0, "view": "A6C"}),
        ("label", {"frame": 0, "view": ""}),
        ("label", {"frame": 0}),
        ("label", {"frame": "0", "view": "A4C"}),
        ("label", {"frame": True, "view": "A4C"}),
        ("label", {"frame": -1, "view": "A4C"}),
        ("label", {"frame": 0.5, "view": "A4C"}),
        ("label", {"frame": 10**400, "view": "A4C"}),
        ("label", {"frame": 0, "view": "A4C", "version": None}),
        ("label", {"frame": 0, "view": "A4C", "item": 1}),
        ("split", {"frame": 0}),
        ("split", {"frame": 6}),
        *(
            ("skip", {"labeller": name})
            for name in ("", " ", "=1+1", "a;b", "a\n", "x" * 31, "a\0", None)
        ),
    ],
)
def test_wrong_fields_are_refused_and_nothing_is_kept(browser, store, action, fields):
    item = browser.next()
    sent = {"labeller": "Anna", "item": item["id"], "version": 0, **fields}
    answer = browser.post(action, **sent)
    assert answer.status_code == 400
    assert "expected" in answer.json()["message"]
    assert store.history.cines == []


@pytest.mark.parametrize("number", [0, 5, -1, "1", None])
def test_there_is_no_other_number(browser, number):
    assert browser.post("open", number=number).status_code == 400


def test_an_unknown_cine_is_not_found(browser):
    assert browser.post("skip", item="0" * 32, version=0).status_code == 404


def test_a_label_that_could_not_be_kept_is_not_acknowledged(browser, store, monkeypatch):
    def full(event):
        raise RunError("cannot keep labels: disk full")

    monkeypatch.setattr(store, "add", full)
    answer = browser.do("label", browser.next(), frame=0, view="A4C")
    assert (answer.status_code, answer.json()["message"]) == (503, "cannot keep labels: disk full")
