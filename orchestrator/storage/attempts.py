"""Attempts: each one try to hand a message to a provider, with what is needed to prove later what became of it.

Owns their states (design 6). The schema refuses a second live attempt of one message. An attempt is changed only from
a state that was read; leases and look-ups are in real time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select, tuple_, update

from channels.contract import ReasonClass
from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.sending_tables import attempts


class AttemptState(StrEnum):
    """Where an attempt stands."""

    CALLING = "calling"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ABSENT = "absent"


MOVES: Mapping[AttemptState, frozenset[AttemptState]] = MappingProxyType(
    {
        AttemptState.CALLING: frozenset(AttemptState) - {AttemptState.CALLING},
        AttemptState.IN_DOUBT: frozenset({AttemptState.ACCEPTED, AttemptState.ABSENT}),
        AttemptState.ACCEPTED: frozenset({AttemptState.ABSENT}),  # a letter taken back before it was printed
        AttemptState.REJECTED: frozenset(),
        AttemptState.ABSENT: frozenset(),
    }
)


# How the reason of a refused attempt begins where it is read again.
THROTTLED = "throttled"
UNREACHABLE = f"{ReasonClass.UNREACHABLE.value}:"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `marker` is a text of the message that no other attempt has; `units` what the lane was charged.

    `ended_at` is when its call was over, `looked_up_at` the first look-up that did not find it.
    """

    id: str
    message_id: str
    case_id: str
    number: int
    token: str
    content_hash: str
    lane: str
    channel: str
    destination: str
    marker: str
    units: int
    epoch: int
    started_at: datetime
    lease_until: datetime
    state: AttemptState = AttemptState.CALLING
    provider_id: str | None = None
    callback_id: str | None = None
    ended_at: datetime | None = None
    looked_up_at: datetime | None = None
    reason: str = ""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A change of state from the one that was read. What is None stays as it was."""

    attempt_id: str
    expected: AttemptState
    to: AttemptState
    ended_at: datetime
    provider_id: str | None = None
    callback_id: str | None = None
    reason: str | None = None


class Tried(msgspec.Struct, frozen=True):
    """How often a message was tried, the lanes that refused it for good, and how often nobody could be reached."""

    count: int = 0
    refused: frozenset[str] = frozenset()
    unreachable: int = 0


def insert(conn: Connection, items: Sequence[Attempt]) -> None:
    """Stores new attempts. Raises Conflict when a message has a live one already: nothing is called then."""
    rows = [_row(item) for item in items]
    if rows and len(insert_new(conn, attempts, rows, key=("id",))) != len(rows):
        raise Conflict("a message has an attempt under way already", code="attempt_live")


def settle(conn: Connection, changes: Sequence[Settled]) -> set[str]:
    """Moves each attempt that is still in its expected state; returns their ids. The others had been settled before."""
    for change in changes:
        if change.to not in MOVES[change.expected]:
            raise Conflict(f"an attempt never goes from {change.expected} to {change.to}", code="impossible_move")
    rows = [
        {
            "id": change.attempt_id,
            "expected": change.expected.value,
            "state": change.to.value,
            "ended_at": to_micros(change.ended_at),
            "provider_id": change.provider_id,
            "callback_id": change.callback_id,
            "reason": change.reason,
        }
        for change in changes
    ]
    return compare_and_set(conn, attempts, rows, guard="state", keep=("provider_id", "callback_id", "reason"))


def note_look_up(conn: Connection, attempt_ids: Iterable[str], *, at: datetime) -> None:
    """The provider's ledger did not hold these; the first such look-up counts."""
    these = among(conn, attempts.c.id, attempt_ids) & attempts.c.looked_up_at.is_(None)
    conn.execute(update(attempts).where(these).values(looked_up_at=to_micros(at)))


# ---------------------------------------------------------------------------------------------- reading


def load(conn: Connection, ids: Iterable[str]) -> list[Attempt]:
    """The attempts of these ids, in their order."""
    return _read(conn, _SELECT.where(among(conn, attempts.c.id, ids)).order_by(attempts.c.id))


def by_provider_id(conn: Connection, provider_ids: Iterable[str]) -> list[Attempt]:
    """The attempts that a provider knows by these names."""
    return _read(conn, _SELECT.where(among(conn, attempts.c.provider_id, provider_ids)).order_by(attempts.c.id))


def by_token(conn: Connection, token: str) -> Attempt | None:
    """The attempt whose message bears this link."""
    found = _read(conn, _SELECT.where(attempts.c.token == token))
    return found[0] if found else None


def of_messages(conn: Connection, message_ids: Iterable[str]) -> list[Attempt]:
    """All attempts of these messages, by message and number."""
    these = among(conn, attempts.c.message_id, message_ids)
    return _read(conn, _SELECT.where(these).order_by(attempts.c.message_id, attempts.c.number))


