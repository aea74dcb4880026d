"""What is true of a case at an instant: its day, place, account, holds, clock, and the words of conditions.

Computed once per decision, lazily, from the case and its context; owns no judgement.
"""

from collections.abc import Callable
from datetime import date, datetime

from msgspec.structs import replace

from channels.contract import Channel, DeliveryStatus, strongest
from orchestrator.domain.account import Account, account_of, holds_in_force, promise_holds
from orchestrator.domain.agreement import Hold, HoldScope
from orchestrator.domain.campaign import Campaign, Mode, OnResume, Use
from orchestrator.domain.case import FAILED_STATUSES, Case, Departure
from orchestrator.domain.case_clock import Span, end_of
from orchestrator.domain.condition import Value, holds
from orchestrator.domain.contact import ContactPerson, Fault, PointKind, Role
from orchestrator.domain.context import Context
from orchestrator.domain.debt import Debt
from orchestrator.domain.demandable_lines import NO_CLAIMS, Claims, claims_of
from orchestrator.domain.home import home_of
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.lazy import lazy
from orchestrator.domain.place import Place, local_date, start_of
from orchestrator.domain.policy import PackFacts
from orchestrator.domain.schedules import Reminded

# The message reached somebody, or the place where it was to reach them.
CONFIRMED_STATUSES = {
    DeliveryStatus.DELIVERED,
    DeliveryStatus.PRESENTED,
    DeliveryStatus.UNCLAIMED,
    DeliveryStatus.REFUSED,
}
_STRICTNESS = (Mode.OBSERVE, Mode.CONFIRM, Mode.AUTOMATIC)


