"""`apply`: how a fact changes a case. Pure, and indifferent to the order of facts that do not depend on each other.

Sets are keyed by an id and kept sorted; switches (marks, opt-outs, faults) obey the latest fact by its own instant.
Facts that ask for a reaction leave a pending entry, which `reactions.py` answers.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from msgspec.structs import replace

from orchestrator.domain import apply_messages as messages
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind, PromiseState
from orchestrator.domain.case import (
    WRITTEN,
    Approved,
    Case,
    CaseState,
    ClosedTask,
    Cycle,
    Interruption,
    OpenTask,
    OwnWords,
    PassedStep,
    Pending,
    Switch,
)
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.folding import done, pend, put, switch
from orchestrator.domain.own_points import put_point, with_own_points


def apply(case: Case, event: ev.Event) -> Case:
    """The case after a fact. Pure; the same fact twice changes nothing more."""
    return _APPLY[type(event)](case, event)


def apply_all(case: Case, facts: Iterable[ev.Event]) -> Case:
    """The case after several facts, in their order."""
    for fact in facts:
        case = _APPLY[type(fact)](case, fact)
    return case


def _debtor_recorded(case: Case, event: ev.DebtorRecorded) -> Case:
    if case.debtor_at is not None and case.debtor_at > event.at:
        return case
    if not case.own_points:
        return replace(case, debtor=event.debtor, debtor_at=event.at)
    debtor = with_own_points(event.debtor, case.own_points)
    return replace(case, debtor=debtor, file_debtor=event.debtor, debtor_at=event.at)


def _debt_key(debt: Debt) -> tuple[date, str]:
    return (debt.due_on, debt.reference)


def _debt_recorded(case: Case, event: ev.DebtRecorded) -> Case:
    new = replace(event.debt, recorded_at=event.at, recorded_by=event.by)
    for old in case.debts:
        if old.reference == new.reference:
            if (old.as_of, old.recorded_at or event.at) > (new.as_of, event.at):
                return case
            break
    others = (debt for debt in case.debts if debt.reference != new.reference)
    return replace(case, debts=tuple(sorted((*others, new), key=_debt_key)))


def _debt_presumed_settled(case: Case, event: ev.DebtPresumedSettled) -> Case:
    def presumed(debt: Debt) -> Debt:
        is_seen_since = debt.recorded_at is not None and debt.recorded_at > event.at
        if debt.reference != event.reference or is_seen_since:
            return debt
        return replace(debt, is_presumed_settled=True)

    return replace(case, debts=tuple(presumed(debt) for debt in case.debts))


def _debt_withdrawn(case: Case, event: ev.DebtWithdrawn) -> Case:
    others = [debt for debt in case.debts if debt.reference != event.reference]
    if event.back_to is not None:
        others.append(event.back_to)
    return replace(case, debts=tuple(sorted(others, key=_debt_key)))


def _payment_received(case: Case, event: ev.PaymentReceived) -> Case:
    if any(payment.id == event.payment.id for payment in case.payments):
        return case
    payments = put(case.payments, event.payment, lambda payment: (payment.received_on, payment.id))
    return _pend(replace(case, payments=payments), event, "payment.received", event.payment.id)


def _payment_reversed(case: Case, event: ev.PaymentReversed) -> Case:
    reversal = Payment(event.payment_id, 0, event.on, reversed_on=event.on, reversal_code=event.code)
    if any(known.id == event.payment_id for known in case.reversals):
        return case
    reversals = put(case.reversals, reversal, lambda payment: payment.id)
    return _pend(replace(case, reversals=reversals), event, "payment.rejected", event.payment_id)


def _claim_interrupted(case: Case, event: ev.ClaimInterrupted) -> Case:
    new = Interruption(reference=event.reference, how=event.how, on=event.on)
    return replace(case, interruptions=put(case.interruptions, new, lambda i: (i.on, i.reference, i.how)))


def _point_marked(case: Case, event: ev.PointMarked) -> Case:
    fault = event.fault.value if event.fault else ""
    new = Switch(key=f"{event.kind}:{event.value}", is_on=event.fault is not None, at=event.at, value=fault)
    return replace(case, points=switch(case.points, new))


def _point_added(case: Case, event: ev.PointAdded) -> Case:
    """What was said of the point's faults before is over: they were those of another address, or of a worse day."""
    own, point = put_point(case.own_points, event.own), event.own.point
    is_good = Switch(key=f"{point.kind}:{point.value}", is_on=False, at=event.at)
    said = case.file_debtor or case.debtor
    return replace(
        case, own_points=own, file_debtor=said, debtor=with_own_points(said, own), points=switch(case.points, is_good)
    )


