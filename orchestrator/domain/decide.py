"""`decide`: what to do next with a case, and every reason for it. Pure: no I/O, clock, randomness or globals.

Order of judgement: pauses, holds, legal gates, channel permission, timing, frequency. The strictest wins, and what
is unknown is never guessed. `entry.enter` comes first for a case that follows no campaign yet.
"""

from datetime import datetime

from orchestrator.domain import gates
from orchestrator.domain.calling import keeps_from_calling
from orchestrator.domain.campaign import (
    CallTerms,
    Campaign,
    CloseTerms,
    DocumentKind,
    LeverTerms,
    Purpose,
    SendTerms,
    Step,
)
from orchestrator.domain.case import Case, CaseState, Cycle
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.condition import explain, holds
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Act, Ask, Close, Decision, HandOver, Passed, Reason, Verdict, Wait
from orchestrator.domain.elapse import elapses_at, new_references
from orchestrator.domain.ladder import (
    RESTATEMENT,
    Rung,
    expires_at,
    has_expired,
    is_skipped,
    needs_restatement,
    next_rung,
    restatement_of,
)
from orchestrator.domain.policy import Policy
from orchestrator.domain.questions import ask, ask_lawful_approval
from orchestrator.domain.reactions import default_line, react
from orchestrator.domain.sending import Wish, judge
from orchestrator.domain.situation import Situation
from orchestrator.domain.stops import review_of_debts, stop
from orchestrator.domain.voice import Voice

# A demand that is no step of the campaign begins so, with the debt that it is the first about.
FIRST_REMINDER = "first-reminder"
_REMINDER = "reminder"
_LATE_DOCUMENTS = frozenset({DocumentKind.LAST_REMINDER, DocumentKind.FORMAL_NOTICE})


def decide(case: Case, campaign: Campaign | None, policy: Policy, context: Context, now: datetime) -> Decision:
    """The next act for a case at `now` (aware UTC). `campaign` is the pinned one, None before it entered any."""
    return judge_case(Situation(case, campaign, context, now), policy)


def judge_case(situation: Situation, policy: Policy) -> Decision:
    """`decide` for a situation that is already built."""
    reasons: list[Reason] = []
    passed: list[Passed] = []
    act = _judge(situation, policy, reasons, passed)
    if isinstance(act, Wait):
        act = _until_promise_ends(situation, act)
    return Decision(act, tuple(reasons), tuple(passed))


def _until_promise_ends(situation: Situation, wait: Wait) -> Wait:
    """A broken promise is followed up at once, whatever else the case waits for (R14)."""
    at = elapses_at(situation)
    if at is None or at <= situation.now or (wait.until is not None and wait.until <= at):
        return wait
    return Wait(at)


def _judge(situation: Situation, policy: Policy, reasons: list[Reason], passed: list[Passed]) -> Act:
    case = situation.case
    if case.in_hand is not None:
        reasons.append(Reason("IN_HAND", Verdict.BLOCK, (("message", case.in_hand.message_id),)))
        return Wait(None)
    for pause in situation.pauses:
        if pause.is_of_cases:
            reasons.append(Reason("PAUSE", Verdict.BLOCK, (("pause", pause.id),), pause.ends_at))
            return Wait(pause.ends_at)
    reaction = react(situation, policy, reasons, passed)
    if reaction is not None and not isinstance(reaction, Wait):
        return reaction
    if case.state is not CaseState.OPEN:
        reasons.append(Reason("STATE", Verdict.BLOCK, (("state", case.state.value), ("outcome", case.outcome))))
        return reaction or _after_hand_over(situation, reasons)
    if situation.account.balance_cents <= 0:
        return _nothing_owed(situation, reaction, reasons)
    review = review_of_debts(situation, policy, reasons)
    if isinstance(review, Ask):
        return review
    return _earlier(_demand(situation, policy, reaction, reasons, passed), review)


def _demand(
    situation: Situation, policy: Policy, reaction: Wait | None, reasons: list[Reason], passed: list[Passed]
) -> Act:
    """What is demanded next of an open case that owes, or what stops it."""
    stopped = stop(situation, policy, Purpose.DEMAND, reasons)
    if stopped is not None:
        return _sooner(stopped, reaction)
    if situation.campaign is None or situation.case.cycle is None:
        reasons.append(Reason("CAMPAIGN", Verdict.BLOCK, (("why", "none"),)))
        return reaction or Wait(None)
    act = _climb(situation, situation.campaign, situation.case.cycle, policy, reasons, passed)
    return _sooner(act, reaction)


def _after_hand_over(situation: Situation, reasons: list[Reason]) -> Act:
    """A debt that comes once the others are handed over is neither sent after them nor asked for unseen."""
    came = new_references(situation) if situation.case.state is CaseState.HANDED_OVER else ()
    if not came:
        return Wait(None)
    reasons.append(Reason("STATE", Verdict.ASK, (("debts", len(came)), ("debt", came[0]))))
    return ask(situation, "debt_after_hand_over", ",".join(came), role="manager")


