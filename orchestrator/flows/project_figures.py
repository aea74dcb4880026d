"""Keep the figures of cases up to date: those that changed since, those that the calendar changed, and all in turn.

Reads without a lock and stores in short transactions of its own: no other flow ever waits for the figures. How cases
are followed is `follow_cases`.
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
from orchestrator.flows.follow_cases import PAGE, Mark, Pass
from orchestrator.flows.set_aside import is_of_one_case
from orchestrator.flows.strategy import Strategy
from orchestrator.rendering.latin_letters import unaccented
from orchestrator.storage import cases, figures
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.told import told_of

log = logging.getLogger("relance.figures")


class Projected(msgspec.Struct):
    """What one slice did. `is_done`: the time was enough for all that is known to be behind."""

    stored: int = 0
    failed: int = 0
    is_done: bool = True


def project_figures(
    database: Database, strategy: Strategy, *, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> Projected:
    """Brings the figures up to date until `is_over` says that the time is up, and goes on with the round."""
    return _project(_Counting(database, strategy, now), is_over)


def project_all(database: Database, strategy: Strategy, *, now: datetime, is_anew: bool = False) -> Projected:
    """The same over every case, to the end; `is_anew` throws away what stands first."""
    if is_anew:
        with database.begin() as conn:
            figures.lock_mark(conn, now=now)
            figures.forget(conn)
    return _project(_Counting(database, strategy, now), lambda: False, is_whole=True)


def _project(counting: "_Counting", is_over: Callable[[], bool], *, is_whole: bool = False) -> Projected:
    turn = Pass(counting.database, counting, is_over)
    turn.begin(is_from_start=is_whole)
    turn.follow_journal()
    _follow_calendar(counting, turn)
    turn.follow_changed(is_whole=is_whole)
    counting.done.is_done = turn.is_done
    return counting.done


def _follow_calendar(counting: "_Counting", turn: Pass) -> None:
    """What the day changed."""
    seen: set[str] = set()
    while not turn.is_out_of_time():
        with counting.database.read() as conn:
            ids = [name for name in figures.stale(conn, now=counting.now, limit=PAGE) if name not in seen]
        if not ids or not turn.take(ids):
            return
        seen.update(ids)


class _Counting:
    """Counts cases, and stores what was counted under the lock of the mark."""

    look_back = 2_000

    def __init__(self, database: Database, strategy: Strategy, now: datetime) -> None:
        self.database = database
        self.strategy = strategy
        self.now = now
        self.done = Projected()

    def mark(self) -> Mark:
        """How far the figures follow."""
        with self.database.begin() as conn:
            found = figures.lock_mark(conn, now=self.now)
        return Mark(found.seq, found.swept_to)

    def keep(self, mark: Mark) -> None:
        """Keeps how far they follow."""
        with self.database.begin() as conn:
            figures.lock_mark(conn, now=self.now)
            figures.move_mark(conn, seq=mark.seq, swept_to=mark.swept_to, now=self.now)

    def behind(self, conn: Connection, case_ids: Sequence[str]) -> list[str]:
        """Those whose figures are of another version."""
        return figures.behind(conn, case_ids)

    def take(self, case_ids: Sequence[str]) -> None:
        """Counts these cases and stores what was counted."""
        counted = self.count(case_ids)
        with self.database.begin() as conn:
            figures.lock_mark(conn, now=self.now)
            self.done.stored += figures.store(conn, counted)

    def count(self, ids: Sequence[str]) -> list[Figures]:
        """The figures of these cases as they are now."""
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
