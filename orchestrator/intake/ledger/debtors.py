"""The debtor of one row: who owes, and the contact person with the addresses that the row gives. Merges nothing.

Rows of one debtor mostly say the same: what was read once is remembered.
"""

import re
from collections.abc import Collection
from functools import cache
from operator import itemgetter

import msgspec
from babel import Locale

from orchestrator.domain.contact import (
    ContactPerson,
    ContactPoint,
    Debtor,
    DebtorStatus,
    Fault,
    PointKind,
    PostalAddress,
    Role,
)
from orchestrator.intake.ledger.contact_points import Point, postal_address, read_email, read_phone, siren
from orchestrator.intake.tables.cells import Record
from orchestrator.intake.tables.mapping import folded
from orchestrator.intake.tables.report import Remark

_FIELDS = (
    "name", "status", "siren", "sector", "solvency", "marks", "language", "contact_role",
    "contact_name", "email", "phone", "given_by_debtor", "address_1", "address_2", "address_3", "address_4",
    "postcode", "city", "country",
)  # fmt: skip
_STREET = ("address_1", "address_2", "address_3", "address_4")
_MARK = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SAID_OF_ADDRESS = {
    "country_assumed": ("country", "no country is given: the creditor's was taken", "give the country"),
    "country_unknown": (
        "country",
        "this country is not known",
        "use ISO 3166, or its French or English name",
    ),
    "postcode_padded": (
        "postcode",
        "the leading zero of the postcode was lost and is put back",
        "export it as text",
    ),
    "postcode_invalid": ("postcode", "this is no postcode of its country: no letter can be sent", "correct it"),
    "address_incomplete": (
        "address_1",
        "the postal address is incomplete: no letter can be sent",
        "complete it",
    ),
}
_SAID_OF_POINT = {
    "landline": ("this is a landline: it takes calls, no SMS", ""),
    "phone_invalid": ("this is not a phone number: it is kept and not used", "correct it"),
    "premium_number": ("this number is charged or not a person's: it is kept and not used", "correct it"),
    "foreign_prefix": ("this number is in a country we do not send to: it is kept and not used", "check it"),
    "email_invalid": ("this is not an e-mail address: it is kept and not used", "correct it"),
    "email_of_nobody": ("nobody reads this mailbox: it is kept and not used", "ask for another address"),
}


class Read(msgspec.Struct, frozen=True):
    """A debtor, the marks that its row gives, and the faults of its columns."""

    debtor: Debtor
    marks: tuple[str, ...]
    faults: tuple[Remark, ...]


class DebtorReader:
    """Reads debtors of one file, each way of writing one once."""

    def __init__(self, names: Collection[str]) -> None:
        """`names` are the fields that rows of the file have."""
        self._key = itemgetter("debtor_ref", *(field for field in _FIELDS if field in names))
        self._read: dict[tuple[str, tuple[object, ...]], Read] = {}

    def read(self, record: Record, *, creditor: str, country: str) -> Read:
        """The debtor of a row; `country` is assumed where an address names none. Warnings come with the first row."""
        key = (creditor, self._key(record.fields))
        known = self._read.get(key)
        if known is not None:
            record.faults += [msgspec.structs.replace(fault, line=record.line) for fault in known.faults]
            return known
        before = len(record.faults)
        debtor, marks = _debtor(record, country)
        known = self._read[key] = Read(debtor, marks, tuple(record.faults[before:]))
        return known


def _debtor(record: Record, country: str) -> tuple[Debtor, tuple[str, ...]]:
    status = record.choice("status", DebtorStatus, DebtorStatus.UNKNOWN)
    marks, solvency = _marks(record)
    number, said = _siren(record, status)
    language = _language(record)
    debtor = Debtor(
        ref=record.text("debtor_ref", longest=64, needed=True),
        name=record.text("name", longest=120, needed=True),
        status=status,
        language=language,
        siren=number,
        sector=record.free_word("sector"),
        people=(_person(record, country),),
        solvency=solvency,
    )
    return debtor, marks + said


def _marks(record: Record) -> tuple[tuple[str, ...], str]:
    """Marks, and the solvency that one of them may be (`solvency:fragile`)."""
    solvency = record.free_word("solvency")
    marks = []
    for word in record.words("marks"):
        plain = folded(word)
        if plain.startswith("solvency:"):
            solvency = plain.removeprefix("solvency:").strip() or solvency
        elif _MARK.fullmatch(plain):
            marks.append(plain)
        else:
            hint = "use small letters, digits and _, such as good_payer"
            record.refuse("marks", "mark_invalid", "this is not a mark", hint)
    return tuple(dict.fromkeys(marks)), solvency


def _siren(record: Record, status: DebtorStatus) -> tuple[str, tuple[str, ...]]:
    text = record.text("siren", longest=30)
    if not text:
        return "", ()
    number, is_valid = siren(text)
    if not is_valid:
        record.warn("siren", "siren_invalid", "the check digit of this company number is wrong", "correct it")
        return number, ("siren_invalid",)
    if status is DebtorStatus.CONSUMER:
        record.warn("siren", "consumer_with_siren", "a consumer has no company number", "check the status")
    return number, ()


def _language(record: Record) -> str:
    text = record.text("language", longest=35).casefold().replace("-", "_").partition("_")[0]
    if text and text not in _languages():
        hint = "use ISO 639-1, such as fr or en"
        record.refuse("language", "language_unknown", "this language is not known", hint)
        return ""
    return text


@cache
def _languages() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _person(record: Record, country: str) -> ContactPerson:
    given = record.flag("given_by_debtor") is not False
    address, post = _address(record, country, given=given)
    country, postcode = (address.country or country, address.postcode) if address else (country, "")
    points: dict[str, ContactPoint] = {}
    for raw in record.words("email", longest=320):
        _add(points, read_email(raw, given_by_debtor=given), record, "email")
    for raw in record.words("phone", longest=320):
        _add(points, read_phone(raw, country=country, postcode=postcode, given_by_debtor=given), record, "phone")
    return ContactPerson(
        role=record.choice("contact_role", Role, Role.SELF),
        name=record.text("contact_name", longest=120),
        points=(*points.values(), *post),
        address=address,
    )


def _add(points: dict[str, ContactPoint], read: Point, record: Record, field: str) -> None:
    point, why = read
    if why:
        record.warn(field, why, *_SAID_OF_POINT[why])
    points.setdefault(point.value or point.raw, point)


def _address(record: Record, country: str, *, given: bool) -> tuple[PostalAddress | None, tuple[ContactPoint, ...]]:
    filled = [field for field in _STREET if record.fields.get(field)]
    found = postal_address(
        [line for field in filled for line in record.text(field, lines=True).splitlines()],
        postcode=record.text("postcode", longest=20),
        city=record.text("city", longest=60),
        country=record.text("country", longest=60),
        assumed_country=country,
    )
    if found is None:
        return None, ()
    for code in found.remarks:
        field, message, hint = _SAID_OF_ADDRESS[code]
        if code != "country_assumed" or "country" in record.fields:  # a file without the column says it for all rows
            record.warn(field, code, message, hint)
    if found.fault is Fault.MISSING:
        return found.address, ()
    return found.address, (ContactPoint(PointKind.POST, "", found.fault, given_by_debtor=given),)
