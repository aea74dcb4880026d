"""Whom and what a pause would touch, before it is placed: by the matching that the gate uses, and stores nothing (R6).

What the columns of cases answer is counted whole. The rest of a condition is judged case by case, for as long as
allowed: then the figures are a least, and say so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import perf_counter

import msgspec

from orchestrator.domain.condition import holds
from orchestrator.domain.interruption import Pause
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.pause_scope import debtors_named, over_persons
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import cases, scope_counts
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.scope_counts import PlannedCount, Scope

_DAY = timedelta(days=1)
_PAGE, MOST_JUDGED = 100, 2_000
# A person waits for the figure before they press the button.
SECONDS = 0.12


class Reach(msgspec.Struct, kw_only=True):
    """What a pause touches: open `cases` of its scope and the `people` they are about, and by channel what is `planned`
    that it would stop and how much of that may go within a day; `deciding` cases would decide within it.

    `is_complete` False: of `candidates` cases only `judged` were looked at, and every count is a least.
    """

    cases: int = 0
    people: int = 0
    deciding: int = 0
    planned: dict[str, int] = {}
    within_day: dict[str, int] = {}
    is_complete: bool = True
    judged: int = 0
    candidates: int = 0

    @property
    def messages(self) -> int:
        """Planned messages of every channel."""
        return sum(self.planned.values())

    @property
    def soon(self) -> int:
        """Those of them that may go within a day."""
        return sum(self.within_day.values())


def pause_reach(
    database: Database,
    strategy: Callable[[], Strategy],
    pause: Pause,
    *,
    now: datetime,
    creditors: frozenset[str] | None = None,
    seconds: float = SECONDS,
    clock: Callable[[], float] = perf_counter,
) -> Reach:
    """Counts for a pause that is not stored. Of a few `creditors`, only what is theirs is counted.

    `seconds` bound the judging of cases that the columns do not answer for; one page is judged in any case.
    """
    until = now + _DAY
    with database.read() as conn:
        scope = Scope(condition=pause.scope, persons=_persons(conn, pause), creditors=creditors)
        if scope_counts.is_exact(pause.scope):
            found = scope_counts.count_cases(conn, scope, until=until)
            reach = Reach(cases=found.cases, people=found.people, deciding=found.deciding, judged=found.cases)
            reach.candidates = found.cases
            _add(reach, pause, scope_counts.count_planned(conn, scope, until=until))
            return reach
        reach = Reach(candidates=scope_counts.count_candidates(conn, scope))
        ids = scope_counts.candidates(conn, scope, most=MOST_JUDGED)
        over_at = clock() + seconds
        _judge(conn, strategy(), pause, ids, reach, now, lambda: clock() >= over_at)
    reach.is_complete = reach.judged == reach.candidates
    return reach


def _persons(conn: Connection, pause: Pause) -> frozenset[str]:
    """The persons whom the pause names as a debtor: all that concerns them is stopped (semantics A8)."""
    refs = debtors_named(pause.scope)
    if not refs:
        return frozenset()
    named = cases.load(conn, scope_counts.ids_of_debtors(conn, refs))
    return frozenset(over_persons(conn, [pause], named))


def _judge(
    conn: Connection,
    strategy: Strategy,
    pause: Pause,
    ids: Sequence[str],
    reach: Reach,
    now: datetime,
    is_over: Callable[[], bool],
) -> None:
    people: set[str] = set()
    for start in range(0, len(ids), _PAGE):
        page = cases.load(conn, ids[start : start + _PAGE])
        within = _within(conn, strategy, pause, page, now)
        people.update(item.person_id for item in within)
        reach.cases += len(within)
        reach.deciding += sum(item.due_at is not None and item.due_at <= now + _DAY for item in within)
        _add(reach, pause, scope_counts.planned_of(conn, (item.case.id for item in within), until=now + _DAY))
        reach.judged += len(page)
        if is_over():
            break
    reach.people = len(people)


def _within(
    conn: Connection, strategy: Strategy, pause: Pause, page: list[cases.Stored], now: datetime
) -> list[cases.Stored]:
    """The cases that the pause concerns, judged as the gate judges them once it is in force."""
    around = contexts(conn, strategy, page, now=now)
    widened = over_persons(conn, [pause], page)
    found = []
    for item in page:
        if item.person_id in widened:
            found.append(item)
            continue
        situation = Situation(item.case, pinned_campaign(item.case, strategy.all_campaigns), around[item.case.id], now)
        if holds(pause.scope, situation):
            found.append(item)
    return found


def _add(reach: Reach, pause: Pause, planned: Sequence[PlannedCount]) -> None:
    count, soon = Counter(reach.planned), Counter(reach.within_day)
    for each in planned:
        if _stops(pause, each):
            count[each.channel] += each.count
            soon[each.channel] += each.due
    reach.planned, reach.within_day = dict(sorted(count.items())), dict(sorted((+soon).items()))


def _stops(pause: Pause, planned: PlannedCount) -> bool:
    """As at the gate, where a lane is stopped whatever its channel and a channel whatever the lane."""
    return pause.is_of_cases or planned.channel in pause.channels or planned.lane in pause.lanes
