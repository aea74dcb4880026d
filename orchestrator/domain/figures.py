"""The figures of one case: what lists, reports and the page of results count of it. Pure; made again at every change.

Owns their shape, and the row of the case itself. Sums by day are `shares.py`, wrong reminders `wrong_reminders.py`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from orchestrator.domain.account import Position, promise_holds
from orchestrator.domain.agreement import Hold, HoldScope, Promise
from orchestrator.domain.case import Case, CaseState, Departure
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.debt import Debt, DocumentKind, PaymentMethod
from orchestrator.domain.paid_parts import SPAN_DAYS, SPANS
from orchestrator.domain.place import start_of
from orchestrator.domain.situation import Situation

# Raised when figures are made in another way: every row is then made again.
FORMULA = 2
# What was demanded, by its lower bound in cents.
BRACKETS = (0, 5_000, 20_000, 100_000, 500_000)
FIRST_REMINDER_DAYS = 30


class Told(msgspec.Struct, frozen=True):
    """What the journal and the messages of a case say beside the case itself.

    `paid_at` is when each payment was recorded here, `campaigns` and `destinations` are by message id. A reply that
    complains is in `complained_at` alone: it is no success of the message that it answers.
    """

    known_at: datetime | None = None
    paid_at: dict[str, datetime] = {}
    replied_at: tuple[datetime, ...] = ()
    complained_at: tuple[datetime, ...] = ()
    campaigns: dict[str, str] = {}
    destinations: dict[str, str] = {}


class CaseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a case. Cents are of its currency; `bracket` is that of all that was ever claimed.

    `stale_at` is when the calendar alone makes the row untrue. `name_folded` is for search.
    """

    case_id: str
    version: int
    creditor: str
    campaign: str
    state: str
    outcome: str
    currency: str
    debtor_ref: str
    name: str
    name_folded: str
    status: str
    sector: str
    country: str
    department: str
    bracket: int
    balance_cents: int
    overdue_cents: int
    open_debts: int
    oldest_due_on: date | None
    step: str
    voice: str
    last_left_at: datetime | None
    last_channel: str
    due_at: datetime | None
    hold_kind: str
    hold_until: date | None
    has_hold_end: bool
    open_tasks: int
    is_vulnerable: bool
    is_hardship: bool
    promise_on: date | None
    sent: int
    wrong: int
    cost_cents: int
    received_cents: int
    stale_at: datetime | None


class DebtFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One open document; credits are negative. Those of a case add up to its balance.

    `free_cents` is the part that is neither held nor promised nor to be collected by a bank.
    """

    case_id: str
    reference: str
    creditor: str
    currency: str
    campaign: str
    status: str
    sector: str
    kind: str
    due_on: date | None
    issued_on: date | None
    open_cents: int
    held_cents: int
    held_kind: str
    free_cents: int


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Money that somebody said will come: a promise, or a direct debit that is scheduled."""

    case_id: str
    kind: str
    source: str
    creditor: str
    currency: str
    campaign: str
    expected_on: date
    cents: int


def bracket_of(cents: int) -> int:
    """The lower bound of the bracket that a sum is in."""
    return max(bound for bound in BRACKETS if bound <= max(cents, 0))


def sent_of(case: Case) -> list[Departure]:
    """What really left, in order."""
    return [departure for departure in case.departures if not departure.is_observed]


def demands_of(case: Case) -> list[Departure]:
    """What left and asked for money or had to be said: what money, promises and disputes are put down to."""
    return [departure for departure in sent_of(case) if departure.purpose.value != "answer"]


def step_name(step: str) -> str:
    """The step without the fact that caused it."""
    return step.split(":", 1)[0]


# ------------------------------------------------------------------------------------------------ documents


def debt_figures(situation: Situation) -> list[DebtFigures]:
    """The open documents of a case, its credits, and what was paid and no document explains."""
    case, account = situation.case, situation.account
    promised = _promised(situation)

    def row(reference: str, kind: str, debt: Debt | None, cents: int, **part: Any) -> DebtFigures:
        held = {"held_cents": 0, "held_kind": "", "free_cents": 0, **part}
        due_on = debt.due_on if debt is not None and kind == "open" else None  # a credit has no age
        return DebtFigures(
            case_id=case.id, reference=reference, creditor=case.creditor, currency=case.currency,
            campaign=case.campaign, status=case.debtor.status.value, sector=case.debtor.sector, kind=kind,
            due_on=due_on, issued_on=debt.issued_on if debt else None, open_cents=cents, **held,
        )  # fmt: skip

    is_free = case.state is CaseState.OPEN and not situation.case_holds
    rows = []
    for position in account.positions:
        reference = position.debt.reference
        free = max(position.demandable_cents - promised.get(reference, 0), 0) if is_free else 0
        why = position.holds[0] if position.holds else ""
        part = {"held_cents": position.held_cents, "held_kind": why, "free_cents": free}
        rows.append(row(reference, "open", position.debt, position.open_cents, **part))
    rows += [row(p.debt.reference, "credit", p.debt, p.open_cents) for p in account.credit_notes]
    if account.unallocated_cents:
        rows.append(row("", "unallocated", None, -account.unallocated_cents))
    return rows


