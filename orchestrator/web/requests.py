"""What may come in, and how answers go out: caps on bodies, a time to send them, headers, one line of log each.

The line holds the name of the endpoint, never the path: ids and queries may tell of a debtor.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from time import perf_counter
from types import MappingProxyType

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.web.auth import caller_of
from orchestrator.web.errors import Refused, Shown, note_unforeseen, response_of

logger = logging.getLogger("orchestrator.web")

USUAL_BYTES = 64 * 1024
# 10,000 rows of debts with every field take 12 MB.
BYTES_OF_ROUTE: Mapping[str, int] = {"/api/v1/debts": 16 * 1024 * 1024, "/api/v1/payments": 8 * 1024 * 1024}
BODY_WITHIN_SECONDS = 30.0

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_CONTENT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Answering:
    """Outermost: headers on every answer, one line of log, and the silent 500 for what was not foreseen."""

    def __init__(self, app: ASGIApp, *, is_https: bool, pages: Mapping[str, Shown] = MappingProxyType({})) -> None:
        """Below the paths of `pages` an error is answered by a page."""
        self._app = app
        self._pages = pages
        self._headers = dict(_HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", _NO_CONTENT)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last place to answer: a message may quote a debtor
            if status:
                note_unforeseen(error)  # the answer had begun: the connection ends without its rest
            else:
                await self._answer_of(scope, error)(scope, receive, send_with_headers)
        _note(scope, status, (perf_counter() - began) * 1000)

    def _answer_of(self, scope: Scope, error: Exception) -> Response:
        for path, shown in self._pages.items():
            if scope["path"].startswith(path):
                return shown(Request(scope), error)
        return response_of(error)


def _note(scope: Scope, status: int, milliseconds: float) -> None:
    route, caller = scope.get("route"), caller_of(scope)
    name, key = getattr(route, "name", "-"), caller.key_id if caller else "-"
    logger.info("%s %s %s %.0fms %s", scope["method"], name, status, milliseconds, key)


class WholeBody:
    """Reads the body before anything else is done with it: up to a cap, and within a time."""

    def __init__(self, app: ASGIApp, *, within_seconds: float = BODY_WITHIN_SECONDS) -> None:
        self._app = app
        self._within_seconds = within_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and not scope["path"].startswith("/d/") and _holds_nul(scope):
            # No text of the database holds one; nothing of ours has such an address.
            fault = Refused(400, "invalid_request", "the address holds what is no text")
            await response_of(fault)(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_read(scope, receive), self._within_seconds)
        except TimeoutError:
            await response_of(Refused(408, "too_slow", "the body came too slowly"))(scope, receive, send)
            return
        except Refused as refusal:
            await response_of(refusal)(scope, receive, send)
            return
        if body is None:  # the caller has gone
            return
        if not _is_text(body):
            fault = Refused(400, "invalid_json", "the body holds what is no text", hint="send JSON in UTF-8")
            await response_of(fault)(scope, receive, send)
            return
        scope["relance.body"] = body
        await self._app(scope, _given(body, receive), send)


def _holds_nul(scope: Scope) -> bool:
    """Debtors' links are not asked: every wrong one meets the same page."""
    return "\0" in scope["path"] or b"%00" in scope.get("query_string", b"")


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    cap = _cap(scope)
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:20]) > cap:
        raise _too_large(cap)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > cap:
            raise _too_large(cap)
        if not message.get("more_body", False):
            return b"".join(parts)


def _cap(scope: Scope) -> int:
    """Nobody without a key makes us read megabytes."""
    return BYTES_OF_ROUTE.get(scope["path"], USUAL_BYTES) if caller_of(scope) else USUAL_BYTES


def _too_large(cap: int) -> Refused:
    hint = f"at most {cap // 1024} KB are read here; send it in several requests"
    return Refused(413, "too_large", "the body is too large", hint=hint)


# Steps over what an escape may be; what it holds on to is half a character.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def _is_text(body: bytes) -> bool:
    """Whether it is UTF-8 without zero bytes, and every escaped character of it is whole.

    The JSON of Python takes UTF-16 and halves of characters; no database does.
    """
    if b"\0" in body:
        return False
    try:
        _ = body.isascii() or body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    has_halves = b"\\ud" in body or b"\\uD" in body
    return not has_halves or all(match[1] is None for match in _ESCAPE.finditer(body))


def _given(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once; then whatever the connection tells."""
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
