"""Whether somebody may be asked to call a debtor now: what may be claimed, whose number, then hours and caps of calls.

A person dials; what is judged here is when the task to do so may be opened (semantics B11), and once it is open,
whether now is a lawful moment, and which number is the debtor's own.
"""

from datetime import datetime

import msgspec

from orchestrator.domain import gates
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.claiming import claimable
from orchestrator.domain.contact import ContactPerson, ContactPoint, Fault, PointKind, Role
from orchestrator.domain.decision import Act, Passed, Reason, Verdict, Wait
from orchestrator.domain.permission import closed_to_calls
from orchestrator.domain.policy import ContactChannel, Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.situation import Situation
from orchestrator.domain.stops import stop
from orchestrator.domain.timing import earliest


def keeps_from_calling(situation: Situation, policy: Policy, step: str, reasons: list[Reason]) -> Act | Passed | None:
    """A wait, a question or a step passed by; None when the call may be asked for now.

    A call asks for money as a message does: the same papers, holds of debts and limitations stand before it.
    """
    kind = DocumentKind.REMINDER if situation.account.due() else DocumentKind.UPCOMING
    claim = claimable(situation, policy, kind, step, reasons)
    if not isinstance(claim, list):
        return claim
    shut = closed_to_calls(situation, policy)
    if shut is not None:
        reasons.append(shut)
        return _unreachable(situation, step, shut)
    letter = gates.letter_first(situation, policy, ContactChannel.CALL, DocumentKind.REMINDER)
    if letter is not None:
        reasons.append(letter)
        if letter.verdict is Verdict.ASK:
            return ask(situation, "letter_first", situation.case.id, role="manager", step=step)
        if letter.verdict is Verdict.DEFER:
            return Wait(letter.until)
    at, timing = earliest(
        situation.now,
        channel=ContactChannel.CALL,
        policy=policy,
        place=situation.place,
        contacts=situation.context.contacts,
        counts=True,
    )
    reasons += timing
    if at is None:
        return ask(situation, "no_hour", f"call:{situation.place.country}", role="manager", step=step)
    return Wait(at) if at > situation.now else None


def _unreachable(situation: Situation, step: str, shut: Reason) -> Act | Passed:
    """Who closed the phone is left alone; for want of a number of the debtor's own a person looks for one."""
    subject = f"{step}:{situation.case.cycle_number}:call"
    if ("why", "opted_out") in shut.values:
        return Passed(step, "no_call")
    if situation.case.closed_task("unreachable", subject) is not None:
        return Passed(step, "no_channel")
    return ask(situation, "unreachable", subject, step=step)


class Moment(msgspec.Struct, frozen=True):
    """Whether a call may be dialled now; else from when, None when nobody can say. `reasons` say which rules spoke."""

    is_allowed: bool
    allowed_at: datetime | None
    reasons: tuple[Reason, ...] = ()


def moment_to_call(situation: Situation, policy: Policy, *, was_asked: bool) -> Moment:
    """Whether now is a moment to call. A call that the debtor `was_asked` for is an answer: holds of demands and caps
    do not keep it, pauses, hours and a closed phone do (semantics B6)."""
    reasons: list[Reason] = []
    for pause in situation.pauses:
        if pause.is_of_cases:
            return Moment(
                False, pause.ends_at, (Reason("PAUSE", Verdict.BLOCK, (("pause", pause.id),), pause.ends_at),)
            )
    stopped = stop(situation, policy, Purpose.ANSWER if was_asked else Purpose.DEMAND, reasons)
    if stopped is not None:
        return Moment(False, stopped.until if isinstance(stopped, Wait) else None, tuple(reasons))
    shut = closed_to_calls(situation, policy)
    if shut is not None:
        return Moment(False, None, (*reasons, shut))
    letter = None if was_asked else gates.letter_first(situation, policy, ContactChannel.CALL, DocumentKind.REMINDER)
    if letter is not None and letter.verdict is not Verdict.ALLOW:
        return Moment(False, letter.until, (*reasons, letter))
    at, timing = earliest(
        situation.now,
        channel=ContactChannel.CALL,
        policy=policy,
        place=situation.place,
        contacts=situation.context.contacts,
        counts=not was_asked,
    )
    return Moment(at == situation.now, at, (*reasons, *timing))


# A landline takes no SMS; it rings.
_RINGS = frozenset({None, Fault.LANDLINE})


def number_of(situation: Situation, role: Role | None) -> tuple[ContactPerson, ContactPoint] | None:
    """Whom to call and at which number: that of the role if it has one, else the first that the debtor gave."""
    found = [
        (person, point)
        for person in situation.case.debtor.people
        for point in person.points
        if point.kind is PointKind.PHONE and point.fault in _RINGS and _mark_of(situation, point.value) in _RINGS
    ]
    found.sort(key=lambda pair: (role is not None and pair[0].role is not role, not pair[1].given_by_debtor))
    return found[0] if found else None


def _mark_of(situation: Situation, number: str) -> Fault | None:
    for switch in situation.case.points:
        if switch.is_on and switch.key == f"{PointKind.PHONE}:{number}":
            return Fault(switch.value)
    return None
