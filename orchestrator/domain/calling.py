"""Whether somebody may be asked to call a debtor now: what may be claimed, whose number, then hours and caps of calls.

A person dials; what is judged here is when the task to do so may be opened (semantics B11).
"""

from orchestrator.domain import gates
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.claiming import claimable
from orchestrator.domain.decision import Act, Passed, Reason, Verdict, Wait
from orchestrator.domain.permission import closed_to_calls
from orchestrator.domain.policy import ContactChannel, Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.situation import Situation
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
