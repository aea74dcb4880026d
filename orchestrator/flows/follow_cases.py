"""How what is kept of each case follows the cases: the figures, and whose work each is. Owns neither.

The journal tells what changed, and is read again from a little before the mark: transactions commit in another order
than their lines are numbered. Whatever that misses is found by the round over all cases.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from orchestrator.storage import changed_cases, journal
from orchestrator.storage.database import Connection, Database

# Some tens of milliseconds of writing on SQLite, whose one writer others wait for.
BATCH = 200
PAGE = 2_000
# So many lines behind, to look at every case once is less work than to read them.
FAR_BEHIND = 50_000


class Mark(msgspec.Struct, frozen=True):
    """How far one follows: the journal up to `seq`, the round up to the case `swept_to`, empty at its beginning."""

    seq: int = 0
    swept_to: str = ""
    is_round_over: bool = False


class Follower(Protocol):
    """Something that is kept of each case. `look_back` is how many lines of the journal are read again each time."""

    look_back: int

    def mark(self) -> Mark:
        """How far it follows; `seq` 0 when it never did."""

    def keep(self, mark: Mark) -> None:
        """Keeps the mark, in a transaction of its own."""

    def behind(self, conn: Connection, case_ids: Sequence[str]) -> list[str]:
        """Those of these cases that changed since they were last taken."""

    def take(self, case_ids: Sequence[str]) -> None:
        """Reads a batch of cases and keeps what is to be kept of them, in a transaction of its own."""


class Pass:
    """One turn of work. `is_done`: the time was enough for all that is known to be behind."""

    def __init__(self, database: Database, follower: Follower, is_over: Callable[[], bool]) -> None:
        self.is_done = True
        self._database = database
        self._follower = follower
        self._is_over = is_over
        self._mark = Mark()

    def begin(self, *, is_from_start: bool = False) -> None:
        """Finds the mark. Far behind the journal, or without a mark, the round does all the work."""
        with self._database.read() as conn:
            last = journal.last_seq(conn)
        self._mark = self._follower.mark()
        if is_from_start or not self._mark.seq or last - self._mark.seq > FAR_BEHIND:
            self._keep(Mark(last))

    def follow_journal(self) -> None:
        """What facts changed."""
        after = max(self._mark.seq - self._follower.look_back, 0)
        limit = self._follower.look_back + PAGE  # so that a turn which finds little asks once
        while not self.is_out_of_time():
            with self._database.read() as conn:
                told = changed_cases.told_after(conn, after, limit=limit)
                changed = self._follower.behind(conn, told.ids)
            if not self.take(changed):
                return
            if told.seq > self._mark.seq:
                self._keep(msgspec.structs.replace(self._mark, seq=told.seq))
            if told.lines < limit:
                return
            after = told.seq

    def follow_changed(self, *, is_whole: bool = False) -> None:
        """The cases in turn that changed: on and on while there are any, to the end with `is_whole`."""
        while not self.is_out_of_time():
            with self._database.read() as conn:
                ids = changed_cases.ids_after(conn, self._mark.swept_to, limit=PAGE)
                changed = self._follower.behind(conn, ids)
            if not self.take(changed):
                return
            is_end = self._sweep(ids, PAGE)
            if is_end or not (is_whole or changed):
                return

    def follow_all(self) -> None:
        """Every case in turn, changed or not, until the round is over."""
        while not self._mark.is_round_over and not self.is_out_of_time():
            with self._database.read() as conn:
                ids = changed_cases.ids_after(conn, self._mark.swept_to, limit=BATCH)
            self._follower.take(ids)
            self._sweep(ids, BATCH)

    def take(self, case_ids: Sequence[str]) -> bool:
        """Takes these cases in batches; False when the time was up before the last."""
        for start in range(0, len(case_ids), BATCH):
            if self.is_out_of_time():
                return False
            self._follower.take(case_ids[start : start + BATCH])
        return True

    def is_out_of_time(self) -> bool:
        """Whether to stop here."""
        if self._is_over():
            self.is_done = False
        return not self.is_done

    def _sweep(self, ids: Sequence[str], limit: int) -> bool:
        is_end = len(ids) < limit
        self._keep(Mark(self._mark.seq, "" if is_end else ids[-1], is_round_over=is_end))
        return is_end

    def _keep(self, mark: Mark) -> None:
        self._follower.keep(mark)
        self._mark = mark
