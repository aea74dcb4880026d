"""What one case adds to the sums by day and by age. Pure; owns what is put down to which message.

A fact is put down to the last demand before it; what is said of a message itself counts on the day it left.
"""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, time

import msgspec

from channels.contract import DeliveryStatus
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.case import FAILED_STATUSES, Case, Departure
from orchestrator.domain.debt import DocumentKind
from orchestrator.domain.figures import DebtFigures, Told, bracket_of, demands_of, sent_of, step_name
from orchestrator.domain.paid_parts import Span, payments_of
from orchestrator.domain.place import local_date
from orchestrator.domain.situation import CONFIRMED_STATUSES, Situation
from orchestrator.domain.wrong_reminders import WrongReminder

MEASURES = (
    "left_count", "delivered", "undelivered", "replied", "complaints", "wrong", "cost_cents", "promised", "kept",
    "broken", "disputes", "opt_outs", "payments", "recovered_cents", "invoiced_cents",
)  # fmt: skip

AGE_MEASURES = ("debts", "open_cents", "paid_cents")

DayKey = tuple[str, str, str, str, str, str, str, str, str, int]
"""Day, creditor, currency, campaign, step, channel, voice, status, sector, bracket."""
AgeKey = tuple[str, str, str, int]
"""Creditor, currency, status, age."""
AGED_MEASURES = ("documents", "open_cents", "held_cents", "free_cents")
AgedKey = tuple[str, str, str, str, str, str, str]
"""Creditor, currency, campaign, status, sector, kind, due day (empty for a credit)."""
STOCK_MEASURES = (
    "cases", "owing", "owing_cents", "balance_cents", "overdue_cents", "received_cents", "cost_cents", "settled_cases",
    "settled_cents", "settled_days", "scheduled", "held", "asked", "endless", "endless_cents",
)  # fmt: skip
StockKey = tuple[str, str, str, str, str, str, str, int]
"""Creditor, currency, campaign, state, status, sector, department, bracket."""
FIRST_MEASURES = ("cases", "demanded_cents", "recovered_cents")
FirstKey = tuple[str, str, str, str, str, str, str, str, int]
"""Monday, creditor, currency, campaign, channel, voice, status, sector, bracket."""


class Shares(msgspec.Struct):
    """Measures by key; a measure that is 0 is absent."""

    days: dict[DayKey, Counter[str]] = {}
    ages: dict[AgeKey, Counter[str]] = {}
    aged: dict[AgedKey, Counter[str]] = {}
    stock: dict[StockKey, Counter[str]] = {}
    first: dict[FirstKey, Counter[str]] = {}


class _Ledger:
    """Puts down one case's facts."""

    def __init__(self, situation: Situation, told: Told) -> None:
        self.case: Case = situation.case
        self.place = situation.place
        self.told = told
        self.shares = Shares({}, {}, {}, {}, {})
        self._demands = demands_of(self.case)
        self._instants = [departure.at for departure in self._demands]

    def add(self, day: date, departure: Departure | None, **measures: int) -> None:
        """Adds on a day to what a message is counted under."""
        case, debtor = self.case, self.case.debtor
        campaign = step = channel = voice = ""
        bracket = 0
        if departure is not None:
            campaign = self.told.campaigns.get(departure.message_id, case.campaign)
            step, channel, voice = step_name(departure.step), departure.use.value, departure.voice.value
            bracket = bracket_of(departure.amount_cents)
        key = (
            day.isoformat(), case.creditor, case.currency, campaign, step, channel, voice,
            debtor.status.value, debtor.sector, bracket,
        )  # fmt: skip
        self.shares.days.setdefault(key, Counter()).update(measures)

    def last_before(self, instant: datetime) -> Departure | None:
        """The demand that a fact is put down to."""
        index = bisect_right(self._instants, instant)
        return self._demands[index - 1] if index else None

    def put(self, at: datetime, **measures: int) -> None:
        """Adds on the day of a fact to the last demand before it."""
        self.add(local_date(at, self.place), self.last_before(at), **measures)


def shares_of(
    situation: Situation, told: Told, *, wrong: list[WrongReminder], spans: list[Span], debts: list[DebtFigures]
) -> Shares:
    """Everything that a case adds to the sums."""
    ledger = _Ledger(situation, told)
    _messages(ledger, wrong)
    _agreements(ledger)
    _money(ledger)
    case = situation.case
    for span in spans:
        key = (case.creditor, case.currency, case.debtor.status.value, span.age)
        counts = ledger.shares.ages.setdefault(key, Counter())
        counts.update(debts=1, open_cents=span.open_cents, paid_cents=span.paid_cents)
    for debt in debts:
        due_on = debt.due_on.isoformat() if debt.due_on is not None else ""
        at = (debt.creditor, debt.currency, debt.campaign, debt.status, debt.sector, debt.kind, due_on)
        counts = ledger.shares.aged.setdefault(at, Counter())
        counts.update(documents=1, open_cents=debt.open_cents)
        counts.update(held_cents=debt.held_cents, free_cents=debt.free_cents)
    return ledger.shares


def _messages(ledger: _Ledger, wrong: list[WrongReminder]) -> None:
    case = ledger.case
    statuses: dict[str, set[DeliveryStatus]] = {}
    for receipt in case.receipts:
        statuses.setdefault(receipt.message_id, set()).add(receipt.status)
    answered = {ledger.last_before(at) for at in ledger.told.replied_at} if ledger.told.replied_at else set()
    wrong_ids = {item.departure.message_id for item in wrong if item.why.is_certain}
    for departure in sent_of(case):
        known = statuses.get(departure.message_id, set())
        is_failed = bool(known & FAILED_STATUSES)
        measures = {
            "left_count": 1,
            "undelivered": int(is_failed),
            "delivered": int(not is_failed and bool(known & CONFIRMED_STATUSES)),
            "complaints": int(DeliveryStatus.COMPLAINED in known),
            "replied": int(departure in answered),
            "wrong": int(departure.message_id in wrong_ids),
            "cost_cents": departure.cost_cents,
        }
        ledger.add(local_date(departure.at, ledger.place), departure, **{k: v for k, v in measures.items() if v})


def _agreements(ledger: _Ledger) -> None:
    case = ledger.case
    ends = {switch.key: switch.value for switch in case.promise_ends}
    for promise in case.promises:
        ended = {ends[promise.id]: 1} if ends.get(promise.id) in ("kept", "broken") else {}
        ledger.put(promise.made_at, promised=1, **ended)
    for hold in case.holds:
        if hold.kind is HoldKind.DISPUTE:
            ledger.put(hold.since, disputes=1)
    for at in ledger.told.complained_at:
        ledger.put(at, complaints=1)
    closed = [switch.at for switch in case.opt_outs if switch.is_on]
    if closed:
        ledger.put(min(closed), opt_outs=1)


def _money(ledger: _Ledger) -> None:
    for payment in payments_of(ledger.case):
        # A payment is known by its day: it answers what had left by that evening.
        evening = datetime.combine(payment.received_on, time(21), UTC)
        ledger.add(payment.received_on, ledger.last_before(evening), payments=1, recovered_cents=payment.amount_cents)
    for debt in ledger.case.debts:
        if debt.kind in (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE) and debt.issued_on is not None:
            ledger.add(debt.issued_on, None, invoiced_cents=debt.principal_cents)
