"""Rehearse: drive the real flows on a virtual clock, with invented debtors and staff, against a real database.

Time goes by full hours: whatever falls due within an hour is done at its end, and hours in which nothing falls due
are skipped. Opening hours, caps and gaps are whole hours too, so nothing leaves early; sixty days take some 900
steps instead of 86,400 minutes. Each hour: facts that came in, the daily chores, the staff, then decide and send
until nothing moves. Everything is in the journal afterwards, so that `why` explains it.
"""

import heapq
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

import msgspec

from channels.contract import Inbound
from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.events import Event, PaymentReceived
from orchestrator.domain.interruption import Crisis
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.flows.outgoing import Draw, Post
from orchestrator.flows.overlay_crisis import start_crisis
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.record_replies import record_replies
from orchestrator.flows.strategy import Strategy
from orchestrator.simulator.deeds import Crowd, Deed
from orchestrator.simulator.staff import Staff
from orchestrator.simulator.virtual_clock import HOUR, VirtualClock, next_hour
from orchestrator.simulator.witness import Witness
from orchestrator.storage import cases
from orchestrator.storage.database import Database

# Before anybody may be written to anywhere in France, and before cases that wait for a fresh ledger look again.
MORNING = time(5)
# A case that still moves after so many rounds of one hour goes in circles; it is left for the next hour and counted.
_MOST_ROUNDS = 30


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What a run plays on. `post` must read `clock` where it dates what it sends."""

    database: Database
    strategy: Strategy
    post: Post
    clock: VirtualClock


Chore = Callable[[date, datetime], Sequence[tuple[str, Event]]]
"""Something done every morning of a run: (day, instant). It owns its transactions; the run records what it returns."""


class Counts(msgspec.Struct, kw_only=True):
    """What has happened so far. Amounts in minor units."""

    hours: int = 0
    judged: int = 0
    left: int = 0
    held: int = 0
    expired: int = 0
    refused: int = 0
    facts: int = 0
    payments: int = 0
    received_cents: int = 0
    answered: int = 0
    replies: int = 0
    unsettled: int = 0


Progress = Callable[[date, Counts], None]
"""Told at the end of each day of a run, in its zone."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is over: from when to when it played, and what happened. The rest is in the database."""

    started_at: datetime
    ended_at: datetime
    counts: Counts


