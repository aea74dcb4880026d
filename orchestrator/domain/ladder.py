"""Where a case stands on its campaign's steps, and when the next one is due on the case clock (semantics B2 to B4).

Owns the order and the instants of steps; not whether a message may leave.
"""

from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.campaign import Campaign, HandOverTerms, OnResume, Purpose, Step, Use
from orchestrator.domain.case import Cycle, Departure, PassedStep
from orchestrator.domain.case_clock import run, shift, shift_date, stopped_between
from orchestrator.domain.condition import holds
from orchestrator.domain.interruption import Crisis
from orchestrator.domain.place import Place, start_of
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import DEGREE, Voice

RESTATEMENT = "restatement"
# After a silence of more than this a first message restates the facts (semantics B5).
LONG_STOP = timedelta(days=30)
_FAR = timedelta(days=36500)


class Rung(msgspec.Struct, frozen=True, gc=False):
    """The step to judge next. `due_at` None: the clock stands still. `tried` are uses proved undelivered."""

    step: Step
    index: int
    due_at: datetime | None
    tried: tuple[Use, ...] = ()
    is_unconfirmed: bool = False


def next_rung(situation: Situation, campaign: Campaign, cycle: Cycle, skip: frozenset[str]) -> Rung | None:
    """The first step that neither left nor was passed; `skip` are steps passed in the decision under way."""
    passed = {p.step: p for p in situation.case.passed if p.cycle == cycle.number}
    by_step: dict[str, list[Departure]] = {}
    for departure in situation.departures:
        by_step.setdefault(departure.step, []).append(departure)
    failed = situation.failed_ids
    base = cycle.last_left_at
    for index, step in enumerate(campaign.steps):
        if index < cycle.step_index:
            continue
        gone = by_step.get(step.id, [])
        left = [d for d in gone if d.message_id not in failed]
        if left:
            if (
                step.id not in passed
                and step.id not in skip
                and not _a_later_step_left(campaign, index, by_step, situation)
            ):
                again = _unconfirmed(situation, step, index, gone, left[-1])
                if again is not None:
                    return again
            base = _later(base, left[-1].at)
            continue
        if step.id in passed or step.id in skip:
            base = _later(base, _call_at(passed.get(step.id)))
            continue
        if gone and _a_later_step_left(campaign, index, by_step, situation):
            continue
        base = _later(base, _restated_at(situation))
        due_at = step_due_at(situation, campaign, cycle, step, base)
        return Rung(step, index, due_at, (*(d.use for d in gone), *situation.blocked_uses(step.id)))
    return None


def _unconfirmed(situation: Situation, step: Step, index: int, gone: list[Departure], last: Departure) -> Rung | None:
    """The step once more by another channel, when the last was never confirmed for as long as it says (semantics B7).

    Only where silence means something, and never while the last one is in doubt.
    """
    wait = step.next_channel_when.unconfirmed_for
    if wait is None or last.is_in_doubt or last.channel not in situation.context.confirming:
        return None
    if situation.is_confirmed(last.message_id):
        return None
    tried = (*(d.use for d in gone), *situation.blocked_uses(step.id))
    if all(use in tried for line in step.channel for use in line.use):
        return None
    return Rung(step, index, shift(last.at, wait, situation.place), tried, is_unconfirmed=True)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _call_at(passed: PassedStep | None) -> datetime | None:
    return passed.at if passed is not None and passed.why.startswith("call:") else None


def _restated_at(situation: Situation) -> datetime | None:
    failed = situation.failed_ids
    said = [d.at for d in situation.departures if d.step.startswith(RESTATEMENT) and d.message_id not in failed]
    return said[-1] if said else None


def _a_later_step_left(
    campaign: Campaign, index: int, by_step: dict[str, list[Departure]], situation: Situation
) -> bool:
    """A failure learnt after a later step left sends nothing again (semantics D5)."""
    return any(
        d.message_id not in situation.failed_ids
        for step in campaign.steps[index + 1 :]
        for d in by_step.get(step.id, [])
    )


def step_due_at(
    situation: Situation, campaign: Campaign, cycle: Cycle, step: Step, base: datetime | None
) -> datetime | None:
    """When a step's time comes: its own instant on the case clock, and never closer than the gap to the last demand."""
    spans, place = situation.spans, situation.place
    if step.at is not None:
        due_at = _at_offset(step, cycle.anchor_due_on, situation)
    elif base is None and cycle.is_late and campaign.steps[cycle.step_index].id == step.id:
        # A late entry begins at a step whose time has come already (semantics B4).
        due_at = cycle.entered_at
    else:
        start = base or cycle.entered_at
        due_at = run(start, _nominal(start, step, place), spans)
    last = last_demand_at(situation)
    if last is None or due_at is None:
        return due_at
    after_gap = run(last, shift(last, campaign.gap, place) - last, spans)
    return None if after_gap is None else max(due_at, after_gap)


def _nominal(start: datetime, step: Step, place: Place) -> timedelta:
    return shift(start, step.after, place) - start if step.after is not None else timedelta(0)


def _at_offset(step: Step, anchor_due_on: date, situation: Situation) -> datetime | None:
    duration = step.at.duration if step.at is not None else None
    place = situation.place
    if duration is None:
        return None
    day = start_of(shift_date(anchor_due_on, duration, place), place.zone)
    if duration.count <= 0:
        return day
    start = start_of(anchor_due_on, place.zone)
    return run(start, day - start, situation.spans)


