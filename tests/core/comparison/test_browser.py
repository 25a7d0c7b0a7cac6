"""The page in a real browser."""

import shutil

import pytest

from core.comparison.page import write_comparison
from core.metrics.agreement import bland_altman
from tests.core.comparison.made_runs import pictures, segmentation

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    runs = [segmentation(folder / f"n{k}", noise=k, off=(k, 2)) for k in (4, 0, 9)]
    runs += [segmentation(folder / "n0-again", noise=0, seed=1, off=(1, 2))]
    path = write_comparison(
        runs, folder / "out", lambda run: pictures, bland_altman, project="tiny"
    )
    return path.as_uri()


@pytest.fixture
def opened(page_url):
    """Open the page in a window of some width, noting what it complains of and asks for."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def at(width, **options):
            page = browser.new_context(
                viewport={"width": width, "height": 900}, **options
            ).new_page()
            page.complaints, page.asked = [], []
            page.on("console", lambda message: page.complaints.append(message.text))
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.on("request", lambda request: page.asked.append(request.url))
            page.goto(page_url)
            return page

        yield at
        browser.close()


def first_column(page):
    return page.locator(".sortable tbody th").all_inner_texts()


def test_it_opens_without_complaints_and_without_a_network(opened, page_url):
    page = opened(1200)
    outside = [url for url in page.asked if url != page_url and not url.startswith("data:")]
    assert (page.complaints, outside) == ([], [])


def test_every_picture_is_there(opened):
    page = opened(1200)
    widths = page.evaluate("[...document.images].map((image) => image.naturalWidth)")
    assert len(widths) > 6
    assert min(widths) > 0


def test_a_click_sorts_and_another_turns_round(opened):
    page = opened(1200)
    assert first_column(page) == ["n0", "n4", "n9"]
    page.click(".sortable th:has-text('Dice') button")
    assert first_column(page) == ["n0", "n4", "n9"]
    page.click(".sortable th:has-text('Dice') button")
    assert first_column(page) == ["n9", "n4", "n0"]
    page.keyboard.press("Enter")
    assert first_column(page) == ["n0", "n4", "n9"]
    assert page.complaints == []


def test_text_sorts_as_text(opened):
    page = opened(1200)
    page.click(".sortable th:has-text('Method') button")
    page.click(".sortable th:has-text('Method') button")
    assert first_column(page) == ["n9", "n4", "n0"]


def test_without_scripts_the_table_is_sorted_already(opened):
    page = opened(1200, java_script_enabled=False)
    assert first_column(page) == ["n0", "n4", "n9"]


@pytest.mark.parametrize("width", [360, 480, 1200])
def test_no_width_makes_the_page_scroll_sideways(opened, width):
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