def tried(conn: Connection, message_ids: Iterable[str]) -> dict[str, Tried]:
    """What was tried before of each message; a message never tried is absent."""
    these = among(conn, attempts.c.message_id, message_ids)
    found: dict[str, Tried] = {}
    statement = select(attempts.c.message_id, attempts.c.lane, attempts.c.state, attempts.c.reason).where(these)
    for message_id, lane, state, reason in conn.execute(statement).all():
        known = found.get(message_id, Tried())
        is_refused = state == AttemptState.REJECTED.value and reason != THROTTLED
        found[message_id] = Tried(
            known.count + 1,
            known.refused | {lane} if is_refused else known.refused,
            known.unreachable + reason.startswith(UNREACHABLE),
        )
    return found


def calling(conn: Connection) -> list[Attempt]:
    """Every attempt in flight, oldest first."""
    statement = _SELECT.where(attempts.c.state == AttemptState.CALLING.value)
    return _read(conn, statement.order_by(attempts.c.started_at, attempts.c.id))


def leases_over(conn: Connection, *, real_now: datetime, limit: int) -> list[Attempt]:
    """Attempts in flight whose lease has run out: their sender is gone, and what they did is unknown."""
    over = (attempts.c.state == AttemptState.CALLING.value) & (attempts.c.lease_until < to_micros(real_now))
    return _read(conn, _SELECT.where(over).order_by(attempts.c.lease_until).limit(limit))


def in_doubt(conn: Connection, *, limit: int = 1_000, after: tuple[datetime, str] | None = None) -> list[Attempt]:
    """Attempts in doubt, oldest first, from the one behind `after`, a start and an id, on."""
    statement = _SELECT.where(attempts.c.state == AttemptState.IN_DOUBT.value)
    if after is not None:
        statement = statement.where(tuple_(attempts.c.started_at, attempts.c.id) > (to_micros(after[0]), after[1]))
    return _read(conn, statement.order_by(attempts.c.started_at, attempts.c.id).limit(limit))


def accepted_since(conn: Connection, *, since: datetime) -> list[Attempt]:
    """Attempts accepted or in doubt that began since an instant."""
    states = (AttemptState.ACCEPTED.value, AttemptState.IN_DOUBT.value)
    wanted = attempts.c.state.in_(states) & (attempts.c.started_at >= to_micros(since))
    return _read(conn, _SELECT.where(wanted).order_by(attempts.c.started_at, attempts.c.id))


def accepted_by_lane(conn: Connection, lane: str, *, since: datetime) -> list[Attempt]:
    """Attempts of one lane accepted or in doubt that began since an instant."""
    states = (AttemptState.ACCEPTED.value, AttemptState.IN_DOUBT.value)
    wanted = (attempts.c.lane == lane) & (attempts.c.started_at >= to_micros(since)) & attempts.c.state.in_(states)
    return _read(conn, _SELECT.where(wanted).order_by(attempts.c.started_at, attempts.c.id))


def has_lane(conn: Connection, lane: str) -> bool:
    """Whether anything was ever tried by a lane of this name, whatever the lanes are called now."""
    return conn.execute(select(attempts.c.id).where(attempts.c.lane == lane).limit(1)).scalar() is not None


def count_by_lane(conn: Connection, *, since: datetime) -> list[tuple[str, str, int]]:
    """(lane, state, attempts) since an instant: for metrics."""
    statement = (
        select(attempts.c.lane, attempts.c.state, func.count())
        .where(attempts.c.started_at >= to_micros(since))
        .group_by(attempts.c.lane, attempts.c.state)
        .order_by(attempts.c.lane, attempts.c.state)
    )
    return [(lane, state, count) for lane, state, count in conn.execute(statement)]


_SELECT: Select[Any] = select(attempts)


def _read(conn: Connection, statement: Select[Any]) -> list[Attempt]:
    return [
        Attempt(
            id=row.id,
            message_id=row.message_id,
            case_id=row.case_id,
            number=row.number,
            token=row.token,
            content_hash=row.content_hash,
            lane=row.lane,
            channel=row.channel,
            destination=row.destination,
            marker=row.marker,
            units=row.units,
            epoch=row.epoch,
            started_at=from_micros(row.started_at),
            lease_until=from_micros(row.lease_until),
            state=AttemptState(row.state),
            provider_id=row.provider_id,
            callback_id=row.callback_id,
            ended_at=maybe_instant(row.ended_at),
            looked_up_at=maybe_instant(row.looked_up_at),
            reason=row.reason,
        )
        for row in conn.execute(statement).all()
    ]


def _row(item: Attempt) -> dict[str, Any]:
    return {
        "id": item.id,
        "message_id": item.message_id,
        "case_id": item.case_id,
        "number": item.number,
        "state": item.state.value,
        "token": item.token,
        "content_hash": item.content_hash,
        "lane": item.lane,
        "channel": item.channel,
        "destination": item.destination,
        "marker": item.marker,
        "units": item.units,
        "provider_id": item.provider_id,
        "callback_id": item.callback_id,
        "epoch": item.epoch,
        "started_at": to_micros(item.started_at),
        "lease_until": to_micros(item.lease_until),
        "ended_at": maybe_micros(item.ended_at),
        "looked_up_at": maybe_micros(item.looked_up_at),
        "reason": item.reason,
    }
