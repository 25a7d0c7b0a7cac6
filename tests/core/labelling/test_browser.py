"""The page in a real browser, driven by keys."""

import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.labelling.opening import shown
from core.labelling.store import LabelStore

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
]
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]


@pytest.fixture
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Page:
    """A page in a window of its own, with what a person sees of it."""

    def __init__(self, chromium, program, name=""):
        self.errors = []
        self.page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(program.url)
        if name:
            self.page.fill("#name", name)
            self.page.keyboard.press("Enter")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def frame(self):
        shown = self.page.get_attribute("canvas", "data-frame")
        return None if shown is None else int(shown)

    def wait(self, script):
        """Until an expression holds; asked from here, as the page's policy forbids it to eval."""
        end = time.monotonic() + 15
        while not self.page.evaluate(script):
            assert time.monotonic() < end, script
            self.page.wait_for_timeout(20)

    def wait_for_cine(self, number):
        """Until this one is shown, and its first frame drawn, so that it can be labelled."""
        self.wait(f"document.querySelector('#number').value === '{number}'")
        self.wait("!document.querySelector('#views button').disabled")
        self.wait("document.querySelector('#frame').textContent !== ''")
        self.page.wait_for_timeout(300)

    def wait_for_status(self, text):
        self.wait(f"document.querySelector('#status').textContent.includes({text!r})")

    def pieces(self):
        return [button.inner_text() for button in self.page.query_selector_all("#line button")]

    def done(self):
        return self.page.inner_text("#done")


def test_a_cine_plays_stops_and_steps(chromium, start, cines):
    page = Page(chromium, start(cines), "Anna")
    page.wait_for_cine(1)
    seen = set()
    end = time.monotonic() + 10
    while len(seen) < 4 and time.monotonic() < end:
        seen.add(page.frame())
    assert len(seen) >= 4
    page.press("Space")
    page.page.wait_for_timeout(200)
    stopped = page.frame()
    page.page.wait_for_timeout(400)
    assert page.frame() == stopped
    page.press("ArrowRight")
    page.wait(f"document.querySelector('canvas').dataset.frame === '{(stopped + 1) % 6}'")
    page.press("ArrowLeft")
    page.wait(f"document.querySelector('canvas').dataset.frame === '{stopped}'")
    assert page.errors == []


def test_the_private_file_leads_to_a_page_that_works(chromium, start, cines, monkeypatch):
    opened = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    with shown(start(cines).url, in_browser=True):
        page = Page(chromium, SimpleNamespace(url=opened[0]), "Anna")
        page.wait_for_cine(1)
        page.press("3")
        page.wait_for_cine(2)
        assert "token" not in page.page.url
    assert (opened[0][:7], page.errors) == ("file://", [])


def test_labels_undo_and_split_by_key_survive_a_kill(chromium, start, cines, tmp_path):
    program = start(cines)
    page = Page(chromium, program, "Anna")
    page.wait_for_cine(1)
    page.press("3")  # A4C
    page.wait_for_cine(2)
    assert page.done() == "1"
    page.press("z")
    page.wait_for_cine(1)
    assert (page.pieces(), page.done()) == (["no label yet"], "0")
    page.press("4")  # A5C
    page.wait_for_cine(2)

    page.press("Space")
    page.page.wait_for_timeout(200)
    page.press(*["ArrowRight"] * ((3 - page.frame()) % 6))
    page.wait("document.querySelector('canvas').dataset.frame === '3'")
    page.press("c")
    page.wait("document.querySelectorAll('#line button').length === 2")
    page.press("5")  # PLAX, of the first piece
    page.wait("document.querySelector('#line button').textContent === 'PLAX'")
    program.kill()
    page.press("1")
    page.wait_for_status("No answer")

    again = Page(chromium, start(cines), "Anna")
    again.wait_for_cine(2)
    assert (again.pieces(), again.done()) == (["PLAX", "no label yet"], "1")
    again.press("u")
    again.wait_for_cine(3)
    views = [opinion for opinion in _views(tmp_path / "labels.sqlite") if opinion]
    assert sorted(views, key=str) == [{0: "A5C"}, {0: "PLAX", 3: "UNKNOWN"}]
    assert page.errors == again.errors == []


def _views(path: Path):
    history = LabelStore(path).history
    return [dict(history.opinion(cine, "Anna").views) for cine in history.cines]


def test_two_labellers_work_side_by_side(chromium, start, cines):
    program = start(cines)
    anna, ben = Page(chromium, program, "Anna"), Page(chromium, program, "Ben")
    anna.wait_for_cine(1)
    ben.wait_for_cine(2)
    anna.press("1")
    anna.wait_for_cine(3)
    ben.press("2")
    ben.wait_for_cine(4)
    assert "yours 1, others\u2019 1" in ben.page.inner_text("#whose")


def test_a_window_that_is_out_of_date_is_told_so_kindly(chromium, start, cines):
    program = start(cines, "--labeller", "Anna")
    one, other = Page(chromium, program), Page(chromium, program)
    one.wait_for_cine(1)
    other.wait_for_cine(1)
    one.press("1")
    one.wait_for_cine(2)
    other.press("2")
    other.wait_for_status("Something else came first")
    assert other.pieces() == ["A2C"]


def test_without_the_token_there_is_no_page(chromium, start, cines):
    page = chromium.new_page()
    page.goto(start(cines).url.split("?")[0])
    assert "Open the address" in page.inner_text("body")


def test_at_the_end_the_labels_are_offered(chromium, start, cines, tmp_path):
    page = Page(chromium, start(cines, "--views", "A4C", "PLAX"), "Anna")
    for number in range(1, 5):
        page.wait_for_cine(number)
        page.press("2")
    page.page.wait_for_selector("#end[open]")
    with page.page.expect_download() as download:
        page.page.click("#end a")
    table = Path(download.value.path()).read_text()
    assert [line.split(",")[5] for line in table.splitlines()[1:]] == ["PLAX"] * 4
