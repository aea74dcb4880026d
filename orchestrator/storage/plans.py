"""Plans messages, and renews those that never left: the same identity, decided anew. Owns no state of its own."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import compare_and_set
from orchestrator.storage.instants import maybe_micros, to_micros
from orchestrator.storage.messages import URGENCY, Message, MessageState, plan, states
from orchestrator.storage.tables import messages

_encode = msgspec.json.Encoder().encode


# What a gate held back, what came too late for one, and what is proved never to have left.
_RENEWED = (MessageState.HELD, MessageState.EXPIRED, MessageState.ABSENT)
# Its case has it in hand: the gate or the answer will free it.
_UNDER_WAY = frozenset({MessageState.PLANNED, MessageState.CALLING})


def plan_or_renew(conn: Connection, items: Sequence[Message], *, now: datetime) -> list[str]:
    """Stores new messages; held, expired or absent ones of the same identity are planned again as decided now.

    Returns the ids that are planned or leaving already; nothing plans those twice. Raises Conflict (`message_settled`)
    for one that left or was refused: its case would have it in hand for ever.
    """
    if not items:
        return []
    known = set(plan(conn, items, now=now))
    for expected in _RENEWED:
        rows = [_renewal(item, expected, to_micros(now)) for item in items if item.id in known]
        if rows:
            known -= compare_and_set(conn, messages, rows, guard="state")
    if known:
        _require_under_way(conn, known)
    return sorted(known)


def _require_under_way(conn: Connection, ids: set[str]) -> None:
    settled = [key for key, state in states(conn, ids).items() if state not in _UNDER_WAY]
    if settled:
        raise Conflict(
            f"{len(settled)} messages are decided again that left or were refused: {', '.join(sorted(settled)[:5])}",
            hint="this is a fault of ours",
            code="message_settled",
        )


def _renewal(item: Message, expected: MessageState, at: int) -> dict[str, object]:
    return {
        "id": item.id,
        "expected": expected.value,
        "state": MessageState.PLANNED.value,
        "channel": item.send.channel.value,
        "use": item.send.use.value,
        "lane": item.lane,
        "urgency": URGENCY[item.send.purpose],
        "planned_at": to_micros(item.planned_at),
        "not_before": to_micros(item.not_before),
        "expires_at": maybe_micros(item.expires_at),
        "updated_at": at,
        "reason": "",
        "send": _encode(item.send).decode(),
    }
