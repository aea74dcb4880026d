"""The amounts and dates of one document: their signs, sizes and order. Owns what cannot be true of a debt."""

from datetime import date, timedelta

import msgspec

from orchestrator.domain.debt import CREDITS, DocumentKind
from orchestrator.intake.tables.cells import Record
from orchestrator.intake.tables.mapping import Credits

# No limitation we know is longer than what lies between, save claims under an enforcement title (ten years).
EARLIEST = date(1990, 1, 1)
_LATEST_DUE = timedelta(days=5 * 366)
# Subscriptions are invoiced ahead; a month is usual, a year is a typing error.
_INVOICED_AHEAD = timedelta(days=31)
_ZERO_IS_NO_DEBT = "leave such rows out with `skip:` in the mapping"


class Amounts(msgspec.Struct, frozen=True):
    """Signed minor units: credits are negative."""

    principal_cents: int
    open_cents: int


class Days(msgspec.Struct, frozen=True):
    """The dates of a document."""

    as_of: date
    issued_on: date | None
    due_on: date


def amounts_of(record: Record, kind: DocumentKind, currency: str, written: Credits) -> Amounts | None:
    """Principal and open amount; one stands for the other where the file has only one. None when refused."""
    before = len(record.faults)
    principal = _principal(record, kind, currency, written)
    open_cents = _signed(record, "open_amount", kind, record.cents("open_amount", currency), written)
    if len(record.faults) > before or not currency:
        return None
    field = "principal" if principal is not None else "open_amount"
    if principal is None:
        principal = open_cents
    if principal is None:
        record.refuse(field, "missing", "no amount is given", "every row needs its principal or what is open")
        return None
    if open_cents is None:
        open_cents = principal
    _check_pair(record, field, principal, open_cents)
    return Amounts(principal, open_cents) if len(record.faults) == before else None


def _principal(record: Record, kind: DocumentKind, currency: str, written: Credits) -> int | None:
    if "debit" not in record.fields and "credit" not in record.fields:
        return _signed(record, "principal", kind, record.cents("principal", currency), written)
    debit, credit = record.cents("debit", currency), record.cents("credit", currency)
    if debit and credit:
        record.refuse("credit", "debit_and_credit", "there is an amount in both columns", "one of them must be empty")
        return None
    if (debit or 0) < 0 or (credit or 0) < 0:
        record.refuse("debit", "sign_wrong", "a debit and a credit column hold no negative amounts", "swap the column")
        return None
    if debit is None and credit is None:
        return None
    return _signed(record, "debit", kind, (debit or 0) - (credit or 0), Credits.NEGATIVE)


def _signed(record: Record, field: str, kind: DocumentKind, cents: int | None, written: Credits) -> int | None:
    if cents is None:
        return None
    if kind in CREDITS:
        if written is Credits.POSITIVE:
            cents = -cents
        if cents > 0:
            hint = "write it with a minus, or `credits:` in the mapping as the file has it"
            record.refuse(field, "sign_wrong", f"the amount of a {kind} has the wrong sign", hint)
            return None
    elif cents < 0 and kind is not DocumentKind.ADJUSTMENT:
        record.refuse(field, "sign_wrong", f"the amount of a {kind} is negative", "is the document a credit_note?")
        return None
    return cents


def _check_pair(record: Record, field: str, principal: int, open_cents: int) -> None:
    if principal == 0:
        record.refuse(field, "zero_amount", "the amount is zero", _ZERO_IS_NO_DEBT)
    elif open_cents and (open_cents < 0) is not (principal < 0):
        record.refuse("open_amount", "sign_wrong", "what is open has another sign than the principal", "correct one")
    elif abs(open_cents) > abs(principal):
        hint = "interest and fees are not part of it: they have columns of their own, or are computed"
        record.refuse("open_amount", "open_exceeds_principal", "more is open than the document was for", hint)


def days_of(record: Record, kind: DocumentKind, *, today: date, as_of: date | None) -> Days | None:
    """The dates of a document; `as_of` None is a column of the file. A credit without due date is due when issued."""
    before = len(record.faults)
    said = record.day("as_of", needed=True) if as_of is None else as_of
    issued = record.day("issued_on")
    due = record.day("due_on", needed=kind not in CREDITS)
    if len(record.faults) > before or said is None:
        return None
    due = due or issued or said
    _check_order(record, kind, issued, due)
    _check_bounds(record, "due_on", due, today + _LATEST_DUE)
    _check_bounds(record, "as_of", said, today)
    if issued is not None:
        _check_bounds(record, "issued_on", issued, today + _INVOICED_AHEAD)
        if issued > today and len(record.faults) == before:
            record.warn("issued_on", "issued_in_future", "the document is dated in the future", "check the date")
    return Days(said, issued, due) if len(record.faults) == before else None


def _check_order(record: Record, kind: DocumentKind, issued: date | None, due: date) -> None:
    if issued is not None and issued > due and kind not in CREDITS:
        hint = "are the two columns swapped, or day and month? see `dates:` in the mapping"
        record.refuse("due_on", "due_before_issued", "it falls due before the date of the document", hint)


def _check_bounds(record: Record, field: str, day: date, latest: date) -> None:
    if day < EARLIEST:
        record.refuse(field, "date_too_old", f"the date lies before {EARLIEST:%Y}", "check the century, and `dates:`")
    elif day > latest:
        record.refuse(
            field, "date_too_far", f"the date lies after {latest.isoformat()}", "check the year, and `dates:`"
        )


def past_day(record: Record, field: str, *, today: date, needed: bool = False) -> date | None:
    """A date of something that has happened: not after today."""
    day = record.day(field, needed=needed)
    if day is not None:
        _check_bounds(record, field, day, today)
    return day
