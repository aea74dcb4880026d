"""One step of a case: facts that time made true, entry when it is due, the decision, and what carrying it out records.

The same code serves the flows, the simulator and campaign tests; it stores nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.apply import apply
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.context import Context
from orchestrator.domain.decide import judge_case
from orchestrator.domain.decision import Ask, Close, Decision, HandOver, Reason, Send, Verdict, Wait
from orchestrator.domain.duties import duty, next_alarm_at
from orchestrator.domain.elapse import elapse
from orchestrator.domain.entry import Entry, enter, needs_entry, pack_for
from orchestrator.domain.events import (
    CaseClosed,
    Event,
    HandedOver,
    MessageLeft,
    ReactionDone,
    StepPassed,
    TaskOpened,
)
from orchestrator.domain.policy import Policy, PolicyBook
from orchestrator.domain.situation import Situation


class Progress(msgspec.Struct, frozen=True):
    """A decision, the case it was taken on, and the facts that became true just before (elapsed time, entry)."""

    case: Case
    facts: tuple[Event, ...]
    decision: Decision


def make_progress(
    case: Case, campaigns: Sequence[Campaign], book: PolicyBook, context: Context, now: datetime
) -> Progress:
    """What a case does at `now`. `campaigns` are the current ones and those that cases are pinned to."""
    if not context.is_creditor_known:
        return Progress(case, (), _without_creditor(case))
    pinned = pinned_campaign(case, campaigns)
    situation = Situation(case, pinned, context, now)
    facts: list[Event] = list(elapse(situation))
    if facts:
        for fact in facts:
            case = apply(case, fact)
        situation = Situation(case, pinned, context, now)
    pack = pack_for(situation, book)
    policy = book.on(pack, situation.today, case.debtor.status) if pack is not None else None
    owed = duty(situation, policy) if policy is not None else None
    if owed is not None:
        return Progress(case, tuple(facts), owed)
    entry_reasons: tuple[Reason, ...] = ()
    if needs_entry(situation):
        entry = enter(situation, campaigns, book)
        if isinstance(entry, Entry):
            facts.append(entry.event)
            case, entry_reasons = apply(case, entry.event), entry.reasons
            situation = Situation(case, pinned_campaign(case, campaigns), context, now)
        elif entry is not None:
            return Progress(case, tuple(facts), entry)
    if policy is None:
        return Progress(case, tuple(facts), _without_pack(situation))
    decision = judge_case(situation, policy)
    if entry_reasons:
        decision = Decision(decision.act, (*entry_reasons, *decision.reasons), decision.passed)
    return Progress(case, tuple(facts), _until_alarm(situation, policy, decision))


def _until_alarm(situation: Situation, policy: Policy, decision: Decision) -> Decision:
    """A case that waits wakes when a claim of it comes near its limitation, whatever holds it."""
    if not isinstance(decision.act, Wait):
        return decision
    at, until = next_alarm_at(situation, policy), decision.act.until
    if at is None or (until is not None and until <= at):
        return decision
    return Decision(Wait(at), decision.reasons, decision.passed)


def _without_creditor(case: Case) -> Decision:
    """Nobody says in whose name, or by whose rules, to write: the case waits until its creditor is described again."""
    return Decision(Wait(None), (Reason("CREDITOR", Verdict.BLOCK, (("creditor", case.creditor),)),))


def _without_pack(situation: Situation) -> Decision:
    """No pack for the facts: nothing is sent (semantics B1). The entry has asked, or nothing is owed."""
    reason = Reason("POLICY", Verdict.BLOCK, (("country", situation.place.country or "unknown"),))
    is_open = situation.case.state is CaseState.OPEN
    if is_open and situation.account.balance_cents <= 0 and situation.case.debts:
        return Decision(Close("paid"), (reason,))
    return Decision(Wait(None), (reason,))


def pinned_campaign(case: Case, campaigns: Sequence[Campaign]) -> Campaign | None:
    """The release that a case is pinned to (semantics B13)."""
    if case.cycle is None:
        return None
    for campaign in campaigns:
        if campaign.id == case.cycle.campaign and campaign.release == case.cycle.release:
            return campaign
    return None


def carry_out(case: Case, decision: Decision, now: datetime) -> Case:
    """The case once its decision is done: the message left, the task is open, the case is closed."""
    for event in events_of(case, decision, now):
        case = apply(case, event)
    return case


def events_of(case: Case, decision: Decision, now: datetime) -> list[Event]:
    """The facts that carrying out a decision makes true when all goes well."""
    found: list[Event] = list(passed_events(case, decision, now))
    act = decision.act
    if isinstance(act, Send):
        found.append(left(case.id, act, now))
    elif isinstance(act, Ask):
        task_id = f"{act.task}:{act.subject}"
        found.append(
            TaskOpened(
                id=f"task:{task_id}",
                at=now,
                task_id=task_id,
                kind=act.task,
                subject=act.subject,
                role=act.role,
                due_at=act.due_at,
                step=act.step,
                cause=act.cause,
                amount_cents=act.amount_cents,
            )
        )
    elif isinstance(act, Close):
        known = tuple(debt.reference for debt in case.debts)
        closed = CaseClosed(
            id=f"closed:{now.isoformat()}", at=now, outcome=act.outcome, step=act.step, references=known
        )
        found.append(closed)
    elif isinstance(act, HandOver):
        found.append(HandedOver(id=f"handed_over:{act.step}", at=now, stage=act.stage, references=act.references))
    return found


def passed_events(case: Case, decision: Decision, now: datetime) -> list[Event]:
    """The steps and reactions that a decision went past, as facts."""
    found: list[Event] = []
    for passed in decision.passed:
        if passed.cause:
            found.append(
                ReactionDone(id=f"reacted:{passed.cause}", at=now, cause=passed.cause, part="all", how=passed.why)
            )
        else:
            cycle = case.cycle_number
            found.append(
                StepPassed(id=f"passed:{cycle}:{passed.step}", at=now, step=passed.step, cycle=cycle, why=passed.why)
            )
    return found


def left(case_id: str, act: Send, now: datetime, *, message_id: str = "", amount_cents: int = 0) -> MessageLeft:
    """The fact that a decided message left at `now`."""
    message_id = message_id or f"{case_id}:{act.cycle}:{act.step}:{act.ordinal}"
    return MessageLeft(
        id=f"left:{message_id}",
        at=now,
        message_id=message_id,
        step=act.step,
        cycle=act.cycle,
        ordinal=act.ordinal,
        channel=act.channel,
        use=act.use,
        voice=act.voice,
        template=act.template,
        kind=act.kind,
        purpose=act.purpose,
        references=act.references,
        cause=act.cause,
        amount_cents=amount_cents,
        is_observed=act.is_observed,
    )
