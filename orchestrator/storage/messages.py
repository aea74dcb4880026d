"""Planned messages and what became of each. Owns their states (drawn in README.md), not the sending.

A message is planned once for (case, cycle, step, ordinal), whatever decides it again (semantics A5).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Select, cast, func, select

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.decision import Send
from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import among, compare_and_set, insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros
from orchestrator.storage.tables import messages

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Send).decode


class MessageState(StrEnum):
    """Where a message stands (design 6)."""

    PLANNED = "planned"
    HELD = "held"
    CALLING = "calling"
    IN_DOUBT = "in_doubt"
    ABSENT = "absent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# What may follow what. `planned` after itself is another `not_before`; after `calling`, nothing was written. Only a
# letter that the printer has not taken yet is cancelled after it was accepted.
MOVES: Mapping[MessageState, frozenset[MessageState]] = MappingProxyType(
    {
        MessageState(state): frozenset(MessageState(to) for to in following.split())
        for state, following in {
            "planned": "planned held calling cancelled expired",
            "held": "planned cancelled expired",
            "calling": "planned accepted rejected in_doubt",
            "in_doubt": "accepted absent",
            "absent": "planned cancelled expired",
            "accepted": "absent",
            "rejected": "",
            "cancelled": "",
            "expired": "planned",
        }.items()
    }
)

# An answer that the debtor waits for goes before what the law requires, and that before a demand.
URGENCY: Mapping[Purpose, int] = MappingProxyType({Purpose.ANSWER: 0, Purpose.NOTICE: 1, Purpose.DEMAND: 2})


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One intended contact by one channel, as decided in `send`. `not_before` and `expires_at` may have moved since.

    `lane` is the way out that it waits for, `amount_cents` what it demands, `cost_cents` what it costs;
    `content_hash` names its words once rendered.
    """

    id: str
    case_id: str
    campaign: str
    creditor: str
    send: Send
    planned_at: datetime
    not_before: datetime
    lane: str = ""
    expires_at: datetime | None = None
    state: MessageState = MessageState.PLANNED
    left_at: datetime | None = None
    content_hash: str = ""
    reason: str = ""
    cost_cents: int = 0
    amount_cents: int = 0


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A change of state from the one that was read. What is None stays as it was."""

    message_id: str
    expected: MessageState
    to: MessageState
    reason: str | None = None
    not_before: datetime | None = None
    lane: str | None = None
    left_at: datetime | None = None
    content_hash: str | None = None
    cost_cents: int | None = None
    amount_cents: int | None = None


class Count(msgspec.Struct, frozen=True):
    """How many messages of a campaign's step are in a state on a channel, and what they cost."""

    campaign: str
    step: str
    channel: str
    state: str
    count: int
    cost_cents: int


# ---------------------------------------------------------------------------------------------- writing


def plan(conn: Connection, items: Sequence[Message], *, now: datetime) -> list[str]:
    """Stores new messages; returns the ids of those left out, because their key was planned before (semantics A5)."""
    at = to_micros(now)
    planned = insert_new(conn, messages, [_row(item, at) for item in items], key=("id",))
    return [item.id for item in items if (item.id,) not in planned]


def transition(conn: Connection, moves: Sequence[Move], *, now: datetime) -> set[str]:
    """Moves each message that is still in its expected state and returns their ids; the others had moved already.

    Raises Conflict (`impossible_move`) for a move that MOVES does not know, before anything is written.
    """
    for move in moves:
        if move.to not in MOVES[move.expected]:
            raise Conflict(f"a message never goes from {move.expected} to {move.to}", code="impossible_move")
    at = to_micros(now)
    rows = [
        {
            "id": move.message_id,
            "expected": move.expected.value,
            "state": move.to.value,
            "updated_at": at,
            "reason": move.reason,
            "not_before": maybe_micros(move.not_before),
            "lane": move.lane,
            "left_at": maybe_micros(move.left_at),
            "content_hash": move.content_hash,
            "cost_cents": move.cost_cents,
            "amount_cents": move.amount_cents,
        }
        for move in moves
    ]
    kept = ("reason", "not_before", "lane", "left_at", "content_hash", "cost_cents", "amount_cents")
    return compare_and_set(conn, messages, rows, guard="state", keep=kept)


