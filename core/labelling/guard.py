"""Who may talk to the labelling page: whoever holds its token, on this machine."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY: Final = 4096  # bytes

_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Refuses requests before anything else sees them, and adds headers to every answer.

    - The Host header is 127.0.0.1 or localhost with the port, as a foreign page could else reach us
      under its own name (DNS rebinding).
    - The token comes in a cookie, or, once, in the address that was printed.
    - What changes something comes from our own page (Origin), is JSON, and small.

    Args:
        app: What answers the requests that pass.
        port: Where we listen.
        token: The secret.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app, self._token, self._cookie = app, token, f"labelling_{port}"
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is none."""
        if scope["type"] != "http":
            return
        came_with_token = self._has_token_in_address(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = dict(_HEADERS)
                if came_with_token and message["status"] == 200:
                    added["set-cookie"] = self._set_cookie()
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in added.items()),
                ]
            await send(message)

        refusal = self._refusal(scope)
        answer = PlainTextResponse(refusal[1], refusal[0]) if refusal else self._app
        await answer(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return status and reason if a request is refused."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 403, "This page is served on this machine only."
        if not (self._has_cookie(scope) or self._has_token_in_address(scope)):
            return 403, "Open the address that the labelling program printed when it started."
        if scope["method"] not in ("GET", "POST"):
            return 405, "Only GET and POST."
        return _refusal_of_write(scope, hosts[0]) if scope["method"] == "POST" else None

    def _has_cookie(self, scope: Scope) -> bool:
        for header in _values(scope, b"cookie"):
            try:
                morsel = SimpleCookie(header).get(self._cookie)
            except CookieError:
                continue
            if morsel and self._is_token(morsel.value):
                return True
        return False

    def _has_token_in_address(self, scope: Scope) -> bool:
        """Only for the page itself: nowhere else does it belong in an address."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return False
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        return any(self._is_token(token) for token in asked.get("token", []))

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode("utf-8", "replace"), self._token.encode())

    def _set_cookie(self) -> str:
        return f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"


def _refusal_of_write(scope: Scope, host: str) -> tuple[int, str] | None:
    if _values(scope, b"origin") != [f"http://{host}"]:
        return 403, "Only the labelling page itself may change something."
    if _values(scope, b"content-type") != ["application/json"]:
        return 415, "Only JSON."
    lengths = _values(scope, b"content-length")
    if len(lengths) != 1 or not lengths[0].isdecimal():
        return 411, "The length is missing."
    # by the number of digits first: int() of thousands of them is an error
    if len(lengths[0]) > len(str(LARGEST_BODY)) or int(lengths[0]) > LARGEST_BODY:
        return 413, f"At most {LARGEST_BODY} bytes."
    return None


def _values(scope: Scope, name: bytes) -> list[str]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key == name]
