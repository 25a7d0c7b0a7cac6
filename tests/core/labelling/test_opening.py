import re
import shlex
import stat
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from core.labelling.opening import shown

ADDRESS = "http://127.0.0.1:4711/?token=the-token"


@pytest.fixture
def browser(monkeypatch, tmp_path):
    """What the browser's command line is; it shows nothing."""
    told = tmp_path / "told"
    script = f"import sys, pathlib; pathlib.Path({str(told)!r}).write_text(sys.argv[1])"
    command = shlex.join([sys.executable, "-c", script])
    monkeypatch.setattr("webbrowser._tryorder", [])
    monkeypatch.setattr("webbrowser._browsers", {})
    monkeypatch.setenv("BROWSER", f"{command} %s")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser._tryorder", None)
    return told


def test_the_browser_is_given_a_private_file_that_leads_to_the_page(browser, capsys):
    with shown(ADDRESS, in_browser=True):
        command = browser.read_text()
        page = Path(unquote(urlsplit(command).path))
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (page, page.parent)]
        leads_to = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.read_text())
    assert "token" not in command
    assert modes == [0o600, 0o700]
    assert leads_to[1] == ADDRESS
    assert not page.parent.exists()
    assert capsys.readouterr().out == f"{ADDRESS}\n"


@pytest.mark.parametrize(("in_browser", "screen"), [(False, ":0"), (True, "")])
def test_nothing_is_opened_unasked_or_without_a_screen(browser, monkeypatch, in_browser, screen):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if screen:
        monkeypatch.setenv("DISPLAY", screen)
    with shown(ADDRESS, in_browser=in_browser):
        assert not browser.exists()
