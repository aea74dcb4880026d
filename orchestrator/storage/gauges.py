"""Figures of the whole database for monitoring. Each costs a walk over an index or a table: not for hot paths."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, func, literal_column, select

from orchestrator.domain.throttle import MICRO
from orchestrator.storage import attempts, buckets, inbox, pauses
from orchestrator.storage.instants import from_micros, maybe_instant, to_micros
from orchestrator.storage.sending_tables import lane_states, ticks
from orchestrator.storage.tables import cases, messages, tasks

_DAY = timedelta(days=1)


class Gauges(msgspec.Struct, frozen=True, kw_only=True):
    """`messages` counts by (state, channel, lane, campaign), `tasks` open ones by (kind, role).

    `attempts` are those of the last day by (lane, state), `tokens` what each limit had left when last used, `resting`
    the lanes that may not be used now, `ticks` when each was last done.
    """

    messages: dict[tuple[str, str, str, str], int]
    tasks: dict[tuple[str, str], int]
    due_cases: int
    oldest_due_case_at: datetime | None
    due_messages: int
    oldest_due_message_at: datetime | None
    attempts: dict[tuple[str, str], int]
    tokens: dict[str, float]
    resting: frozenset[str]
    pauses: int
    ticks: dict[str, datetime]
    inbox: inbox.Counts


def gauges(conn: Connection, *, now: datetime, real_now: datetime) -> Gauges:
    """All figures as of an instant; lanes and attempts live by the real one."""
    at = to_micros(now)
    due_cases = select(func.count(), func.min(cases.c.due_at)).where(cases.c.due_at <= at)
    waiting = select(func.count(), func.min(messages.c.not_before))
    waiting = waiting.where(messages.c.state == literal_column("'planned'"), messages.c.not_before <= at)
    case_count, case_at = conn.execute(due_cases).one()
    message_count, message_at = conn.execute(waiting).one()
    return Gauges(
        messages=_messages(conn),
        tasks=_tasks(conn),
        due_cases=case_count,
        oldest_due_case_at=maybe_instant(case_at),
        due_messages=message_count,
        oldest_due_message_at=maybe_instant(message_at),
        attempts={(lane, state): n for lane, state, n in attempts.count_by_lane(conn, since=real_now - _DAY)},
        tokens={bucket.key: bucket.tokens_micro / MICRO for bucket in buckets.load(conn)},
        resting=_resting(conn, real_now),
        pauses=len(pauses.active(conn, at=now)),
        ticks=_ticks(conn),
        inbox=inbox.count(conn),
    )


def _messages(conn: Connection) -> dict[tuple[str, str, str, str], int]:
    keys = (messages.c.state, messages.c.channel, messages.c.lane, messages.c.campaign)
    rows = conn.execute(select(*keys, func.count()).group_by(*keys))
    return {(state, channel, lane, campaign): count for state, channel, lane, campaign, count in rows}


def _tasks(conn: Connection) -> dict[tuple[str, str], int]:
    keys = (tasks.c.kind, tasks.c.role)
    is_open = tasks.c.state == literal_column("'open'")
    rows = conn.execute(select(*keys, func.count()).where(is_open).group_by(*keys))
    return {(kind, role): count for kind, role, count in rows}


def _resting(conn: Connection, real_now: datetime) -> frozenset[str]:
    resting = select(lane_states.c.id).where(lane_states.c.rests_until > to_micros(real_now))
    return frozenset(conn.execute(resting).scalars())


def _ticks(conn: Connection) -> dict[str, datetime]:
    latest = select(ticks.c.name, func.max(ticks.c.done_at)).group_by(ticks.c.name)
    return {name: from_micros(at) for name, at in conn.execute(latest)}
