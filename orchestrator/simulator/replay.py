"""Replay: a real ledger, day by day, as it happened: what it would have been like to follow it with these campaigns.

Each morning, before anything may leave: the documents issued that day appear, those settled that day are paid, and
their disputes end. A document that the ledger marks as disputed is so from its issue until it is settled: ledgers
say that there was a dispute, and not when. Nobody answers to messages; staff only approves and dials.
"""

from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import DebtRecorded, DisputeResolved, Event, PaymentReceived
from orchestrator.flows.import_debts import import_debts
from orchestrator.intake.ledger.debts import DebtRow
from orchestrator.simulator.debtor_facts import facts_of
from orchestrator.simulator.deeds import Deed, DeedKind, Done
from orchestrator.simulator.guarantees import Guarantee, check_guarantees
from orchestrator.simulator.rehearse import MORNING, Chore, Progress, Rehearsal, Run, Stage, ledger_chore
from orchestrator.simulator.replay_ledger import Assumptions, ReplayLedger
from orchestrator.simulator.staff import Staff
from orchestrator.simulator.virtual_clock import HOUR, VirtualClock
from orchestrator.storage import cases

BY = "replay"
# What a person does in a replay; to answer a dispute is the ledger's own affair.
_STAFF_TASKS = frozenset({"approve", "confirm", "call"})
_EVENING = time(23)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A replay that is over: what it assumed, what happened, and whether it kept its guarantees."""

    start: date
    end: date
    assumptions: Assumptions
    run: Run
    guarantees: tuple[Guarantee, ...]

    @property
    def is_kept(self) -> bool:
        """Whether every guarantee held."""
        return not any(guarantee.broken for guarantee in self.guarantees)


def clock_of(ledger: ReplayLedger, *, zone: str = "Europe/Paris") -> VirtualClock:
    """The clock that a replay of this ledger starts with: the morning of its first day."""
    return VirtualClock(datetime.combine(ledger.start, MORNING, ZoneInfo(zone)), zone=zone)


def replay(stage: Stage, ledger: ReplayLedger, *, seed: int, progress: Progress | None = None) -> Replayed:
    """Plays the ledger on a stage whose clock is `clock_of(ledger)`, then looks for broken guarantees."""
    chores: list[Chore] = [
        partial(_play_day, stage, ledger),
        ledger_chore(stage, sorted({row.creditor for row in ledger.rows})),
    ]
    run = Rehearsal(stage, LedgerDebtors(), staff=Staff(seed, only=_STAFF_TASKS), chores=chores)
    done = run.run(stage.clock.at(ledger.end, _EVENING), progress)
    guarantees = check_guarantees(stage.database, ledger, stage.strategy, morning=MORNING, zone=str(stage.clock.zone))
    return Replayed(start=ledger.start, end=ledger.end, assumptions=ledger.assumptions, run=done, guarantees=guarantees)


class LedgerDebtors:
    """The debtors of a replay: every message reaches them, and what they did about it is in the ledger."""

    def begin(self, case: Case, *, now: datetime) -> list[Deed]:  # noqa: ARG002  # as a Crowd is asked
        """Nothing: the ledger knows."""
        return []

    def hear(self, case: Case, departure: Departure) -> list[Deed]:
        """A receipt within the hour; letters are posted."""
        is_letter = departure.channel is Channel.LETTER
        status = DeliveryStatus.POSTED if is_letter else DeliveryStatus.DELIVERED
        receipt = Deed(
            at=departure.at + HOUR / 2,
            case_id=case.id,
            key=f"{departure.message_id}:{status}",
            kind=DeedKind.RECEIPT,
            message_id=departure.message_id,
            channel=departure.channel,
            status=status,
        )
        return [receipt]

    def hear_call(self, case: Case, subject: str, *, at: datetime) -> list[Deed]:  # noqa: ARG002  # asked as a Crowd
        """Nothing: the ledger knows."""
        return []

    def do(self, case: Case, deed: Deed) -> Done:
        """Receipts are facts."""
        return Done(facts_of(case, deed), [])

    def follow(self, case: Case, deed: Deed, reply_id: str) -> list[Deed]:  # noqa: ARG002  # as a Crowd is asked
        """Nothing: the ledger knows, and nobody writes."""
        return []


def _play_day(stage: Stage, ledger: ReplayLedger, day: date, now: datetime) -> list[tuple[str, Event]]:
    """Imports what appears on a day; the facts are what is settled on it."""
    new = ledger.appearing.get(day, [])
    if new:
        import_debts(stage.database, replace(ledger.file, rows=tuple(new)), now=now, by=BY)
    settled = ledger.settled.get(day, [])
    facts: list[tuple[str, Event]] = []
    with stage.database.read() as conn:
        for creditor in sorted({row.creditor for row in settled}):
            rows = [row for row in settled if row.creditor == creditor]
            found = cases.find(conn, creditor, {row.debtor.ref for row in rows})
            for row in rows:
                case = _case_of(row, [stored.case for stored in found.get(row.debtor.ref, [])])
                facts += [(case.id, fact) for fact in _settlement(row, case, now)]
    return facts


def _case_of(row: DebtRow, candidates: list[Case]) -> Case:
    return next(case for case in candidates if (case.currency, case.payee) == (row.currency, row.payee))


def _settlement(row: DebtRow, case: Case, now: datetime) -> list[Event]:
    """Paid whole, or a credit used up; and a dispute about it is over."""
    debt, settled_on = row.debt, row.settled_on or now.date()
    key = f"settled:{debt.reference}"
    facts: list[Event] = []
    if debt.open_cents > 0:
        payment = Payment(key, debt.open_cents, settled_on, (debt.reference,))
        facts.append(PaymentReceived(id=key, at=now, by=BY, payment=payment))
    else:
        facts.append(DebtRecorded(id=key, at=now, by=BY, debt=replace(debt, open_cents=0, as_of=settled_on)))
    lifted = {switch.key for switch in case.lifted}
    for hold in case.holds:
        if hold.kind is HoldKind.DISPUTE and debt.reference in hold.references and hold.id not in lifted:
            resolved_id = f"resolved:{hold.id}"
            facts.append(DisputeResolved(id=resolved_id, at=now, by=BY, hold_id=hold.id, outcome="settled"))
    return facts
