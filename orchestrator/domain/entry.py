"""Which campaign a case enters, and at which step (semantics B1, B4, B12). Sends nothing."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import msgspec

from orchestrator.domain.campaign import Campaign, Mode, OnResume
from orchestrator.domain.case import CaseState, Cycle
from orchestrator.domain.condition import Between, Condition, Either, Every, Not, Value, holds
from orchestrator.domain.decision import Act, Ask, Decision, Reason, Verdict, Wait
from orchestrator.domain.events import CampaignEntered
from orchestrator.domain.ladder import imported_contact_at, imported_position, late_entry
from orchestrator.domain.place import add_business_days, at_local, start_of
from orchestrator.domain.policy import PolicyBook, base_of
from orchestrator.domain.situation import Situation


class Entry(msgspec.Struct, frozen=True):
    """The case enters: the event to record, with the reasons for it."""

    event: CampaignEntered
    reasons: tuple[Reason, ...]


def needs_entry(situation: Situation) -> bool:
    """Whether the case has no cycle that still counts: none yet, its anchors settled, or only an observed one."""
    case = situation.case
    if case.state is not CaseState.OPEN or not situation.account.positions:
        return False
    cycle = case.cycle
    if cycle is None:
        return True
    if cycle.is_observed and situation.mode is not Mode.OBSERVE:
        return True
    if _restarts(situation, cycle):
        return True
    open_references = {position.debt.reference for position in situation.account.positions}
    return open_references.isdisjoint(cycle.anchors)


def _restarts(situation: Situation, cycle: Cycle) -> bool:
    """A pause that is over ends the cycle that it met, where the campaign says so (semantics C2)."""
    campaign = situation.campaign
    if campaign is None or campaign.pause.on_resume is not OnResume.RESTART:
        return False
    return any(start <= situation.now and cycle.entered_at < end for start, end in situation.past_pauses)


def enter(situation: Situation, campaigns: Sequence[Campaign], book: PolicyBook) -> Entry | Decision | None:
    """The campaign of highest priority whose audience holds and whose pack is the one the facts select.

    An Entry; or a Decision to wait or ask when none fits; or None when nothing may be entered now (a pause, a hold,
    nothing owed), which `decide` then explains.
    """
    is_paused = any(pause.is_of_cases for pause in situation.pauses)
    if is_paused or situation.case_holds or situation.account.balance_cents <= 0:
        return None
    selected = pack_for(situation, book)
    reasons: list[Reason] = []
    if selected is None:
        return _ask(situation, "unknown_policy", [Reason("POLICY", Verdict.ASK, _policy_facts(situation))])
    candidates = [c for c in campaigns if c.creditors is None or situation.case.creditor in c.creditors]
    for campaign in sorted(candidates, key=lambda c: (-c.priority, c.id)):
        if not holds(campaign.audience, situation):
            continue
        if campaign.policy not in (selected, base_of(selected)):
            reasons.append(
                Reason(
                    "POLICY",
                    Verdict.PASS,
                    (("campaign", campaign.id), ("asserts", campaign.policy), ("is", selected)),
                )
            )
            continue
        reasons.append(Reason("AUDIENCE", Verdict.ALLOW, (("campaign", campaign.id), ("priority", campaign.priority))))
        return Entry(_entered(situation, campaign, selected), tuple(reasons))
    return _no_campaign(situation, candidates, reasons)


def pack_for(situation: Situation, book: PolicyBook) -> str | None:
    """The pack that the facts select today, with what is laid over it (semantics B1)."""
    return book.select(situation.pack_facts)


def _policy_facts(situation: Situation) -> tuple[tuple[str, str | int], ...]:
    return (
        ("country", situation.place.country or "unknown"),
        ("party", situation.context.creditor.party),
        ("status", situation.case.debtor.status.value),
    )


def _entered(situation: Situation, campaign: Campaign, pack: str) -> CampaignEntered:
    positions = situation.account.positions
    oldest = positions[0].debt.due_on
    number = situation.case.cycle_number + 1
    latest_anchor = max(oldest, situation.today)
    is_observed = Situation(situation.case, campaign, situation.context, situation.now).mode is Mode.OBSERVE
    # What the portfolio's history says counts until a message of ours has left: an observed cycle sent none.
    is_taken_over = all(departure.is_observed for departure in situation.case.departures)
    history = imported_position(situation, campaign)
    left_at, voice = imported_contact_at(situation) if is_taken_over else None, None
    if history is not None and is_taken_over:
        (index, left_at, voice), is_late = history, False
    else:
        index, is_late = late_entry(situation, campaign, oldest)
    return CampaignEntered(
        id=f"entered:{number}",
        at=situation.now,
        by="relance",
        campaign=campaign.id,
        release=campaign.release,
        policy=pack,
        cycle=number,
        step_index=index,
        anchors=tuple(p.debt.reference for p in positions if p.debt.due_on <= latest_anchor),
        anchor_due_on=oldest,
        is_late=is_late,
        is_observed=is_observed,
        last_left_at=left_at,
        last_voice=voice,
    )


def _no_campaign(situation: Situation, campaigns: Sequence[Campaign], reasons: list[Reason]) -> Decision:
    later = [at for campaign in campaigns if (at := _could_match_at(situation, campaign)) is not None]
    if later:
        until = min(later)
        return Decision(Wait(until), (*reasons, Reason("AUDIENCE", Verdict.DEFER, (), until)))
    return _ask(
        situation,
        "no_campaign",
        [*reasons, Reason("AUDIENCE", Verdict.ASK, (("campaigns", len(campaigns)),))],
    )


def _could_match_at(situation: Situation, campaign: Campaign) -> datetime | None:
    """When only `overdue` keeps the case out, the first day on which its bounds let it in."""
    oldest = situation.account.positions[0].debt.due_on
    overdue_days = (situation.today - oldest).days
    for days in sorted(_bounds_of(campaign.audience, "overdue")):
        if days > overdue_days and holds(campaign.audience, _Later(situation, days)):
            return start_of(oldest + timedelta(days=days), situation.place.zone)
    return None


class _Later:
    """The facts of a case on the day it is `overdue_days` late, all else unchanged."""

    def __init__(self, situation: Situation, overdue_days: int) -> None:
        self._situation = situation
        self._overdue_days = overdue_days

    def read(self, field: str) -> Value:
        return self._overdue_days if field == "overdue" else self._situation.read(field)


def _bounds_of(condition: Condition, field: str) -> set[int]:
    match condition:
        case Every(terms) | Either(terms):
            return set().union(*(_bounds_of(term, field) for term in terms))
        case Not(term):
            return _bounds_of(term, field)
        case Between() if condition.field == field:
            return {bound for bound in (condition.at_least, condition.below) if bound is not None}
    return set()


def _ask(situation: Situation, task: str, reasons: list[Reason]) -> Decision:
    if situation.case.task(task, situation.case.id) or situation.case.closed_task(task, situation.case.id):
        # Asked once; a new fact about the case or a new campaign makes it due again, and tomorrow does too.
        tomorrow = at_local(situation.today + timedelta(days=1), _MORNING, situation.place.zone)
        return Decision(Wait(tomorrow), tuple(reasons))
    due_on = add_business_days(situation.today, 2, situation.place)
    act: Act = Ask(
        task=task,
        subject=situation.case.id,
        role="manager",
        due_at=at_local(due_on, _EVENING, situation.place.zone),
    )
    return Decision(act, tuple(reasons), ())


_MORNING = time(8)
_EVENING = time(18)
