"""Record facts about cases: payments, receipts, promises, disputes, opt-outs, acts of an agent.

Each fact is stored once with the case it changes, in one transaction, and makes the case due now.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from orchestrator.domain.acts import UNANSWERED
from orchestrator.domain.apply import apply
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.case import FAILED_STATUSES
from orchestrator.domain.context import Contact
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import CallMade, DeliveryReported, Event
from orchestrator.domain.meter import Tally, count
from orchestrator.domain.policy import ContactChannel
from orchestrator.storage import cases, contacts, journal, meters
from orchestrator.storage.database import Connection, Database


def record_facts(database: Database, facts: Iterable[tuple[str, Event]], *, now: datetime, import_id: str = "") -> int:
    """Stores (case id, fact) pairs; returns how many were new. Raises NotFound for an unknown case."""
    with database.begin() as conn:
        return record_in(conn, facts, now=now, import_id=import_id)


def record_in(
    conn: Connection,
    facts: Iterable[tuple[str, Event]],
    *,
    now: datetime,
    import_id: str = "",
    counted: Tally | None = None,
) -> int:
    """The same inside a transaction of the caller's.

    Who records several times in one gives `counted`, and adds it to the counters at the end: no case is locked, and no
    other counter, after a counter is.
    """
    by_case: dict[str, list[Event]] = {}
    for case_id, fact in facts:
        by_case.setdefault(case_id, []).append(fact)
    stored = {item.case.id: item for item in cases.load(conn, by_case, for_update=True)}
    unknown = sorted(set(by_case) - set(stored))
    if unknown:
        raise NotFound(f"no case is named {', '.join(unknown[:3])}")
    entries = [journal.Entry(case_id, fact.at, fact, import_id) for case_id in by_case for fact in by_case[case_id]]
    known = {(entry.case_id, id(entry.fact)) for entry in journal.append(conn, entries, now=now)}
    changes: list[cases.Change] = []
    tally = Tally() if counted is None else counted
    for case_id, item in stored.items():
        case = item.case
        fresh = [fact for fact in by_case[case_id] if (case_id, id(fact)) not in known]
        for fact in fresh:
            count(case, fact, tally)
            case = apply(case, fact)
        if fresh:
            changes.append(cases.Change(case, now, item.version))
    cases.save(conn, changes, now=now)
    failed = [
        fact.message_id
        for case_facts in by_case.values()
        for fact in case_facts
        if isinstance(fact, DeliveryReported) and fact.status in FAILED_STATUSES
    ]
    if failed:
        contacts.mark_undelivered(conn, failed)
    contacts.record(conn, _calls(stored, by_case))
    if counted is None:
        meters.add(conn, tally, at=now)
    return len(entries) - len(known)


def _calls(stored: Mapping[str, cases.Stored], by_case: Mapping[str, Iterable[Event]]) -> list[contacts.Entry]:
    """Every dialled call is a contact of the person, and counts in the caps (R38)."""
    return [
        contacts.Entry(stored[case_id].person_id, _call(case_id, fact))
        for case_id, facts in by_case.items()
        for fact in facts
        if isinstance(fact, CallMade)
    ]


def _call(case_id: str, fact: CallMade) -> Contact:
    return Contact(
        at=fact.at, channel=ContactChannel.CALL, purpose=Purpose.DEMAND, case_id=case_id, message_id=fact.id,
        is_conversation=fact.outcome not in UNANSWERED,
    )  # fmt: skip
