"""What keeps every demand from a case: marks that only a person may act on, and holds in force. Sends nothing."""

from datetime import date, datetime, time, timedelta

from orchestrator.domain import gates
from orchestrator.domain.agreement import UNREAD, Hold, HoldKind, HoldScope, is_about_hold, review_subject
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.decision import Act, Ask, Reason, Verdict, Wait
from orchestrator.domain.place import at_local, local_date
from orchestrator.domain.policy import HoldRule, PersonDecidesRule, Policy
from orchestrator.domain.questions import ask
from orchestrator.domain.situation import Situation

_EVENING = time(18)
# Whoever looked at a hold and left it looks again after this, for as long as it runs.
REVIEWED_AGAIN_AFTER = timedelta(days=15)


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
        return _review(situation, policy, endless)
    return Wait(max(reason.until for reason in found if reason.until is not None))


def review_of_debts(situation: Situation, policy: Policy, reasons: list[Reason]) -> Ask | Wait | None:
    """The review of what holds open debts without an end, and not the whole case; None when nothing does.

    It keeps nothing else from being demanded. Whoever is asked about such a hold otherwise is not asked twice.
    """
    if not situation.case.holds:
        return None
    still_open = {position.debt.reference for position in situation.account.positions}
    endless = [
        hold
        for hold in situation.holds
        if hold.until is None and hold.scope is HoldScope.DEBTS and still_open & set(hold.references)
        if not _is_asked_otherwise(situation, hold)
    ]
    if not endless:
        return None
    answer = _review(situation, policy, endless)
    if isinstance(answer, Ask):
        reasons += [gates.hold_reason(hold, situation, policy) for hold in endless]
    return answer


def _is_asked_otherwise(situation: Situation, hold: Hold) -> bool:
    is_asked = any(task.subject == hold.id and task.kind != "review_hold" for task in situation.case.tasks)
    return is_asked or any(pending.subject == hold.id for pending in situation.case.pending)


def _review(
    situation: Situation, policy: Policy, endless: list[Hold], *, seen_at: datetime | None = None
) -> Ask | Wait:
    """A person reviews each hold without an end; its task escalates, and never releases it by itself (semantics C1).

    `seen_at` is when a person last decided on what lies behind all of them.
    """
    waits = []
    for hold in endless:
        if _is_read_already(situation, hold):
            continue
        answer = _review_of(situation, policy, hold, seen_at)
        if isinstance(answer, Ask):
            return answer
        waits.append(answer.until)
    return Wait(min((at for at in waits if at is not None), default=None))


def _review_of(situation: Situation, policy: Policy, hold: Hold, seen_at: datetime | None) -> Ask | Wait:
    """The question that is open, or the next one: at once, then a while after the last answer, for ever."""
    answered = [task for task in situation.case.closed_tasks if is_about_hold(task.subject, hold.id)]
    subject = review_subject(hold.id, 1 + sum(task.kind == "review_hold" for task in answered))
    if situation.case.task("review_hold", subject) is not None:
        return ask(situation, "review_hold", subject)
    seen = [task.closed_at or hold.since for task in answered] + ([seen_at] if seen_at else [])
    if not seen:
        review_on = hold.review_on or _usual_review(situation, policy, hold)
        due_at = at_local(review_on, _EVENING, situation.place.zone) if review_on else None
        return ask(situation, "review_hold", subject, due_at=due_at)
    again_at = max(seen) + REVIEWED_AGAIN_AFTER
    return Wait(again_at) if situation.now < again_at else ask(situation, "review_hold", subject)


def _usual_review(situation: Situation, policy: Policy, hold: Hold) -> date | None:
    """The day by which the pack wants a hold of this kind looked at, when nobody named one."""
    days = [r.default_days for r in policy.of(HoldRule) if hold.kind in r.holds and r.default_days is not None]
    return local_date(hold.since, situation.place) + timedelta(days=min(days)) if days else None


def _is_read_already(situation: Situation, hold: Hold) -> bool:
    """An unread reply has the task of reading it: nobody is asked twice for one."""
    if hold.kind is not HoldKind.UNREAD_REPLY:
        return False
    subject = hold.id.removeprefix(UNREAD)
    is_asked = any(task.subject == subject for task in situation.case.tasks)
    return is_asked or any(pending.cause == subject for pending in situation.case.pending)


def _person_decides(situation: Situation, policy: Policy, reasons: list[Reason]) -> Act | None:
    """Every rule that a mark speaks to gives its reason; one person is asked, about the first mark."""
    found = [
        (rule.id, mark)
        for rule in (policy.of(PersonDecidesRule) if situation.case.marks else ())
        for mark in rule.marks
        if situation.case.has_mark(mark)
    ]
    if not found:
        return None
    reasons += [Reason(rule_id, Verdict.ASK, (("mark", mark),)) for rule_id, mark in found]
    mark = found[0][1]
    answered = situation.case.closed_task("person_decides", mark)
    if answered is None:
        return ask(situation, "person_decides", mark, role="manager")
    endless = [hold for hold in situation.case_holds if hold.until is None]
    return _review(situation, policy, endless, seen_at=answered.closed_at)
