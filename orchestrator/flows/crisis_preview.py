"""What a crisis changes, or its end: a sample of cases decided with it and without. Figures are of it; stores nothing.

Each case of the sample is followed to the next message that nothing but time leads to, at most 30 days ahead.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from statistics import median
from time import perf_counter

import msgspec
from msgspec.structs import replace

from orchestrator.domain.case import Case
from orchestrator.domain.condition import holds
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Send, Wait
from orchestrator.domain.interruption import Crisis
from orchestrator.domain.progress import make_progress, pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import DEGREE
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import cases, scope_counts
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.scope_counts import Scope

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
# A person waits for the figures before they start it.
SECONDS = 0.12
_MOST, _PAGE = 1_000, 50
# A case that only waits is asked again as often as this; what waits longer is beyond the month.
_HOPS = 8


class CrisisPreview(msgspec.Struct, kw_only=True):
    """What a crisis would change in a sample. Of `candidates` open cases `looked` were looked at, and `in_scope` of
    them are in its scope; the other counts are of those.

    `week` and `month` are next messages expected within 7 and 30 days without it, `week_later` and `month_later` those
    that wait longer with it, by `days_later` days in the middle; `never` of them show none within 30 days any more.
    `first_at` is when the first of those that wait longer leaves without it, `day_later` how many do within a day.
    `skipped` cases have a step wait for its end, `softer` a milder voice in the next message, `offered` one more help.
    `failed` could not be decided.
    """

    candidates: int = 0
    looked: int = 0
    in_scope: int = 0
    week: int = 0
    week_later: int = 0
    month: int = 0
    month_later: int = 0
    day_later: int = 0
    first_at: datetime | None = None
    never: int = 0
    days_later: int = 0
    skipped: int = 0
    softer: int = 0
    offered: int = 0
    failed: int = 0

    @property
    def expected_in_scope(self) -> int:
        """Cases in scope among all, if the sample is like them."""
        return round(self.candidates * self.in_scope / self.looked) if self.looked else 0


class _Next(msgspec.Struct):
    """The next message of a case and when, None where none is near; whether a crisis keeps a step waiting."""

    at: datetime | None = None
    send: Send | None = None
    is_skipped: bool = False


def preview_crisis(
    database: Database,
    strategy: Strategy,
    crisis: Crisis,
    *,
    now: datetime,
    creditors: frozenset[str] | None = None,
    seconds: float = SECONDS,
    clock: Callable[[], float] = perf_counter,
) -> CrisisPreview:
    """Decides a sample for as long as `seconds`, one page at least. The same crisis has the same sample.

    Of a crisis that is in force, without it means ended now.
    """
    over_at = clock() + seconds
    scope = Scope(condition=crisis.scope, creditors=creditors)
    found, waits = CrisisPreview(), list[float]()
    with database.read() as conn:
        found.candidates = scope_counts.count_candidates(conn, scope)
        pivot = sha256(crisis.id.encode()).hexdigest()[:32]
        ids = scope_counts.sample(conn, scope, pivot=pivot, most=_MOST)
        for start in range(0, len(ids), _PAGE):
            waits += _page(conn, strategy, crisis, ids[start : start + _PAGE], found, now)
            if clock() >= over_at:
                break
    found.days_later = round(median(waits)) if waits else 0
    return found


def _page(
    conn: Connection, strategy: Strategy, crisis: Crisis, ids: list[str], found: CrisisPreview, now: datetime
) -> list[float]:
    """Adds a page of the sample; returns by how many days more its messages wait."""
    stored = cases.load(conn, ids)
    around = contexts(conn, strategy, stored, now=now)
    waits = []
    for item in stored:
        found.looked += 1
        context = around[item.case.id]
        situation = Situation(item.case, pinned_campaign(item.case, strategy.all_campaigns), context, now)
        if not holds(crisis.scope, situation):
            continue
        found.in_scope += 1
        case = replace(item.case, in_hand=None)
        try:
            ended, running = _sides(context, crisis, now)
            without = _next(case, strategy, ended, now)
            within = _next(case, strategy, running, now)
        except Exception:  # noqa: BLE001 - one case that fails says nothing of the others
            found.failed += 1
            continue
        waits += _compare(found, without, within, now)
    return waits


def _sides(context: Context, crisis: Crisis, now: datetime) -> tuple[Context, Context]:
    """Surroundings without the crisis and with it. The days that it ran already stay with the case clock."""
    others = tuple(each for each in context.crises if each.id != crisis.id)
    over = tuple(replace(each, ended_at=now) for each in context.crises if each.id == crisis.id)
    return replace(context, crises=(*others, *over)), replace(context, crises=(*others, crisis))


def _next(case: Case, strategy: Strategy, context: Context, now: datetime) -> _Next:
    at, found = now, _Next()
    for _ in range(_HOPS):
        progress = make_progress(case, strategy.all_campaigns, strategy.book, _at(context, at - now), at)
        found.is_skipped |= any(reason.rule == "CRISIS" for reason in progress.decision.reasons)
        act = progress.decision.act
        if isinstance(act, Send):
            found.at, found.send = max(at, act.not_before), act
            return found
        if not isinstance(act, Wait) or act.until is None or act.until > now + MONTH:
            return found
        case, at = progress.case, max(act.until, at + timedelta(minutes=1))
    return found


def _at(context: Context, later: timedelta) -> Context:
    """Ledgers come as they did: as old then as they are now."""
    as_of = context.ledger_as_of
    return context if as_of is None or not later else replace(context, ledger_as_of=as_of + timedelta(later.days))


def _compare(found: CrisisPreview, without: _Next, within: _Next, now: datetime) -> list[float]:
    found.skipped += within.is_skipped and not without.is_skipped
    if without.at is None or without.send is None or without.at > now + MONTH:
        return []
    is_near = without.at <= now + WEEK
    found.month += 1
    found.week += is_near
    if within.at is None or within.send is None:
        found.never += 1
    else:
        found.softer += DEGREE.get(within.send.voice, 0) < DEGREE.get(without.send.voice, 0)
        found.offered += not set(within.send.offer) <= set(without.send.offer)
        if within.at <= without.at:
            return []
    found.month_later += 1
    found.week_later += is_near
    found.day_later += without.at <= now + DAY
    found.first_at = min(found.first_at or without.at, without.at)
    return [((within.at or now + MONTH) - without.at) / timedelta(days=1)]
