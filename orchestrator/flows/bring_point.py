"""A new contact point on its way into a case: read as an import reads it, and known to be the same person's.

Who shares a number shares its caps and its stops (semantics A8): the point is linked before the act locks any case.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from orchestrator.domain.acts import AddPoint
from orchestrator.domain.case import Case
from orchestrator.domain.contact import Debtor, Fault, PointKind, PostalAddress
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.domain.events import Event, PointAdded
from orchestrator.domain.own_points import with_own_points
from orchestrator.flows.early_stops import stops_before
from orchestrator.flows.strategy import Strategy
from orchestrator.intake.ledger.contact_points import Point, postal_address, read_email, read_phone
from orchestrator.intake.ledger.person_points import person_points, point_digest
from orchestrator.storage import cases, persons
from orchestrator.storage.database import Connection

# Where nobody lives that is known, numbers are read as the creditor's country writes them.
_USUAL_COUNTRY = "FR"


def read_point(conn: Connection, strategy: Strategy, case_id: str, act: AddPoint) -> AddPoint:
    """The act with its point in the form in which it is used. Raises InputError for what nobody could be reached at."""
    case = _case(conn, case_id)
    if act.kind is PointKind.POST:
        return replace(act, address=_address(act.address, _country(case, strategy)))
    if act.kind is PointKind.EMAIL:
        return _as_read(act, read_email(act.value, given_by_debtor=act.given_by_debtor))
    address = case.debtor.address
    postcode = address.postcode if address else ""
    return _as_read(act, read_phone(act.value, country=_country(case, strategy), postcode=postcode))


def _as_read(act: AddPoint, read: Point) -> AddPoint:
    if not act.value.strip():
        return replace(act, value="")
    if not read.point.value:
        hint = "a number like 06 12 34 56 78 or +33612345678, an e-mail like name@domain"
        raise InputError("nobody can be reached at this", hint=hint, where="value", code=read.why)
    return replace(act, value=read.point.value, fault=read.point.fault)


def _address(said: PostalAddress | None, country: str) -> PostalAddress | None:
    if said is None:
        return None
    found = postal_address(
        said.lines, postcode=said.postcode, city=said.city, country=said.country, assumed_country=country
    )
    if found is None:
        return None
    if found.fault in (Fault.INVALID, Fault.MISSING):
        hint = "a street, a postcode of that country and a city"
        raise InputError("no letter would arrive there", hint=hint, where="address", code="address_incomplete")
    return found.address


def _country(case: Case, strategy: Strategy) -> str:
    address, creditor = case.debtor.address, strategy.creditors.get(case.creditor)
    return (address.country if address else "") or (creditor.jurisdiction if creditor else "") or _USUAL_COUNTRY


def link_point(conn: Connection, case_id: str, act: AddPoint) -> None:
    """The debtor's cases become those of whoever else has this point. Locks persons: before any case is locked."""
    case = _case(conn, case_id)
    if act.kind is PointKind.POST and act.address is not None:
        moved = [replace(person, address=act.address) for person in case.debtor.people[:1]]
        brought = {*person_points(case.debtor), *person_points(replace(case.debtor, people=tuple(moved)))}
    else:
        brought = {*person_points(case.debtor), *([point_digest(act.kind, act.value)] if act.value else [])}
    theirs = cases.find(conn, case.creditor, [case.debtor.ref])[case.debtor.ref]
    persons.link(conn, {stored.case.id: brought for stored in theirs})


def stops_of_point(
    conn: Connection, of_debtor: Sequence[Case], facts: Sequence[Event], *, now: datetime
) -> list[tuple[str, Event]]:
    """(case id, opt-out) of those who asked us to stop, by this very point, before anybody knew whose it was."""
    added = [fact.own for fact in facts if isinstance(fact, PointAdded)]
    if not added:
        return []
    before: dict[str, Debtor] = {case.id: case.debtor for case in of_debtor}
    after = {case_id: with_own_points(debtor, added) for case_id, debtor in before.items()}
    found = stops_before(conn, after, before, now=now)
    return [(case_id, fact) for case_id, several in found.items() for fact in several]


def _case(conn: Connection, case_id: str) -> Case:
    found = cases.load(conn, [case_id])
    if not found:
        raise NotFound("no case has this id", hint="`relance case list` and GET /cases list them")
    return found[0].case
