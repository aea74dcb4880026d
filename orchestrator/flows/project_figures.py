"""Keep the figures of cases up to date: those that changed since, those that the calendar changed, and all in turn.

Reads without a lock and stores in short transactions of its own: no other flow ever waits for the figures. The journal
says what changed; what was committed out of order is found by looking back a little, anything else by the round.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.context import Context
from orchestrator.domain.count_case import Figures, count_case
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import kind_and_place
from orchestrator.domain.figures import Told
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.set_aside import is_of_one_case
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.latin_letters import unaccented
from orchestrator.storage import cases, figures
from orchestrator.storage.database import Database
from orchestrator.storage.told import told_of

log = logging.getLogger("relance.figures")

# Some tens of milliseconds of writing on SQLite, whose one writer others wait for.
BATCH = 200
# Transactions commit in another order than their lines are numbered.
LOOK_BACK = 2_000
LINES = 2_000
# So many lines behind, to look at every case once is less work than to read them.
FAR_BEHIND = 50_000
ROUND = 2_000


class Projected(msgspec.Struct):
    """What one slice did. `is_done`: the time was enough for all that is known to be behind."""

    stored: int = 0
    failed: int = 0
    is_done: bool = True


def project_figures(
    database: Database, strategy: Strategy, *, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> Projected:
    """Brings the figures up to date until `is_over` says that the time is up, and goes on with the round."""
    slice_ = _Slice(database, strategy, now, is_over)
    slice_.begin()
    slice_.follow_journal()
    slice_.follow_calendar()
    slice_.follow_round()
    return slice_.done


def project_all(database: Database, strategy: Strategy, *, now: datetime, is_anew: bool = False) -> Projected:
    """The same over every case, to the end; `is_anew` throws away what stands first."""
    if is_anew:
        with database.begin() as conn:
            figures.lock_mark(conn, now=now)
            figures.forget(conn)
    slice_ = _Slice(database, strategy, now, lambda: False)
    slice_.begin(from_start=True)
    slice_.follow_journal()
    slice_.follow_calendar()
    slice_.follow_round(is_whole=True)
    return slice_.done


class _Slice:
    """One turn of work: where the mark stands, and what was done."""

    def __init__(self, database: Database, strategy: Strategy, now: datetime, is_over: Callable[[], bool]) -> None:
        self.database = database
        self.strategy = strategy
        self.now = now
        self.done = Projected()
        self._is_over = is_over
        self._seq, self._swept_to = 0, ""

    def begin(self, *, from_start: bool = False) -> None:
        """Finds the mark. Far behind the journal, or without a mark, the round does all the work."""
        with self.database.begin() as conn:
            mark = figures.lock_mark(conn, now=self.now)
            last = figures.last_line(conn)
            self._seq, self._swept_to = mark.seq, "" if from_start else mark.swept_to
            if from_start or not mark.seq or last - mark.seq > FAR_BEHIND:
                self._seq, self._swept_to = last, ""
                figures.move_mark(conn, seq=last, swept_to="", now=self.now)

    def follow_journal(self) -> None:
        """What facts changed."""
        after = max(self._seq - LOOK_BACK, 0)
        while not self._is_out_of_time():
            with self.database.read() as conn:
                found = figures.behind_journal(conn, after=after, limit=LINES)
            if not self._project(found.ids):
                return
            if found.seq > self._seq:
                self._seq = found.seq
                self._keep_mark()
            if found.lines < LINES:
                return
            after = found.seq

    def follow_calendar(self) -> None:
        """What the day changed."""
        seen: set[str] = set()
        while not self._is_out_of_time():
            with self.database.read() as conn:
                ids = [name for name in figures.stale(conn, now=self.now, limit=LINES) if name not in seen]
            if not ids or not self._project(ids):
                return
            seen.update(ids)

    def follow_round(self, *, is_whole: bool = False) -> None:
        """The next cases in the order of ids: on and on while they are behind, to the end with `is_whole`."""
        while not self._is_out_of_time():
            with self.database.read() as conn:
                found = figures.behind_sweep(conn, after=self._swept_to, limit=ROUND)
            if not self._project(found.ids):
                return
            self._swept_to = found.swept_to
            self._keep_mark()
            if not found.swept_to or not (is_whole or found.ids):
                return

    def _is_out_of_time(self) -> bool:
        if self._is_over():
            self.done.is_done = False
        return not self.done.is_done

    def _keep_mark(self) -> None:
        with self.database.begin() as conn:
            figures.lock_mark(conn, now=self.now)
            figures.move_mark(conn, seq=self._seq, swept_to=self._swept_to, now=self.now)

    def _project(self, ids: Sequence[str]) -> bool:
        """Counts these cases and stores what was counted; False when the time was up before the last."""
        for start in range(0, len(ids), BATCH):
            if self._is_out_of_time():
                return False
            counted = self._count(ids[start : start + BATCH])
            with self.database.begin() as conn:
                figures.lock_mark(conn, now=self.now)
                self.done.stored += figures.store(conn, counted)
        return True

    def _count(self, ids: Sequence[str]) -> list[Figures]:
        with self.database.read() as conn:
            found = cases.load(conn, ids)
            told = told_of(conn, [stored.case for stored in found])
        counted = []
        for stored in found:
            try:
                counted.append(self._count_one(stored, told[stored.case.id]))
            except Exception as error:
                if not is_of_one_case(error):
                    raise
                # It stays behind: the next round tries it again. Its decisions do not depend on figures.
                self.done.failed += 1
                log.error("a case cannot be counted: %s", kind_and_place(error, frames=8))
        return counted

    def _count_one(self, stored: cases.Stored, told: Told) -> Figures:
        """As `flows.show_account` sees it: pauses, crises and other cases change no sum."""
        case, strategy = stored.case, self.strategy
        context = Context(
            creditor=strategy.creditors.get(case.creditor) or Creditor(id=case.creditor, name=case.creditor),
            book=strategy.book,
            mode=strategy.mode,
            is_rehearsal=strategy.is_rehearsal,
        )
        situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, self.now)
        folded = unaccented(case.debtor.name).casefold()
        return count_case(situation, told, version=stored.version, due_at=stored.due_at, folded=folded)