def _opted_out(case: Case, event: ev.OptedOut) -> Case:
    new = Switch(key=f"{event.channel}:{event.point}", is_on=True, at=event.at)
    return _pend(replace(case, opt_outs=switch(case.opt_outs, new)), event, "opted_out", event.id)


def _opted_in(case: Case, event: ev.OptedIn) -> Case:
    new = Switch(key=f"{event.channel}:{event.point}", is_on=False, at=event.at)
    return replace(case, opt_outs=switch(case.opt_outs, new))


def _marked(case: Case, event: ev.Marked) -> Case:
    return replace(case, marks=switch(case.marks, Switch(key=event.mark, is_on=True, at=event.at)))


def _unmarked(case: Case, event: ev.Unmarked) -> Case:
    return replace(case, marks=switch(case.marks, Switch(key=event.mark, is_on=False, at=event.at)))


def _place_hold(case: Case, hold: Hold) -> Case:
    return replace(case, holds=put(case.holds, hold, lambda known: known.id))


_REACTED_HOLDS = {
    HoldKind.ALREADY_PAID: "already_paid.claimed",
    HoldKind.DEFERRAL: "deferral.granted",
    HoldKind.PLAN: "plan.agreed",
}


def _hold_placed(case: Case, event: ev.HoldPlaced) -> Case:
    if any(known.id == event.hold.id for known in case.holds):
        return case
    case = _place_hold(case, event.hold)
    name = _REACTED_HOLDS.get(event.hold.kind)
    return _pend(case, event, name, event.hold.id) if name else case


def _lift(case: Case, hold_id: str, at: datetime, why: str) -> Case:
    """The earliest end counts: a hold lifted twice ended the first time."""
    for known in case.lifted:
        if known.key == hold_id and known.at <= at:
            return case
    return replace(case, lifted=put(case.lifted, Switch(key=hold_id, is_on=True, at=at, value=why), lambda s: s.key))


def _hold_lifted(case: Case, event: ev.HoldLifted) -> Case:
    return _lift(case, event.hold_id, event.at, event.why)


def _promise_made(case: Case, event: ev.PromiseMade) -> Case:
    if any(known.id == event.promise.id for known in case.promises):
        return case
    promises = put(case.promises, event.promise, lambda promise: promise.id)
    return _pend(replace(case, promises=promises), event, "promise.made", event.promise.id)


def _promise_ended(case: Case, promise_id: str, at: datetime, state: PromiseState) -> Case:
    for known in case.promise_ends:
        if known.key == promise_id and known.at <= at:
            return case
    end = Switch(key=promise_id, is_on=True, at=at, value=state.value)
    return replace(case, promise_ends=put(case.promise_ends, end, lambda s: s.key))


def _promise_kept(case: Case, event: ev.PromiseKept) -> Case:
    if any(known.key == event.promise_id for known in case.promise_ends):
        return case
    case = _promise_ended(case, event.promise_id, event.at, PromiseState.KEPT)
    return _pend(case, event, "promise.kept", event.promise_id)


def _promise_broken(case: Case, event: ev.PromiseBroken) -> Case:
    if any(known.key == event.promise_id for known in case.promise_ends):
        return case
    case = _promise_ended(case, event.promise_id, event.at, PromiseState.BROKEN)
    return _pend(case, event, "promise.broken", event.promise_id)


