"""Resume: never a replay of the backlog. Every case decides anew, and what may leave does so at a growing rate.

A preview says how many would go now, later, never and why; above a number, the resume asks to be confirmed.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import msgspec
from msgspec.structs import replace

from orchestrator.domain.condition import holds
from orchestrator.domain.decision import Ask, Decision, Send, Verdict, Wait
from orchestrator.domain.errors import Conflict
from orchestrator.domain.interruption import RAMP_MINUTES, Pause
from orchestrator.domain.progress import make_progress, pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.insist import insist
from orchestrator.flows.pause_scope import scope_here
from orchestrator.flows.pause_sending import load_pause, require_asleep
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import cases, pauses
from orchestrator.storage.database import Connection, Database

# A resume that would let more than this leave within a day asks to be confirmed.
CONFIRM_ABOVE = 500
# Cases are not left asleep because senders keep the database busy.
_INSIST_SECONDS = 10.0
_DAY = timedelta(days=1)


class Preview(msgspec.Struct, kw_only=True):
    """What a resume would do: messages that would go `now`, cases that would act `later`, ask a person, or not at all.

    `within_day` of those that act later do so in the day after. `why` counts the reasons of what would not go now.
    """

    pause: str
    now: int = 0
    later: int = 0
    within_day: int = 0
    asked: int = 0
    never: int = 0
    why: Counter[str] = msgspec.field(default_factory=Counter)


def preview_resume(database: Database, strategy: Strategy, pause_id: str, *, now: datetime) -> Preview:
    """Decides every open case of the scope as if the pause had ended now. Stores nothing."""
    found = Preview(pause=pause_id)
    with database.read() as conn:
        pause = load_pause(conn, pause_id)
        require_asleep(pause)
        for page in cases.each(conn, cases.Filter(state="open")):
            _preview_page(conn, strategy, pause, page, now, found)
    return found


def resume_pause(
    database: Database,
    strategy: Strategy,
    pause_id: str,
    *,
    by: str,
    now: datetime,
    is_confirmed: bool = False,
    ramp_minutes: int = RAMP_MINUTES,
) -> Preview:
    """Ends the pause now and makes its cases decide again. Raises NotFound, or Conflict `confirm_resume`.

    A resume that was cut short is finished by another.
    """
    found = preview_resume(database, strategy, pause_id, now=now)
    with database.begin() as conn:
        pause = load_pause(conn, pause_id, for_update=True)
        require_asleep(pause)
        if pause.resumed_at is None:
            _require_confirmed(found, is_confirmed=is_confirmed)
            pauses.save(conn, replace(pause, resumed_at=now, resumed_by=by, ramp_minutes=ramp_minutes))
    finish_resume(database, strategy, pause, now=now)
    return found


def finish_resume(database: Database, strategy: Strategy, pause: Pause, *, now: datetime) -> None:
    """Wakes the cases of a pause that is over, and notes that it did: until then house-keeping tries again."""
    wake_scope(database, strategy, pause, now=now)
    with database.begin() as conn:
        current = load_pause(conn, pause.id, for_update=True)
        if current.resumed_at is not None and current.woken_at is None:
            pauses.save(conn, replace(current, woken_at=now))


def wake_scope(database: Database, strategy: Strategy, pause: Pause, *, now: datetime) -> int:
    """Makes the open cases of a pause's scope due, page by page; returns how many."""
    woken = 0
    with database.read() as conn:
        pages = [
            [
                item.case.id
                for item, situation in _situations(conn, strategy, page, now)
                if holds(scope_here(pause, situation.context), situation)
            ]
            for page in cases.each(conn, cases.Filter(state="open"))
        ]
    for ids in pages:
        if ids:
            insist(partial(_wake, database, ids, now), seconds=_INSIST_SECONDS)
            woken += len(ids)
    return woken


def _wake(database: Database, ids: list[str], now: datetime) -> None:
    with database.begin() as conn:
        cases.wake(conn, ids, at=now)


def _require_confirmed(found: Preview, *, is_confirmed: bool) -> None:
    """By night nothing would go at once, and everything in the morning: the day after counts too."""
    if found.now + found.within_day > CONFIRM_ABOVE and not is_confirmed:
        raise Conflict(
            f"{found.now} messages would go now, {found.within_day} cases would act within a day",
            hint="look at the preview, then confirm",
            code="confirm_resume",
        )


def _preview_page(
    conn: Connection, strategy: Strategy, pause: Pause, page: list[cases.Stored], now: datetime, found: Preview
) -> None:
    for item, situation in _situations(conn, strategy, page, now):
        if not holds(scope_here(pause, situation.context), situation):
            continue
        others = tuple(
            replace(known, resumed_at=now) if known.id == pause.id else known for known in situation.context.pauses
        )
        context = replace(situation.context, pauses=others)
        case = replace(item.case, in_hand=None)
        try:
            progress = make_progress(case, strategy.all_campaigns, strategy.book, context, now)
        except Exception:  # noqa: BLE001 - one case that fails must not keep everything paused
            found.never += 1
            found.why["failed"] += 1
            continue
        _count(progress.decision, found, now)


def _situations(
    conn: Connection, strategy: Strategy, page: list[cases.Stored], now: datetime
) -> list[tuple[cases.Stored, Situation]]:
    around = contexts(conn, strategy, page, now=now)
    return [
        (item, Situation(item.case, pinned_campaign(item.case, strategy.all_campaigns), around[item.case.id], now))
        for item in page
    ]


def _count(decision: Decision, found: Preview, now: datetime) -> None:
    act = decision.act
    if isinstance(act, Send):
        found.now += 1
        return
    if isinstance(act, Ask):
        found.asked += 1
    elif isinstance(act, Wait) and act.until is not None:
        found.later += 1
        found.within_day += act.until <= now + _DAY
    else:
        found.never += 1
    said = [reason for reason in decision.reasons if reason.verdict not in (Verdict.ALLOW, Verdict.NOTE)]
    found.why[said[-1].rule if said else str(act.__struct_config__.tag)] += 1
