"""What protects a person in one of their cases protects them in the others (semantics A8). Merges nothing else."""

from collections.abc import Iterable, Sequence

from orchestrator.domain.agreement import HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.events import (
    Event,
    HardshipDeclared,
    HoldLifted,
    HoldPlaced,
    Marked,
    OptedIn,
    OptedOut,
    PointAdded,
    PointMarked,
    Unmarked,
)
from orchestrator.storage import cases
from orchestrator.storage.database import Connection


def others_of_debtor(conn: Connection, case: Case) -> list[Case]:
    """The other cases of the same debtor with the same creditor: one for each currency and payee."""
    theirs = cases.find(conn, case.creditor, [case.debtor.ref]).get(case.debtor.ref, [])
    return [stored.case for stored in theirs if stored.case.id != case.id]


def told_elsewhere(case: Case, others: Sequence[Case], facts: Iterable[Event]) -> list[tuple[str, Event]]:
    """(case id, fact) for the person's other cases.

    Stops, starts and faulty points go to all of them; marks, new points and holds of the person to the same debtor's.
    """
    told = [each for fact in facts for each in _as_told(fact)]
    return [(other.id, fact) for fact in told for other in others if _concerns(case, other, fact)]


def _as_told(fact: Event) -> list[Event]:
    """Hardship is answered once, where it was declared: the other cases know the hold and the mark alone."""
    if not isinstance(fact, HardshipDeclared):
        return [fact]
    mark = Marked(id=f"{fact.id}:hardship", at=fact.at, by=fact.by, mark="hardship")
    return [HoldPlaced(id=fact.id, at=fact.at, by=fact.by, hold=fact.hold), mark]


def _concerns(case: Case, other: Case, fact: Event) -> bool:
    if isinstance(fact, OptedOut | OptedIn | PointMarked):
        return True
    if (case.creditor, case.debtor.ref) != (other.creditor, other.debtor.ref):
        return False
    if isinstance(fact, HoldPlaced):
        return fact.hold.scope is HoldScope.PERSON
    if isinstance(fact, HoldLifted):
        return any(hold.id == fact.hold_id and hold.scope is HoldScope.PERSON for hold in other.holds)
    return isinstance(fact, Marked | Unmarked | PointAdded)
