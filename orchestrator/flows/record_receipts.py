"""Record what providers say later of messages: delivered, bounced, complained; and what that proves.

A receipt that carries our attempt id proves that the provider has the message, even before the call was answered. The
facts only grow; the same one told twice changes nothing. A receipt of no attempt of ours is given back.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from channels.contract import Channel, DeliveryStatus, ReasonClass, Receipt
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault, PointKind
from orchestrator.domain.events import DeliveryReported, Event, HoldPlaced, OptedOut, PointMarked
from orchestrator.flows.late_proof import tell_of_late_proofs
from orchestrator.flows.match_reply import cases_with_point
from orchestrator.flows.protect_person import others_of_debtor, told_elsewhere
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.returned_letter import returned_letter
from orchestrator.flows.settle_attempts import Proof, settle_attempts
from orchestrator.flows.task_rows import tasks_of
from orchestrator.storage import attempts, cases, tasks
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
    facts = [told for receipt, attempt in matched for told in _told(conn, receipt, attempt, now)]
    proofs = [_proof(receipt, attempt) for receipt, attempt in matched if _is_open(attempt)]
    if proofs:
        # Every case of the batch before any counter: a counter is locked last, or two batches wait in a circle.
        cases.load(conn, {case_id for case_id, _ in facts}, for_update=True)
        done.settled = settle_attempts(conn, proofs, now=now, real_now=real_now)
    tell_of_late_proofs(conn, (attempt for _, attempt in matched), now)
    done.new = record_in(conn, facts, now=now)
    tasks.open_tasks(conn, [task for case_id, fact in facts for task in tasks_of(case_id, [fact])])
    return done


def _told(conn: Connection, receipt: Receipt, attempt: Attempt, now: datetime) -> list[tuple[str, Event]]:
    """(case id, fact) of a receipt: of its case, and of the others that its stop or its death concerns."""
    facts = _facts(receipt, attempt, now)
    told = [(attempt.case_id, fact) for fact in facts]
    if _is_stop(receipt):
        told += _stopped(conn, receipt, attempt, now)
    for stored in cases.load(conn, [attempt.case_id]) if any(isinstance(fact, HoldPlaced) for fact in facts) else ():
        told += told_elsewhere(stored.case, others_of_debtor(conn, stored.case), facts)
    return told


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
    return facts + (returned_letter(receipt, attempt, now) if channel is Channel.LETTER else [])


def _is_stop(receipt: Receipt) -> bool:
    return receipt.status is DeliveryStatus.COMPLAINED or receipt.reason_class is ReasonClass.OPTED_OUT


def _stopped(conn: Connection, receipt: Receipt, attempt: Attempt, now: datetime) -> list[tuple[str, Event]]:
    """A complaint or a stop closes the channel of a person, the address of a firm in each case that has it."""
    channel, name = Channel(attempt.channel), f"opted_out:{attempt.lane}:{receipt.dedup_key}"
    stored = cases.load(conn, [attempt.case_id])
    is_person = not stored or stored[0].case.debtor.status.is_individual
    concerned = {attempt.case_id}
    if not is_person and channel is not Channel.LETTER:
        concerned |= {case.id for case in cases_with_point(conn, channel, attempt.destination)}
    point = "" if is_person else attempt.destination
    return [
        (case_id, OptedOut(id=name, at=now, by=attempt.lane, channel=channel, point=point))
        for case_id in sorted(concerned)
    ]


_FAULTS = {PointKind.PHONE: Fault.DEAD, PointKind.EMAIL: Fault.BOUNCED, PointKind.POST: Fault.RETURNED}
