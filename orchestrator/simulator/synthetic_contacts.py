"""Invents contact points for debtors of a ledger that has none, so that a replay can write to somebody.

The same debtor gets the same points each time; what is there already is kept. Nothing invented reaches anybody:
the domains are reserved, the numbers were never given out, and the names of the streets are nobody's.
"""

from hashlib import blake2b
from random import Random

import msgspec
from msgspec.structs import replace

from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, PointKind, PostalAddress
from orchestrator.simulator import portfolio_names as names

# The block has no more numbers; further debtors get none, rather than one that they share.
_NUMBERS = 10_000
_OVERSEAS_PERCENT, _ALSACE_PERCENT = 5, 5


class Invented(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was invented for one debtor; empty where the ledger had its own."""

    debtor_ref: str
    email: str = ""
    phone: str = ""
    address: str = ""


def invent(debtor: Debtor, number: int) -> tuple[Debtor, Invented]:
    """The debtor with an e-mail, a mobile and a French address where it had none. `number` counts debtors from 0."""
    first = debtor.people[0] if debtor.people else ContactPerson()
    points = list(first.points)
    email = phone = ""
    if not _has(first, PointKind.EMAIL):
        email = f"debtor-{_digest(debtor.ref)}@example.org"
        points.append(ContactPoint(PointKind.EMAIL, email))
    if not _has(first, PointKind.PHONE) and number < _NUMBERS:
        phone = f"+3364463{number:04d}"
        points.append(ContactPoint(PointKind.PHONE, phone))
    address = first.address
    written = ""
    if address is None or (address.country in ("", "FR") and not address.lines):
        address = _address(debtor.ref)
        written = ", ".join((*address.lines, f"{address.postcode} {address.city}"))
        points = [point for point in points if point.kind is not PointKind.POST]
    person = replace(first, points=tuple(points), address=address)
    made = replace(debtor, people=(person, *debtor.people[1:]))
    return made, Invented(debtor.ref, email, phone, written)


def assume_country(debtor: Debtor, country: str) -> Debtor:
    """The debtor with every address in one country, whatever the ledger says."""
    people = debtor.people or (ContactPerson(),)
    moved = tuple(replace(person, address=_moved(person.address, country)) for person in people)
    return replace(debtor, people=moved)


def _moved(address: PostalAddress | None, country: str) -> PostalAddress:
    return replace(address, country=country) if address is not None else PostalAddress(country=country)


def _has(person: ContactPerson, kind: PointKind) -> bool:
    point = person.point(kind)
    return point is not None and point.fault is None


def _address(ref: str) -> PostalAddress:
    rng = Random(f"address|{ref}")  # noqa: S311  # invented, no secret
    where = rng.randrange(100)
    towns: tuple[tuple[str, str], ...]
    if where < _OVERSEAS_PERCENT:
        towns = names.OVERSEAS
    elif where < _OVERSEAS_PERCENT + _ALSACE_PERCENT:
        towns = names.ALSACE_MOSELLE
    else:
        towns = names.METROPOLE
    postcode, city = rng.choice(towns)
    return PostalAddress((f"{rng.randrange(1, 98)} {rng.choice(names.STREETS)}",), postcode, city, "FR")


def _digest(ref: str) -> str:
    return blake2b(ref.encode(), digest_size=5).hexdigest()
