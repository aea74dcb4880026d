"""`POST /webhooks/{provider}/{kind}`: cap, verify, keep, answer, in this order. Many come at once: no framework."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import ParamSpec, TypeVar

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.provider import RawEvent, RawRequest, Webhook, key_or_digest, storable
from orchestrator.bootstrap import Deployment
from orchestrator.domain.errors import RelanceError, kind_and_place
from orchestrator.storage.inbox import Arrival
from orchestrator.web.errors import Refused, response_of
from orchestrator.web.webhooks.counts import Collected, Counts, Outcome
from orchestrator.web.webhooks.doors import PREFIX, Door, doors
from orchestrator.web.webhooks.keeper import Keeper
from orchestrator.web.webhooks.spool import Spool

Given = ParamSpec("Given")
Found = TypeVar("Found")

log = logging.getLogger("orchestrator.web")

# Verifying and taking apart more than this takes milliseconds, in which nobody else would be answered.
_LARGE_BYTES = 256 * 1024
_USUAL_BYTES = 2 * 1024 * 1024
# A body up to this needs no place: what costs nothing must not be kept waiting by who has not shown who they are.
_SMALL_BYTES = 64 * 1024
# Slower than this a larger one loses its place.
_SLOWEST_BYTES_PER_SECOND = 8 * 1024
_RETRY_AFTER_SECONDS = 5


class Patience(msgspec.Struct, frozen=True):
    """Seconds: for a body, for one of megabytes, for a place among those of a source, and to lag behind in one.

    Twilio hangs up after 15; 30 MB at a slow line take a minute.
    """

    body: float = 10.0
    large_body: float = 90.0
    room: float = 5.0
    lag: float = 5.0


class Listening:
    """What is listened to by one application: the doors, what keeps events, what was counted."""

    def __init__(
        self,
        deployment: Deployment,
        *,
        clock: Callable[[], datetime],
        on_kept: Callable[[], None] = lambda: None,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        """`clock` tells the wall's instant; `on_kept` is called after a commit. Reads and starts nothing."""
        self._deployment = deployment
        self._clock = clock
        self._doors: Mapping[str, Door] | None = None
        self.patience = patience
        self.public_url = deployment.settings.public_url
        self.spool = Spool(deployment.settings.spool)
        self.keeper = Keeper(lambda: deployment.database, self.spool, clock=clock, on_kept=on_kept)
        self.counts = Counts()

    def collector(self) -> Collected:
        """What monitoring is told."""
        return Collected(self.counts, self.spool.size)

    def door(self, path: str) -> Door | None:
        """Who listens there. Raises FileErrors when the lanes cannot be read."""
        if self._doors is None:
            self._doors = doors(self._deployment, clock=self._clock)
        return self._doors.get(path)


