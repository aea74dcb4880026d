"""Follows the cases: whose work each is, what it weighs, and its days, so that lists are read by index.

What the journal tells of is read again within seconds; every case once a day, and whenever portfolios change. How cases
are followed is `follow_cases`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec

from orchestrator.domain.case import CaseState
from orchestrator.domain.case_dates import dates_of, weight_of
from orchestrator.domain.portfolio import NOBODY, Portfolio, Staff, owner_of
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.follow_cases import BATCH, Mark, Pass
from orchestrator.flows.set_aside import is_of_one_case
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import case_work, cases, facts, portfolios
from orchestrator.storage.case_work import Seen, Work
from orchestrator.storage.database import Connection, Database

_LINES, _ROUND = "work.lines", "work.round"


class _Held(msgspec.Struct, frozen=True):
    """The portfolios in the order in which they are asked, and who may see what."""

    portfolios: tuple[Portfolio, ...]
    staff: Staff


def _held(conn: Connection, now: datetime) -> _Held:
    return _Held(tuple(portfolios.in_force(conn)), portfolios.staff(conn, now.date()))


class _Round(msgspec.Struct):
    """A look at every case: for what (the day, the portfolios), and how far it came. `is_done` once it is over."""

    of: str = ""
    after: str = ""
    is_done: bool = False


def follow_work(
    database: Database, strategy: Strategy, *, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Reads again what changed, then what is left of the round, until `is_over`; returns how many cases it read."""
    following = _Following(database, strategy, now)
    turn = Pass(database, following, is_over)
    turn.begin()
    turn.follow_journal()
    turn.follow_all()
    return following.count


def read_again(database: Database, strategy: Strategy, case_ids: Iterable[str], *, now: datetime) -> None:
    """Reads these cases now, changed or not."""
    following, ids = _Following(database, strategy, now), sorted(set(case_ids))
    for start in range(0, len(ids), BATCH):
        following.take(ids[start : start + BATCH])


class _Following:
    """Reads cases for whose work they are, and keeps how far it read."""

    look_back = 5_000

    def __init__(self, database: Database, strategy: Strategy, now: datetime) -> None:
        self.count = 0
        self._database = database
        self._strategy = strategy
        self._now = now
        self._round_of = ""

    def mark(self) -> Mark:
        """How far it read; at the beginning of the round on another day, or once portfolios changed."""
        with self._database.read() as conn:
            self._round_of = _round_of(_held(conn, self._now), self._now)
            lines, stored = facts.get(conn, _LINES), facts.get(conn, _ROUND)
        turn = msgspec.json.decode(stored, type=_Round) if stored else _Round()
        seq = int(lines) if lines else 0
        return Mark(seq, turn.after, turn.is_done) if turn.of == self._round_of else Mark(seq)

    def keep(self, mark: Mark) -> None:
        """Keeps how far it read."""
        turn = _Round(self._round_of, mark.swept_to, mark.is_round_over)
        with self._database.begin() as conn:
            facts.put(conn, _LINES, str(mark.seq), now=self._now)
            facts.put(conn, _ROUND, msgspec.json.encode(turn).decode(), now=self._now)

    def behind(self, conn: Connection, case_ids: Sequence[str]) -> list[str]:
        """Those that are not as they were when they were last read."""
        return case_work.changed(conn, case_ids)

    def take(self, case_ids: Sequence[str]) -> None:
        """Reads these cases, by the portfolios of this instant."""
        with self._database.read() as conn:
            seen = _read(conn, self._strategy, _held(conn, self._now), case_ids, self._now)
        with self._database.begin() as conn:
            case_work.save(conn, seen)
        self.count += len(seen)


def _round_of(held: _Held, now: datetime) -> str:
    told = msgspec.json.encode((held.portfolios, [(name, sorted(some)) for name, some in held.staff.limited]))
    return blake2b(f"{now.date()}{told.decode()}".encode(), digest_size=8).hexdigest()


def _read(conn: Connection, strategy: Strategy, held: _Held, ids: Iterable[str], now: datetime) -> list[Seen]:
    stored = cases.load(conn, ids)
    if not stored:
        return []
    known = case_work.load(conn, [item.case.id for item in stored])
    around = contexts(conn, strategy, stored, now=now)
    seen = []
    for item in stored:
        situation = Situation(item.case, pinned_campaign(item.case, strategy.all_campaigns), around[item.case.id], now)
        try:
            seen.append(_seen(item, situation, held, known.get(item.case.id), now))
        except Exception as error:
            if not is_of_one_case(error):
                raise
            # Whoever decides it sets it aside with a task; until then it is nobody's, so everybody's.
    return seen


def _seen(item: cases.Stored, situation: Situation, held: _Held, known: Work | None, now: datetime) -> Seen:
    is_given = known is not None and known.given_by and held.staff.may_see(known.owner, item.case.creditor)
    owner, why = (known.owner, known.why) if known is not None and is_given else _owner(situation, held)
    is_same = known is not None and (known.owner, known.why) == (owner, why)
    work = Work(
        case_id=item.case.id,
        creditor=item.case.creditor,
        campaign=item.case.campaign,
        currency=item.case.currency,
        owner=owner,
        why=why,
        since=known.since if known is not None and is_same else now,
        given_by=known.given_by if known is not None and is_given else "",
        is_open=item.case.state is CaseState.OPEN and situation.account.balance_cents > 0,
        weight=weight_of(situation),
        seen_version=item.version,
        version=known.version if known is not None else 0,
    )
    return Seen(work, dates_of(situation))


def _owner(situation: Situation, held: _Held) -> tuple[str, str]:
    taken = owner_of(situation.case.creditor, situation, held.portfolios, held.staff)
    return (taken.owner, taken.id) if taken is not None else (NOBODY, "")
