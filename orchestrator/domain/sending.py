"""Whether and how one message may leave now: debts, voice, channel, approval, then the hour and the caps.

Serves steps and reactions alike. The order is the order of judgement: legal gates, permission, approval, timing.
"""

from datetime import datetime

import msgspec

from orchestrator.domain import gates
from orchestrator.domain.account import Position
from orchestrator.domain.campaign import (
    Amounts,
    Approval,
    ChannelLine,
    DocumentKind,
    Mode,
    Purpose,
    SendTerms,
    Use,
)
from orchestrator.domain.claiming import claimable
from orchestrator.domain.condition import holds
from orchestrator.domain.contact import Role
from orchestrator.domain.decision import Act, Passed, Reason, Send, Verdict, Wait
from orchestrator.domain.documents import document_gates, refused_by_channel, weaker_proof
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.permission import closed
from orchestrator.domain.policy import ContactChannel, Policy
from orchestrator.domain.questions import ask, ask_approval, ask_lawful_approval
from orchestrator.domain.situation import Situation
from orchestrator.domain.timing import after_similar_text, earliest
from orchestrator.domain.voice import Voice, VoiceChoice, choose_voice


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a step or a reaction wants to send. `step` is its identity within the cycle."""

    step: str
    terms: SendTerms
    lines: tuple[ChannelLine, ...]
    due_at: datetime
    expires: datetime | None = None
    tried: tuple[Use, ...] = ()
    cause: str = ""
    approve: Approval | None = None
    amounts: Amounts | None = None
    to: Role | None = None
    is_restatement: bool = False


Answer = Act | Passed


def judge(situation: Situation, policy: Policy, wish: Wish, reasons: list[Reason]) -> Answer:
    """Send it now, wait, ask a person, or pass it by; every rule looked at is added to `reasons`."""
    is_demand = wish.terms.purpose is Purpose.DEMAND
    positions = list(situation.account.due())
    if is_demand:
        claim = claimable(situation, policy, wish.terms.kind, wish.step, reasons)
        if not isinstance(claim, list):
            return claim
        positions = claim
    kept = _documents(situation, policy, wish, positions, reasons)
    if kept is not None:
        return kept
    voice = voice_for(situation, wish)
    if voice.needs_person:
        question = _ask_softening(situation, wish, reasons)
        if question is not None:
            return question
    if voice.voice is Voice.LISTENING and is_demand:
        reasons.append(Reason("VOICE", Verdict.ASK, (("voice", "listening"),)))
        return ask(situation, "call_back", f"listening:{situation.case.cycle_number}", step=wish.step)
    use = _channel(situation, policy, wish, reasons)
    if not isinstance(use, Use):
        return use
    question = _approval(situation, policy, wish, reasons) or _simple_post(situation, wish, use, reasons)
    if question is not None:
        return question
    return _when(situation, policy, wish, use, voice.voice, positions, reasons)


def _documents(
    situation: Situation, policy: Policy, wish: Wish, positions: list[Position], reasons: list[Reason]
) -> Answer | None:
    """What the rules about this kind of document say: wait for its day, or ask where no day cures it."""
    days = wish.terms.deadline.days if wish.terms.deadline else 0
    found = document_gates(situation, policy, wish.terms.kind, deadline_days=days, positions=positions)
    if not found:
        return None
    reasons += found
    asked = next((reason for reason in found if reason.verdict is Verdict.ASK), None)
    if asked is not None:
        subject = f"{asked.rule}:{wish.step}:{situation.case.cycle_number}"
        return ask(situation, "document", subject, role="manager", step=wish.step)
    opens = [reason.until for reason in found if reason.until is not None]
    return Wait(max(opens)) if opens else None


def _ask_softening(situation: Situation, wish: Wish, reasons: list[Reason]) -> Answer | None:
    """A formal step that the context would soften: a person says whether it speaks all the same (semantics B5)."""
    reasons.append(Reason("VOICE", Verdict.ASK, (("voice", wish.terms.voice.value),)))
    subject = f"{wish.step}:{situation.case.cycle_number}"
    answered = situation.case.closed_task("soften_formal", subject)
    if answered is not None:
        return Passed(wish.step, "refused", cause=wish.cause) if answered.outcome == "refuse" else None
    return ask(situation, "soften_formal", subject, role="manager", step=wish.step)


def voice_for(situation: Situation, wish: Wish) -> VoiceChoice:
    """The wish's voice moved by the campaign's context rules and the crises in scope."""
    if wish.is_restatement:
        return VoiceChoice(Voice.FACTUAL)
    if wish.terms.purpose is not Purpose.DEMAND:
        return VoiceChoice(wish.terms.voice)
    moves = [m for m in (situation.campaign.voice if situation.campaign else ()) if holds(m.if_, situation)]
    soften = max([move.soften for move in moves] + [crisis.soften for crisis in situation.crises], default=0)
    firm = max((move.firm for move in moves), default=0)
    return choose_voice(
        wish.terms.voice,
        soften=soften,
        firm=firm,
        last=last_voice(situation),
        is_listening=any(move.use is Voice.LISTENING for move in moves),
    )


def last_voice(situation: Situation) -> Voice | None:
    """The voice of the last demand that left in this cycle, or the imported one."""
    for departure in reversed(situation.departures):
        if departure.purpose is Purpose.DEMAND and departure.message_id not in situation.failed_ids:
            return departure.voice
    return situation.case.cycle.last_voice if situation.case.cycle else None


def _channel(situation: Situation, policy: Policy, wish: Wish, reasons: list[Reason]) -> Use | Act | Passed:
    line = next((line for line in wish.lines if holds(line.if_, situation)), None)
    if line is None and wish.tried:
        return _unreachable(situation, wish, reasons)
    if line is None:
        reasons.append(Reason("CHANNEL", Verdict.PASS, (("why", "no_line"),)))
        return Passed(wish.step, "no_channel_line", cause=wish.cause)
    for use in line.use:
        if use in wish.tried:
            reasons.append(Reason("CHANNEL", Verdict.PASS, (("use", use.value), ("why", "undelivered"))))
            continue
        shut = closed(situation, policy, use, to=wish.to, purpose=wish.terms.purpose) or refused_by_channel(
            policy, wish.terms.kind, use
        )
        if shut is not None:
            reasons.append(shut)
            continue
        waiting = _letter_first(situation, policy, wish, use, reasons) or _paused(situation, use, reasons)
        if waiting is not None:
            return waiting
        reasons += [Reason("CHANNEL", Verdict.ALLOW, (("use", use.value),))]
        reasons += weaker_proof(policy, wish.terms.kind, use)
        return use
    return _unreachable(situation, wish, reasons)


def _letter_first(
    situation: Situation, policy: Policy, wish: Wish, use: Use, reasons: list[Reason]
) -> Act | Passed | None:
    """A third party's letter comes first. An answer that could not recall it is given up; one after it never waits."""
    letter = gates.letter_first(situation, policy, use.channel.value, wish.terms.kind)
    if letter is None:
        return None
    reasons.append(letter)
    if wish.terms.purpose is not Purpose.DEMAND:
        is_missing = letter.verdict is Verdict.ASK
        return Passed(wish.step, "letter_first", cause=wish.cause) if is_missing else None
    if letter.verdict is Verdict.ASK:
        return ask(situation, "letter_first", situation.case.id, role="manager", step=wish.step)
    return Wait(letter.until) if letter.verdict is Verdict.DEFER else None