def _dispute_opened(case: Case, event: ev.DisputeOpened) -> Case:
    if any(known.id == event.hold.id for known in case.holds):
        return case
    return _pend(_place_hold(case, event.hold), event, "dispute.opened", event.hold.id)


def _dispute_resolved(case: Case, event: ev.DisputeResolved) -> Case:
    case = _lift(case, event.hold_id, event.at, event.outcome)
    return _pend(case, event, "dispute.resolved", event.hold_id)


def _hardship_declared(case: Case, event: ev.HardshipDeclared) -> Case:
    case = _place_hold(case, event.hold)
    case = replace(case, marks=switch(case.marks, Switch(key="hardship", is_on=True, at=event.at)))
    return _pend(case, event, "hardship.declared", event.hold.id)


def _reply_received(case: Case, event: ev.ReplyReceived) -> Case:
    # Two replies that read alike are two replies: each is its own subject.
    return case if event.is_understood else _pend(case, event, "reply.received", event.id)


def _note_added(case: Case, _event: ev.NoteAdded) -> Case:
    return case


def _answer_written(case: Case, event: ev.AnswerWritten) -> Case:
    if event.id in case.reacted:
        return case
    new = OwnWords(id=event.id, channel=event.channel, words=event.words, reply_id=event.reply_id)
    return _pend(replace(case, answers=put(case.answers, new, lambda answer: answer.id)), event, WRITTEN, event.id)


def _campaign_entered(case: Case, event: ev.CampaignEntered) -> Case:
    if case.cycle_number > event.cycle:
        return case
    cycle = Cycle(
        number=event.cycle, campaign=event.campaign, release=event.release, policy=event.policy, entered_at=event.at,
        step_index=event.step_index, anchors=event.anchors, anchor_due_on=event.anchor_due_on, is_late=event.is_late,
        is_observed=event.is_observed, last_left_at=event.last_left_at, last_voice=event.last_voice,
    )  # fmt: skip
    return replace(case, cycle=cycle)


def _step_passed(case: Case, event: ev.StepPassed) -> Case:
    new = PassedStep(cycle=event.cycle, step=event.step, why=event.why, at=event.at)
    return replace(case, passed=put(case.passed, new, lambda passed: (passed.cycle, passed.step)))


def _approval_given(case: Case, event: ev.ApprovalGiven) -> Case:
    return _approved(case, Approved(step=event.step, cycle=event.cycle, is_given=True, amount_cents=event.amount_cents))


def _approval_refused(case: Case, event: ev.ApprovalRefused) -> Case:
    return _approved(case, Approved(step=event.step, cycle=event.cycle, is_given=False))


def _approved(case: Case, new: Approved) -> Case:
    def key(known: Approved) -> tuple[int, str, bool, int]:
        return (known.cycle, known.step, known.is_given, known.amount_cents)

    return replace(case, approvals=put(case.approvals, new, key))


def _task_opened(case: Case, event: ev.TaskOpened) -> Case:
    answered = next((task for task in case.closed_tasks if task.id == event.task_id), None)
    if answered is not None:
        told = replace(answered, kind=event.kind, subject=event.subject)
        case = replace(case, closed_tasks=put(case.closed_tasks, told, lambda known: known.id))
        return done(case, event.cause, "task") if event.cause else case
    task = OpenTask(
        id=event.task_id, kind=event.kind, subject=event.subject, role=event.role, due_at=event.due_at,
        step=event.step, cause=event.cause,
    )  # fmt: skip
    case = replace(case, tasks=put(case.tasks, task, lambda known: known.id))
    return done(case, event.cause, "task") if event.cause else case


def _task_closed(case: Case, event: ev.TaskClosed) -> Case:
    if any(task.id == event.task_id for task in case.closed_tasks):
        return case
    kept = tuple(task for task in case.tasks if task.id != event.task_id)
    kind, subject = next(((t.kind, t.subject) for t in case.tasks if t.id == event.task_id), ("", ""))
    done = ClosedTask(id=event.task_id, kind=kind, subject=subject, outcome=event.outcome, closed_at=event.at)
    return replace(case, tasks=kept, closed_tasks=put(case.closed_tasks, done, lambda known: known.id))


