"""Gap repair: what providers would have told while nobody listened is asked of their books and put into the inbox.

Under the keys that their webhooks have, so that nothing counts twice. Applies nothing: see apply_inbox.py.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from channels.contract import Adapter
from channels.ledger import LedgerAway, Tells, Told
from orchestrator.domain.lane import Lane
from orchestrator.storage import attempts, facts, inbox
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.inbox import Arrival

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)
# A process that starts asks at once, unless another one has just asked.
_AT_START = timedelta(minutes=2)
# A callback may be on its way, and the provider's clock is not ours.
_OVERLAP = timedelta(hours=1)
# Once a day: what became of messages whose last word comes late, phones that were off above all.
_DEEP_EVERY, _DEEP = timedelta(days=1), timedelta(days=3)
# The first time, and after a very long absence.
_FIRST, _FARTHEST = timedelta(days=1), timedelta(days=30)


class Repaired(msgspec.Struct):
    """How many events were not known yet, and the lanes that were asked and could not tell."""

    new: int = 0
    away: tuple[str, ...] = ()


def telling(lanes: Sequence[Lane], adapters: Mapping[str, Adapter]) -> tuple[Lane, ...]:
    """The lanes whose provider can be asked what happened."""
    return tuple(lane for lane in lanes if isinstance(adapters[lane.id], Tells))


def is_due(conn: Connection, lane: Lane, *, is_start: bool, real_now: datetime) -> bool:
    """Whether it is time to ask: every quarter of an hour, and when a process starts."""
    last = _instant(conn, f"asked {lane.id}")
    return last is None or real_now - last >= (_AT_START if is_start else EVERY)


def repair_gaps(database: Database, lane: Lane, adapter: Adapter, *, real_now: datetime) -> Repaired:
    """Asks one lane's provider what happened since it was last asked whole, and a while before that."""
    if not isinstance(adapter, Tells):
        return Repaired()
    with database.read() as conn:
        last, deep = _instant(conn, f"asked {lane.id}"), _instant(conn, f"asked deep {lane.id}")
    is_deep = deep is None or real_now - deep >= _DEEP_EVERY
    since = _since(last, is_deep=is_deep, real_now=real_now)
    done = Repaired()
    written: list[Told] = []  # what people wrote is told the latest first, and is to be read in their order
    try:
        for batch in adapter.told_since(since):
            written += [told for told in batch if told.kind != "status"]
            with database.begin() as conn:
                statuses = [told for told in batch if told.kind == "status"]
                done.new += inbox.put(conn, _of_ours(conn, lane, statuses), now=real_now)
    except LedgerAway as error:
        log.warning("%s cannot tell what happened: %s", lane.id, error.message)
        done.away = (lane.id,)
    with database.begin() as conn:
        written.sort(key=lambda told: told.at or real_now)
        done.new += inbox.put(conn, [_arrival(lane, told) for told in written], now=real_now)
        if not done.away:
            facts.put(conn, f"asked {lane.id}", real_now.isoformat(), now=real_now)
        if is_deep and not done.away:
            facts.put(conn, f"asked deep {lane.id}", real_now.isoformat(), now=real_now)
    if done.new:
        log.info("%s told of %d events that no webhook had brought", lane.id, done.new)
    return done


def _since(last: datetime | None, *, is_deep: bool, real_now: datetime) -> datetime:
    if last is None:
        return real_now - _FIRST
    since = last - _OVERLAP
    if is_deep:
        since = min(since, real_now - _DEEP)
    return max(since, real_now - _FARTHEST)


def _of_ours(conn: Connection, lane: Lane, statuses: Sequence[Told]) -> list[Arrival]:
    """What became of our messages: others may send by the same account."""
    known = attempts.by_provider_id(conn, {told.provider_id for told in statuses}) if statuses else []
    ours = {attempt.provider_id for attempt in known}
    return [_arrival(lane, told) for told in statuses if told.provider_id in ours]


def _arrival(lane: Lane, told: Told) -> Arrival:
    return Arrival(f"{lane.provider}/{told.kind}", told.event.key, told.event.body, told.at)


def _instant(conn: Connection, name: str) -> datetime | None:
    text = facts.get(conn, name)
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
