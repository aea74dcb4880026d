"""The look at the moment that every listener shares: at most one read a second in this process, none for nobody.

Whoever asks first after a second looks, in a thread; all others are shown what is known. Who sees other creditors has
a look of their own, and then the looks take turns.
"""

import logging
import shutil
from collections.abc import Callable
from threading import Lock
from time import monotonic

import msgspec
from anyio.to_thread import run_sync

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.live_status import Live, live_status
from orchestrator.web.console.page import part_of
from orchestrator.web.console.scope_words import named_scope
from orchestrator.web.console.session import Visitor
from orchestrator.web.console.streams import Part
from orchestrator.web.desk import Desk
from orchestrator.web.health import Pulse

logger = logging.getLogger("orchestrator.web")

LOOK_SECONDS = 1.0
# A look that nobody asked for lately is forgotten, and what is shown is told anew at least as often as this.
_FORGOTTEN_SECONDS, _TOLD_SECONDS = 30.0, 5.0
# Below this share of the disk, or this many bytes, the outbox and the spool are in danger.
_LEAST_SHARE, _LEAST_BYTES = 0.05, 2_000_000_000

Whose = frozenset[str] | None


class Health(msgspec.Struct, frozen=True):
    """How the process fares: drains that are late, what the database took, what is free of the disk of HOME."""

    late: tuple[str, ...]
    read_ms: float
    disk_free: int
    disk_share: float

    @property
    def is_disk_low(self) -> bool:
        """Whether what is written there may soon find no room."""
        return self.disk_share < _LEAST_SHARE or self.disk_free < _LEAST_BYTES


class Seen(msgspec.Struct):
    """The last look for some creditors, when it was taken and last asked for; `live` None: the database is away."""

    live: Live | None
    health: Health
    at: float
    asked_at: float


class LiveFeed:
    """One per application. Threads and tasks may ask at will."""

    def __init__(self, desk: Desk, pulse: Pulse | None, *, clock: Callable[[], float] = monotonic) -> None:
        """`clock` tells seconds that only grow."""
        self._desk, self._pulse, self._clock = desk, pulse, clock
        self._lock = Lock()
        self._seen: dict[Whose, Seen] = {}
        self._looked_at = float("-inf")
        self._told: dict[tuple[object, ...], tuple[float, float, str]] = {}
        self.looks = 0

    def seen(self, creditors: Whose) -> Seen:
        """What is known for these creditors, looked at again when it is older than a second and it is their turn."""
        with self._lock:
            known = self._seen.get(creditors)
            if known is None or self._is_turn(creditors):
                known = self._look(creditors, known)
            known.asked_at = self._clock()
            return known

    async def part(self, visitor: Visitor) -> Part | None:
        """What a listener is shown now. A thread is asked only when a look is due and nobody takes it."""
        shown = self._known_part(visitor)
        if shown is None and not self._lock.locked():
            shown = await run_sync(self._render, visitor)
        return None if shown is None else Part(shown)

    def _known_part(self, visitor: Visitor) -> str | None:
        told = self._told.get(_hand_of(visitor))
        is_fresh = told is not None and self._clock() - self._looked_at < LOOK_SECONDS
        return told[2] if told is not None and is_fresh else None

    def _render(self, visitor: Visitor) -> str:
        """Words for a look, once for all who read it alike; the same look a second time is not worded again."""
        seen, hand = self.seen(visitor.creditors), _hand_of(visitor)
        told = self._told.get(hand)
        if told is not None and told[0] == seen.at:
            return told[2]
        facts = {"live": seen.live, "health": seen.health, "named_scope": named_scope}
        text = part_of(self._desk, visitor, "now/part.html", **facts)
        self._told[hand] = (seen.at, self._clock(), text)
        return text

    def _is_turn(self, creditors: Whose) -> bool:
        """One look a second for all: the oldest of those that are asked for has its turn."""
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        self._seen = {key: each for key, each in self._seen.items() if now - each.asked_at < _FORGOTTEN_SECONDS}
        self._told = {key: each for key, each in self._told.items() if now - each[1] < _FORGOTTEN_SECONDS}
        wanted = [each.at for each in self._seen.values() if now - each.asked_at < 3 * LOOK_SECONDS]
        known = self._seen.get(creditors)
        return known is None or known.at <= min(wanted, default=known.at)

    def _look(self, creditors: Whose, known: Seen | None) -> Seen:
        desk, now = self._desk, self._clock()
        self._looked_at, self.looks = now, self.looks + 1
        try:
            live: Live | None = live_status(
                desk.database,
                desk.strategy(),
                now=desk.now(),
                real_now=desk.real_now(),
                creditors=creditors,
                before=known.live if known is not None else None,
            )
        except RelanceError as error:
            logger.warning("no look at the moment: %s", error.code)
            live = None
        self._seen[creditors] = seen = Seen(live, self._health(live), now, now)
        return seen

    def _health(self, live: Live | None) -> Health:
        disk = shutil.disk_usage(self._desk.deployment.settings.home)
        late = tuple(self._pulse.late()) if self._pulse is not None else ()
        return Health(late, live.read_ms if live else 0.0, disk.free, disk.free / disk.total if disk.total else 1.0)


def _hand_of(visitor: Visitor) -> tuple[object, ...]:
    """Whose pages read alike."""
    return (visitor.creditors, visitor.role, visitor.language, visitor.zone)
