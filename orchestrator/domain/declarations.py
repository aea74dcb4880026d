"""What a debtor declares, as facts of the case: paid already, I disagree, I will pay, give me time, I cannot.

One place for all who hear it: the portal, replies, an agent on the phone, the API. Pure; ids follow from `name`.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from orchestrator.domain.account import Position, account_of, holds_in_force
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope, Promise
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.events import (
    DisputeOpened,
    Event,
    HardshipDeclared,
    HoldLifted,
    HoldPlaced,
    PromiseMade,
    ReplyReceived,
)
from orchestrator.domain.home import home_of
from orchestrator.domain.place import Place, local_date

# Money on its way (semantics C1), and when a person must have looked at what has no end.
PAID_WITHIN = Duration(5, Unit.BUSINESS_DAY)
CHEQUE_WITHIN = Duration(10, Unit.BUSINESS_DAY)
REVIEW_WITHIN = Duration(15, Unit.DAY)


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """Who declares it, when, and about which debts. `name` is unique in the case: told twice, it is one fact.

    `references` are the debts that were named, or those of the message answered; none means all that are open.
    """

    case: Case
    name: str
    at: datetime
    by: str
    channel: str
    references: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the debtor lives."""
        return place_of_debtor(self.case)

    @property
    def today(self) -> date:
        """The debtor's day."""
        return local_date(self.at, self.place)

    def open_references(self) -> list[str]:
        """The open debts meant: those named, else all."""
        still_open = [p.debt.reference for p in self.positions() if p.open_cents > 0]
        return [reference for reference in still_open if reference in self.references] or still_open

    def positions(self) -> tuple[Position, ...]:
        """The debts as they stand, holds aside."""
        return account_of(self.case, (), self.today).positions

    def running(self, kind: HoldKind) -> list[Hold]:
        """The holds of a kind that run now."""
        return [hold for hold in holds_in_force(self.case, self.at, self.place) if hold.kind is kind]


def place_of_debtor(case: Case) -> Place:
    """Where the debtor of a case lives, for days and holidays."""
    return home_of(case.debtor)


def claim_paid(said: Declared, *, by_cheque: bool = False) -> list[Event]:
    """A debtor says that it is paid: believed once for each debt and cycle, or again after a payment.

    Said again it holds nothing longer, so that nobody is silent for ever by saying it: whoever looks for the payment
    knows already, else a person reads it. A cheque named later has its time, from the first claim on.
    """
    meant = said.open_references()
    claims = [hold for hold in _claims(said) if hold.scope is not HoldScope.DEBTS or set(meant) & set(hold.references)]
    fresh = not_held(meant, claims)
    if fresh or not claims:
        return already_paid(said, by_cheque=by_cheque, only=tuple(fresh))
    first_on = local_date(min(hold.since for hold in claims), said.place)
    until = shift_date(first_on, CHEQUE_WITHIN, said.place)
    if by_cheque and until >= said.today and not any(hold.until and hold.until >= until for hold in claims):
        return already_paid(said, until=until)
    for hold in claims:
        if said.case.task("verify_payment", hold.id) or any(each.subject == hold.id for each in said.case.pending):
            return [HoldPlaced(id=said.name, at=said.at, by=said.by, hold=hold)]
    return [_to_read(said)]


def _claims(said: Declared) -> list[Hold]:
    """The claims of this cycle to have paid, of debts that are open, with no payment since."""
    since = said.case.cycle.entered_at if said.case.cycle else datetime.min.replace(tzinfo=said.at.tzinfo)
    gone_back = {payment.id for payment in said.case.reversals}
    came_on = [payment.received_on for payment in said.case.payments if payment.id not in gone_back]
    last_on = max(came_on, default=date.min)
    return [
        hold
        for hold in said.case.holds
        if hold.kind is HoldKind.ALREADY_PAID and hold.amount_cents is None and hold.since >= since
        if last_on < local_date(hold.since, said.place)
    ]


def _to_read(said: Declared) -> ReplyReceived:
    return ReplyReceived(id=said.name, at=said.at, by=said.by, channel=said.channel, reading="already_paid")


def already_paid(
    said: Declared,
    *,
    by_cheque: bool = False,
    amount_cents: int | None = None,
    only: tuple[str, ...] = (),
    until: date | None = None,
) -> list[Event]:
    """The debts are held while money may be on its way, or `until` a day; with none open, a person reads it.

    `amount_cents` limits the hold to a part, where one debt is meant: the rest is demanded. `only` are those of the
    debts meant that are held, all where it is empty.
    """
    until = until or shift_date(said.today, CHEQUE_WITHIN if by_cheque else PAID_WITHIN, said.place)
    meant = list(only) or said.open_references()
    if not meant:
        return [_to_read(said)]
    running = [hold for hold in said.running(HoldKind.ALREADY_PAID) if hold.amount_cents is None]
    fresh = not_held(meant, [hold for hold in running if hold.until is None or hold.until >= until])
    hold = Hold(
        id=f"already_paid:{said.name}", kind=HoldKind.ALREADY_PAID, since=said.at, scope=HoldScope.DEBTS,
        references=tuple(fresh), until=until, source=said.by, amount_cents=amount_cents if len(meant) == 1 else None,
    )  # fmt: skip
    # Said of what is held for it already, it is noted and asks nobody for more.
    return [HoldPlaced(id=said.name, at=said.at, by=said.by, hold=hold if fresh else running[-1])]


