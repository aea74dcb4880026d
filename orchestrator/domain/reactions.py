"""What an event causes at once: an answer, a task, a close. House defaults exist for every event.

Reads the pending events of a case in order; a campaign's own reactions replace the defaults.
"""

from datetime import timedelta

from orchestrator.domain.campaign import ChannelLine, DocumentKind, Purpose, Reaction, SendTerms, Use
from orchestrator.domain.case import WRITTEN, CaseState, Pending
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.decision import Act, Close, Passed, Reason, Verdict, Wait
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.policy import Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.sending import Wish, judge
from orchestrator.domain.situation import Situation
from orchestrator.domain.stops import stop
from orchestrator.domain.voice import Voice
from orchestrator.domain.written_answer import ANSWER_WITHIN, lost_answer, written_answer


def _answer(template: str, kind: DocumentKind, voice: Voice = Voice.COURTEOUS) -> SendTerms:
    return SendTerms(template=template, voice=voice, kind=kind, purpose=Purpose.ANSWER)


_NONE = Reaction()

HOUSE_REACTIONS: dict[str, Reaction] = {
    "payment.partial": Reaction(send=_answer("thanks-remaining", DocumentKind.THANKS)),
    "payment.full": Reaction(send=_answer("thanks", DocumentKind.THANKS), close="paid"),
    "payment.rejected": Reaction(task="payment_rejected", within=Duration(2, Unit.BUSINESS_DAY)),
    "promise.broken": Reaction(
        send=SendTerms("promise-broken", Voice.FACTUAL, DocumentKind.PROMISE_BROKEN),
        within=Duration(1, Unit.BUSINESS_DAY),
    ),
    "dispute.opened": Reaction(
        send=_answer("answer-dispute", DocumentKind.ANSWER),
        task="answer_dispute",
        within=Duration(5, Unit.BUSINESS_DAY),
    ),
    "hardship.declared": Reaction(
        send=_answer("listening", DocumentKind.LISTENING, Voice.LISTENING),
        task="call_back",
        within=Duration(2, Unit.BUSINESS_DAY),
    ),
    "already_paid.claimed": Reaction(
        send=_answer("already-paid-ack", DocumentKind.ANSWER),
        task="verify_payment",
        within=Duration(5, Unit.BUSINESS_DAY),
    ),
    "deferral.granted": Reaction(send=_answer("deferral-granted", DocumentKind.ANSWER)),
    "reply.received": Reaction(task="read_reply", within=Duration(1, Unit.BUSINESS_DAY)),
    # Heard, and answered by what the ladder does next: it waits, goes on, takes another channel.
    "promise.made": _NONE,
    "promise.kept": _NONE,
    "plan.agreed": _NONE,
    "dispute.resolved": _NONE,
    "delivery.failed": _NONE,
    "opted_out": _NONE,
}


def react(situation: Situation, policy: Policy, reasons: list[Reason], passed: list[Passed]) -> Act | None:
    """What the oldest pending event asks for now; None when none does. Spent events are added to `passed`."""
    waits: list[Wait] = []
    for pending in situation.case.pending:
        event = _event_name(situation, pending)
        act = _react_to(situation, policy, pending, event, reasons)
        if isinstance(act, Passed):
            passed.append(act)
        elif isinstance(act, Wait):
            waits.append(act)
        else:
            return act
    if not waits:
        return None
    return min(waits, key=lambda wait: wait.until or situation.now + timedelta(days=36500))


def _event_name(situation: Situation, pending: Pending) -> str:
    if pending.event != "payment.received":
        return pending.event
    return "payment.full" if situation.account.balance_cents <= 0 else "payment.partial"


def reaction_to(situation: Situation, event: str) -> Reaction:
    """The campaign's reaction to an event, else the house's, else none."""
    own = situation.campaign.reactions.get(event) if situation.campaign else None
    return own or HOUSE_REACTIONS.get(event, _NONE)


