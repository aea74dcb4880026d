"""Questions to people: an approval of a step, or any task, asked once, escalated once, never answered by time alone."""

from datetime import datetime, time, timedelta

from msgspec.structs import replace

from orchestrator.domain.acts import ROLES
from orchestrator.domain.campaign import Approval
from orchestrator.domain.case_clock import deadline
from orchestrator.domain.decision import Ask, Passed, Reason, Verdict, Wait
from orchestrator.domain.place import add_business_days, at_local
from orchestrator.domain.policy import ApprovalRule, Policy
from orchestrator.domain.situation import Situation

NEXT_ROLE = {"agent": "manager", "manager": "admin", "admin": "admin"}
_DAWN, _EVENING = time(6), time(18)


def tomorrow(situation: Situation) -> datetime:
    """The next morning where the debtor lives, when what only a day or a person changes is looked at again."""
    return at_local(situation.today + timedelta(days=1), _DAWN, situation.place.zone)


def ask_approval(situation: Situation, terms: Approval, step: str, reasons: list[Reason]) -> Ask | Wait | Passed | None:
    """Ask for an approval of a step at today's amount; None when it was given, Passed when refused."""
    cycle, amount = situation.case.cycle_number, situation.account.overdue_cents
    for given in situation.case.approvals:
        if given.step == step and given.cycle == cycle:
            if not given.is_given:
                return Passed(step, "refused")
            if given.amount_cents == amount:
                reasons.append(Reason("APPROVAL", Verdict.ALLOW, (("by", terms.by), ("amount_cents", amount))))
                return None
    due_at = deadline(situation.now, terms.within, situation.place)
    reasons.append(Reason("APPROVAL", Verdict.ASK, (("by", terms.by), ("amount_cents", amount)), due_at))
    return ask(
        situation,
        "approve",
        f"{step}:{cycle}:{amount}",
        role=terms.by,
        step=step,
        due_at=due_at,
        amount_cents=amount,
    )


def ask_lawful_approval(
    situation: Situation, policy: Policy, act: str, terms: Approval | None, step: str, reasons: list[Reason]
) -> Ask | Wait | Passed | None:
    """As `ask_approval`, by the highest role of the campaign's terms and the rules about this act; None without any."""
    rules = [rule for rule in policy.of(ApprovalRule) if act in rule.acts]
    if terms is None and not rules:
        return None
    wanted = [terms.by] if terms is not None else []
    by = max((*wanted, *(rule.by for rule in rules)), key=ROLES.index)
    answer = ask_approval(situation, replace(terms, by=by) if terms is not None else Approval(by), step, reasons)
    if answer is not None:
        reasons += [Reason(rule.id, Verdict.ASK, (("by", rule.by),)) for rule in rules]
    return answer


def ask(
    situation: Situation,
    kind: str,
    subject: str,
    *,
    role: str = "agent",
    step: str = "",
    cause: str = "",
    due_at: datetime | None = None,
    amount_cents: int = 0,
) -> Ask | Wait:
    """A task, asked once; past its time it escalates once to the next role, and still nothing is sent.

    A question that was answered without changing what it was about is not asked again: it is looked at tomorrow.
    """
    task = situation.case.task(kind, subject)
    if task is None and situation.case.closed_task(kind, subject) is not None:
        return Wait(tomorrow(situation))
    if task is None:
        if due_at is None:
            day = add_business_days(situation.today, 2, situation.place)
            due_at = at_local(day, _EVENING, situation.place.zone)
        return Ask(
            task=kind,
            subject=subject,
            role=role,
            due_at=due_at,
            step=step,
            cause=cause,
            amount_cents=amount_cents,
        )
    if situation.now < task.due_at:
        return Wait(task.due_at)
    escalated = situation.case.task("escalation", task.id) or situation.case.closed_task("escalation", task.id)
    if escalated is not None:
        return Wait(None)
    due_on = add_business_days(situation.today, 2, situation.place)
    return Ask(
        task="escalation",
        subject=task.id,
        role=NEXT_ROLE.get(task.role, "admin"),
        due_at=at_local(due_on, _EVENING, situation.place.zone),
        step=step,
    )
