"""An agent's own words on their way: judged as every answer is, by the channel they were written for and no other.

What cannot leave becomes a task: nobody who wrote to a debtor believes wrongly that it arrived.
"""

from datetime import timedelta

from orchestrator.domain.campaign import ChannelLine, DocumentKind, Mode, Purpose, SendTerms, Use
from orchestrator.domain.case import WRITTEN, Departure, OwnWords, Pending
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.decision import Act, Ask, Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.policy import Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.sending import Wish, judge
from orchestrator.domain.situation import Situation
from orchestrator.domain.stops import stop
from orchestrator.domain.voice import Voice

# An answer that comes later than this is no answer any more.
ANSWER_WITHIN = Duration(3, Unit.DAY)
TEMPLATE = "written-answer"
# Somebody is told that their words did not leave.
NOT_SENT = "answer_not_sent"
_SORE = ("hardship", "vulnerable", "self_harm")


def written_answer(situation: Situation, policy: Policy, pending: Pending, reasons: list[Reason]) -> Act | Passed:
    """Send it, wait for its hour, or tell a person that it will not leave and why."""
    left = _departure(situation, pending)
    if left is not None:
        return Wait(None) if left.is_in_doubt else Passed(WRITTEN, "done", cause=pending.cause)
    answer = judge_answer(situation, policy, pending, reasons)
    if not isinstance(answer, Passed):
        return answer
    if situation.case.task(NOT_SENT, pending.cause) or situation.case.closed_task(NOT_SENT, pending.cause):
        return answer
    reasons.append(Reason("ANSWER", Verdict.ASK, (("why", answer.why),)))
    return ask(situation, NOT_SENT, pending.cause)


def lost_answer(situation: Situation, pending: Pending) -> Ask | Wait | None:
    """The answer of a person that was proved undelivered: they are told, once."""
    for departure in situation.case.departures:
        if departure.message_id == pending.subject and departure.step.startswith(f"{WRITTEN}:"):
            case, subject = situation.case, departure.cause
            is_told = case.task(NOT_SENT, subject) or case.closed_task(NOT_SENT, subject)
            return None if is_told else ask(situation, NOT_SENT, subject)
    return None


def _departure(situation: Situation, pending: Pending) -> Departure | None:
    return next((d for d in situation.case.departures if d.cause == pending.cause), None)


def judge_answer(situation: Situation, policy: Policy, pending: Pending, reasons: list[Reason]) -> Act | Passed:
    """What the gate says of it now: `Passed` when it can never leave, with why."""
    written = situation.case.answer(pending.cause)
    if written is None:
        return Passed(WRITTEN, "done", cause=pending.cause)
    reasons.append(Reason("REACTION", Verdict.ALLOW, (("event", WRITTEN),)))
    expires = deadline(pending.at, ANSWER_WITHIN, situation.place)
    if situation.now > expires:
        return Passed(WRITTEN, "expired", cause=pending.cause)
    if situation.mode is Mode.OBSERVE:
        return Passed(WRITTEN, "observed", cause=pending.cause)
    step = f"{WRITTEN}:{written.reply_id}:{written.id}"
    wish = Wish(
        step=step,
        terms=SendTerms(TEMPLATE, voice_of(situation), DocumentKind.ANSWER, Purpose.ANSWER),
        lines=(ChannelLine((Use(written.channel.value),)),),
        due_at=pending.at,
        expires=expires,
        cause=pending.cause,
        tried=situation.blocked_uses(step),
    )
    answer = stop(situation, policy, Purpose.ANSWER, reasons) or judge(situation, policy, wish, reasons)
    if isinstance(answer, Wait) and (answer.until is None or answer.until > expires):
        return Wait(expires + timedelta(seconds=1))
    return answer


def draft(situation: Situation, written: OwnWords) -> Send:
    """The message as it would be, whether or not it may leave now: what its words are judged by."""
    channel = written.channel
    return Send(
        step=f"{WRITTEN}:{written.reply_id}:{written.id}",
        cycle=situation.case.cycle_number,
        ordinal=1,
        channel=channel,
        use=Use(channel.value),
        voice=voice_of(situation),
        template=TEMPLATE,
        kind=DocumentKind.ANSWER,
        purpose=Purpose.ANSWER,
        not_before=situation.now,
        cause=written.id,
        references=tuple(position.debt.reference for position in situation.account.due()),
    )


def voice_of(situation: Situation) -> Voice:
    """Who is in difficulty is listened to; everybody else is answered courteously."""
    is_sore = any(situation.case.has_mark(mark) for mark in _SORE) or any(h.kind in _SORE for h in situation.holds)
    return Voice.LISTENING if is_sore else Voice.COURTEOUS
