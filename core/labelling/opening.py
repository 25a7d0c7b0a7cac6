"""Showing the page's address, and opening it in the browser."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

_PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>Labelling</title>
<p>This leads to the <a href="{address}">labelling page</a>, on this machine.</p>
"""


@contextmanager
def shown(address: str, *, in_browser: bool) -> Iterator[None]:
    """Print an address with its token, and open it in the browser if there is a screen.

    The browser is given the name of a file that only this user can read and that leads there: its
    command line, which every user of the machine can list, does not hold the token.

    Args:
        address: Of the page.
        in_browser: Whether it is to be opened.

    Yields:
        While the page is served; then the file is removed.
    """
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    if not (in_browser and _has_screen()):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="labelling-") as folder:  # for this user only
        page = Path(folder) / "open.html"
        page.touch(0o600)
        page.write_text(_PAGE.format(address=escape(address)), "utf-8")
        webbrowser.open(page.as_uri())
        yield


def _has_screen() -> bool:
    """Return whether a browser has one; else one in this terminal might come up."""
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
