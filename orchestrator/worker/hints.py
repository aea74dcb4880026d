"""Hints between processes, by dramatiq on Redis: lane names and nothing else. Losing every one costs the poll interval.

No retries, no delays, no results: what is due is in the database, and a hint that comes twice finds nothing left to do.
"""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Middleware, ShutdownNotifications, TimeLimit

from orchestrator.domain.errors import InputError
from orchestrator.worker.engine import Engine

QUEUE = "relance"
_MAX_AGE_MS = 60_000
# Well above the budget of a drain and the longest call.
_TIME_LIMIT_MS = 60_000
# A killed worker's hints are found again soon rather than by one chance in a thousand; they are harmless anyway.
_MAINTENANCE_CHANCE = 50_000


def make_broker(redis_url: str | None) -> RedisBroker:
    """The broker. Raises InputError without a Redis: one process needs none, see `relance up`."""
    if not redis_url:
        raise InputError(
            "several processes need a Redis for their hints",
            hint="name one in RELANCE_REDIS_URL, or run everything in one process with: relance up",
            where="RELANCE_REDIS_URL",
        )
    middleware: list[Middleware] = [AgeLimit(max_age=_MAX_AGE_MS), TimeLimit(time_limit=_TIME_LIMIT_MS)]
    middleware.append(ShutdownNotifications())
    options = {"url": redis_url, "middleware": middleware, "maintenance_chance": _MAINTENANCE_CHANCE}
    return RedisBroker(**options)  # type: ignore[no-untyped-call]  # dramatiq leaves its brokers untyped


class Hints:
    """The actors of a broker: what a hint of each name wakes."""

    def __init__(self, broker: RedisBroker, engine: Engine | None = None) -> None:
        """Without an engine the actors can only be sent to."""
        self._engine = engine
        self.advance = self._actor(broker, "cases.advance", self._advance)
        self.send = self._actor(broker, "lane.send", self._send)
        self.reconcile = self._actor(broker, "attempts.reconcile", self._reconcile)
        self.keep_house = self._actor(broker, "pauses.end", self._keep_house)
        self.watch = self._actor(broker, "guards.watch", self._watch)
        self.count = self._actor(broker, "figures.count", self._count)
        self.listen = self._actor(broker, "inbox.apply", self._listen)
        self.tell = self._actor(broker, "endpoints.tell", self._tell)

    @staticmethod
    def _actor(broker: RedisBroker, name: str, act: object) -> "dramatiq.Actor[..., object]":
        return dramatiq.actor(act, broker=broker, actor_name=name, queue_name=QUEUE)  # type: ignore[call-overload, no-any-return]  # a bound method, as its own documentation allows

    def _advance(self) -> None:
        if self._engine is not None:
            self._engine.advance()

    def _send(self, lane_id: str) -> None:
        if self._engine is not None:
            self._engine.send(lane_id)

    def _reconcile(self) -> None:
        if self._engine is not None:
            self._engine.reconcile()

    def _keep_house(self) -> None:
        if self._engine is not None:
            self._engine.keep_house()

    def _watch(self) -> None:
        if self._engine is not None:
            self._engine.watch()

    def _count(self) -> None:
        if self._engine is not None:
            self._engine.count()

    def _listen(self) -> None:
        if self._engine is not None:
            self._engine.listen()

    def _tell(self) -> None:
        if self._engine is not None:
            self._engine.tell()
