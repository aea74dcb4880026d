"""Settle attempts by evidence: a receipt, the provider's ledger, or a person. The only way out of doubt.

An attempt is settled once; whoever comes second finds it settled and changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.events import DoubtSettled, Event, MessageLeft
from orchestrator.domain.progress import left
from orchestrator.flows.record_facts import record_in
from orchestrator.storage import attempts, cases, contacts, messages
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.database import Connection
from orchestrator.storage.messages import MessageState

# Where a message stands whose attempt left, or may have left.
_LEFT = {AttemptState.ACCEPTED: MessageState.ACCEPTED, AttemptState.IN_DOUBT: MessageState.IN_DOUBT}


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an attempt now: that it was sent, or that it never was. `evidence` says who tells."""

    attempt: Attempt
    was_sent: bool
    evidence: str
    provider_id: str | None = None
    callback_id: str | None = None


def settle_attempts(conn: Connection, proofs: Sequence[Proof], *, now: datetime, real_now: datetime) -> int:
    """Settles each that is still calling or in doubt, and tells its case; returns how many it settled."""
    first: dict[str, Proof] = {}
    for proof in proofs:
        if proof.attempt.state in (AttemptState.CALLING, AttemptState.IN_DOUBT):
            first.setdefault(proof.attempt.id, proof)
    # A case is locked before its attempts, as everywhere.
    stored = {s.case.id for s in cases.load(conn, {p.attempt.case_id for p in first.values()}, for_update=True)}
    settled = attempts.settle(conn, [_settled(proof, real_now) for proof in first.values()])
    mine = [proof for proof in first.values() if proof.attempt.id in settled]
    rows = {m.id: m for m in messages.load(conn, [proof.attempt.message_id for proof in mine])}
    messages.transition(conn, [_move(proof, rows[proof.attempt.message_id], now) for proof in mine], now=now)
    contacts.withdraw(conn, [proof.attempt.message_id for proof in mine if not proof.was_sent])
    facts = [
        (proof.attempt.case_id, fact)
        for proof in mine
        if proof.attempt.case_id in stored
        for fact in _facts(proof, rows[proof.attempt.message_id], now)
    ]
    record_in(conn, facts, now=now)
    return len(mine)


def doubt_attempts(conn: Connection, over: Sequence[Attempt], *, now: datetime, real_now: datetime) -> int:
    """Attempts whose sender is gone: what they did is unknown. They count as left until evidence comes (B3)."""
    cases.load(conn, {item.case_id for item in over}, for_update=True)
    doubts = [
        attempts.Settled(
            attempt_id=item.id,
            expected=AttemptState.CALLING,
            to=AttemptState.IN_DOUBT,
            ended_at=real_now,
            reason="lease",
        )
        for item in over
    ]
    settled = attempts.settle(conn, doubts)
    mine = [item for item in over if item.id in settled]
    rows = {m.id: m for m in messages.load(conn, [item.message_id for item in mine])}
    moves = [
        messages.Move(
            message_id=item.message_id,
            expected=MessageState.CALLING,
            to=MessageState.IN_DOUBT,
            reason="in_doubt",
            left_at=now,
        )
        for item in mine
    ]
    messages.transition(conn, moves, now=now)
    record_in(
        conn,
        [(item.case_id, _departure(item, rows[item.message_id], now, is_in_doubt=True)) for item in mine],
        now=now,
    )
    return len(mine)


def withdraw_attempt(conn: Connection, attempt_id: str, *, evidence: str, now: datetime, real_now: datetime) -> bool:
    """A message, accepted or in doubt, was taken back from its provider before it went on; its case decides it again.

    False when it is neither, or was settled at this instant.
    """
    cases.load(conn, [item.case_id for item in attempts.load(conn, [attempt_id])], for_update=True)
    # Read again under the lock: a doubt may have been settled since, and the message moves from where it stands.
    attempt = next(iter(attempts.load(conn, [attempt_id])), None)
    if attempt is None or attempt.state not in _LEFT:
        return False
    proof = Proof(attempt=attempt, was_sent=False, evidence=evidence)
    if not attempts.settle(conn, [_settled(proof, real_now)]):
        return False
    rows = messages.load(conn, [attempt.message_id])
    moves = [
        messages.Move(message_id=row.id, expected=_LEFT[attempt.state], to=MessageState.ABSENT, reason=evidence)
        for row in rows
    ]
    messages.transition(conn, moves, now=now)
    contacts.withdraw(conn, [attempt.message_id])
    record_in(conn, [(attempt.case_id, fact) for row in rows for fact in _facts(proof, row, now)], now=now)
    return True


def _settled(proof: Proof, real_now: datetime) -> attempts.Settled:
    return attempts.Settled(
        attempt_id=proof.attempt.id,
        expected=proof.attempt.state,
        to=AttemptState.ACCEPTED if proof.was_sent else AttemptState.ABSENT,
        ended_at=proof.attempt.ended_at or real_now,
        provider_id=proof.provider_id,
        callback_id=proof.callback_id,
        reason=proof.evidence,
    )


def _move(proof: Proof, row: messages.Message, now: datetime) -> messages.Move:
    is_calling = proof.attempt.state is AttemptState.CALLING
    if proof.was_sent:
        to = MessageState.ACCEPTED
    else:
        to = MessageState.PLANNED if is_calling else MessageState.ABSENT
    return messages.Move(
        message_id=row.id,
        expected=MessageState.CALLING if is_calling else MessageState.IN_DOUBT,
        to=to,
        reason=proof.evidence,
        left_at=now if proof.was_sent and row.left_at is None else None,
    )


def _facts(proof: Proof, row: messages.Message, now: datetime) -> list[Event]:
    if proof.attempt.state is AttemptState.CALLING:
        # A receipt overtook the answer: the message left.
        return [_departure(proof.attempt, row, now)] if proof.was_sent else []
    return [
        DoubtSettled(
            id=f"settled:{proof.attempt.id}",
            at=now,
            by="relance",
            message_id=row.id,
            attempt_id=proof.attempt.id,
            was_sent=proof.was_sent,
            evidence=proof.evidence,
        )
    ]


def _departure(attempt: Attempt, row: messages.Message, now: datetime, *, is_in_doubt: bool = False) -> MessageLeft:
    fact = left(row.case_id, row.send, now, message_id=row.id, amount_cents=row.amount_cents)
    return msgspec.structs.replace(
        fact,
        id=f"left:{attempt.id}",
        by=attempt.lane,
        cost_cents=row.cost_cents,
        attempt_id=attempt.id,
        is_in_doubt=is_in_doubt,
    )