def _sooner(act: Act, reaction: Wait | None) -> Act:
    """While a reaction waits for its hour the ladder waits too; a question to a person never does."""
    if reaction is None or isinstance(act, Ask):
        return act
    if isinstance(act, Wait) and act.until is not None and (reaction.until is None or act.until < reaction.until):
        return act
    return reaction


def _earlier(act: Act, review: Wait | None) -> Act:
    """A case that waits wakes for the review of what is held in it."""
    if not isinstance(act, Wait) or review is None or review.until is None:
        return act
    return act if act.until is not None and act.until <= review.until else review


def _nothing_owed(situation: Situation, reaction: Wait | None, reasons: list[Reason]) -> Act:
    if reaction is not None:
        return reaction
    balance = situation.account.balance_cents
    reasons.append(Reason("BALANCE", Verdict.ALLOW, (("balance_cents", balance),)))
    return Close("paid")


def _climb(
    situation: Situation,
    campaign: Campaign,
    cycle: Cycle,
    policy: Policy,
    reasons: list[Reason],
    passed: list[Passed],
) -> Act:
    """Follow the steps from where the case stands, passing those that no longer apply."""
    skip: set[str] = set()
    while True:
        rung = next_rung(situation, campaign, cycle, frozenset(skip))
        if rung is None:
            reasons.append(Reason("LADDER", Verdict.BLOCK, (("why", "finished"),)))
            subject = f"{campaign.id}:{cycle.number}"
            if situation.case.closed_task("campaign_finished", subject):
                return Wait(None)
            return ask(situation, "campaign_finished", subject, role="manager")
        waiting = _not_yet(situation, rung, reasons)
        if waiting is not None:
            return waiting
        restate_at = needs_restatement(situation) if RESTATEMENT not in skip else None
        if restate_at is not None and rung.step.send is not None:
            answer = _restate(situation, policy, rung, restate_at, reasons)
            skip.add(RESTATEMENT)
        else:
            answer = _judge_rung(situation, campaign, cycle, policy, rung, reasons)
            skip.add(rung.step.id)
        if not isinstance(answer, Passed):
            return answer
        reasons.append(Reason("STEP", Verdict.PASS, (("step", answer.step), ("why", answer.why))))
        passed.append(answer)


def _not_yet(situation: Situation, rung: Rung, reasons: list[Reason]) -> Wait | None:
    if rung.due_at is None:
        reasons.append(Reason("CLOCK", Verdict.BLOCK, (("step", rung.step.id),)))
        return Wait(None)
    if rung.due_at > situation.now:
        reasons.append(Reason("STEP", Verdict.DEFER, (("step", rung.step.id),), rung.due_at))
        return Wait(rung.due_at)
    return None


def _judge_rung(
    situation: Situation, campaign: Campaign, cycle: Cycle, policy: Policy, rung: Rung, reasons: list[Reason]
) -> Act | Passed:
    step = rung.step
    crisis = next((crisis for crisis in situation.crises if is_skipped(step, campaign, crisis)), None)
    if crisis is not None:
        end = situation.crisis_end(crisis)
        reasons.append(Reason("CRISIS", Verdict.BLOCK, (("crisis", crisis.id), ("step", step.id)), end))
        return Wait(end)
    if step.at is not None and step.at.duration.count < 0 and situation.today > cycle.anchor_due_on:
        return Passed(step.id, "after_due")
    if has_expired(situation, cycle, rung):
        return Passed(step.id, "expired", (("due", rung.due_at.date().isoformat() if rung.due_at else ""),))
    if not holds(step.if_, situation):
        failed = [reading for reading in explain(step.if_, situation) if not reading.held]
        return Passed(step.id, "if", tuple((r.field, _short(r.value)) for r in failed[:3]))
    reasons.append(Reason("STEP", Verdict.ALLOW, (("step", step.id), ("campaign", campaign.id))))
    if step.send is not None:
        return _send(situation, policy, cycle, rung, step.send, reasons)
    if step.call is not None:
        return _call(situation, policy, cycle, step, step.call, reasons)
    if step.request is not None:
        return _pull_lever(situation, cycle, step, step.request, reasons)
    return _choose(situation, policy, step, reasons)


def _send(
    situation: Situation, policy: Policy, cycle: Cycle, rung: Rung, terms: SendTerms, reasons: list[Reason]
) -> Act | Passed:
    newcomers = _newcomers(situation, policy, terms)
    if newcomers:
        return _remind_first(situation, policy, rung, newcomers, reasons)
    answer = judge(situation, policy, _wish(situation, cycle, rung, terms), reasons)
    if rung.is_unconfirmed and isinstance(answer, Ask) and answer.task == "unreachable":
        # The first message may well have arrived: nobody need be asked, the ladder goes on.
        return Passed(rung.step.id, "unconfirmed")
    return answer