class Situation:
    """A case at `now`, seen with its context. Every attribute is derived; nothing is decided here."""

    def __init__(self, case: Case, campaign: Campaign | None, context: Context, now: datetime) -> None:
        self.case: Case = case
        self.campaign: Campaign | None = campaign
        self.context: Context = context
        self.now: datetime = now

    @lazy
    def place(self) -> Place:
        """Where the debtor lives."""
        return home_of(self.case.debtor)

    @lazy
    def today(self) -> date:
        """The day where the debtor lives."""
        return local_date(self.now, self.place)

    @lazy
    def holds(self) -> tuple[Hold, ...]:
        """Every hold that runs now."""
        return holds_in_force(self.case, self.now, self.place)

    @lazy
    def account(self) -> Account:
        """What is open, held and due today."""
        return account_of(self.case, self.holds, self.today, self.claims if self._has_parts else NO_CLAIMS)

    @lazy
    def claims(self) -> Claims:
        """What the case's pack lets be demanded beside principals; nothing while no pack is known."""
        book = self.context.book
        if self.case.cycle is None or book is None or not self._has_parts:
            return NO_CLAIMS
        # The pack of the day, never the one that the case entered under: packs are not pinned (semantics B13).
        pack = book.select(self.pack_facts)
        if pack is None:
            return NO_CLAIMS
        return claims_of(self.case, book.on(pack, self.today, self.case.debtor.status), self.reminded)

    @lazy
    def _has_parts(self) -> bool:
        """Whether anything but the ledger's principals makes the account."""
        return bool(self.case.payments) or any(debt.lines for debt in self.case.debts)

    @lazy
    def pack_facts(self) -> PackFacts:
        """What selects the pack of today (semantics B1).

        Which lines are owed is that pack's to say: a debt that brings any counts as open, whatever was paid of it.
        """
        account = account_of(self.case, self.holds, self.today) if self._has_parts else self.account
        kinds = [position.debt.claim_kind for position in account.positions]
        kinds += [debt.claim_kind for debt in self.case.debts if debt.lines]
        creditor = self.context.creditor
        return PackFacts(
            jurisdiction=self.place.country or creditor.jurisdiction,
            party=creditor.party,
            is_individual=self.case.debtor.status.is_individual,
            sector=creditor.sector,
            claims=frozenset(kinds),
            regions=self.place.overlays,
        )

    @lazy
    def reminded(self) -> Reminded:
        """What reached the debtor so far."""
        failed = self.failed_ids
        return Reminded(tuple(d for d in self.life if d.message_id not in failed), self.place, self.today)

    @lazy
    def case_holds(self) -> tuple[Hold, ...]:
        """The holds that reach the whole case or person."""
        return tuple([hold for hold in self.holds if hold.scope is not HoldScope.DEBTS])

    @lazy
    def pauses(self) -> tuple[Pause, ...]:
        """Pauses that run now and whose segment the case is in, whatever their channels."""
        if not self.context.pauses:
            return ()
        return tuple(pause for pause in self.context.pauses if pause.is_running(self.now) and holds(pause.scope, self))

    @lazy
    def crises(self) -> tuple[Crisis, ...]:
        """Crises in scope that run now."""
        if not self.context.crises:
            return ()
        return self.crises_between(self.now, self.now)

    def crises_between(self, start: datetime, end: datetime) -> tuple[Crisis, ...]:
        """Crises in scope that ran, run or will run at some instant from `start` to `end` inclusive."""
        return tuple(c for c in self._crises_in_scope if self._crisis_start(c) <= end and start < self._crisis_end(c))

    @lazy
    def _crises_in_scope(self) -> tuple[Crisis, ...]:
        return tuple(crisis for crisis in self.context.crises if holds(crisis.scope, self))

    def _crisis_start(self, crisis: Crisis) -> datetime:
        return start_of(crisis.from_on, self.place.zone)

    def _crisis_end(self, crisis: Crisis) -> datetime:
        far = datetime.max.replace(tzinfo=self.now.tzinfo)
        end = end_of(crisis.to_on, 0, self.place) if crisis.to_on else far
        return min(end, crisis.ended_at) if crisis.ended_at else end

    def crisis_end(self, crisis: Crisis) -> datetime | None:
        """When a crisis ends, None when nobody has said."""
        end = self._crisis_end(crisis)
        return None if end.year >= 9999 else end

    @lazy
    def spans(self) -> tuple[Span, ...]:
        """When the case clock does not run at full speed: holds on the whole case, crises in scope, shifted pauses."""
        spans: list[Span] = []
        if self.case.holds or self.case.promises:
            spans += self._hold_spans()
        for crisis in self._crises_in_scope if self.context.crises else ():
            if crisis.stretch > 1:
                spans.append(Span(self._crisis_start(crisis), self.crisis_end(crisis), crisis.stretch))
        if self.context.pauses and (self.campaign is None or self.campaign.pause.on_resume is OnResume.SHIFT):
            spans += self._pause_spans()
        return tuple(spans)

    @lazy
    def past_pauses(self) -> tuple[tuple[datetime, datetime], ...]:
        """From when to when the whole case was paused, pauses that are over only."""
        over = []
        for pause in self.context.pauses:
            ends = [end for end in (pause.ends_at, pause.resumed_at) if end is not None and end <= self.now]
            if ends and pause.is_of_cases and holds(pause.scope, self):
                over.append((pause.since, min(ends)))
        return tuple(over)

    def _pause_spans(self) -> list[Span]:
        """Pauses of the whole case, over or not. One that closes a channel only makes its messages wait."""
        spans = []
        for pause in self.context.pauses:
            if not pause.is_of_cases or pause.since > self.now or not holds(pause.scope, self):
                continue
            ends = [end for end in (pause.ends_at, pause.resumed_at) if end is not None]
            spans.append(Span(pause.since, min(ends, default=None), 0))
        return spans

    def _hold_spans(self) -> list[Span]:
        lifted = {switch.key: switch.at for switch in self.case.lifted}
        lifted.update({switch.key: switch.at for switch in self.case.promise_ends})
        spans = []
        open_refs = {position.debt.reference for position in self.account.positions}
        for hold in (*self.case.holds, *promise_holds(self.case, ended=True)):
            if hold.scope is HoldScope.DEBTS and not open_refs <= set(hold.references):
                continue
            if hold.scope is HoldScope.DEBTS and hold.amount_cents is not None:
                continue
            end = end_of(hold.until, hold.grace_days, self.place) if hold.until else None
            stopped = lifted.get(hold.id)
            if stopped is not None:
                end = stopped if end is None else min(end, stopped)
            if end is None or end > hold.since:
                spans.append(Span(hold.since, end, 0))
        return spans

    @lazy
    def departures(self) -> tuple[Departure, ...]:
        """Messages that left in this cycle; observed ones only while the case is observed."""
        number = self.case.cycle_number
        return tuple([departure for departure in self.life if departure.cycle == number])

    @lazy
    def life(self) -> tuple[Departure, ...]:
        """Messages that left in any cycle of the case; observed ones only while the case is observed."""
        if not self.case.departures or self.mode is Mode.OBSERVE:
            return self.case.departures
        return tuple([departure for departure in self.case.departures if not departure.is_observed])

    def blocked_uses(self, step: str) -> tuple[Use, ...]:
        """Uses whose channel refused this step's words in this cycle; a registered letter is refused with letters."""
        if not self.case.blocked:
            return ()
        start = f"{self.case.cycle_number}:{step}:"
        channels = {switch.key.removeprefix(start) for switch in self.case.blocked if switch.key.startswith(start)}
        return tuple(use for use in Use if use.channel.value in channels)

    @lazy
    def failed_ids(self) -> frozenset[str]:
        """Messages proved undelivered, by the strongest of all that is known of each (semantics D5)."""
        if not self.case.receipts:
            return frozenset()
        told: dict[tuple[str, Channel], list[DeliveryStatus]] = {}
        for receipt in self.case.receipts:
            told.setdefault((receipt.message_id, receipt.channel), []).append(receipt.status)
        return frozenset(
            message_id
            for (message_id, channel), statuses in told.items()
            if strongest(channel, statuses) in FAILED_STATUSES
        )

    def is_confirmed(self, message_id: str) -> bool:
        """Whether any receipt says that a message arrived."""
        return any(r.message_id == message_id and r.status in CONFIRMED_STATUSES for r in self.case.receipts)

    @lazy
    def mode(self) -> Mode:
        """The strictest of campaign, creditor and context; a rehearsal takes its own.

        A case that follows no campaign is only observed: nobody has said yet that it may be written to.
        """
        if self.context.is_rehearsal and self.context.mode is not None:
            return self.context.mode
        modes = [self.context.creditor.mode, self.campaign.mode if self.campaign is not None else Mode.OBSERVE]
        if self.context.mode is not None:
            modes.append(self.context.mode)
        return min(modes, key=_STRICTNESS.index)

    def debt(self, reference: str) -> Debt | None:
        """The debt of that reference."""
        for debt in self.case.debts:
            if debt.reference == reference:
                return debt
        return None

    def usable_point(self, kind: PointKind, role: Role | None) -> tuple[ContactPerson | None, Fault | None]:
        """The person to write to and None, or the fault that makes every point of this kind unusable.

        The person comes with the usable points of this kind alone, those that the debtor gave first. A role that
        nobody has makes the point missing: a third person is never written to instead (semantics A7).
        """
        fault: Fault | None = None
        for person in self.case.debtor.people:
            if role is not None and person.role is not role:
                continue
            usable, found = self._usable(person, kind)
            if found is None:
                return usable, None
            if fault is None or fault is Fault.MISSING:
                fault = found
        return None, fault or Fault.MISSING

    def _usable(self, person: ContactPerson, kind: PointKind) -> tuple[ContactPerson, Fault | None]:
        points = [point for point in person.points if point.kind is kind]
        if not self.case.points and not self.case.opt_outs and len(points) == 1 and kind is not PointKind.POST:
            return person, points[0].fault
        faults = [point.fault or self._marked(kind, point.value) for point in points]
        if kind is PointKind.POST:
            if person.address is None or not person.address.lines or not person.address.city:
                return person, Fault.MISSING
            return person, next((fault for fault in faults if fault is not None), None) or self._marked(kind, "")
        good = [point for point, fault in zip(points, faults, strict=True) if fault is None]
        good = [point for point in good if point.value not in self.closed_addresses]
        if not good:
            return person, next((fault for fault in faults if fault is not None), Fault.MISSING)
        good.sort(key=lambda point: not point.given_by_debtor)
        if good == points:
            return person, None
        return replace(person, points=(*good, *(point for point in person.points if point.kind is not kind))), None

    @lazy
    def closed_addresses(self) -> frozenset[str]:
        """Single addresses that a contact closed (semantics A7); whole channels are the person's opt-outs."""
        return frozenset(s.key.split(":", 1)[1] for s in self.case.opt_outs if s.is_on) - {""}

    def _marked(self, kind: PointKind, value: str) -> Fault | None:
        for switch in self.case.points:
            if switch.is_on and switch.key == f"{kind}:{value}":
                return Fault(switch.value)
        return None

    def overdue_days(self) -> int | None:
        """Days since the anchor's due date, negative before it; None without an open debt."""
        due_on = self.anchor_due_on
        return None if due_on is None else (self.today - due_on).days

    @lazy
    def anchor_due_on(self) -> date | None:
        """The due date that the ladder counts from: the cycle's while an anchor is open, then the oldest debt's."""
        positions = self.account.positions
        cycle = self.case.cycle
        if cycle is not None and (not positions or any(p.debt.reference in cycle.anchors for p in positions)):
            return cycle.anchor_due_on
        return positions[0].debt.due_on if positions else None

    def read(self, field: str) -> Value:
        """The value of a word of `condition.FIELDS` (its `Facts` protocol)."""
        return _READERS[field](self)


