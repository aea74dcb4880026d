"""What is owed and held at an instant, worked out again from the facts of a case, with none of the code under test."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, DocumentKind, PaymentMethod

_ZONES = {
    "FR": {"974": "Indian/Reunion", "971": "America/Guadeloupe", "987": "Pacific/Tahiti"},
    "ES": {"350": "Atlantic/Canary"},
}
_HOME = {"FR": "Europe/Paris", "ES": "Europe/Madrid"}


def zones_of(case: Case) -> list[str] | None:
    """The zones that a random debtor may live in; None where too many could be."""
    address = case.debtor.people[0].address
    assert address is not None
    if not address.postcode:
        if address.country == "ES":
            return ["Europe/Madrid", "Atlantic/Canary"]
        has_number = any(point.value.startswith("+33") for point in case.debtor.people[0].points)
        return ["Europe/Paris"] if has_number else None
    return [_ZONES[address.country].get(address.postcode[:3], _HOME[address.country])]


def day_of(case: Case, now: datetime) -> date:
    """The day where the debtor lives, by the first candidate zone."""
    return now.astimezone(ZoneInfo((zones_of(case) or ["Europe/Paris"])[0])).date()


def midnight_after(case: Case, day: date) -> datetime:
    """The first instant after a day where the debtor lives."""
    zone = ZoneInfo((zones_of(case) or ["Europe/Paris"])[0])
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def holds_at(case: Case, now: datetime) -> list[Hold]:
    """Every hold that runs: placed, begun, not lifted, not over. Promises are holds until they end."""
    lifted = {switch.key for switch in case.lifted if switch.at <= now}
    ended = {switch.key for switch in case.promise_ends}
    promises = [
        Hold(
            id=promise.id,
            kind=HoldKind.PROMISE,
            since=promise.made_at,
            scope=HoldScope.DEBTS if promise.references else HoldScope.CASE,
            references=promise.references,
            until=promise.due_on,
            grace_days=promise.grace_days,
        )
        for promise in case.promises
        if promise.id not in ended
    ]
    return [
        hold
        for hold in (*case.holds, *promises)
        if hold.id not in lifted
        and hold.since <= now
        and (hold.until is None or now < midnight_after(case, hold.until + timedelta(days=hold.grace_days)))
    ]


class Owed(msgspec.Struct):
    """What is open by reference, what of it is held, and what stands to the debtor's credit."""

    open_cents: dict[str, int]
    held_cents: dict[str, int]
    credit_cents: int

    @property
    def balance_cents(self) -> int:
        return sum(self.open_cents.values()) - self.credit_cents


def owed_at(case: Case, now: datetime) -> Owed:
    """Ledger figures, less what came in after each figure's day, oldest debt first."""
    debts = {debt.reference: debt for debt in case.debts}
    is_credit = {r for r, d in debts.items() if d.open_cents < 0 or d.kind in _CREDITS}
    left = {reference: debt.open_cents for reference, debt in debts.items() if reference not in is_credit}
    credit = -sum(min(debts[reference].open_cents, 0) for reference in is_credit)
    gone_back = {reversal.id for reversal in case.reversals}
    for payment in case.payments:
        if payment.id in gone_back:
            continue
        rest = payment.amount_cents
        named = [debts[reference] for reference in payment.references if reference in debts]
        unknown_to_ledger = [debt for debt in named if payment.received_on > debt.as_of]
        for debt in sorted(unknown_to_ledger, key=lambda d: (d.due_on, d.reference)):
            taken = min(rest, left.get(debt.reference, 0))
            left[debt.reference] = left.get(debt.reference, 0) - taken
            rest -= taken
        newest = max((debt.as_of for debt in debts.values()), default=date.min)
        if len(unknown_to_ledger) == len(named) and (named or payment.received_on > newest):
            credit += rest
    open_cents = {reference: cents for reference, cents in left.items() if cents > 0}
    held = {reference: _held(case, debts[reference], cents, now) for reference, cents in open_cents.items()}
    return Owed(open_cents, held, credit)


_CREDITS = (DocumentKind.CREDIT_NOTE, DocumentKind.PAYMENT, DocumentKind.PAYMENT_ON_ACCOUNT)


def _held(case: Case, debt: Debt, open_cents: int, now: datetime) -> int:
    if debt.is_presumed_settled:
        return open_cents
    is_collected = debt.payment_method is PaymentMethod.DIRECT_DEBIT and not debt.reject_code
    if is_collected and debt.next_collection_on and day_of(case, now) <= debt.next_collection_on + timedelta(days=5):
        return open_cents
    parts = [
        open_cents if hold.amount_cents is None else hold.amount_cents
        for hold in holds_at(case, now)
        if hold.scope is HoldScope.DEBTS and debt.reference in hold.references
    ]
    return min(sum(parts), open_cents)
