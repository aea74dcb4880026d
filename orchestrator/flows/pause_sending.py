"""Pause: an administrator's stop, acknowledged only once nothing of its scope is in flight any more (R6, design 7).

The stop is written first, so that every gate after it refuses; then the barrier is passed alone, so that every gate
before it has ended; then attempts in flight are waited for. What says `paused` has seen them all.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from channels.contract import Adapter, Channel
from orchestrator.domain.condition import ALWAYS, holds
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.interruption import Pause
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.doubt_gone import doubt_gone
from orchestrator.flows.insist import insist
from orchestrator.flows.pause_scope import Named, over_persons, scope_here
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.flows.take_back_letters import take_back_letters
from orchestrator.storage import attempts, barrier, cases, pauses
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.left_attempts import LeftAttempt, left_attempts, left_counts

# What had left is told for the day before the pause.
_TOLD = timedelta(hours=24)
# A stop is not given up because senders keep the database busy.
_INSIST_SECONDS = 10.0
# How long a provider may still hold what it accepted, where nothing better is known.
_HELD_BY_PROVIDER = {Channel.SMS: timedelta(minutes=5), Channel.EMAIL: timedelta(hours=72)}


class PauseReport(msgspec.Struct, kw_only=True):
    """Where a pause stands: `pausing` while anything of its scope is in flight, `paused`, or `resumed`.

    By channel: `left_before`, what left in the day before (for a part of the cases: told once nothing of it flies);
    `provider_may_hold`, what a provider may not have delivered yet; `letters_cancelled` were taken back from the
    printer, `letters_gone` could not be; `letters_waiting` could not be asked for yet, and the next report tries again.
    """

    id: str
    state: str
    in_flight: int
    since: datetime
    reason: str
    by: str
    left_before: dict[str, int] = {}
    provider_may_hold: dict[str, int] = {}
    letters_cancelled: int = 0
    letters_gone: int = 0
    letters_waiting: int = 0
    ends_at: datetime | None = None
    resumed_at: datetime | None = None


def start_pause(database: Database, pause: Pause) -> Pause:
    """Writes the stop and passes the barrier; returns the pause with its epoch. No gate opens for its scope now.

    Under full load both may have to be tried again; raises Conflict when another pause has its id.
    """

    def write() -> None:
        with database.begin() as conn:
            if pauses.load(conn, pause.id) != pause:
                pauses.insert(conn, pause)

    insist(write, seconds=_INSIST_SECONDS)
    return insist(lambda: _pass_barrier(database, pause.id), seconds=_INSIST_SECONDS)


def _pass_barrier(database: Database, pause_id: str) -> Pause:
    """Waits until every gate that opened without having seen the pause has ended, and notes it with the pause."""
    with database.begin() as conn:
        epoch = barrier.pass_alone(conn)
        known = replace(load_pause(conn, pause_id, for_update=True), epoch=epoch)
        pauses.save(conn, known)
    return known


def pause_report(
    database: Database,
    strategy: Callable[[], Strategy],
    pause_id: str,
    *,
    adapters: Mapping[str, Adapter],
    now: datetime,
    real_now: datetime,
) -> PauseReport:
    """The truth about a pause now. The first report that sees nothing in flight makes it `paused`.

    Letters that can still be taken back are cancelled then, by the adapters given. Raises NotFound.
    """
    with database.read() as conn:
        pause = load_pause(conn, pause_id)
    if not pause.epoch and pause.drained_at is None and pause.resumed_at is None:
        # Whoever wrote it is still at the barrier, or died before it: without it, nothing seen here proves anything.
        _pass_barrier(database, pause_id)
    # Whatever this process's clock says of its lease, a call is in flight until its sender or evidence ended it.
    doubt_gone(database, now=now, real_now=real_now)
    with database.read() as conn:
        pause = load_pause(conn, pause_id)
        in_flight = len(_in_scope(conn, strategy, pause, attempts.calling(conn), now))
        # Whose case it was is asked of each message: not at each look of who waits for the last call.
        left = _left(conn, strategy, pause, now, real_now) if pause.scope == ALWAYS or not in_flight else _Left()
    report = PauseReport(
        id=pause.id,
        state=_state(pause, in_flight),
        in_flight=in_flight,
        since=pause.since,
        reason=pause.reason,
        by=pause.by,
        left_before=left.before,
        provider_may_hold=left.held,
        letters_cancelled=pause.letters_cancelled,
        letters_gone=pause.letters_gone,
        ends_at=pause.ends_at,
        resumed_at=pause.resumed_at,
    )
    if report.state == "paused" and pause.drained_at is None:

        def concerned(conn: Connection, letters: list[Attempt]) -> list[Attempt]:
            named = _in_scope(conn, strategy, pause, letters, now)
            return [item for item in letters if item.id in named]

        report.letters_waiting = take_back_letters(database, pause, adapters, concerned, now=now, real_now=real_now)
        known = _drained(database, report, left.letters, now)
        report.letters_cancelled, report.letters_gone = known.letters_cancelled, known.letters_gone
    return report


def drain_pauses(
    database: Database,
    strategy: Callable[[], Strategy],
    *,
    adapters: Mapping[str, Adapter],
    now: datetime,
    real_now: datetime,
) -> None:
    """Reports of every pause that is not drained, for where nobody asks: what one that was cut short began is ended."""
    with database.read() as conn:
        open_ones = [pause for pause in pauses.active(conn, at=now) if pause.drained_at is None]
    for pause in open_ones:
        pause_report(database, strategy, pause.id, adapters=adapters, now=now, real_now=real_now)


def wait_for_pause(
    read: Callable[[], PauseReport], *, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> PauseReport:
    """Reports until nothing is in flight and every letter asked for, for so many seconds at most; the last report."""
    until = clock() + seconds
    while True:
        report = read()
        if (report.state != "pausing" and not report.letters_waiting) or clock() >= until:
            return report
        sleep(min(0.02, max(until - clock(), 0.0)))


def load_pause(conn: Connection, pause_id: str, *, for_update: bool = False) -> Pause:
    """The pause of that id. Raises NotFound."""
    pause = pauses.load(conn, pause_id, for_update=for_update)
    if pause is None:
        raise NotFound(f'no pause is named "{pause_id}"', hint="see `relance pause --list`")
    return pause


def _state(pause: Pause, in_flight: int) -> str:
    if pause.resumed_at is not None:
        return "resumed"
    return "pausing" if in_flight and pause.drained_at is None else "paused"


def _drained(database: Database, report: PauseReport, letters: list[str], now: datetime) -> Pause:
    """Notes the drain once every letter was asked for, so that whoever is cut short before is made good."""
    with database.begin() as conn:
        current = load_pause(conn, report.id, for_update=True)
        if current.drained_at is None and not report.letters_waiting:
            gone = sum(item.state is AttemptState.ACCEPTED for item in attempts.load(conn, letters))
            current = replace(current, drained_at=now, letters_gone=gone)
            pauses.save(conn, current)
    return current


def _in_scope(
    conn: Connection,
    strategy: Callable[[], Strategy],
    pause: Pause,
    items: Sequence[Attempt | LeftAttempt],
    now: datetime,
) -> frozenset[str]:
    """The attempts that a pause concerns: their case is in its scope, their channel and lane among those it names."""
    named = [item for item in items if pause.is_about(item.lane, item.channel)]
    if pause.scope == ALWAYS or not named:
        return frozenset(item.id for item in named)
    stored = cases.load(conn, {item.case_id for item in named})
    widened = over_persons(conn, [pause], stored)
    try:
        concerned = {
            found.case.id for found in stored if found.person_id in widened or holds(pause.scope, Named(found.case))
        }
    except LookupError:
        concerned = _concerned(conn, strategy(), pause, stored, now)
    return frozenset(item.id for item in named if item.case_id in concerned)


def _concerned(
    conn: Connection, strategy: Strategy, pause: Pause, stored: list[cases.Stored], now: datetime
) -> set[str]:
    around = contexts(conn, strategy, stored, now=now)
    concerned = set()
    for found in stored:
        campaign = pinned_campaign(found.case, strategy.all_campaigns)
        situation = Situation(found.case, campaign, around[found.case.id], now)
        if holds(scope_here(pause, situation.context), situation):
            concerned.add(found.case.id)
    return concerned


class _Left(msgspec.Struct):
    """What left before a pause, by channel; what its provider may hold; the ids of its letters."""

    before: dict[str, int] = {}
    held: dict[str, int] = {}
    letters: list[str] = []


def _left(conn: Connection, strategy: Callable[[], Strategy], pause: Pause, now: datetime, real_now: datetime) -> _Left:
    """Attempts know the real clock; a pause knows that of flows, which is another in a staging database."""
    since = pause.since + (real_now - now) - _TOLD
    held_since = {channel.value: real_now - longest for channel, longest in _HELD_BY_PROVIDER.items()}
    found = _Left()
    if pause.scope == ALWAYS:
        for count in left_counts(conn, since=since, before_epoch=pause.epoch, lately=held_since):
            if pause.is_about(count.lane, count.channel):
                found.before[count.channel] = found.before.get(count.channel, 0) + count.count
                found.held[count.channel] = found.held.get(count.channel, 0) + count.lately
        found.held = {channel: count for channel, count in found.held.items() if count}
    if pause.scope == ALWAYS and Channel.LETTER.value not in found.before:
        return found
    channel = Channel.LETTER.value if pause.scope == ALWAYS else None
    every = left_attempts(conn, since=since, before_epoch=pause.epoch, channel=channel)
    concerned = _in_scope(conn, strategy, pause, every, now)
    mine = [item for item in every if item.id in concerned]
    found.letters = [item.id for item in mine if item.channel == Channel.LETTER.value]
    if pause.scope != ALWAYS:
        found.before = dict(Counter(item.channel for item in mine))
        lately = (item for item in mine if item.started_at > held_since.get(item.channel, real_now))
        found.held = dict(Counter(item.channel for item in lately))
    return found


def require_asleep(pause: Pause) -> None:
    """Raises Conflict for a pause that was resumed already, its cases woken."""
    if pause.resumed_at is not None and pause.woken_at is not None:
        raise Conflict("this pause was resumed already", code="pause_resumed")
