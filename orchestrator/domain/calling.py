"""Whether somebody may be asked to call a debtor now: the first letter, a stop, then the hours and caps of calls.

A person dials; what is judged here is when the task to do so may be opened (semantics B11).
"""

from orchestrator.domain import gates
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.decision import Act, Passed, Reason, Verdict, Wait
from orchestrator.domain.policy import ContactChannel, Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.situation import Situation
from orchestrator.domain.timing import earliest

# A debtor who asked for no more calls (imports, replies and people set it).
_NO_CALL = "no_call"


def keeps_from_calling(situation: Situation, policy: Policy, step: str, reasons: list[Reason]) -> Act | Passed | None:
    """A wait, a question or a step passed by; None when the call may be asked for now."""
    if situation.case.has_mark(_NO_CALL):
        reasons.append(Reason("OPT_OUT", Verdict.PASS, (("use", "call"), ("why", "opted_out"))))
        return Passed(step, "no_call")
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