Reader = Callable[[Situation], Value]


def _open_set(pick: Callable[..., str]) -> Reader:
    def read(situation: Situation) -> Value:
        return frozenset(pick(position.debt) for position in situation.account.positions)

    return read


def _marks(situation: Situation) -> Value:
    return frozenset(switch.key for switch in situation.case.marks if switch.is_on)


def _promises(state: str) -> Reader:
    def read(situation: Situation) -> Value:
        return sum(1 for switch in situation.case.promise_ends if switch.value == state)

    return read


def _reachable(kind: PointKind) -> Reader:
    def read(situation: Situation) -> Value:
        return situation.usable_point(kind, None)[1] is None

    return read


def _country(situation: Situation) -> Value:
    address = situation.case.debtor.address
    return address.country if address else None


def _postcode(situation: Situation) -> Value:
    address = situation.case.debtor.address
    return address.postcode if address else None


_READERS: dict[str, Reader] = {
    "debtor": lambda s: "individual" if s.case.debtor.status.is_individual else "business",
    "status": lambda s: s.case.debtor.status.value,
    "party": lambda s: s.context.creditor.party,
    "balance": lambda s: s.account.balance_cents,
    "overdue_balance": lambda s: s.account.overdue_cents,
    "overdue": lambda s: s.overdue_days(),
    "debts": lambda s: len(s.account.positions),
    "promises_broken": _promises("broken"),
    "promises_kept": _promises("kept"),
    "sector": lambda s: s.case.debtor.sector or None,
    "marks": _marks,
    "solvency": lambda s: s.case.debtor.solvency or None,
    "debt_kind": _open_set(lambda debt: debt.debt_kind),
    "claim_kind": _open_set(lambda debt: debt.claim_kind.value),
    "payment_method": _open_set(lambda debt: debt.payment_method.value),
    "creditor": lambda s: s.case.creditor,
    "campaign": lambda s: s.case.campaign or (s.campaign.id if s.campaign else None),
    "currency": lambda s: s.case.currency,
    "language": lambda s: s.case.debtor.language or s.context.creditor.language,
    "country": _country,
    "postcode": _postcode,
    "debtor_ref": lambda s: s.case.debtor.ref,
    "phone": _reachable(PointKind.PHONE),
    "email": _reachable(PointKind.EMAIL),
    "post": _reachable(PointKind.POST),
    "title": lambda s: s.case.has_mark("title"),
    "all": lambda _: True,
}
