"""How long debts took to be paid, and how many of them were at each age. For statistics: what is owed is `account.py`.

Every payment counts, also one that a newer ledger figure contains already; the oldest debt named is paid first.
"""

from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment

SPAN_DAYS = 30
SPANS = 4


class Part(msgspec.Struct, frozen=True):
    """What a payment paid of a debt."""

    debt: Debt
    received_on: date
    cents: int

    @property
    def days_late(self) -> int:
        """Whole days after the due date, 0 for a debt paid in time."""
        return max((self.received_on - self.debt.due_on).days, 0)


class Span(msgspec.Struct, frozen=True):
    """Thirty days in the age of a debt: what was open as they began, what of it came in before they ended."""

    age: int
    open_cents: int
    paid_cents: int


def payments_of(case: Case) -> list[Payment]:
    """The payments that stayed, in the order of their days."""
    reversed_ids = {payment.id for payment in case.reversals}
    return [payment for payment in case.payments if payment.id not in reversed_ids]


def paid_parts(case: Case) -> list[Part]:
    """What each payment paid of which debt: those it names, else all of them, the oldest first."""
    debts = [debt for debt in case.debts if not debt.is_credit]
    left = {debt.reference: max(debt.principal_cents, debt.open_cents, 0) for debt in debts}
    parts = []
    for payment in payments_of(case):
        rest = payment.amount_cents
        for debt in debts:
            if payment.references and debt.reference not in payment.references:
                continue
            cents = min(rest, left[debt.reference])
            if cents > 0:
                parts.append(Part(debt, payment.received_on, cents))
                left[debt.reference] -= cents
                rest -= cents
    return parts


def spans_of(case: Case, parts: list[Part], known_at: datetime | None, today: date) -> list[Span]:
    """The spans of every debt that are over and began after the case was known.

    What was paid before nobody here saw, so that an earlier span would look as if nobody ever paid.
    """
    if known_at is None:
        return []
    paid: dict[str, list[Part]] = {}
    for part in parts:
        paid.setdefault(part.debt.reference, []).append(part)
    spans = []
    for debt in case.debts:
        if not debt.is_credit:
            spans += _spans_of_debt(debt, paid.get(debt.reference, []), known_at.date(), today)
    return spans


def _spans_of_debt(debt: Debt, paid: list[Part], known_on: date, today: date) -> list[Span]:
    spans = []
    begun = max(debt.principal_cents, debt.open_cents)
    for age in range(SPANS):
        first = debt.due_on + timedelta(days=SPAN_DAYS * age + 1)
        last = first + timedelta(days=SPAN_DAYS - 1)
        if last >= today or debt.is_presumed_settled:
            break
        open_cents = begun - sum(part.cents for part in paid if part.received_on < first)
        came = sum(part.cents for part in paid if first <= part.received_on <= last)
        if open_cents > 0 and first >= known_on:
            spans.append(Span(age, open_cents, came))
    return spans