def last_demand_at(situation: Situation) -> datetime | None:
    """When the last message of any cycle left, answers and failed ones apart: the gap counts from it."""
    return _latest(situation, situation.life)


def _latest(situation: Situation, departures: tuple[Departure, ...]) -> datetime | None:
    """Departures are in the order of their instants; an imported message came before them all."""
    failed = situation.failed_ids
    for departure in reversed(departures):
        if departure.message_id not in failed and departure.purpose is not Purpose.ANSWER:
            return departure.at
    return situation.case.cycle.last_left_at if situation.case.cycle else None


def has_expired(situation: Situation, cycle: Cycle, rung: Rung) -> bool:
    """Too late to make sense, or due during a pause whose campaign lets such steps expire (semantics C2)."""
    if rung.due_at is not None and _fell_due_in_a_pause(situation, rung.due_at):
        return True
    end = expires_at(situation, cycle, rung)
    return end is not None and situation.now > end


def _fell_due_in_a_pause(situation: Situation, due_at: datetime) -> bool:
    campaign = situation.campaign
    if campaign is None or campaign.pause.on_resume is not OnResume.EXPIRE:
        return False
    return any(start <= due_at < end for start, end in situation.past_pauses)


def expires_at(situation: Situation, cycle: Cycle, rung: Rung) -> datetime | None:
    """When the step becomes too late, on the case clock.

    Never for the step of a late entry (semantics B4), nor for one that a crisis has made wait (semantics C3).
    """
    if rung.step.expires is None or rung.due_at is None:
        return None
    if cycle.is_late and rung.index == cycle.step_index:
        return None
    nominal = shift(rung.due_at, rung.step.expires, situation.place) - rung.due_at
    end = run(rung.due_at, nominal, situation.spans)
    if end is None or not situation.context.crises or situation.campaign is None:
        return end
    around = situation.crises_between(rung.due_at, end)
    return None if any(is_skipped(rung.step, situation.campaign, crisis) for crisis in around) else end


def is_skipped(step: Step, campaign: Campaign, crisis: Crisis) -> bool:
    """Whether a crisis names this step, or what it is: it waits, and is never passed over (semantics C3)."""
    names = {f"{campaign.id}/{step.id}"}
    if step.send is not None:
        names.add(step.send.kind.value)
    if any(isinstance(choice, HandOverTerms) for choice in step.choose):
        names.add("hand_over")
    return not names.isdisjoint(crisis.skip)


def needs_restatement(situation: Situation) -> datetime | None:
    """The end of a stop of more than thirty days since the last message, when nothing has left since (semantics B5)."""
    spoken = _latest(situation, situation.departures)
    if spoken is None or not situation.spans:
        return None
    if stopped_between(spoken, situation.now, situation.spans) <= LONG_STOP:
        return None
    ended = [span.end for span in situation.spans if span.end is not None and spoken < span.end <= situation.now]
    last = max(ended, default=None)
    cycle = situation.case.cycle_number
    is_passed = last and any(p.step == restatement_of(last) and p.cycle == cycle for p in situation.case.passed)
    return None if is_passed else last


def restatement_of(ended: datetime) -> str:
    """The name that the restatement after a stop bears in place of a step's."""
    return f"{RESTATEMENT}:{ended.date().isoformat()}"


def late_entry(situation: Situation, campaign: Campaign, anchor_due_on: date) -> tuple[int, bool]:
    """(step index, is late): the latest step whose time has come and whose voice is at most courteous (semantics B4).

    Steps before the due date are never entered after it. When no time has come, the first step that remains.
    """
    now, place = situation.now, situation.place
    is_past_due = situation.today > anchor_due_on
    found: int | None = None
    first: int | None = None
    nominal = now
    for index, step in enumerate(campaign.steps):
        if step.at is not None:
            nominal = start_of(shift_date(anchor_due_on, step.at.duration, place), place.zone)
            if is_past_due and step.at.duration.count < 0:
                continue
        elif step.after is not None:
            nominal = shift(nominal, step.after, place)
        first = index if first is None else first
        if nominal > now:
            break
        if _is_gentle(step) and holds(step.if_, situation):
            found = index
    if found is None:
        return (first or 0), False
    return found, True


def _is_gentle(step: Step) -> bool:
    if step.send is None or step.send.voice is Voice.LISTENING:
        return False
    return DEGREE[step.send.voice] <= DEGREE[Voice.COURTEOUS]


def imported_position(situation: Situation, campaign: Campaign) -> tuple[int, datetime, Voice | None] | None:
    """(next step index, when the last one left, its voice) told by the opening history of the oldest debts."""
    for position in situation.account.positions:
        history = position.debt.history
        if history is None or not history.last_step or history.last_contact_on is None:
            continue
        for index, step in enumerate(campaign.steps):
            if step.id == history.last_step:
                left_at = start_of(history.last_contact_on, situation.place.zone)
                return index + 1, left_at, step.send.voice if step.send else None
    return None


def imported_contact_at(situation: Situation) -> datetime | None:
    """When the debtor was last written to before us, whatever was said: the gap counts from it too."""
    days = [p.debt.history.last_contact_on for p in situation.account.positions if p.debt.history]
    last = max((day for day in days if day is not None), default=None)
    return start_of(last, situation.place.zone) if last else None