class Rehearsal:
    """One run. `chores` are done each morning, before anything leaves that day."""

    def __init__(self, stage: Stage, crowd: Crowd, *, staff: Staff | None = None, chores: Sequence[Chore] = ()) -> None:
        self._stage = stage
        self._crowd = crowd
        self._staff = staff
        self._chores = tuple(chores)
        self._witness = Witness(stage.post)
        self._deeds: list[tuple[tuple[datetime, str, str], int, Deed]] = []
        self._thought = 0
        self._counts = Counts()

    def expect(self, deeds: Sequence[Deed]) -> None:
        """These will happen."""
        for deed in deeds:
            self._thought += 1
            heapq.heappush(self._deeds, (deed.order, self._thought, deed))

    def run(self, until: datetime, progress: Progress | None = None) -> Run:
        """Plays from the clock's instant until another, both included."""
        clock = self._stage.clock
        started_at = now = clock.now = next_hour(clock.now)
        morning = clock.at(clock.today, MORNING)
        day = clock.today
        while now <= until:
            clock.now = now
            if progress is not None and clock.today > day:
                progress(day, self._counts)
            day = clock.today
            self._hour(now, is_morning=now >= morning)
            if now >= morning:
                morning = clock.at(day + timedelta(days=1), MORNING)
            now = self._next(now, morning)
        if progress is not None:
            progress(day, self._counts)
        return Run(started_at=started_at, ended_at=until, counts=self._counts)

    def _hour(self, now: datetime, *, is_morning: bool) -> None:
        self._counts.hours += 1
        if is_morning:
            for chore in self._chores:
                self._record(chore(self._stage.clock.today, now), now)
        self._happen(now)
        if self._staff is not None and self._staff.is_at_work(now):
            worked = self._staff.work(self._stage.database, self._crowd, now=now)
            self._counts.answered += worked.answered
            self._counts.facts += worked.facts
            self.expect(worked.deeds)
        self._settle(now, is_morning=is_morning)

    def _next(self, now: datetime, morning: datetime) -> datetime:
        """The next hour in which anything falls due."""
        with self._stage.database.read() as conn:
            due_at = cases.next_due_at(conn)
        coming = [morning]
        if due_at is not None:
            coming.append(due_at)
        if self._deeds:
            coming.append(self._deeds[0][2].at)
        if self._staff is not None:
            coming.append(self._staff.next_shift(now))
        return max(next_hour(min(coming)), now + HOUR)

    def _happen(self, now: datetime) -> None:
        """Deeds whose time has come become facts, each as its case stands after those before it."""
        ready: list[Deed] = []
        while self._deeds and self._deeds[0][2].at <= now:
            ready.append(heapq.heappop(self._deeds)[2])
        if not ready:
            return
        with self._stage.database.read() as conn:
            known = {item.case.id: item.case for item in cases.load(conn, {deed.case_id for deed in ready})}
        facts: list[tuple[str, Event]] = []
        for deed in ready:
            done = self._crowd.do(known[deed.case_id], deed)
            if done.text is not None:
                self._record(facts, now)
                facts = []
                known.update(self._read(deed, done.text, now))
            for fact in done.facts:
                known[deed.case_id] = apply(known[deed.case_id], fact)
                facts.append((deed.case_id, fact))
            self.expect(done.deeds)
        self._record(facts, now)

    def _read(self, deed: Deed, text: Inbound, now: datetime) -> dict[str, Case]:
        """What somebody wrote is read as in production; returns the case that it was for, as it stands then."""
        database = self._stage.database
        (recorded,) = record_replies(database, self._stage.strategy, [text], now=now)
        self._counts.replies += 1
        with database.read() as conn:
            after = {item.case.id: item.case for item in cases.load(conn, {recorded.case_id, deed.case_id} - {""})}
        if recorded.case_id:
            self.expect(self._crowd.follow(after[recorded.case_id], deed, recorded.reply_id))
        return after

    def _record(self, facts: Sequence[tuple[str, Event]], now: datetime) -> None:
        if not facts:
            return
        self._counts.facts += record_facts(self._stage.database, facts, now=now)
        for _, fact in facts:
            if isinstance(fact, PaymentReceived):
                self._counts.payments += 1
                self._counts.received_cents += fact.payment.amount_cents

    def _settle(self, now: datetime, *, is_morning: bool) -> None:
        """Decide and send until nothing moves, then let debtors hear what left.

        What is planned is due at once, so there is something to send only after something was planned; the morning
        looks all the same. A case moves again only because something was sent or held back.
        """
        stage, counts = self._stage, self._counts
        for round_number in range(_MOST_ROUNDS):
            advanced = advance_all(stage.database, stage.strategy, now=now)
            counts.judged += advanced.judged
            if not advanced.planned and not (is_morning and round_number == 0):
                break
            sent = dispatch_all(stage.database, stage.strategy, self._witness.post, now=now)
            counts.left += sent.left
            counts.held += sent.held
            counts.expired += sent.expired
            counts.refused += sent.refused
            if not (sent.left or sent.held or sent.expired or sent.refused):
                break
        else:
            counts.unsettled += 1
        self._listen(now)

    def _listen(self, now: datetime) -> None:
        wrote_to = self._witness.take()
        if not wrote_to:
            return
        with self._stage.database.read() as conn:
            written = [item.case for item in cases.load(conn, wrote_to)]
        for case in written:
            for departure in case.departures:
                if departure.at == now and not departure.is_observed:
                    self.expect(self._crowd.hear(case, departure))


def ledger_chore(stage: Stage, creditors: Sequence[str]) -> Chore:
    """Each morning every creditor says that its ledger is up to date; without it demands stop after two days."""

    def confirm(day: date, now: datetime) -> Sequence[tuple[str, Event]]:
        for creditor in creditors:
            confirm_ledger(stage.database, creditor, as_of=day, now=now, by="rehearsal")
        return ()

    return confirm


def crisis_chore(stage: Stage, planned: Sequence[Crisis]) -> Chore:
    """Crises of a run: each is laid over on the morning of its first day, as an administrator would."""

    def begin(day: date, now: datetime) -> Sequence[tuple[str, Event]]:
        for crisis in planned:
            if crisis.from_on == day:
                start_crisis(stage.database, crisis, now=now)
        return ()

    return begin


def seeded_draw(seed: int) -> Draw:
    """Attempt ids and link tokens of a rehearsal: the same in each run, and good for nothing outside of it."""
    rng = Random(f"{seed}|attempts")  # noqa: S311  # nothing real is protected by them

    def draw() -> tuple[str, str]:
        return f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(96):024x}"

    return draw
