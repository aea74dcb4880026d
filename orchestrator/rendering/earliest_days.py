"""On which day each step of a campaign comes at the earliest, if nothing delays it. Knows no words and no case."""

import msgspec

from orchestrator.domain.campaign import Campaign, Step
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.duration import Duration
from orchestrator.domain.errors import InputError


class EarliestDay(msgspec.Struct, frozen=True):
    """Days from the due date, or from entry. None: the wait is no number of days (hours, business days).

    `if_skipped` is the earlier day on which it comes when the conditional steps before it are passed by: a step that
    is passed by hands its departure on (semantics B3).
    """

    day: int | None
    if_skipped: int | None = None


class _Walk(msgspec.Struct):
    """Where one way through the ladder stands: the departure that waits count from, the last demand, the last step."""

    base: int | None = 0
    last_demand: int | None = None
    reached: int | None = 0


def earliest_days(campaign: Campaign) -> tuple[EarliestDay, ...]:
    """One for each step, in order. The gap of the campaign is kept, as it will be."""
    whole, short = _Walk(), _Walk()
    found = []
    for step in campaign.steps:
        gap = _days(campaign.gap)
        day, sooner = _arrive(step, whole, gap), _arrive(step, short, gap)
        _leave(step, whole, day)
        if step.if_ == ALWAYS:
            _leave(step, short, sooner)
        is_sooner = day is not None and sooner is not None and sooner < day
        found.append(EarliestDay(day, sooner if is_sooner else None))
    return tuple(found)


def _arrive(step: Step, walk: _Walk, gap: int | None) -> int | None:
    wait = _days(step.at.duration) if step.at is not None else _days(step.after) if step.after is not None else 0
    start = 0 if step.at is not None else walk.base
    day = start + wait if start is not None and wait is not None else None
    if day is not None and walk.last_demand is not None and gap is not None:
        day = max(day, walk.last_demand + gap)
    # A step is looked at once those before it are behind us.
    if day is not None and walk.reached is not None:
        day = max(day, walk.reached) if step.at is None else day
    walk.reached = day
    return day


def _leave(step: Step, walk: _Walk, day: int | None) -> None:
    walk.base = day
    if step.send is not None:
        walk.last_demand = day


def _days(duration: Duration) -> int | None:
    try:
        return duration.days
    except InputError:
        return 0 if duration.count == 0 else None
