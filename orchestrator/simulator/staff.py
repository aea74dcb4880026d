"""Invented staff: who answers the tasks of a run, within office hours, so that ladders go on.

| task              | after   | what they do                                                                |
|-------------------|---------|-----------------------------------------------------------------------------|
| approve, confirm  | 2 - 20h | nine times in ten approve, else refuse                                       |
| call              | 3 - 24h | dial; every second call reaches somebody, who then acts as debtors do       |
| unreachable       | 20 - 70h| one time in three find an e-mail address, else give the step up             |
| answer_dispute    | 24 - 96h| one time in three the debtor is right: a credit note; else the claim stands |
| call_back         | 20 - 70h| three times in five thirty days are agreed, and the hardship is over        |
| any other         | 4 - 40h | done                                                                         |

One task in thirty is forgotten: its time lapses and it escalates. Draws come from (seed, task) alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from orchestrator.domain.account import account_of
from orchestrator.domain.agreement import Hold, HoldKind
from orchestrator.domain.case import Case
from orchestrator.domain.contact import ContactPoint, PointKind
from orchestrator.domain.debt import Debt, DocumentKind
from orchestrator.domain.events import (
    DebtorRecorded,
    DebtRecorded,
    DisputeResolved,
    Event,
    HoldLifted,
    HoldPlaced,
    Unmarked,
)
from orchestrator.domain.place import is_business_day, place_of
from orchestrator.domain.reply import Intent
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.record_facts import record_facts
from orchestrator.simulator.deeds import Crowd, Deed
from orchestrator.storage import cases, tasks
from orchestrator.storage.database import Connection, Database

BY = "staff"
_OPENS, _CLOSES = 9, 18
_SHIFTS = (9, 14)
_HOURS = {
    "approve": (2, 20),
    "confirm": (2, 20),
    "call": (3, 24),
    "unreachable": (20, 70),
    "answer_dispute": (24, 96),
    "call_back": (20, 70),
}
_OTHER_HOURS = (4, 40)
_FORGOTTEN = 1 / 30
_DEFERRAL_DAYS = 30
_PAGE = 500

Answer = tuple[str, list[Event], list[Deed]]
"""What is answered, and the facts and deeds that come of it."""


class Worked(NamedTuple):
    """What the staff did: tasks answered, facts recorded, and what debtors will do about their calls."""

    answered: int
    facts: int
    deeds: list[Deed]


class Staff:
    """People of an office in one zone; public holidays are those of metropolitan France.

    `only` names the kinds of task that they answer; None is all of them.
    """

    def __init__(self, seed: int, *, zone: str = "Europe/Paris", only: frozenset[str] | None = None) -> None:
        self._only = only
        self._seed = seed
        self._zone = ZoneInfo(zone)
        self._place = place_of("FR", "75001")
        self._agenda: dict[str, datetime] = {}

    def is_at_work(self, now: datetime) -> bool:
        """Nine to six on business days."""
        local = now.astimezone(self._zone)
        return _OPENS <= local.hour < _CLOSES and is_business_day(local.date(), self._place)

    def next_shift(self, now: datetime) -> datetime:
        """When they next look at their tasks though nothing else happens: nine and two on business days."""
        day = now.astimezone(self._zone).date()
        while True:
            for hour in _SHIFTS:
                at = datetime.combine(day, time(hour), self._zone).astimezone(UTC)
                if at > now and is_business_day(day, self._place):
                    return at
            day += timedelta(days=1)

    def work(self, database: Database, crowd: Crowd, *, now: datetime) -> Worked:
        """Answers the open tasks whose hour has come, the soonest due first."""
        with database.read() as conn:
            ready = [task for task in _open_tasks(conn) if self._answers_at(task) <= now and self._answers(task)]
            known = {item.case.id: item.case for item in cases.load(conn, {task.case_id for task in ready})}
        done = Worked(0, 0, [])
        for task in ready:
            answer, facts, deeds = self._answer(task, known.get(task.case_id), crowd, now)
            if facts:  # before the task: one about a dispute is done once the dispute is answered
                record_facts(database, [(task.case_id, fact) for fact in facts], now=now)
            # Invented replies say what they mean: whatever was read with doubt is none of the grave things.
            answer_task(database, task.id, answer=answer, by=BY, role="admin", now=now, not_so=tuple(Intent))
            done = Worked(done.answered + 1, done.facts + len(facts), done.deeds + deeds)
        return done

    def _answers(self, task: tasks.Task) -> bool:
        return self._only is None or task.kind in self._only

    def _answers_at(self, task: tasks.Task) -> datetime:
        known = self._agenda.get(task.id)
        if known is not None:
            return known
        rng = self._rng(task, "when")
        first, last = _HOURS.get(task.kind, _OTHER_HOURS)
        at = task.opened_at + timedelta(hours=rng.randrange(first, last + 1))
        if rng.random() < _FORGOTTEN:
            at = datetime.max.replace(tzinfo=UTC)
        self._agenda[task.id] = at
        return at

    def _rng(self, task: tasks.Task, subject: str) -> Random:
        return Random(f"{self._seed}|{task.id}|{subject}")  # noqa: S311  # invented people, no secret

    def _answer(self, task: tasks.Task, case: Case | None, crowd: Crowd, now: datetime) -> Answer:
        act = _ACTS.get(task.kind)
        if act is None or case is None:
            return ("done", [], [])
        return act(task, case, self._rng(task, "what"), crowd, now)


def _open_tasks(conn: Connection) -> list[tasks.Task]:
    found: list[tasks.Task] = []
    while page := tasks.search(conn, tasks.Filter(), limit=_PAGE, after=found[-1] if found else None):
        found += page
    return found


def _approve(_task: tasks.Task, _case: Case, rng: Random, _crowd: Crowd, _now: datetime) -> Answer:
    return ("approve" if rng.random() < 0.9 else "refuse", [], [])


def _call(task: tasks.Task, case: Case, rng: Random, crowd: Crowd, now: datetime) -> Answer:
    return ("done", [], crowd.hear_call(case, task.subject, at=now) if rng.random() < 0.5 else [])


def _find_address(task: tasks.Task, case: Case, rng: Random, _crowd: Crowd, now: datetime) -> Answer:
    if not case.debtor.people or rng.random() > 1 / 3:
        return ("done", [], [])
    found = ContactPoint(PointKind.EMAIL, f"found-{case.id.lower()}@example.org")
    first, *others = case.debtor.people
    people = (replace(first, points=(found, *first.points)), *others)
    debtor = replace(case.debtor, people=people)
    return ("done", [DebtorRecorded(id=f"found:{task.subject}", at=now, by=BY, debtor=debtor)], [])


def _answer_dispute(task: tasks.Task, case: Case, rng: Random, _crowd: Crowd, now: datetime) -> Answer:
    hold = _hold(case, task.subject)
    if hold is None:
        return ("done", [], [])
    is_right = rng.random() < 1 / 3
    outcome = "upheld" if is_right else "rejected"
    resolved = DisputeResolved(id=f"resolved:{hold.id}", at=now, by=BY, hold_id=hold.id, outcome=outcome)
    return ("done", [resolved, *(_credit_notes(case, hold, now) if is_right else [])], [])


def _credit_notes(case: Case, hold: Hold, now: datetime) -> list[Event]:
    """The creditor gives up what was disputed, of each document."""
    account = account_of(case, (), now.date())
    notes: list[Event] = []
    for position in account.positions:
        if position.debt.reference not in hold.references:
            continue
        cents = min(hold.amount_cents or position.open_cents, position.open_cents)
        note = Debt(
            reference=f"AV-{position.debt.reference}",
            kind=DocumentKind.CREDIT_NOTE,
            principal_cents=-cents,
            open_cents=-cents,
            as_of=now.date(),
            issued_on=now.date(),
            due_on=now.date(),
            claim_kind=position.debt.claim_kind,
        )
        notes.append(DebtRecorded(id=f"credited:{position.debt.reference}", at=now, by=BY, debt=note))
    return notes


def _call_back(task: tasks.Task, case: Case, rng: Random, _crowd: Crowd, now: datetime) -> Answer:
    hold = _hold(case, task.subject)
    if hold is None or hold.kind is not HoldKind.HARDSHIP or rng.random() > 0.6:
        return ("done", [], [])
    until = now.date() + timedelta(days=_DEFERRAL_DAYS)
    deferral = Hold(id=f"deferral:{hold.id}", kind=HoldKind.DEFERRAL, since=now, until=until, source=BY)
    facts: list[Event] = [
        HoldLifted(id=f"lifted:{hold.id}", at=now, by=BY, hold_id=hold.id, why="agreed"),
        Unmarked(id=f"unmarked:{hold.id}", at=now, by=BY, mark="hardship"),
        HoldPlaced(id=f"placed:{deferral.id}", at=now, by=BY, hold=deferral),
    ]
    return ("done", facts, [])


def _hold(case: Case, hold_id: str) -> Hold | None:
    lifted = {switch.key for switch in case.lifted}
    return next((hold for hold in case.holds if hold.id == hold_id and hold.id not in lifted), None)


_Act = Callable[[tasks.Task, Case, Random, Crowd, datetime], Answer]
_ACTS: dict[str, _Act] = {
    "approve": _approve,
    "confirm": _approve,
    "call": _call,
    "unreachable": _find_address,
    "answer_dispute": _answer_dispute,
    "call_back": _call_back,
}
