"""What is open, held and demandable of a case on a day (semantics A1 to A4, C1). Pure arithmetic on its facts."""

from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.debt import Debt, DocumentKind, PaymentMethod
from orchestrator.domain.place import Place

# A direct debit needs some bank days to come back unpaid; until then a demand would be wrong (semantics A10).
DIRECT_DEBIT_RETURN_DAYS = 5


class Position(msgspec.Struct, frozen=True, gc=False):
    """One debt on a day. `open_cents` is what remains, `held_cents` the part not demanded now, `holds` why."""

    debt: Debt
    open_cents: int
    held_cents: int
    holds: tuple[str, ...]
    held_until: date | None

    @property
    def demandable_cents(self) -> int:
        """What may be asked for once it is due."""
        return self.open_cents - self.held_cents


class Account(msgspec.Struct, frozen=True):
    """The account on a day. `credit_cents` (positive) is what the debtor has with the creditor, unallocated.

    `balance_cents` is all that is open, credits deducted. `overdue_cents` is what is due and not held, credits
    deducted: the only thing a demand may ask for. Held, a credit at least equal to the claim says so.
    """

    positions: tuple[Position, ...]
    due_positions: tuple[Position, ...]
    credit_notes: tuple[Position, ...]
    unallocated_cents: int
    balance_cents: int
    due_cents: int
    credit_cents: int
    today: date

    @property
    def overdue_cents(self) -> int:
        """Due, not held, credits deducted; never below zero."""
        return max(self.due_cents - self.credit_cents, 0)

    @property
    def is_covered_by_credit(self) -> bool:
        """An unallocated credit at least equal to the claim holds it (semantics A3)."""
        return 0 < self.due_cents <= self.credit_cents

    def due(self) -> tuple[Position, ...]:
        """The debts that are due and not wholly held, oldest first."""
        return self.due_positions


def is_in_force(hold: Hold, now: datetime, place: Place) -> bool:
    """Whether a hold runs at an instant; until-dates are inclusive and grace belongs to the hold."""
    if hold.since > now:
        return False
    return hold.until is None or now < end_of(hold.until, hold.grace_days, place)


def holds_in_force(case: Case, now: datetime, place: Place) -> tuple[Hold, ...]:
    """Every hold that runs now: recorded and not lifted, and open promises with their grace."""
    if not case.holds and not case.promises:
        return ()
    lifted = {switch.key for switch in case.lifted if switch.at <= now}
    running = [hold for hold in case.holds if hold.id not in lifted and is_in_force(hold, now, place)]
    running += [hold for hold in promise_holds(case) if hold.id not in lifted and is_in_force(hold, now, place)]
    return tuple(running)


def promise_holds(case: Case, *, ended: bool = False) -> list[Hold]:
    """The hold that each open promise is; with `ended`, those of kept and broken promises too."""
    over = frozenset() if ended else {switch.key for switch in case.promise_ends}
    return [
        Hold(
            id=promise.id,
            kind=HoldKind.PROMISE,
            since=promise.made_at,
            scope=HoldScope.DEBTS if promise.references else HoldScope.CASE,
            references=promise.references,
            until=promise.due_on,
            grace_days=promise.grace_days,
            source="promise",
        )
        for promise in case.promises
        if promise.id not in over
    ]


def account_of(case: Case, holds: tuple[Hold, ...], today: date) -> Account:
    """The account of a case on a day, given the holds in force."""
    paid, unallocated = _paid(case)
    positions: list[Position] = []
    due_positions: list[Position] = []
    credit_lines: list[Position] = []
    balance, due, credit = -unallocated, 0, unallocated
    for debt in case.debts:
        left = debt.open_cents - paid.get(debt.reference, 0)
        if debt.is_credit:
            if left < 0:
                credit_lines.append(Position(debt, left, 0, (), None))
                balance += left
                credit -= left
            continue
        if left <= 0:
            balance += left
            credit -= left
            continue
        is_free = not holds and debt.next_collection_on is None and not debt.is_presumed_settled
        position = Position(debt, left, 0, (), None) if is_free else _position(debt, left, holds, today)
        positions.append(position)
        balance += left
        if debt.due_on < today and position.demandable_cents > 0:
            due_positions.append(position)
            due += position.demandable_cents
    return Account(
        tuple(positions), tuple(due_positions), tuple(credit_lines), unallocated, balance, due, credit, today
    )


def _paid(case: Case) -> tuple[dict[str, int], int]:
    """Payments since each ledger figure, by reference, and what no reference explains.

    A payment up to a debt's `as_of` is already in its open amount and is not subtracted again. A payment that
    names several debts settles the others in the order of their due dates; what is left over is unallocated.
    """
    if not case.payments:
        return {}, 0
    reversed_ids = {payment.id for payment in case.reversals}
    debts = {debt.reference: debt for debt in case.debts}
    left = {debt.reference: debt.open_cents for debt in case.debts if not debt.is_credit}
    paid: dict[str, int] = {}
    unallocated = 0
    last_as_of = max((debt.as_of for debt in case.debts), default=date.min)
    for payment in case.payments:
        if payment.id in reversed_ids:
            continue
        rest = payment.amount_cents
        named = [debts[reference] for reference in payment.references if reference in debts]
        later = [debt for debt in named if debt.as_of < payment.received_on]
        for debt in sorted(later, key=lambda debt: (debt.due_on, debt.reference)):
            part = min(rest, max(left.get(debt.reference, 0) - paid.get(debt.reference, 0), 0))
            paid[debt.reference] = paid.get(debt.reference, 0) + part
            rest -= part
        # What is left over is in a ledger figure already when one of its debts, or the whole ledger, is newer.
        is_in_ledger = len(later) < len(named) if named else payment.received_on <= last_as_of
        if not is_in_ledger:
            unallocated += rest
    return paid, unallocated


def _position(debt: Debt, left: int, holds: tuple[Hold, ...], today: date) -> Position:
    held, why = 0, []
    ends: list[date | None] = []
    if debt.is_presumed_settled:
        held, why, ends = left, ["presumed_settled"], [None]
    collection = _collection_until(debt)
    if collection is not None and today <= collection:
        held = left
        why.append("direct_debit")
        ends.append(collection)
    for hold in holds:
        if hold.scope is not HoldScope.DEBTS or debt.reference not in hold.references:
            continue
        # Two disputed parts of one debt are two parts: each is held.
        held = left if hold.amount_cents is None else min(held + hold.amount_cents, left)
        why.append(hold.kind.value)
        ends.append(hold.until + timedelta(days=hold.grace_days) if hold.until else None)
    known = [end for end in ends if end is not None]
    return Position(debt, left, held, tuple(why), max(known) if known and len(known) == len(ends) else None)


def _collection_until(debt: Debt) -> date | None:
    if debt.payment_method is not PaymentMethod.DIRECT_DEBIT or debt.next_collection_on is None:
        return None
    if debt.kind is DocumentKind.REJECTED_DEBIT or debt.reject_code:
        return None
    return debt.next_collection_on + timedelta(days=DIRECT_DEBIT_RETURN_DAYS)
