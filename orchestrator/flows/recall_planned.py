"""Recall planned messages: a case that has something else to do now does not wait for a message that has not left.

A message may wait long for its lane, for room or for morning. Meanwhile a dispute opens, the debt is paid, a promise is
made: the message goes back, and the case decides at once on what it knows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Send, Wait
from orchestrator.domain.events import Event, MessageCancelled
from orchestrator.domain.progress import make_progress
from orchestrator.flows.outgoing import is_same_send
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, journal, messages
from orchestrator.storage.database import Connection
from orchestrator.storage.messages import MessageState


def recall_planned(
    conn: Connection,
    strategy: Strategy,
    due: Sequence[cases.Stored],
    around: Mapping[str, Context],
    now: datetime,
) -> list[cases.Stored]:
    """The cases, locked by the caller, without the planned messages that they would not decide any more."""
    in_hand = {stored.case.in_hand.message_id: stored for stored in due if stored.case.in_hand is not None}
    if not in_hand:
        return list(due)
    recalled: dict[str, cases.Stored] = {}
    facts: list[tuple[str, Event]] = []
    moves: list[messages.Move] = []
    for message in messages.load(conn, in_hand):
        stored = in_hand[message.id]
        if message.state is not MessageState.PLANNED:
            continue  # it is being called, or may have left: only evidence frees the case
        if _still_waits(stored.case, message.send, strategy, around[stored.case.id], now):
            continue
        fact = MessageCancelled(
            id=f"recalled:{message.id}:{now.isoformat()}",
            at=now,
            by="relance",
            message_id=message.id,
            why="decided_otherwise",
        )
        facts.append((stored.case.id, fact))
        moves.append(
            messages.Move(
                message_id=message.id, expected=MessageState.PLANNED, to=MessageState.HELD, reason="decided_otherwise"
            )
        )
        recalled[stored.case.id] = replace(stored, case=apply(stored.case, fact))
    if moves:
        journal.append(conn, [journal.Entry(case_id, fact.at, fact) for case_id, fact in facts], now=now)
        messages.transition(conn, moves, now=now)
    return [recalled.get(stored.case.id, stored) for stored in due]


def _still_waits(case: Case, planned: Send, strategy: Strategy, context: Context, now: datetime) -> bool:
    """Whether there is nothing to do but what is planned. A case that would wait leaves the message to its gate."""
    free = replace(case, in_hand=None)
    act = make_progress(free, strategy.all_campaigns, strategy.book, context, now).decision.act
    return isinstance(act, Wait) or (isinstance(act, Send) and is_same_send(act, planned))
