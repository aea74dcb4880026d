"""What keeps every demand from a case: marks that only a person may act on, and holds in force. Sends nothing."""

from datetime import time

from orchestrator.domain import gates
from orchestrator.domain.agreement import UNREAD, Hold, HoldKind
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.decision import Act, Ask, Reason, Verdict, Wait
from orchestrator.domain.place import at_local
from orchestrator.domain.policy import PersonDecidesRule, Policy
from orchestrator.domain.sending import ask
from orchestrator.domain.situation import Situation

_EVENING = time(18)


def stop(situation: Situation, policy: Policy, purpose: Purpose, reasons: list[Reason]) -> Act | None:
    """Why a message of this purpose may not leave now: a question to a person, or a wait; None when it may."""
    if purpose is Purpose.DEMAND:
        question = _person_decides(situation, policy, reasons)
        if question is not None:
            return question
    blocking = gates.holds_that_block(situation, policy, purpose)
    if not blocking:
        return None
    found = [gates.hold_reason(hold, situation, policy) for hold in blocking]
    reasons += found
    endless = [hold for hold in blocking if hold.until is None]
    if endless:
        return _review(situation, endless)
    return Wait(max(reason.until for reason in found if reason.until is not None))


def _review(situation: Situation, endless: list[Hold]) -> Act:
    """A person reviews each hold without an end; its task escalates, and never releases it by itself (semantics C1)."""
    waits = []
    for hold in endless:
        if situation.case.closed_task("review_hold", hold.id) or _is_read_already(situation, hold):
            continue
        due_at = at_local(hold.review_on, _EVENING, situation.place.zone) if hold.review_on else None
        answer = ask(situation, "review_hold", hold.id, due_at=due_at)
        if isinstance(answer, Ask):
            return answer
        waits.append(answer.until)
    return Wait(min((at for at in waits if at is not None), default=None))


def _is_read_already(situation: Situation, hold: Hold) -> bool:
    """An unread reply has the task of reading it: nobody is asked twice for one."""
    if hold.kind is not HoldKind.UNREAD_REPLY:
        return False
    subject = hold.id.removeprefix(UNREAD)
    is_asked = any(task.subject == subject for task in situation.case.tasks)
    return is_asked or any(pending.cause == subject for pending in situation.case.pending)


def _person_decides(situation: Situation, policy: Policy, reasons: list[Reason]) -> Act | None:
    for rule in policy.of(PersonDecidesRule) if situation.case.marks else ():
        for mark in rule.marks:
            if situation.case.has_mark(mark):
                reasons.append(Reason(rule.id, Verdict.ASK, (("mark", mark),)))
                if situation.case.closed_task("person_decides", mark):
                    return Wait(None)
                return ask(situation, "person_decides", mark, role="manager")
    return None
