"""Random work of two labellers, one in two windows, against a simple account of what should be."""

import random

import pytest

WHO = ("Anna", "Ben", "Anna")  # the third is Anna's second window
VIEWS = ("A2C", "A4C", "PLAX", "UNKNOWN")


class Account:
    """What each labeller said, by snapshots: undo takes one off."""

    def __init__(self):
        self.said = {}  # (who, number): [(starts, views), ...], the last one counts
        self.steps = {"Anna": [], "Ben": []}
        self.versions = {}

    def now(self, who, number):
        return self.said.get((who, number), [((0,), {})])[-1]

    def put(self, who, number, starts, views):
        self.said.setdefault((who, number), [((0,), {})]).append((tuple(sorted(starts)), views))
        self.steps[who].append(number)
        self.count(who, number)

    def count(self, who, number):
        self.versions[who, number] = self.versions.get((who, number), 0) + 1

    def take_back(self, who):
        number = self.steps[who].pop()
        self.said[who, number].pop()
        self.count(who, number)

    def pieces(self, who, number, frames):
        starts, views = self.now(who, number)
        ends = [*starts[1:], frames]
        return [(a, b - 1, views.get(a, "")) for a, b in zip(starts, ends, strict=True)]

    def done(self, who, numbers):
        return sum(
            len(views) == len(starts) for starts, views in (self.now(who, n) for n in numbers)
        )


class Window:
    """One browser's page: what it has seen, which may be out of date."""

    def __init__(self, browser, who):
        self.browser, self.who, self.item, self.undo = browser, who, None, None

    def take(self, answer):
        said = answer.json()
        self.item, self.undo = said["item"], said["undo"]
        return said

    def fresh(self, account, item):
        return item["version"] == account.versions.get((self.who, item["number"]), 0)


def work(window, account, rng):
    """Do one thing as it could be done on the page; returns the answer's status."""
    item, number = window.item, window.item["number"]
    starts, views = account.now(window.who, number)
    act = rng.choice(("label", "label", "split", "skip", "undo", "open", "next"))
    if act == "open":
        window.take(window.browser.post("open", window.who, number=rng.randint(1, 4)))
        return 200
    if act == "next":
        answer = window.browser.post("next", window.who, second=True)
        if answer.json()["item"]:
            window.take(answer)
        return 200
    if act == "undo":
        if not window.undo:
            return 200
        number = window.undo["number"]
        steps = account.steps[window.who]
        fits = window.fresh(account, window.undo) and steps and steps[-1] == number
        answer = window.browser.do("undo", window.undo, window.who)
        if fits:
            account.take_back(window.who)
    else:
        piece = rng.choice(item["pieces"])
        frame, view = piece["first"], rng.choice(VIEWS)
        fits = window.fresh(account, item)
        if act == "split":
            frame = rng.randint(1, max(item["frames"] - 1, 1))
            if frame >= item["frames"]:
                return 200
            fits = fits and frame not in starts
        fields = {"label": {"frame": frame, "view": view}, "split": {"frame": frame}, "skip": {}}[
            act
        ]
        answer = window.browser.do(act, item, window.who, **fields)
        if fits:
            new = {"label": (starts, {**views, frame: view}), "split": ((*starts, frame), views)}
            account.put(window.who, number, *new.get(act, (starts, views)))
    assert answer.status_code == (200 if fits else 409)
    said = window.take(answer)
    seen = [(piece["first"], piece["last"], piece["view"]) for piece in said["item"]["pieces"]]
    assert seen == account.pieces(window.who, number, said["item"]["frames"])
    assert said["progress"]["mine"] == account.done(window.who, range(1, 5))
    return answer.status_code


def run(browser, seed, steps):
    rng, account = random.Random(seed), Account()
    windows = [Window(browser, who) for who in WHO]
    for window in windows:
        window.take(browser.post("open", window.who, number=rng.randint(1, 4)))
    statuses = [work(rng.choice(windows), account, rng) for _ in range(steps)]
    return statuses.count(409)


def test_random_work_comes_to_what_it_should(browser):
    assert run(browser, seed=0, steps=120) > 5  # some windows were stale, too


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_much_random_work_comes_to_what_it_should(browser, seed):
    assert run(browser, seed, steps=1000) > 50
