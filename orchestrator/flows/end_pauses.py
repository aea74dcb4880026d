"""Ends pauses whose time is over: their cases decide anew, under the ramp. Once for each, whoever calls it.

What a resume that was cut short left asleep is woken here too: nothing stays silent because a process ended.
The guard-rails are looked at first: one that trips keeps its own pause, or places it, whatever else ends.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from orchestrator.domain.interruption import RAMP_MINUTES
from orchestrator.flows.resume_sending import finish_resume
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.watch_guards import prolong_tripped, watch_guards
from orchestrator.storage import pauses
from orchestrator.storage.database import Database

# A resume that takes longer may be finished twice, which does no harm.
_LONGEST_WAKE = timedelta(minutes=1)


def end_pauses(database: Database, strategy: Strategy, *, now: datetime) -> int:
    """Resumes every pause whose end has come; returns how many."""
    prolong_tripped(database, strategy, now=now)
    with database.read() as conn:
        over = pauses.over(conn, at=now)
    if over:
        watch_guards(database, strategy, now=now)
    ended = 0
    for pause in over:
        with database.begin() as conn:
            current = pauses.load(conn, pause.id, for_update=True)
            if current is None or current.resumed_at is not None:
                continue
            # Since its end nothing was stopped any more: that is when it was over.
            pauses.save(
                conn, replace(current, resumed_at=current.ends_at, resumed_by="its end", ramp_minutes=RAMP_MINUTES)
            )
        finish_resume(database, strategy, pause, now=now)
        ended += 1
    with database.read() as conn:
        asleep = pauses.unwoken(conn, resumed_until=now - _LONGEST_WAKE)
    for pause in asleep:
        finish_resume(database, strategy, pause, now=now)
    return ended
