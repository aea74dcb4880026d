"""The statement of a case's account on a day: every movement with its balance, what is late since when, what is held.

Agrees to the cent with `account.py`, from which each figure comes. A line that the pack does not let be demanded is no
movement; a time-barred debt stays in the account, is named, and is asked of nobody. The words are `rendering`.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from orchestrator.domain.account import Account, Position
from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.demandable_lines import Claims
from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.payment_moves import moved_by_payments
from orchestrator.domain.policy import Policy
from orchestrator.domain.situation import Situation

# The last day of each band of days late; what is later than the last stands in a band of its own.
AGE_BANDS = (30, 60, 90)
# Kinds of movement that are neither a document of the ledger nor a line beside its principal.
SETTLED_BEFORE, CREDIT_USED, PAYMENT, PAYMENT_BACK = "settled_before", "credit_used", "payment", "payment_back"
# Holds that a debtor knows of, for they asked for them or were told. Of any other a statement says nothing.
_SPOKEN = frozenset(
    {HoldKind.DISPUTE, HoldKind.PROMISE, HoldKind.PLAN, HoldKind.DEFERRAL, HoldKind.ALREADY_PAID, HoldKind.DIRECT_DEBIT}
)


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the account, in minor units; `balance_cents` is what was owed once it had taken place.

    `kind` is a kind of document, of amount line, or one of the words above. `counted_cents` is the part of a payment
    that the ledger's figures had counted already: it moves nothing a second time. `references` are the documents that a
    payment was for, `basis` the code of an amount line's legal basis.
    """

    on: date
    kind: str
    reference: str = ""
    references: tuple[str, ...] = ()
    due_on: date | None = None
    debit_cents: int = 0
    credit_cents: int = 0
    counted_cents: int = 0
    balance_cents: int = 0
    basis: str = ""
    is_barred: bool = False


class AgeBand(msgspec.Struct, frozen=True):
    """What is open of the debts that are late since `from_days` to `to_days`; 0 days is not due yet."""

    from_days: int
    to_days: int | None
    cents: int


class HeldPart(msgspec.Struct, frozen=True):
    """A debt, or a part of one, that is not asked for now: why (a kind of hold, if it is told), until when."""

    reference: str
    cents: int
    why: str
    until: date | None
    is_late: bool = False


class BarredDebt(msgspec.Struct, frozen=True):
    """A debt that may no longer be demanded: the last day it might. `free_cents` of it are not held besides."""

    reference: str
    cents: int
    last_day: date
    free_cents: int = 0