def _call_made(case: Case, event: ev.CallMade) -> Case:
    if not event.step:
        return case
    passed = PassedStep(cycle=event.cycle, step=event.step, why=f"call:{event.outcome}", at=event.at)
    return replace(case, passed=put(case.passed, passed, lambda known: (known.cycle, known.step)))


def _reaction_done(case: Case, event: ev.ReactionDone) -> Case:
    return done(case, event.cause, event.part)


def _case_closed(case: Case, event: ev.CaseClosed) -> Case:
    ended_for = tuple(sorted(event.references))
    tasks = tuple(task for task in case.tasks if task.outlives_case)
    return replace(_no_reaction(case), state=CaseState.CLOSED, outcome=event.outcome, tasks=tasks, ended_for=ended_for)


def _case_reopened(case: Case, _event: ev.CaseReopened) -> Case:
    return replace(case, state=CaseState.OPEN, outcome="", ended_for=())


def _handed_over(case: Case, event: ev.HandedOver) -> Case:
    ended_for = tuple(sorted(event.references))
    return replace(_no_reaction(case), state=CaseState.HANDED_OVER, outcome=event.stage, ended_for=ended_for)


def _no_reaction(case: Case) -> Case:
    """What a person has answered is sent all the same; nothing else is said any more."""
    kept = tuple(known for known in case.pending if known.event == WRITTEN)
    over = (known.cause for known in case.pending if known.event != WRITTEN)
    return replace(case, pending=kept, reacted=tuple(sorted({*case.reacted, *over})))


def _pend(case: Case, event: ev.Event, name: str, subject: str) -> Case:
    return pend(case, Pending(cause=event.id, event=name, at=event.at, subject=subject))


_APPLY: dict[type, Callable[..., Case]] = {
    ev.DebtorRecorded: _debtor_recorded,
    ev.DebtRecorded: _debt_recorded,
    ev.DebtPresumedSettled: _debt_presumed_settled,
    ev.DebtWithdrawn: _debt_withdrawn,
    ev.PaymentReceived: _payment_received,
    ev.PaymentReversed: _payment_reversed,
    ev.ClaimInterrupted: _claim_interrupted,
    ev.PointMarked: _point_marked,
    ev.PointAdded: _point_added,
    ev.OptedOut: _opted_out,
    ev.OptedIn: _opted_in,
    ev.Marked: _marked,
    ev.Unmarked: _unmarked,
    ev.HoldPlaced: _hold_placed,
    ev.HoldLifted: _hold_lifted,
    ev.PromiseMade: _promise_made,
    ev.PromiseKept: _promise_kept,
    ev.PromiseBroken: _promise_broken,
    ev.DisputeOpened: _dispute_opened,
    ev.DisputeResolved: _dispute_resolved,
    ev.HardshipDeclared: _hardship_declared,
    ev.ReplyReceived: _reply_received,
    ev.NoteAdded: _note_added,
    ev.AnswerWritten: _answer_written,
    ev.CampaignEntered: _campaign_entered,
    ev.StepPassed: _step_passed,
    ev.MessagePlanned: messages.message_planned,
    ev.MessageCancelled: messages.message_cancelled,
    ev.MessageLeft: messages.message_left,
    ev.DoubtSettled: messages.doubt_settled,
    ev.DeliveryReported: messages.delivery_reported,
    ev.CallMade: _call_made,
    ev.ApprovalGiven: _approval_given,
    ev.ApprovalRefused: _approval_refused,
    ev.TaskOpened: _task_opened,
    ev.TaskClosed: _task_closed,
    ev.ReactionDone: _reaction_done,
    ev.CaseClosed: _case_closed,
    ev.CaseReopened: _case_reopened,
    ev.HandedOver: _handed_over,
}