class Intake:
    """Before every other layer: takes the requests of `/webhooks/` and passes on the rest."""

    def __init__(self, app: ASGIApp, listening: Listening) -> None:
        self._app = app
        self._listening = listening
        self._rooms: dict[str, asyncio.Semaphore] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request; None to one whose caller has gone."""
        counts, source = self._listening.counts, "-"
        try:
            door = self._listening.door(scope["path"])
            if door is None:
                raise Refused(404, "not_found", "nobody listens here", hint="give the lane a secret to verify it by")
            source = door.source
            return await self._taken(door, scope, receive)
        except Refused as refusal:
            counts.add(source, _OUTCOMES.get(refusal.status, Outcome.REFUSED))
            return _refusal(refusal)
        except RelanceError as error:
            counts.add(source, Outcome.BUSY)
            return response_of(error)

    async def _taken(self, door: Door, scope: Scope, receive: Receive) -> Response | None:
        """Read to its end, believed, kept."""
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        webhook = door.webhook
        _check(webhook, scope["method"], headers)
        async with AsyncExitStack() as place:
            body = await self._body(door, receive, place)
            if body is None:
                return None
            request = RawRequest(url=self._url(scope), headers=headers, body=body)
            if not await _apart(len(body), webhook.verify, request, door.secrets):
                raise _bad_signature()
            events = await _apart(len(body), _split, webhook, request)
            is_kept = await self._listening.keeper.keep([Arrival(door.source, each.key, each.body) for each in events])
        if not is_kept:
            raise Refused(503, "not_kept", "neither database nor spool takes this", hint="post it again")
        self._listening.counts.add(door.source, Outcome.KEPT)
        return Response(webhook.reply.body, webhook.reply.status, media_type=webhook.reply.media_type or None)

    async def _body(self, door: Door, receive: Receive, place: AsyncExitStack) -> bytes | None:
        """The whole body; None when the caller has gone. A large one is in a place, which it must come fast to keep."""
        now, most_bytes = asyncio.get_running_loop().time, door.webhook.most_bytes
        patience = self._listening.patience
        ends_at = now() + (patience.large_body if most_bytes > _USUAL_BYTES else patience.body)
        lags_until: float | None = None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await _next(receive, ends_at if lags_until is None else min(ends_at, lags_until))
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            size += len(part)
            if size > most_bytes:
                raise _too_large(most_bytes)
            parts.append(part)
            if size > _SMALL_BYTES and lags_until is None:
                await place.enter_async_context(self._room(door))
                lags_until = now() + patience.lag
            elif lags_until is not None:
                lags_until = min(lags_until + len(part) / _SLOWEST_BYTES_PER_SECOND, now() + patience.lag)
            if not message.get("more_body", False):
                return b"".join(parts)

    @asynccontextmanager
    async def _room(self, door: Door) -> AsyncIterator[None]:
        """One of the places of a source: what floods in by one waits for itself, not for the others."""
        room = self._rooms.setdefault(door.source, asyncio.Semaphore(door.webhook.at_once))
        try:
            await asyncio.wait_for(room.acquire(), self._listening.patience.room)
        except TimeoutError:
            raise Refused(503, "too_many", "too many come at once", hint="post it again later") from None
        try:
            yield
        finally:
            room.release()

    def _url(self, scope: Scope) -> str:
        """The address that the provider was told to call: never what the request says of host, scheme or port."""
        path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        url = self._listening.public_url + path.partition(b"?")[0].decode("latin-1")
        return f"{url}?{query.decode('latin-1')}" if query else url


_OUTCOMES = {401: Outcome.BAD_SIGNATURE, 503: Outcome.BUSY}


def _check(webhook: Webhook, method: str, headers: Mapping[str, str]) -> None:
    """What can be refused before a byte of the body is read."""
    if method != "POST":
        raise Refused(405, "method_not_allowed", "webhooks are posted")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in webhook.media_types:
        hint = f"send {' or '.join(sorted(webhook.media_types))}"
        raise Refused(415, "media_type", "this media type is not read here", hint=hint)
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared[:20]) > webhook.most_bytes:
        raise _too_large(webhook.most_bytes)
    if not headers.get(webhook.signed_by):
        raise _bad_signature()


async def _next(receive: Receive, until: float) -> Message:
    """What comes next, by an instant of the loop's clock."""
    try:
        async with asyncio.timeout_at(until):
            return await receive()
    except TimeoutError:
        raise Refused(408, "too_slow", "the body came too slowly") from None


def _bad_signature() -> Refused:
    return Refused(401, "bad_signature", "the signature does not verify", hint="see docs/webhooks.md")


def _too_large(most_bytes: int) -> Refused:
    return Refused(413, "too_large", "the body is too large", hint=f"at most {most_bytes // 1024} KB are read here")


def _split(webhook: Webhook, request: RawRequest) -> tuple[RawEvent, ...]:
    """A fault of ours loses nothing: what was verified is kept whole."""
    try:
        return webhook.split(request)
    except Exception as error:  # noqa: BLE001 - nobody would post it a second time
        log.error("a webhook could not be taken apart: %s", kind_and_place(error, frames=8))
        return (RawEvent(key_or_digest("", request.body), storable(request.body)),)


async def _apart(size: int, function: Callable[Given, Found], *args: Given.args, **names: Given.kwargs) -> Found:
    """The function in a thread of its own when its input is large."""
    if size > _LARGE_BYTES:
        return await asyncio.to_thread(function, *args, **names)
    return function(*args, **names)


def _refusal(refusal: Refused) -> Response:
    answer = response_of(refusal)
    if refusal.status == 401:
        del answer.headers["WWW-Authenticate"]  # no key helps here
    if refusal.status == 405:
        answer.headers["Allow"] = "POST"
    if refusal.status == 503:
        answer.headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
    return answer