def _paused(situation: Situation, use: Use, reasons: list[Reason]) -> Wait | None:
    """A paused channel means wait, never another channel (semantics B7)."""
    for pause in situation.pauses:
        if use.channel.value in pause.channels:
            values = (("pause", pause.id), ("channel", use.value))
            reasons.append(Reason("PAUSE", Verdict.BLOCK, values, pause.ends_at))
            return Wait(pause.ends_at)
    return None


def _unreachable(situation: Situation, wish: Wish, reasons: list[Reason]) -> Act | Passed:
    if wish.terms.purpose is not Purpose.DEMAND:
        return Passed(wish.step, "no_channel", cause=wish.cause)
    subject = f"{wish.step}:{situation.case.cycle_number}:{len(wish.tried)}"
    answered = situation.case.closed_task("unreachable", subject)
    if answered is not None:
        return Passed(wish.step, "no_channel", cause=wish.cause)
    reasons.append(Reason("CHANNEL", Verdict.ASK, (("use", "none"),)))
    return ask(situation, "unreachable", subject, step=wish.step)


def _approval(situation: Situation, policy: Policy, wish: Wish, reasons: list[Reason]) -> Answer | None:
    """None when nobody need be asked, or someone has said yes to this amount (semantics B9)."""
    terms = wish.approve if wish.approve is not None and holds(wish.approve.if_, situation) else None
    if terms is None and situation.mode is Mode.CONFIRM and wish.terms.purpose is Purpose.DEMAND:
        terms = Approval("agent", within=Duration(1, Unit.BUSINESS_DAY))
        reasons.append(Reason("MODE", Verdict.ASK, (("mode", "confirm"),)))
    return ask_lawful_approval(situation, policy, wish.terms.kind.value, terms, wish.step, reasons)


