"""Record what providers say later of messages: delivered, bounced, complained; and what that proves.

A receipt that carries our attempt id proves that the provider has the message, even before the call was answered. The
facts only grow; the same one told twice changes nothing. A receipt of no attempt of ours is given back.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from channels.contract import Channel, DeliveryStatus, ReasonClass, Receipt
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault, PointKind
from orchestrator.domain.events import DeliveryReported, Event, OptedOut, PointMarked
from orchestrator.flows.late_proof import tell_of_late_proofs
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.settle_attempts import Proof, settle_attempts
from orchestrator.storage import attempts, cases
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.database import Connection, Database

# The address itself is at fault: it is not written to again.
_DEAD_ADDRESS = {DeliveryStatus.BOUNCED, DeliveryStatus.RETURNED, DeliveryStatus.UNKNOWN_ADDRESS}


class Received(msgspec.Struct):
    """How many receipts were new, settled a doubt, and the ones that match no attempt."""

    new: int = 0
    settled: int = 0
    unmatched: list[Receipt] = []


def record_receipts(database: Database, receipts: Sequence[Receipt], *, now: datetime, real_now: datetime) -> Received:
    """Stores receipts of one provider in one transaction."""
    with database.begin() as conn:
        return record_receipts_in(conn, receipts, now=now, real_now=real_now)


def record_receipts_in(conn: Connection, receipts: Sequence[Receipt], *, now: datetime, real_now: datetime) -> Received:
    """The same inside a transaction of the caller's."""
    done = Received()
    known = {item.id: item for item in attempts.load(conn, [r.attempt_id for r in receipts if r.attempt_id])}
    others = [r.provider_id for r in receipts if r.attempt_id not in known and r.provider_id]
    by_provider = {item.provider_id: item for item in attempts.by_provider_id(conn, others)} if others else {}
    matched: list[tuple[Receipt, Attempt]] = []
    for receipt in receipts:
        attempt = known.get(receipt.attempt_id) or by_provider.get(receipt.provider_id)
        if attempt is None:
            done.unmatched.append(receipt)
        else:
            matched.append((receipt, attempt))
    proofs = [_proof(receipt, attempt) for receipt, attempt in matched if _is_open(attempt)]
    if proofs:
        # Every case of the batch before any counter: a counter is locked last, or two batches wait in a circle.
        cases.load(conn, {attempt.case_id for _, attempt in matched}, for_update=True)
        done.settled = settle_attempts(conn, proofs, now=now, real_now=real_now)
    tell_of_late_proofs(conn, (attempt for _, attempt in matched), now)
    facts = [(attempt.case_id, fact) for receipt, attempt in matched for fact in _facts(receipt, attempt, now)]
    done.new = record_in(conn, facts, now=now)
    return done


def _is_open(attempt: Attempt) -> bool:
    return attempt.state in (AttemptState.CALLING, AttemptState.IN_DOUBT)


def _proof(receipt: Receipt, attempt: Attempt) -> Proof:
    return Proof(
        attempt=attempt,
        was_sent=True,
        evidence="receipt",
        provider_id=receipt.provider_id or None,
        callback_id=receipt.dedup_key,
    )


def _facts(receipt: Receipt, attempt: Attempt, now: datetime) -> list[Event]:
    channel, by = Channel(attempt.channel), attempt.lane
    name = f"{attempt.lane}:{receipt.dedup_key}"
    # A word that no table has may be told again once one has it, and must then be another fact.
    fact_id = f"receipt:{name}" + (":unknown" if receipt.status is DeliveryStatus.UNKNOWN else "")
    facts: list[Event] = [
        DeliveryReported(
            id=fact_id, at=now, by=by, message_id=attempt.message_id, channel=channel, status=receipt.status
        )
    ]
    kind = POINT_OF_CHANNEL[channel]
    is_dead = receipt.status in _DEAD_ADDRESS or receipt.reason_class is ReasonClass.ADDRESS
    if is_dead and (attempt.destination or kind is PointKind.POST):
        facts.append(
            PointMarked(id=f"point:{name}", at=now, by=by, kind=kind, value=attempt.destination, fault=_FAULTS[kind])
        )
    if receipt.status is DeliveryStatus.COMPLAINED or receipt.reason_class is ReasonClass.OPTED_OUT:
        facts.append(OptedOut(id=f"opted_out:{name}", at=now, by=by, channel=channel))
    return facts


_FAULTS = {PointKind.PHONE: Fault.DEAD, PointKind.EMAIL: Fault.BOUNCED, PointKind.POST: Fault.RETURNED}
