"""Parts of a page that stay live: server-sent events, a bounded number of them, none that outlives its session.

A listener costs a task of the event loop, never a thread while it waits. It ends when its person is signed out,
disabled or given another role, when the process is asked to end, and when whoever shows the part says that it is over.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import msgspec
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.sign_in import still_here
from orchestrator.web.console.session import Visitor
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused

logger = logging.getLogger("orchestrator.web")

# In this process, of one session, and of one user however often they signed in.
MOST, MOST_OF_ONE, MOST_OF_USER = 100, 6, 24
LOOK_SECONDS, SESSION_SECONDS, BEAT_SECONDS = 1.0, 3.0, 15.0
_OVER = "event: over\ndata:\n\n"


class Part(msgspec.Struct, frozen=True):
    """A part as it is now. `is_last`: nothing will change any more."""

    html: str
    is_last: bool = False


NextPart = Callable[[], Awaitable[Part | None]]
"""The part as it is now; None where nothing new can be said."""


class Streams:
    """The listeners of this process. Belongs to one event loop."""

    def __init__(self) -> None:
        self.is_over = False
        self._open: Counter[str] = Counter()
        self._of_user: Counter[str] = Counter()

    def close(self) -> None:
        """Every listener ends within a second: the process is asked to."""
        self.is_over = True

    def require_room(self, session: str, user: str) -> None:
        """Raises Refused 503: the page works without being live."""
        is_full = self._open.total() >= MOST
        if is_full or self._open[session] >= MOST_OF_ONE or self._of_user[user] >= MOST_OF_USER:
            raise Refused(503, "too_many_listeners", "too many pages are live already", hint="load the page again")

    def enter(self, session: str, user: str) -> None:
        """One more listener."""
        self._open[session] += 1
        self._of_user[user] += 1

    def leave(self, session: str, user: str) -> None:
        """One less."""
        self._open[session] -= 1
        self._of_user[user] -= 1
        self._open += Counter()
        self._of_user += Counter()

    @property
    def count(self) -> int:
        """How many listen."""
        return self._open.total()


def live(request: Request, visitor: Visitor, next_part: NextPart) -> Response:
    """The stream of a part of a page, for its `data-live`."""
    streams: Streams = request.app.state.streams
    streams.require_room(visitor.session, visitor.name)
    events = part_events(streams, request.app.state.desk, visitor, next_part)
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def part_events(streams: Streams, desk: Desk, visitor: Visitor, next_part: NextPart) -> AsyncIterator[str]:
    """The events: a part whenever it changed, a heartbeat while it did not, `over` when nothing follows."""
    streams.enter(visitor.session, visitor.name)
    try:
        yield "retry: 3000\n\n"
        shown, spoke_at, checked_at = "", monotonic(), -SESSION_SECONDS
        while not streams.is_over:
            if monotonic() - checked_at >= SESSION_SECONDS:
                if not await run_sync(_is_same, desk, visitor):
                    yield _OVER
                    return
                checked_at = monotonic()
            part = await next_part()
            if part is not None and part.html != shown:
                shown, spoke_at = part.html, monotonic()
                yield as_event(part.html)
            elif monotonic() - spoke_at >= BEAT_SECONDS:
                spoke_at = monotonic()
                yield ": still here\n\n"
            if part is not None and part.is_last:
                yield _OVER
                return
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        streams.leave(visitor.session, visitor.name)


def as_event(html: str) -> str:
    """The part as an event; every line of it is one of data."""
    return "event: part\n" + "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


def _is_same(desk: Desk, visitor: Visitor) -> bool:
    """Whether the session still opens what the page was made for. While nobody can tell, it is not over."""
    try:
        found = still_here(desk.database, visitor.session, now=desk.real_now())
    except RelanceError as error:
        logger.warning("a session could not be looked at: %s", error.code)
        return True
    return found is not None and (found[1].role, found[1].creditors) == (visitor.role, visitor.creditors)
