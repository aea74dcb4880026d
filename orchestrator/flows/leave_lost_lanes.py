"""Takes planned messages back from lanes that are no longer in force, renamed or removed: nobody would ever send them.

Each case decides again, by the lanes there are. Only what waits is touched: calls and doubts keep their lane.
"""

from collections.abc import Collection
from datetime import datetime

from orchestrator.domain.events import MessageCancelled
from orchestrator.flows.lanes_in_force import are_in_force
from orchestrator.flows.outgoing import Outgoing, apply_facts, move
from orchestrator.storage import cases, due_messages, messages
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.messages import MessageState

REASON = "lane_gone"
_BATCH = 200
# What one look takes at most: the next one, some seconds later, goes on.
_MOST_BATCHES = 10


def leave_lost_lanes(database: Database, lane_ids: Collection[str], digest: str, *, now: datetime) -> int:
    """Holds what is planned for other lanes than these; returns how many messages it held.

    `digest` is that of `lane_ids`: where other lanes are in force by now, nothing is done.
    """
    with database.read() as conn:
        lost = sorted(set(due_messages.lanes(conn)) - set(lane_ids))
    total = 0
    for lane_id in lost:
        for _ in range(_MOST_BATCHES):
            with database.begin() as conn:
                if not are_in_force(conn, digest):
                    return total
                found = due_messages.of_lane(conn, lane_id, limit=_BATCH)
                total += _hold(conn, found, now)
            if len(found) < _BATCH:
                break
    return total


def _hold(conn: Connection, found: list[messages.Message], now: datetime) -> int:
    """Under the lock of their cases, for a message is moved by nobody who has not locked its case."""
    stored = {item.case.id: item for item in cases.load(conn, {message.case_id for message in found}, for_update=True)}
    states = messages.states(conn, [message.id for message in found])
    waiting = [
        Outgoing(message=message, stored=stored[message.case_id], composed=None, problem=REASON)
        for message in found
        if states[message.id] is MessageState.PLANNED
    ]
    apply_facts(conn, [(item, _cancelled(item.message.id, now)) for item in waiting], now)
    messages.transition(conn, [move(item, MessageState.HELD, now) for item in waiting], now=now)
    return len(waiting)


def _cancelled(message_id: str, now: datetime) -> MessageCancelled:
    return MessageCancelled(
        id=f"cancelled:{message_id}:{now.isoformat()}", at=now, by="worker", message_id=message_id, why=REASON
    )
