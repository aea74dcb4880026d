"""Numbers and addresses by hand (R42): faulty or good again, new, or in place of one that was wrong. Pure."""

from orchestrator.domain import acts
from orchestrator.domain import events as ev
from orchestrator.domain.acting import Acting
from orchestrator.domain.contact import ContactPerson, ContactPoint, Fault, PointKind, PostalAddress, Role
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.own_points import OwnPoint, is_of


def mark_point(acting: Acting, act: acts.MarkPoint) -> list[ev.Event]:
    """The fact that a point is faulty, or good again."""
    value = _known_value(acting, act.kind, act.value)
    return [ev.PointMarked(id=acting.name, at=acting.at, by=acting.by, kind=act.kind, value=value, fault=act.fault)]


def add_point(acting: Acting, act: acts.AddPoint) -> list[ev.Event]:
    """The facts of a new point, in the form in which it is used; the one that it corrects is marked faulty."""
    _require_point(act)
    facts: list[ev.Event] = []
    if act.corrects and act.kind is not PointKind.POST:
        wrong = _known_value(acting, act.kind, act.corrects)
        facts.append(
            ev.PointMarked(
                id=f"{acting.name}:wrong", at=acting.at, by=acting.by, kind=act.kind, value=wrong, fault=Fault.INVALID
            )
        )
    point = ContactPoint(
        act.kind, act.value, act.fault, verified=act.verified, given_by_debtor=act.given_by_debtor
    )  # fmt: skip
    person = _person_of(acting, act)
    own = OwnPoint(
        role=person.role, name=person.name, language=act.language, point=point, address=act.address, at=acting.at,
    )  # fmt: skip
    if act.kind is PointKind.POST:
        own = _instead(acting, person, own)
    elif any(known.kind is act.kind and known.value == act.value for known in person.points):
        hint = "if it was marked faulty, mark it good again"
        raise Conflict("this number or address is known already", hint=hint, code="point_known")
    return [*facts, ev.PointAdded(id=acting.name, at=acting.at, by=acting.by, own=own)]


def _require_point(act: acts.AddPoint) -> None:
    """What is missing altogether; the form of a number or an address is judged before."""
    is_there = act.address is not None if act.kind is PointKind.POST else bool(act.value)
    if not is_there:
        raise InputError("there is no number or address", hint="write it", code="point_missing")


def _person_of(acting: Acting, act: acts.AddPoint) -> ContactPerson:
    """The contact person that is named, else the first of that role, else a new one."""
    people = acting.case.debtor.people
    if act.role is None and not act.name:
        return people[0] if people else ContactPerson()
    for person in people:
        is_named = not act.name or person.name.casefold() == act.name.casefold()
        if is_named and (act.role is None or person.role is act.role):
            return person
    return ContactPerson(role=act.role or Role.SELF, name=act.name, language=act.language)


def _instead(acting: Acting, person: ContactPerson, own: OwnPoint) -> OwnPoint:
    """The new postal address, with every one that it stands for."""
    if person.address == own.address:
        hint = "if mail came back from it, mark it good again"
        raise Conflict("this number or address is known already", hint=hint, code="point_known")
    before: list[PostalAddress] = []
    for each in acting.case.own_points:
        if each.point.kind is PointKind.POST and is_of(each, person):
            before += [*each.replaces, *filter(None, (each.address,))]
    if person.address is not None:
        before.append(person.address)
    stands_for = tuple(address for address in dict.fromkeys(before) if address != own.address)
    return OwnPoint(
        role=own.role, name=own.name, language=own.language, point=own.point, address=own.address,
        replaces=stands_for, at=own.at,
    )  # fmt: skip


def _known_value(acting: Acting, kind: PointKind, said: str) -> str:
    """The point as the case knows it; a marking of an unknown one would change nothing, silently."""
    if kind is PointKind.POST:
        return ""
    plain = "".join(said.split()).casefold()
    points = (point for person in acting.case.debtor.people for point in person.points)
    known = {point.value.casefold(): point.value for point in points if point.kind is kind}
    if plain not in known:
        hint = "write it as the ledger has it, a number like +33644631234"
        raise NotFound(f"the debtor has no such {kind}", hint=hint, code="point_unknown")
    return known[plain]
