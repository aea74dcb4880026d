"""`Idempotency-Key` on every POST: a request that succeeded is answered again word for word, and not done again.

What was refused is not kept: it may be corrected and sent again under the same key.
"""

import re
from contextlib import suppress
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.answer_once import Answer, Claim, claim, keep, release
from orchestrator.web.auth import caller_of
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused, response_of

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class AnswerOnce:
    """Stands between the body and the routes; without the header, or without a caller, it does nothing."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            wanted = _claim_of(scope)
            before = await run_in_threadpool(self._claim, wanted) if wanted else None
        except (Refused, RelanceError) as error:
            await response_of(error)(scope, receive, send)
            return
        if wanted is None:
            await self._app(scope, receive, send)
        elif before is not None:
            headers = {"Idempotency-Replayed": "true"}
            again = Response(before.body, before.status, headers, media_type="application/json")
            await again(scope, receive, send)
        else:
            await self._first(wanted, scope, receive, send)

    def _claim(self, wanted: Claim) -> Answer | None:
        return claim(self._desk.database, wanted, now=self._desk.real_now())

    async def _first(self, wanted: Claim, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request through, and keeps its answer before it is sent: who has it may repeat at once."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self._app(scope, receive, hold)
        except BaseException:
            await run_in_threadpool(self._end, wanted, None)
            raise
        await run_in_threadpool(self._end, wanted, _answer_in(held))
        for message in held:
            await send(message)

    def _end(self, wanted: Claim, answer: Answer | None) -> None:
        # A database that went away meanwhile leaves the claim at work; it is given up after some minutes.
        with suppress(RelanceError):
            if answer is None:
                release(self._desk.database, wanted)
            else:
                keep(self._desk.database, wanted, answer)


def _claim_of(scope: Scope) -> Claim | None:
    key, caller = Headers(scope=scope).get("idempotency-key"), caller_of(scope)
    if key is None or caller is None:
        return None
    if not _KEY.fullmatch(key):
        hint = "1 to 128 visible ASCII characters, such as a UUID"
        raise Refused(422, "invalid_input", "this cannot be an idempotency key", hint=hint, where="Idempotency-Key")
    asked = scope["query_string"] + b"\n" + scope["relance.body"]
    route = f"POST {scope['path']}"
    return Claim(caller=caller.key_id, route=route, key=key, request_hash=sha256(asked).hexdigest())


def _answer_in(held: list[Message]) -> Answer | None:
    """What succeeded; None for what was refused or never answered."""
    status = next((m["status"] for m in held if m["type"] == "http.response.start"), 500)
    if not 200 <= status < 300:
        return None
    body = b"".join(m.get("body", b"") for m in held if m["type"] == "http.response.body")
    return Answer(status, body.decode())
