"""What is open, held and demandable of a case on a day (semantics A1 to A4, C1). Pure arithmetic on its facts."""

from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.amount_line import AmountLine
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.debt import Debt, DocumentKind, PaymentMethod
from orchestrator.domain.demandable_lines import NO_CLAIMS, Claims
from orchestrator.domain.place import Place
from orchestrator.domain.settlement import settle

# A direct debit needs some bank days to come back unpaid; until then a demand would be wrong (semantics A10).
DIRECT_DEBIT_RETURN_DAYS = 5


class Position(msgspec.Struct, frozen=True, gc=False):
    """One debt on a day. `open_cents` is what remains, `held_cents` the part not demanded now, `holds` why.

    What remains is the principal and the `lines` that may be demanded; `repaid` are payments of the principal.
    """

    debt: Debt
    open_cents: int
    held_cents: int
    holds: tuple[str, ...]
    held_until: date | None
    lines: tuple[AmountLine, ...] = ()
    repaid: tuple[tuple[date, int], ...] = ()

    @property
    def demandable_cents(self) -> int:
        """What may be asked for once it is due."""
        return self.open_cents - self.held_cents

    @property
    def principal_open_cents(self) -> int:
        """What remains of the principal."""
        return self.open_cents - sum(line.amount_cents for line in self.lines)

    @property
    def principal_due_cents(self) -> int:
        """The principal's part of what may be asked for: what is held is held of the principal first."""
        return max(self.principal_open_cents - self.held_cents, 0)

    @property
    def lines_due(self) -> tuple[AmountLine, ...]:
        """The lines' part of it."""
        held = max(self.held_cents - self.principal_open_cents, 0)
        if not held:
            return self.lines
        kept = []
        for line in self.lines:
            part = min(held, line.amount_cents)
            held -= part
            if part < line.amount_cents:
                kept.append(AmountLine(line.kind, line.amount_cents - part, line.basis))
        return tuple(kept)


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


def account_of(case: Case, holds: tuple[Hold, ...], today: date, claims: Claims = NO_CLAIMS) -> Account:
    """The account of a case on a day, given the holds in force and what its pack lets be demanded beside principals.

    Without `claims` it is that of the principals alone.
    """
    settled = settle(case, claims.lines, claims.order)
    positions: list[Position] = []
    due_positions: list[Position] = []
    credit_lines: list[Position] = []
    balance, due, credit = -settled.unallocated, 0, settled.unallocated
    has_parts = bool(settled.principal or settled.lines)
    for debt in case.debts:
        if debt.is_credit:
            if debt.open_cents < 0:
                credit_lines.append(Position(debt, debt.open_cents, 0, (), None))
                balance += debt.open_cents
                credit -= debt.open_cents
            continue
        repaid, lines, left = settled.rest_of(debt) if has_parts else ((), (), debt.open_cents)
        if left <= 0:
            continue
        is_free = not holds and debt.next_collection_on is None and not debt.is_presumed_settled
        held, why, until = (0, (), None) if is_free else _held(debt, left, holds, today)
        position = Position(debt, left, held, why, until, lines, repaid)
        positions.append(position)
        balance += left
        if debt.due_on < today and position.demandable_cents > 0:
            due_positions.append(position)
            due += position.demandable_cents
    return Account(
        tuple(positions),
        tuple(due_positions),
        tuple(credit_lines),
        settled.unallocated,
        balance,
        due,
        credit,
        today,
    )


def _held(debt: Debt, left: int, holds: tuple[Hold, ...], today: date) -> tuple[int, tuple[str, ...], date | None]:
    """The part of a debt that is held, why, and until when."""
    held = 0
    why: list[str] = []
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
    return held, tuple(why), max(known) if known and len(known) == len(ends) else None


def _collection_until(debt: Debt) -> date | None:
    if debt.payment_method is not PaymentMethod.DIRECT_DEBIT or debt.next_collection_on is None:
        return None
    if debt.kind is DocumentKind.REJECTED_DEBIT or debt.reject_code:
        return None
    return debt.next_collection_on + timedelta(days=DIRECT_DEBIT_RETURN_DAYS)