class AccountStatement(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one case on a day, in minor units of one currency.

    `balance_cents` is all that is open, credits deducted; below zero the creditor owes it. `payable_cents` is what may
    be asked for that day: due, not held, not time-barred, credits deducted. `whole_hold` is the kind of a hold over the
    whole case, `withheld` where it is not told; then nothing is payable. `payee` is
    empty for the creditor's own. `ledger_on` is the day of the newest figure. `known_on` is set where `as_of` is past:
    the day by whose knowledge it was stated.
    """

    case_id: str
    creditor: str
    payee: str
    currency: str
    as_of: date
    movements: tuple[Movement, ...]
    balance_cents: int
    payable_cents: int
    credit_cents: int
    bands: tuple[AgeBand, ...]
    held: tuple[HeldPart, ...] = ()
    barred: tuple[BarredDebt, ...] = ()
    whole_hold: str = ""
    whole_hold_until: date | None = None
    promised: tuple[tuple[date, int], ...] = ()
    ledger_on: date | None = None
    known_on: date | None = None

    @property
    def late_cents(self) -> int:
        """What is past its day, held or not, credits not deducted."""
        return sum(band.cents for band in self.bands if band.from_days > 0)

    @property
    def held_late_cents(self) -> int:
        """What is past its day and set aside."""
        return sum(part.cents for part in self.held if part.is_late)

    @property
    def barred_free_cents(self) -> int:
        """What is time-barred and not set aside besides."""
        return sum(debt.free_cents for debt in self.barred)

    @property
    def not_due_cents(self) -> int:
        """What is not due yet."""
        return sum(band.cents for band in self.bands if band.from_days == 0)


WITHHELD = "withheld"


def state_account(situation: Situation, policy: Policy | None) -> AccountStatement:
    """The statement of a case on the debtor's day. Without a policy nothing is known to be time-barred."""
    case, account = situation.case, situation.account
    barred = tuple(_barred(situation, policy)) if policy else ()
    whole, until = _whole_hold(situation.case_holds)
    barred_references = frozenset(each.reference for each in barred)
    due = sum(p.demandable_cents for p in account.due() if p.debt.reference not in barred_references)
    return AccountStatement(
        case_id=case.id,
        creditor=case.creditor,
        payee=case.payee,
        currency=case.currency,
        as_of=account.today,
        movements=_movements(case, situation.claims, account.today, barred_references),
        balance_cents=account.balance_cents,
        payable_cents=0 if whole else max(due - account.credit_cents, 0),
        credit_cents=account.credit_cents,
        bands=age_bands(account),
        held=tuple(_held(account.positions, account.today)),
        barred=barred,
        whole_hold=whole,
        whole_hold_until=until,
        promised=_promised(case, situation.holds),
        ledger_on=max((debt.as_of for debt in case.debts), default=None),
    )


def age_bands(account: Account) -> tuple[AgeBand, ...]:
    """What is open by days late: not due, then the bands; credits are in none."""
    edges = ((0, 0), *((start + 1, end) for start, end in zip((0, *AGE_BANDS), AGE_BANDS, strict=False)))
    sums = dict.fromkeys([*edges, (AGE_BANDS[-1] + 1, None)], 0)
    for position in account.positions:
        late = max((account.today - position.debt.due_on).days, 0)
        band = next(edge for edge in sums if edge[1] is None or late <= edge[1])
        sums[band] += position.open_cents
    return tuple(AgeBand(start, end, cents) for (start, end), cents in sums.items())


# ------------------------------------------------------------------------------------------- movements


def _movements(case: Case, claims: Claims, today: date, barred: frozenset[str]) -> tuple[Movement, ...]:
    paid, explained = _payments(case, claims, today)
    found = [*_documents(case, claims, explained, barred), *paid]
    found.sort(key=lambda each: (each.on, each.credit_cents > 0, each.reference, each.kind))
    balance, running = 0, []
    for each in found:
        balance += each.debit_cents - each.credit_cents
        running.append(msgspec.structs.replace(each, balance_cents=balance))
    return tuple(running)


def _documents(case: Case, claims: Claims, explained: dict[str, int], barred: frozenset[str]) -> Iterator[Movement]:
    """Each document as issued, what the ledger took off it before its day, and the lines beside its principal."""
    for debt in case.debts:
        counts = min(debt.open_cents, 0) if debt.is_credit else debt.open_cents
        if debt.is_credit and not counts and not debt.principal_cents:
            continue
        yield Movement(
            on=debt.issued_on or debt.due_on,
            kind=debt.kind.value,
            reference=debt.reference,
            due_on=None if debt.is_credit else debt.due_on,
            debit_cents=max(debt.principal_cents, 0),
            credit_cents=max(-debt.principal_cents, 0),
            is_barred=debt.reference in barred,
        )
        before = counts - debt.principal_cents + explained.get(debt.reference, 0)
        if before:
            kind = CREDIT_USED if debt.is_credit else SETTLED_BEFORE
            yield Movement(
                on=debt.as_of,
                kind=kind,
                reference=debt.reference,
                debit_cents=max(before, 0),
                credit_cents=max(-before, 0),
            )
        for line in claims.lines.get(debt.reference, ()):
            yield Movement(
                on=debt.as_of,
                kind=line.kind.value,
                reference=debt.reference,
                debit_cents=line.amount_cents,
                basis=line.basis.value,
            )


def _payments(case: Case, claims: Claims, today: date) -> tuple[list[Movement], dict[str, int]]:
    """Every payment, and what those that the ledger had counted explain of each debt's figure."""
    reversals = {payment.id: payment for payment in case.reversals}
    debts = {debt.reference: debt for debt in case.debts}
    found: list[Movement] = []
    explained: dict[str, int] = {}
    for payment, moved in moved_by_payments(case, claims, today):
        about = tuple(dict.fromkeys(r for r in payment.references if r in debts))
        reversal = reversals.get(payment.id)
        if reversal is not None:
            back_on = reversal.reversed_on or reversal.received_on
            found.append(_paid(payment, about, payment.amount_cents))
            found.append(
                Movement(on=max(back_on, payment.received_on), kind=PAYMENT_BACK, reference=payment.id,
                         references=about, debit_cents=payment.amount_cents)
            )  # fmt: skip
        elif not moved and len(about) == 1 and _explains(payment, debts[about[0]], explained.get(about[0], 0)):
            explained[about[0]] = explained.get(about[0], 0) + payment.amount_cents
            found.append(_paid(payment, about, payment.amount_cents))
        else:
            found.append(_paid(payment, about, moved))
    return found, explained


def _paid(payment: Payment, about: tuple[str, ...], cents: int) -> Movement:
    return Movement(
        on=payment.received_on,
        kind=PAYMENT,
        reference=payment.id,
        references=about,
        credit_cents=cents,
        counted_cents=payment.amount_cents - cents,
    )


def _explains(payment: Payment, debt: Debt, already: int) -> bool:
    """Whether a payment is a part of what the ledger had taken off a debt by its day."""
    return not debt.is_credit and already + payment.amount_cents <= debt.principal_cents - debt.open_cents


# ------------------------------------------------------------------------------- what is not asked for


def _barred(situation: Situation, policy: Policy) -> Iterator[BarredDebt]:
    for position in situation.account.positions:
        limit = prescribed_on(situation, policy, position.debt)
        if limit is not None and limit[0] < situation.today:
            yield BarredDebt(position.debt.reference, position.open_cents, limit[0], position.demandable_cents)


def _held(positions: Iterable[Position], today: date) -> Iterator[HeldPart]:
    for position in positions:
        if position.held_cents:
            told = next((why for why in position.holds if why in _SPOKEN), "")
            until = position.held_until if told else None
            is_late = position.debt.due_on < today
            yield HeldPart(position.debt.reference, position.held_cents, told, until, is_late)


def _whole_hold(holds: tuple[Hold, ...]) -> tuple[str, date | None]:
    """The kind and end of what holds the whole case; one that is not told wins over those that are."""
    # The time to react to a person's answer keeps us silent; it puts off nothing that the debtor wants to settle.
    holds = tuple(hold for hold in holds if hold.kind is not HoldKind.ANSWER_GIVEN)
    kinds = [hold.kind for hold in holds]
    if not kinds:
        return "", None
    if any(kind not in _SPOKEN for kind in kinds):
        return WITHHELD, None
    ends = [hold.until for hold in holds if hold.until is not None]
    return kinds[0].value, max(ends) if len(ends) == len(holds) else None


def _promised(case: Case, holds: tuple[Hold, ...]) -> tuple[tuple[date, int], ...]:
    running = {hold.id for hold in holds if hold.kind is HoldKind.PROMISE}
    return tuple((promise.due_on, promise.amount_cents) for promise in case.promises if promise.id in running)