def _simple_post(situation: Situation, wish: Wish, use: Use, reasons: list[Reason]) -> Answer | None:
    """A letter in place of the registered one that its step names first needs a manager's yes (semantics B3)."""
    if use is not Use.LETTER:
        return None
    line = next(line for line in wish.lines if holds(line.if_, situation))
    if Use.REGISTERED not in line.use[: line.use.index(use)]:
        return None
    answer = ask_approval(situation, Approval("manager"), f"{wish.step}:simple_post", reasons)
    return Passed(wish.step, answer.why, cause=wish.cause) if isinstance(answer, Passed) else answer


def _when(
    situation: Situation,
    policy: Policy,
    wish: Wish,
    use: Use,
    voice: Voice,
    positions: list[Position],
    reasons: list[Reason],
) -> Answer:
    is_demand = wish.terms.purpose is Purpose.DEMAND
    start = max(wish.due_at, situation.now)
    channel = ContactChannel(use.channel.value)
    if is_demand:
        departures = [d for d in situation.life if d.message_id not in situation.failed_ids]
        start, similar = after_similar_text(
            start, template=wish.terms.template, channel=channel, policy=policy, departures=departures
        )
        reasons += similar
    at, timing = earliest(
        start,
        channel=channel,
        policy=policy,
        place=situation.place,
        contacts=situation.context.contacts,
        counts=is_demand,
    )
    reasons += timing
    if at is None:
        return ask(situation, "no_hour", f"{channel}:{situation.place.country}", role="manager", step=wish.step)
    if at > situation.now:
        return Wait(at)
    return _send(situation, wish, use, voice, positions)


def _send(situation: Situation, wish: Wish, use: Use, voice: Voice, positions: list[Position]) -> Send:
    references = tuple(position.debt.reference for position in positions)
    open_references = [p.debt.reference for p in situation.account.positions if p.demandable_cents > 0]
    offers = dict.fromkeys((*wish.terms.offer, *(o for crisis in situation.crises for o in crisis.offer)))
    cycle = situation.case.cycle_number
    used = [d.ordinal for d in situation.case.departures if d.step == wish.step and d.cycle == cycle]
    return Send(
        step=wish.step,
        cycle=cycle,
        ordinal=max([len(set(wish.tried)), *used]) + 1,
        channel=use.channel,
        use=use,
        voice=voice,
        template=wish.terms.template,
        kind=wish.terms.kind,
        purpose=wish.terms.purpose,
        not_before=situation.now,
        expires=wish.expires,
        cause=wish.cause,
        role=wish.to,
        references=references,
        listed=tuple(r for r in open_references if r not in references),
        offer=tuple(offers),
        amounts=wish.amounts or default_amounts(situation, wish.terms.kind),
        deadline_days=wish.terms.deadline.days if wish.terms.deadline else 0,
        is_restatement=wish.is_restatement,
        is_observed=situation.mode is Mode.OBSERVE,
    )


def default_amounts(situation: Situation, kind: DocumentKind) -> Amounts:
    """Mention statutory amounts from the third level on, claim them in the formal notice (semantics B14)."""
    if kind is DocumentKind.FORMAL_NOTICE:
        return Amounts.CLAIM
    level = 1 + sum(
        1
        for d in situation.departures
        if d.purpose is Purpose.DEMAND and d.message_id not in situation.failed_ids and not d.cause
    )
    return Amounts.MENTION if level >= 3 else Amounts.HIDE