def _react_to(
    situation: Situation, policy: Policy, pending: Pending, event: str, reasons: list[Reason]
) -> Act | Passed:
    if event == WRITTEN:
        return written_answer(situation, policy, pending, reasons)
    reaction = reaction_to(situation, event)
    if _is_superseded(situation, pending):
        return Passed(event, "superseded", cause=pending.cause)
    reasons.append(Reason("REACTION", Verdict.ALLOW, (("event", event),)))
    lost = lost_answer(situation, pending) if event == "delivery.failed" else None
    if lost is not None:
        return lost
    if reaction.task and "task" not in pending.done and not _is_asked(situation, reaction.task, pending):
        due_at = deadline(pending.at, reaction.within, situation.place) if reaction.within else None
        return ask(situation, reaction.task, pending.subject or pending.cause, cause=pending.cause, due_at=due_at)
    if reaction.send is not None and "send" not in pending.done:
        answer = _reaction_message(situation, policy, pending, event, reaction, reasons)
        if not isinstance(answer, Passed):
            return answer
        if not reaction.close:
            return answer
    if reaction.close and situation.account.balance_cents <= 0:
        return Close(reaction.close)
    return Passed(event, "done", cause=pending.cause)


def _is_asked(situation: Situation, task: str, pending: Pending) -> bool:
    subject = pending.subject or pending.cause
    return bool(situation.case.task(task, subject) or situation.case.closed_task(task, subject))


def _is_superseded(situation: Situation, pending: Pending) -> bool:
    """Several payments at once are thanked once, for what they leave; one that went back is not thanked at all.

    A message that was reported lost, and then delivered, did not fail.
    """
    if pending.event == "delivery.failed":
        return pending.subject not in situation.failed_ids
    if pending.event != "payment.received":
        return False
    later = [
        p for p in situation.case.pending if p.event == pending.event and (p.at, p.cause) > (pending.at, pending.cause)
    ]
    return bool(later) or any(reversal.id == pending.subject for reversal in situation.case.reversals)


def _reaction_message(
    situation: Situation,
    policy: Policy,
    pending: Pending,
    event: str,
    reaction: Reaction,
    reasons: list[Reason],
) -> Act | Passed:
    terms = reaction.send
    assert terms is not None  # noqa: S101  # the caller has looked
    is_answer = terms.purpose is not Purpose.DEMAND
    if not is_answer and situation.case.state is not CaseState.OPEN:
        return Passed(event, situation.case.state.value, cause=pending.cause)
    within = ANSWER_WITHIN if is_answer else reaction.within
    expires = deadline(pending.at, within, situation.place) if within else None
    step = f"{event}:{pending.subject or pending.cause}"
    wish = Wish(
        step=step,
        terms=terms,
        lines=reaction.channel or (default_line(situation, is_answer=is_answer),),
        due_at=pending.at,
        expires=expires,
        cause=pending.cause,
        tried=_tried(situation, pending, step),
    )
    if expires is not None and situation.now > expires:
        if is_answer:
            return Passed(event, "expired", cause=pending.cause)
        return _late_demand(situation, pending, event)
    answer = stop(situation, policy, terms.purpose, reasons) or judge(situation, policy, wish, reasons)
    if isinstance(answer, Wait) and expires is not None and (answer.until is None or answer.until > expires):
        return Wait(expires + timedelta(seconds=1))
    return answer


def _tried(situation: Situation, pending: Pending, step: str) -> tuple[Use, ...]:
    left = (d.use for d in situation.case.departures if d.cause == pending.cause)
    return (*left, *situation.blocked_uses(step))


def _late_demand(situation: Situation, pending: Pending, event: str) -> Act | Passed:
    """A demand that could not leave in time becomes a task (semantics B6)."""
    kind = event.replace(".", "_")
    if situation.case.closed_task(kind, pending.subject):
        return Passed(event, "expired", cause=pending.cause)
    if situation.case.task(kind, pending.subject):
        return Passed(event, "task", cause=pending.cause)
    return ask(situation, kind, pending.subject)


def default_line(situation: Situation, *, is_answer: bool) -> ChannelLine:
    """The channel of the last message first, then e-mail and SMS; post only carries demands, its answers are late."""
    last = [d.use for d in situation.departures if d.use in (Use.EMAIL, Use.SMS)][-1:]
    rest = (Use.EMAIL, Use.SMS) if is_answer else (Use.EMAIL, Use.SMS, Use.LETTER)
    return ChannelLine(tuple(dict.fromkeys((*last, *rest))))