def _newcomers(situation: Situation, policy: Policy, terms: SendTerms) -> tuple[str, ...]:
    """The debts that a late step would be the first to demand, when it would demand no others.

    They joined while those that the ladder climbs for are held, or may be demanded no more: each has a reminder of its
    own first (semantics A4).
    """
    if terms.kind not in _LATE_DOCUMENTS or not situation.departures:
        return ()
    claimed = gates.without_prescribed(situation, policy, situation.account.due(), [])
    claimed = gates.within_proportion(situation, policy, claimed, [])
    due = tuple(position.debt.reference for position in claimed)
    return due if gates.reminded_references(situation).isdisjoint(due) else ()


def _remind_first(
    situation: Situation, policy: Policy, rung: Rung, newcomers: tuple[str, ...], reasons: list[Reason]
) -> Act | Passed:
    """A courteous reminder, which is no step of the ladder: what it climbs for stays where it is."""
    reasons.append(Reason("FIRST_REMINDER", Verdict.ALLOW, (("step", rung.step.id), ("debt", newcomers[0]))))
    name = f"{FIRST_REMINDER}:{newcomers[0]}"
    wish = Wish(
        step=name,
        terms=SendTerms(_REMINDER, Voice.COURTEOUS, DocumentKind.REMINDER),
        lines=(default_line(situation, is_answer=False),),
        due_at=rung.due_at or situation.now,
        # One that left was proved undelivered, or they would be no newcomers: not by the same channel again.
        tried=(*(d.use for d in situation.departures if d.step == name), *situation.blocked_uses(name)),
    )
    return judge(situation, policy, wish, reasons)


def _call(
    situation: Situation, policy: Policy, cycle: Cycle, step: Step, terms: CallTerms, reasons: list[Reason]
) -> Act | Passed:
    subject = f"{step.id}:{cycle.number}"
    if situation.case.closed_task("call", subject):
        return Passed(step.id, "called")
    if situation.case.task("call", subject) is None:
        kept = keeps_from_calling(situation, policy, step.id, reasons)
        if kept is not None:
            return kept
    reasons.append(Reason("STEP", Verdict.ASK, (("step", step.id), ("task", "call"))))
    due_at = deadline(situation.now, terms.within, situation.place)
    return ask(situation, "call", subject, step=step.id, due_at=due_at)


def _pull_lever(
    situation: Situation, cycle: Cycle, step: Step, terms: LeverTerms, reasons: list[Reason]
) -> Act | Passed:
    subject = f"{step.id}:{cycle.number}"
    if situation.case.closed_task("lever", subject):
        return Passed(step.id, "lever")
    reasons.append(Reason("STEP", Verdict.ASK, (("step", step.id), ("task", "lever"))))
    return ask(situation, "lever", subject, role=terms.approve.by, step=step.id)


def _short(value: object) -> str | int:
    if isinstance(value, (frozenset, tuple)):
        return ",".join(sorted(str(v) for v in value))
    if isinstance(value, bool):  # an int to Python, but JSON would give back what no reason may hold
        return "yes" if value else "no"
    return value if isinstance(value, int) else str(value)


def _wish(situation: Situation, cycle: Cycle, rung: Rung, terms: SendTerms) -> Wish:
    step = rung.step
    may_switch = step.next_channel_when.undelivered or rung.is_unconfirmed or not rung.tried
    return Wish(
        step=step.id,
        terms=terms,
        # Without another channel a proved non-delivery is a question to a person (semantics B3).
        lines=step.channel if may_switch else (),
        due_at=rung.due_at or situation.now,
        expires=expires_at(situation, cycle, rung),
        tried=rung.tried,
        approve=step.approve,
        amounts=step.amounts,
        to=step.to,
    )


def _restate(situation: Situation, policy: Policy, rung: Rung, ended: datetime, reasons: list[Reason]) -> Act | Passed:
    """The first message after a long stop restates the facts with a new date, whatever the level (semantics B5)."""
    reasons.append(Reason("RESTATEMENT", Verdict.ALLOW, (("stopped_until", ended.date().isoformat()),)))
    name = restatement_of(ended)
    wish = Wish(
        step=name,
        terms=SendTerms(RESTATEMENT, Voice.FACTUAL, DocumentKind.RESTATEMENT),
        lines=(default_line(situation, is_answer=False),),
        due_at=rung.due_at or situation.now,
        tried=(*(d.use for d in situation.departures if d.step == name), *situation.blocked_uses(name)),
        is_restatement=True,
    )
    return judge(situation, policy, wish, reasons)


def _choose(situation: Situation, policy: Policy, step: Step, reasons: list[Reason]) -> Act | Passed:
    for choice in step.choose:
        if not holds(choice.if_, situation):
            continue
        act = "close" if isinstance(choice, CloseTerms) else "hand_over"
        question = ask_lawful_approval(situation, policy, act, choice.approve, step.id, reasons)
        if question is not None:
            return question
        if isinstance(choice, CloseTerms):
            return Close(choice.outcome, step.id)
        references = tuple(position.debt.reference for position in situation.account.due())
        return HandOver(choice.stage, step.id, references)
    return Passed(step.id, "no_choice")
