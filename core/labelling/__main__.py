"""`python -m core.labelling --input FOLDER`: label cines with their view, in the browser.

`--export FOLDER/labels.csv` writes the labels beside the cines, where training looks for them; the
page may be open meanwhile.
"""

from __future__ import annotations

import argparse
import secrets
import socket
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import Final

from core.checks import InputError, require
from core.commands import Parser, run_command
from core.files import printable
from core.labelling.catalogue import Catalogue
from core.labelling.desk import Desk, checked_labeller
from core.labelling.export import labels_of, write_labels
from core.labelling.opening import shown
from core.labelling.store import LabelStore
from core.labelling.views import TITLES

HOST: Final = "127.0.0.1"


def main(args: Sequence[str] | None = None) -> int:
    """Serve the page until it is stopped, or write the table of labels.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 when the input or an option is wrong, 1 when something cannot be written.
    """
    return run_command(lambda: _run(_parser().parse_args(args)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core.labelling", description=__doc__)
    add = parser.add_argument
    add("--input", type=Path, required=True, help="folder of DICOM, video and image files")
    add("--labels", type=Path, help="where labels are kept; labels/<name of the input>.sqlite")
    add("--views", nargs="+", default=list(TITLES), help=" ".join(TITLES))
    add("--labeller", default="", help="your name; the page asks for it")
    add("--port", type=int, default=0, help="of 127.0.0.1; any that is free")
    add("--no-browser", action="store_true", help="only print the address")
    export = "write the labels as a table, and end; for training into FOLDER/labels.csv"
    add("--export", type=Path, metavar="CSV", help=export)
    return parser


def _run(given: argparse.Namespace) -> int:
    _export(given) if given.export else _serve(given)
    return 0


def _labels_path(given: argparse.Namespace) -> Path:
    name = given.input.resolve().name or "labels"
    return given.labels or Path("labels") / f"{name}.sqlite"


def _export(given: argparse.Namespace) -> None:
    path = _labels_path(given)
    require(path.is_file(), printable(path), "a file of labels", "nothing of that name")
    catalogue, store = Catalogue(given.input), LabelStore(path)
    catalogue.scan(_say)
    labels = labels_of(catalogue, store.history)
    write_labels(given.export, labels)
    sys.stdout.write(f"{printable(given.export)}: {labels.summary}\n")


def _serve(given: argparse.Namespace) -> None:
    require(0 <= given.port <= 65535, "--port", "0 to 65535", given.port)
    if given.labeller:
        checked_labeller(given.labeller)
    catalogue, store = Catalogue(given.input), LabelStore(_labels_path(given))
    desk = Desk(catalogue, store, given.views, given.labeller)
    with _listening(given.port) as listener:
        address, token = "{}:{}".format(*listener.getsockname()), secrets.token_urlsafe(32)
        Thread(target=_scan, args=(catalogue,), daemon=True).start()
        _say(f"labels are kept in {printable(_labels_path(given))}; Ctrl-C ends, nothing is lost")
        page = shown(f"http://{address}/?token={token}", in_browser=not given.no_browser)
        with closing(store), suppress(KeyboardInterrupt), page:  # which is how it ends
            _answer(catalogue, store, desk, listener, token)


def _listening(port: int) -> socket.socket:
    """Return a socket that only this machine reaches."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise InputError(f"--port: expected a free one, got {port}: {error.strerror}") from error
    listener.listen()
    return listener


def _scan(catalogue: Catalogue) -> None:
    catalogue.scan(_say)
    copies = f", {catalogue.copies} copies of others left out" if catalogue.copies else ""
    refused = f", {len(catalogue.refused)} unreadable" if catalogue.refused else ""
    _say(f"{len(catalogue.items)} cines to label{copies}{refused}")


def _answer(
    catalogue: Catalogue, store: LabelStore, desk: Desk, listener: socket.socket, token: str
) -> None:
    import uvicorn

    from core.labelling.server import application

    port = listener.getsockname()[1]
    config = uvicorn.Config(
        application(catalogue, store, desk, port=port, token=token),
        http="h11",
        lifespan="off",
        log_level="warning",  # no list of requests
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
