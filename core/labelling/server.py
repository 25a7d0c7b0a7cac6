"""The labelling page as a web application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from core.checks import InputError, RunError, require
from core.labelling.catalogue import Catalogue
from core.labelling.desk import Answer, Desk, Fields, UnknownItem
from core.labelling.export import DISAGREEMENTS, labels_of, text_of
from core.labelling.frames import FrameReader
from core.labelling.guard import Guard
from core.labelling.store import LabelStore

Endpoint = Callable[[Request], Response]

_FILES: Final = {
    "/": "page.html",
    **{f"/{name}": name for name in ("page.css", "page.js", "parts.js", "player.js", "server.js")},
}
_TABLES: Final = ("labels.csv", DISAGREEMENTS)


def application(
    catalogue: Catalogue, store: LabelStore, desk: Desk, *, port: int, token: str
) -> Starlette:
    """Return the web application.

    Args:
        catalogue: The cines.
        store: Where labels are kept.
        desk: What answers the page.
        port: Where it listens, for the check of the Host header.
        token: The secret that the first request brings.
    """
    actions = (desk.next, desk.open, desk.look, desk.label, desk.split, desk.skip, desk.undo)
    table = _table(catalogue, store)
    routes = [
        *(Route(path, _file(name), methods=["GET"]) for path, name in _FILES.items()),
        Route("/api/setup", lambda request: JSONResponse(desk.setup()), methods=["GET"]),
        *(Route(f"/api/{act.__name__}", _posted(act), methods=["POST"]) for act in actions),
        Route("/cines/{item}/frames/{first:int}-{last:int}", _frames(desk), methods=["GET"]),
        *(Route(f"/{name}", table, methods=["GET"]) for name in _TABLES),
    ]
    guard = Middleware(Guard, port=port, token=token)
    return Starlette(routes=routes, middleware=[guard], exception_handlers=_HANDLERS)


def _frames(desk: Desk) -> Endpoint:
    reader = FrameReader()

    def answer(request: Request) -> Response:
        asked = request.path_params
        frames = reader.read(desk.item(asked["item"]), asked["first"], asked["last"])
        return Response(frames, media_type="application/octet-stream")

    return answer


def _table(catalogue: Catalogue, store: LabelStore) -> Endpoint:
    def answer(request: Request) -> Response:
        name = request.url.path.strip("/")
        labels = labels_of(catalogue, store.history)
        text = text_of(labels.disputed if name == DISAGREEMENTS else labels.agreed)
        attachment = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=attachment)

    return answer


def _file(name: str) -> Endpoint:
    path = Path(__file__).with_name(name)
    return lambda request: FileResponse(path)


def _posted(act: Callable[[Fields], Answer]) -> Callable[[Request], Awaitable[Response]]:
    """Wrap an action that takes JSON and gives some; 409 where somebody was faster."""

    async def answer(request: Request) -> Response:
        try:
            fields = json.loads(await request.body())
        except (ValueError, RecursionError):
            fields = None
        require(isinstance(fields, dict), "body", "a JSON object")
        said = await run_in_threadpool(act, fields)
        return JSONResponse(said, 409 if "conflict" in said else 200)

    return answer


def _said(status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, error: JSONResponse({"message": str(error)}, status)


_HANDLERS: Any = {InputError: _said(400), UnknownItem: _said(404), RunError: _said(503)}
