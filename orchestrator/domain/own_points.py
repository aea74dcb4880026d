"""Contact points that people add by hand (R42): kept beside what the creditor's file says, and never lost to it.

A file says the debtor anew with every import; what a person was told on the phone stays until the file says better.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, PointKind, PostalAddress, Role


class OwnPoint(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A point of the contact person with this role and name. `address` is there for post alone.

    `replaces` are the postal addresses that it stands for: once the file says another one, the file is newer.
    """

    role: Role
    name: str = ""
    language: str = ""
    point: ContactPoint
    address: PostalAddress | None = None
    replaces: tuple[PostalAddress, ...] = ()
    at: datetime

    @property
    def key(self) -> tuple[str, str, str, str]:
        """One number or e-mail of a person, or their one postal address."""
        return (self.role.value, self.name.casefold(), self.point.kind.value, self.point.value)


def put_point(known: tuple[OwnPoint, ...], new: OwnPoint) -> tuple[OwnPoint, ...]:
    """The points with a new one, sorted by key; of two of one key the later one stays."""
    for each in known:
        if each.key == new.key and each.at > new.at:
            return known
    return tuple(sorted((*(each for each in known if each.key != new.key), new), key=lambda each: each.key))


def with_own_points(debtor: Debtor, own: Iterable[OwnPoint]) -> Debtor:
    """The debtor as the file says, and what people added. Doing it twice changes nothing more."""
    people = list(debtor.people)
    for each in own:
        at = next((i for i, person in enumerate(people) if is_of(each, person)), None)
        if at is None:
            people.append(ContactPerson(role=each.role, name=each.name, language=each.language))
            at = len(people) - 1
        people[at] = _with(people[at], each)
    found = tuple(people)
    return debtor if found == debtor.people else replace(debtor, people=found)


def is_of(own: OwnPoint, person: ContactPerson) -> bool:
    """Whether a point belongs to a contact person."""
    return person.role is own.role and person.name.casefold() == own.name.casefold()


def _with(person: ContactPerson, own: OwnPoint) -> ContactPerson:
    if own.point.kind is PointKind.POST:
        if not _is_to_replace(person.address, own):
            return person
        others = tuple(point for point in person.points if point.kind is not PointKind.POST)
        return replace(person, address=own.address, points=(*others, own.point))
    if any(point.kind is own.point.kind and point.value == own.point.value for point in person.points):
        return person
    return replace(person, points=(*person.points, own.point))


def _is_to_replace(address: PostalAddress | None, own: OwnPoint) -> bool:
    return address is None or not address.lines or address in own.replaces
