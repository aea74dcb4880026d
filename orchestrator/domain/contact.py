"""How a debtor can be reached: contact persons, their addresses and what is known of each. Not whether to."""

from enum import StrEnum

import msgspec

from channels.contract import Channel


class PointKind(StrEnum):
    """What an address is. A phone serves SMS and calls; whether it takes SMS is its `fault`."""

    PHONE = "phone"
    EMAIL = "email"
    POST = "post"


POINT_OF_CHANNEL = {
    Channel.SMS: PointKind.PHONE,
    Channel.EMAIL: PointKind.EMAIL,
    Channel.LETTER: PointKind.POST,
}


class Fault(StrEnum):
    """Why a point cannot be used. A faulty point is kept and shown, never dropped and never written to."""

    INVALID = "invalid"
    LANDLINE = "landline"
    FOREIGN_PREFIX = "foreign_prefix"
    BOUNCED = "bounced"
    DEAD = "dead"
    RETURNED = "returned"
    NOT_OWNED = "not_owned"
    MISSING = "missing"


class Role(StrEnum):
    """What a contact person does at the debtor's (semantics A7)."""

    SELF = "self"
    ACCOUNTS_PAYABLE = "accounts_payable"
    BUYER = "buyer"
    OWNER = "owner"
    FINANCE = "finance"
    REPRESENTATIVE = "representative"
    ADVISER = "adviser"


class PostalAddress(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where post goes. `lines` are the street lines without name, postcode and city; `country` is ISO 3166."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str = ""


class ContactPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One address. `value` is E.164, a normalised e-mail, or empty for post (see the person's `address`).

    `raw` keeps what the file said when it could not be normalised. `verified` means the debtor confirmed it
    (it may then carry an amount by SMS, semantics D9).
    """

    kind: PointKind
    value: str
    fault: Fault | None = None
    raw: str = ""
    verified: bool = False
    given_by_debtor: bool = True


class ContactPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """Someone at the debtor's, with a role, a language (ISO 639-1, empty: the debtor's) and addresses."""

    role: Role = Role.SELF
    name: str = ""
    language: str = ""
    points: tuple[ContactPoint, ...] = ()
    address: PostalAddress | None = None

    def point(self, kind: PointKind) -> ContactPoint | None:
        """The first usable point of a kind, else the first faulty one, else None."""
        first: ContactPoint | None = None
        for point in self.points:
            if point.kind is kind:
                if point.fault is None:
                    return point
                first = first or point
        return first


class DebtorStatus(StrEnum):
    """Who owes (semantics A6). Fees, rates, limitation and mentions follow it; unknown gets the consumer pack."""

    CONSUMER = "consumer"
    SOLE_TRADER = "sole_trader"
    COMPANY = "company"
    NON_PROFESSIONAL = "non_professional"
    PUBLIC_BODY = "public_body"
    UNKNOWN = "unknown"

    @property
    def is_individual(self) -> bool:
        """True where the consumer's protection applies; unknown is protected (semantics A6)."""
        return self in (DebtorStatus.CONSUMER, DebtorStatus.UNKNOWN)


class Debtor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A debtor of one creditor: (creditor, ref). Merged with no other, whatever they share (semantics A8)."""

    ref: str
    name: str
    status: DebtorStatus = DebtorStatus.UNKNOWN
    language: str = ""
    siren: str = ""
    sector: str = ""
    people: tuple[ContactPerson, ...] = ()
    solvency: str = ""

    @property
    def address(self) -> PostalAddress | None:
        """The first known postal address, which places the debtor in a zone and a calendar."""
        for person in self.people:
            if person.address is not None:
                return person.address
        return None

    def person(self, role: Role | None) -> ContactPerson | None:
        """The contact person of a role; without a role, the first one."""
        for person in self.people:
            if role is None or person.role is role:
                return person
        return None
