"""What a replay promises, looked for in what it left: no demand after settlement, in a dispute, or before its time.

Counted anew from the ledger's own rows and the departures of each case; nothing here trusts the decisions.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.domain.campaign import DocumentKind, Purpose, Step
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.case_clock import shift, shift_date
from orchestrator.domain.place import Place, local_date, place_of, start_of
from orchestrator.flows.strategy import Strategy
from orchestrator.intake.ledger.debts import DebtRow
from orchestrator.simulator.replay_ledger import ReplayLedger
from orchestrator.storage import cases
from orchestrator.storage.database import Database

WORDS = {
    "after_settlement": ("aucune relance après le règlement", "no demand after settlement"),
    "while_disputed": ("aucune relance d'une facture contestée", "no demand while disputed"),
    "before_its_time": ("aucune relance avant l'heure", "no demand before its time"),
}
"""Each guarantee in French and in English."""


class Breach(msgspec.Struct, frozen=True):
    """A message that should not have left, and the document it should not have named."""

    case_id: str
    message_id: str
    left_at: datetime
    reference: str = ""


class Guarantee(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: how many demands were looked at, and those that broke it."""

    name: str
    looked_at: int
    broken: tuple[Breach, ...] = ()


class _Look(msgspec.Struct, frozen=True):
    """What the checks know of one demand. `morning` is when the facts of a day were known."""

    case: Case
    departure: Departure
    rows: dict[str, DebtRow]
    steps: dict[str, Step]
    morning: Callable[[date], datetime]


def check_guarantees(
    database: Database, ledger: ReplayLedger, strategy: Strategy, *, morning: time, zone: str
) -> tuple[Guarantee, ...]:
    """Every guarantee, over all demands that left. `morning` in `zone` is when a day's settlements were known."""
    rows: dict[str, dict[str, DebtRow]] = {}
    for row in ledger.rows:
        rows.setdefault(row.creditor, {})[row.debt.reference] = row
    steps = {(c.id, c.release): {step.id: step for step in c.steps} for c in strategy.all_campaigns}
    own_zone = ZoneInfo(zone)
    looks: list[_Look] = []
    with database.read() as conn:
        for page in cases.each(conn):
            for stored in page:
                case = stored.case
                own = rows.get(case.creditor, {})
                known = steps.get((case.campaign, case.release), {})
                looks += [
                    _Look(case, departure, own, known, lambda day: datetime.combine(day, morning, own_zone))
                    for departure in case.departures
                    if departure.purpose is Purpose.DEMAND and not departure.is_observed
                ]
    return tuple(
        Guarantee(name=name, looked_at=len(looks), broken=tuple(b for look in looks for b in find(look)))
        for name, find in _CHECKS.items()
    )


def _breach(look: _Look, reference: str = "") -> Breach:
    return Breach(look.case.id, look.departure.message_id, look.departure.at, reference)


def _after_settlement(look: _Look) -> Iterator[Breach]:
    for reference in look.departure.references:
        row = look.rows.get(reference)
        if row is None or row.settled_on is None:
            continue
        if look.departure.at >= look.morning(row.settled_on):
            yield _breach(look, reference)
    if not look.departure.references and not _owes(look):
        yield _breach(look)


def _owes(look: _Look) -> bool:
    """Whether the ledger shows anything open of this debtor when the message left."""
    at = look.departure.at
    return any(
        row.debtor.ref == look.case.debtor.ref
        and row.debt.open_cents > 0
        and (row.settled_on is None or at < look.morning(row.settled_on))
        for row in look.rows.values()
    )


def _while_disputed(look: _Look) -> Iterator[Breach]:
    """A disputed document is so as long as it is open: no demand may ever name it."""
    for reference in look.departure.references:
        row = look.rows.get(reference)
        if row is not None and row.disputed and row.disputed_cents is None:
            yield _breach(look, reference)


def _before_its_time(look: _Look) -> Iterator[Breach]:
    """Not before the document was issued, nor due (save for a word of service), nor before the step's own time."""
    address = look.case.debtor.address
    place = place_of(address.country if address else "", address.postcode if address else "")
    left_on = local_date(look.departure.at, place)
    for reference in look.departure.references:
        row = look.rows.get(reference)
        if row is None:
            continue
        first = row.debt.due_on + timedelta(days=1)
        if look.departure.kind is DocumentKind.UPCOMING:
            first = row.debt.issued_on or date.min
        if left_on < first:
            yield _breach(look, reference)
    earliest = _step_at(look, place)
    if earliest is not None and look.departure.at < earliest:
        yield _breach(look)


def _step_at(look: _Look, place: Place) -> datetime | None:
    """When the campaign wanted the step, at the earliest: from the due date, or from the step that left before it."""
    step, cycle = look.steps.get(look.departure.step), look.case.cycle
    if step is None or cycle is None or cycle.number != look.departure.cycle:
        return None
    if step.at is not None:
        return start_of(shift_date(cycle.anchor_due_on, step.at.duration, place), place.zone)
    before = [
        other.at
        for other in look.case.departures
        if other.cycle == cycle.number
        and other.at < look.departure.at
        and other.step in look.steps
        and other.step != step.id
    ]
    return shift(before[-1], step.after, place) if before and step.after is not None else None


_CHECKS: dict[str, Callable[[_Look], Iterator[Breach]]] = {
    "after_settlement": _after_settlement,
    "while_disputed": _while_disputed,
    "before_its_time": _before_its_time,
}