# ---------------------------------------------------------------------------------------------- reading


def load(conn: Connection, ids: Iterable[str]) -> list[Message]:
    """The messages of these ids, in the order of ids; an unknown id is absent."""
    return read(conn, select(*COLUMNS).where(among(conn, messages.c.id, ids)).order_by(messages.c.id))


def states(conn: Connection, ids: Iterable[str]) -> dict[str, MessageState]:
    """Where each of these messages stands; an unknown id is absent."""
    found = conn.execute(select(messages.c.id, messages.c.state).where(among(conn, messages.c.id, ids))).all()
    return {row[0]: MessageState(row[1]) for row in found}


def of_cases(conn: Connection, case_ids: Iterable[str]) -> list[Message]:
    """All messages of these cases, in the order they were planned."""
    statement = select(*COLUMNS).where(among(conn, messages.c.case_id, case_ids))
    return read(conn, statement.order_by(messages.c.planned_at, messages.c.id))


def of_case(conn: Connection, case_id: str) -> list[Message]:
    """All messages of a case, in the order they were planned."""
    return of_cases(conn, [case_id])


def count(
    conn: Connection, *, planned_from: datetime | None = None, planned_until: datetime | None = None
) -> list[Count]:
    """Messages planned from an instant, until before another, by campaign, step, channel and state.

    Reads every message of the time: for reports, not for hot paths.
    """
    keys = (messages.c.campaign, messages.c.step, messages.c.channel, messages.c.state)
    statement = (
        select(*keys, func.count(), cast(func.sum(messages.c.cost_cents), BigInteger)).group_by(*keys).order_by(*keys)
    )
    if planned_from is not None:
        statement = statement.where(messages.c.planned_at >= to_micros(planned_from))
    if planned_until is not None:
        statement = statement.where(messages.c.planned_at < to_micros(planned_until))
    return [Count(*row) for row in conn.execute(statement)]


# -------------------------------------------------------------------------------------------- the columns

COLUMNS = (
    messages.c.id,
    messages.c.case_id,
    messages.c.campaign,
    messages.c.creditor,
    messages.c.send,
    messages.c.planned_at,
    messages.c.not_before,
    messages.c.lane,
    messages.c.expires_at,
    messages.c.state,
    messages.c.left_at,
    messages.c.content_hash,
    messages.c.reason,
    messages.c.cost_cents,
    messages.c.amount_cents,
)


def read(conn: Connection, statement: Select[Any], **values: Any) -> list[Message]:
    """The messages of a statement over COLUMNS, for this package."""
    return [
        Message(
            id=row.id,
            case_id=row.case_id,
            campaign=row.campaign,
            creditor=row.creditor,
            send=_decode(row.send),
            planned_at=from_micros(row.planned_at),
            not_before=from_micros(row.not_before),
            lane=row.lane,
            expires_at=maybe_instant(row.expires_at),
            state=MessageState(row.state),
            left_at=maybe_instant(row.left_at),
            content_hash=row.content_hash,
            reason=row.reason,
            cost_cents=row.cost_cents,
            amount_cents=row.amount_cents,
        )
        for row in conn.execute(statement, values).all()
    ]


def _row(item: Message, updated_at: int) -> dict[str, Any]:
    return {
        "id": item.id,
        "case_id": item.case_id,
        "cycle": item.send.cycle,
        "step": item.send.step,
        "ordinal": item.send.ordinal,
        "campaign": item.campaign,
        "creditor": item.creditor,
        "channel": item.send.channel.value,
        "use": item.send.use.value,
        "lane": item.lane,
        "urgency": URGENCY[item.send.purpose],
        "state": item.state.value,
        "planned_at": to_micros(item.planned_at),
        "not_before": to_micros(item.not_before),
        "expires_at": maybe_micros(item.expires_at),
        "left_at": maybe_micros(item.left_at),
        "updated_at": updated_at,
        "content_hash": item.content_hash,
        "reason": item.reason,
        "cost_cents": item.cost_cents,
        "amount_cents": item.amount_cents,
        "send": _encode(item.send).decode(),
    }
