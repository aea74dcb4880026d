"""A form does what it asks once, however often it is sent: by a second click, or by going back and on again.

Each form holds a word of its own, `once`. The same word with the same fields is the same form; filled in anew, it is
another. What was refused is not kept: it may be sent again. Of an answer only where it leads to is kept: a secret that
was shown once is not shown again. What stops something or shuts somebody out is never answered from memory.
"""

import asyncio
import re
from contextlib import suppress
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.domain.errors import Conflict, RelanceError
from orchestrator.flows.answer_once import Answer, Claim, claim, keep, release
from orchestrator.web.console.faults import fault_page
from orchestrator.web.console.session import find_visitor, form_of
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused

_LONGEST_WORD = 80
# So long a second click waits for the answer of the first, to be led where it leads.
MOST_LOOKS, _LOOK_SECONDS = 40, 0.25
# Ended or let in again meanwhile, the same form stops again: an old answer would say that it did. A pause knows its own
# repetitions; the others are set to what they are to be.
_STOPS = re.compile(r"/console/(pauses|(users|endpoints)/[^/]+/disable|users/keys/[^/]+/revoke|account/sessions/end)/?")


class SentOnce:
    """Stands between the body and the routes of the console; without a word, or a visitor, it does nothing."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/console/"):
            await self._app(scope, receive, send)
            return
        if _STOPS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            wanted = await run_in_threadpool(_claim_of, request)
            before = await self._before(wanted) if wanted else None
        except (Refused, RelanceError) as error:
            page = await run_in_threadpool(fault_page, request, error)
            await page(scope, receive, send)
            return
        if wanted is None:
            await self._app(scope, receive, send)
        elif before is not None:
            await _again(request, before)(scope, receive, send)
        else:
            await self._first(wanted, scope, receive, send)

    async def _before(self, wanted: Claim) -> Answer | None:
        """The answer of the first, once there is one; None for who is the first."""
        for _ in range(MOST_LOOKS):
            try:
                return await run_in_threadpool(claim, self._desk.database, wanted, now=self._desk.real_now())
            except Conflict:
                await asyncio.sleep(_LOOK_SECONDS)
        raise _repeated()

    async def _first(self, wanted: Claim, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the form through, and keeps where it leads before that is told."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self._app(scope, receive, hold)
        except BaseException:
            await run_in_threadpool(self._end, wanted, None)
            raise
        await run_in_threadpool(self._end, wanted, _kept(held))
        for message in held:
            await send(message)

    def _end(self, wanted: Claim, answer: Answer | None) -> None:
        # A database that went away meanwhile leaves the claim at work; it is given up after some minutes.
        with suppress(RelanceError):
            if answer is None:
                release(self._desk.database, wanted)
            else:
                keep(self._desk.database, wanted, answer)


def _claim_of(request: Request) -> Claim | None:
    try:
        word = form_of(request).text("once", most=_LONGEST_WORD)
    except Refused:  # the route says so
        return None
    visitor = find_visitor(request) if word else None
    if visitor is None:
        return None
    said = sha256(request.scope["relance.body"]).hexdigest()
    key = sha256(f"{word} {said}".encode()).hexdigest()
    return Claim(caller=f"user:{visitor.name}", route=f"POST {request.url.path}", key=key, request_hash=said)


def _kept(held: list[Message]) -> Answer | None:
    """Where what succeeded leads to; None for what was refused or never answered."""
    start = next((message for message in held if message["type"] == "http.response.start"), None)
    if start is None or start["status"] >= 400:
        return None
    return Answer(start["status"], dict(start["headers"]).get(b"location", b"").decode("latin-1"))


def _again(request: Request, before: Answer) -> Response:
    return RedirectResponse(before.body, before.status) if before.body else fault_page(request, _repeated())


def _repeated() -> Refused:
    detail = "this form was sent already, and what it asks for is done once"
    return Refused(409, "form_repeated", detail, hint="open the page again")