def _promised(situation: Situation) -> dict[str, int]:
    """What is expected of each document: promises fall on those they name, else on the oldest."""
    promised: dict[str, int] = {}
    positions = situation.account.positions
    for promise in open_promises(situation.case):
        rest = promise.amount_cents
        for position in positions:
            reference = position.debt.reference
            if not promise.references or reference in promise.references:
                taken = min(rest, position.open_cents - promised.get(reference, 0))
                promised[reference] = promised.get(reference, 0) + taken
                rest -= taken
    for position in positions:
        if position.debt.next_collection_on is not None and _is_collected(position):
            promised[position.debt.reference] = position.open_cents
    return promised


# ------------------------------------------------------------------------------------------- what is expected


def open_promises(case: Case) -> list[Promise]:
    """The promises that were neither kept nor broken, nor set aside."""
    over = {switch.key for switch in case.promise_ends} | {switch.key for switch in case.lifted}
    return [promise for promise in case.promises if promise.id not in over]


def expected_of(situation: Situation) -> list[Expected]:
    """Open promises, each for what it says, and direct debits that a bank will present."""
    case = situation.case
    left = situation.account.balance_cents
    promises = open_promises(case)

    def row(kind: str, source: str, day: date, cents: int) -> Expected:
        return Expected(
            case_id=case.id, kind=kind, source=source, creditor=case.creditor, currency=case.currency,
            campaign=case.campaign, expected_on=day, cents=cents,
        )  # fmt: skip

    rows = [
        row("promise", promise.id, promise.due_on, min(promise.amount_cents, left)) for promise in promises if left > 0
    ]
    promised = {reference for promise in promises for reference in promise.references}
    for position in situation.account.positions:
        day = position.debt.next_collection_on
        if day is not None and _is_collected(position) and position.debt.reference not in promised:
            rows.append(row("debit", position.debt.reference, day, position.open_cents))
    return rows


def _is_collected(position: Position) -> bool:
    debt = position.debt
    is_rejected = debt.kind is DocumentKind.REJECTED_DEBIT or bool(debt.reject_code)
    return debt.payment_method is PaymentMethod.DIRECT_DEBIT and not is_rejected


# ------------------------------------------------------------------------------------------------ the calendar


def stale_at(situation: Situation) -> datetime | None:
    """When the calendar alone will change a figure of the case; None while nothing but a fact can."""
    zone = situation.place.zone
    days = [start_of(day, zone) for day in _turning_days(situation)]
    return min((at for at in (*days, *_hold_ends(situation)) if at > situation.now), default=None)


def _turning_days(situation: Situation) -> Iterator[date]:
    """The days on which a debt falls due, a span of its age is over, or what holds it ends."""
    for debt in situation.case.debts:
        if not debt.is_credit:
            late = (situation.today - debt.due_on).days
            spans_over = max(-(-late // SPAN_DAYS), 0)
            if spans_over <= SPANS:
                yield debt.due_on + timedelta(days=SPAN_DAYS * spans_over + 1)
    for position in situation.account.positions:
        if position.held_until is not None:
            yield position.held_until + timedelta(days=1)


def _hold_ends(situation: Situation) -> Iterator[datetime]:
    case = situation.case
    lifted = {switch.key for switch in case.lifted}
    for hold in (*case.holds, *promise_holds(case)):
        if hold.id in lifted:
            continue
        yield hold.since
        if hold.until is not None:
            yield end_of(hold.until, hold.grace_days, situation.place)


def leading_hold(situation: Situation) -> Hold | None:
    """The hold that says why the whole case is silent, else one of a part of it: the one that lasts longest."""

    def rank(hold: Hold) -> tuple[bool, date]:
        return (hold.scope is not HoldScope.DEBTS, hold.until or date.max)

    return max(situation.holds, key=rank, default=None)