def disagree(
    said: Declared, *, words: str = "", amount_cents: int | None = None, reason: str = "", owner: str = ""
) -> list[Event]:
    """The debts are held until a person has answered; more words about the same go to a person too (R41).

    `amount_cents` limits the dispute to a part, where one debt is meant; `reason` is a code, `owner` who must answer.
    """
    meant = list(said.references) or [debt.reference for debt in said.case.debts if not debt.is_credit]
    part = amount_cents if len(meant) == 1 else None
    running = said.running(HoldKind.DISPUTE)
    fresh = not_held(meant, [hold for hold in running if hold.amount_cents is None])
    if meant and not fresh:
        known = DisputeOpened(id=said.name, at=said.at, by=said.by, hold=running[-1], reason=words)
        if not words:
            return [known]
        more = ReplyReceived(id=f"more:{said.name}", at=said.at, by=said.by, channel=said.channel, reading="dispute")
        return [known, more]
    hold = Hold(
        id=f"dispute:{said.name}", kind=HoldKind.DISPUTE, since=said.at,
        scope=HoldScope.DEBTS if meant else HoldScope.CASE, references=tuple(fresh), amount_cents=part,
        source=said.by, review_on=shift_date(said.today, REVIEW_WITHIN, said.place), reason=reason, owner=owner,
    )  # fmt: skip
    return [DisputeOpened(id=said.name, at=said.at, by=said.by, hold=hold, reason=words)]


def promise(said: Declared, *, on: date, amount_cents: int | None, grace_days: int) -> list[Event]:
    """A sum by a date (R14). Without a sum, or with more than is owed, it is all that is owed."""
    owed = owed_cents(said)
    cents = owed if amount_cents is None else min(amount_cents, owed)
    made = Promise(
        id=f"promise:{said.name}", amount_cents=cents, due_on=on, grace_days=grace_days, made_at=said.at,
        references=said.references,
        paid_before=tuple(payment.id for payment in said.case.payments if payment.received_on >= said.today),
        owed=tuple(
            (position.debt.reference, position.open_cents)
            for position in said.positions()
            if not said.references or position.debt.reference in said.references
        ),
    )  # fmt: skip
    return [PromiseMade(id=said.name, at=said.at, by=said.by, promise=made)]


def set_aside_promises(said: Declared) -> list[Event]:
    """Who names another day has moved the first one: it is neither kept nor broken. Promises of other debts stand."""
    return [
        HoldLifted(id=f"{said.name}:moved:{hold.id}", at=said.at, by=said.by, hold_id=hold.id, why="moved")
        for hold in said.running(HoldKind.PROMISE)
        if not hold.references or not said.references or set(hold.references) & set(said.references)
    ]


def owed_cents(said: Declared) -> int:
    """What a promise is about: the debts named; else what is due, else all that is open. Credits are deducted."""
    account = account_of(said.case, (), said.today)
    if said.references:
        named = sum(p.open_cents for p in account.positions if p.debt.reference in said.references)
        return max(min(named, account.balance_cents), 0)
    return max(account.overdue_cents or account.balance_cents, 0)


def more_time(said: Declared, *, until: date) -> list[Event]:
    """Demands wait until the end of a day (R12)."""
    hold = Hold(
        id=f"deferral:{said.name}", kind=HoldKind.DEFERRAL, since=said.at, until=until, source=said.by,
        scope=HoldScope.DEBTS if said.references else HoldScope.CASE, references=said.references,
    )  # fmt: skip
    return [HoldPlaced(id=said.name, at=said.at, by=said.by, hold=hold)]


def hardship(said: Declared) -> list[Event]:
    """Demands stop in every case of the person, the voice listens, a person calls (R32)."""
    hold = Hold(
        id=f"hardship:{said.name}", kind=HoldKind.HARDSHIP, since=said.at, source=said.by, scope=HoldScope.PERSON,
        review_on=shift_date(said.today, REVIEW_WITHIN, said.place),
    )  # fmt: skip
    return [HardshipDeclared(id=said.name, at=said.at, by=said.by, hold=hold)]


def not_held(references: Sequence[str], holds: Sequence[Hold]) -> list[str]:
    """Those that none of these holds names."""
    if any(hold.scope is not HoldScope.DEBTS for hold in holds):
        return []
    held = {reference for hold in holds for reference in hold.references}
    return [reference for reference in references if reference not in held]
