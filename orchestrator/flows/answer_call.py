"""What came of a call, in one act: the call counts in the caps, what was said is recorded, its task ends (R38).

Told twice under one name, it counts once. A call that nobody answered leaves its task open while another fits.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from orchestrator.domain import acts
from orchestrator.domain.acts import Act, CallOutcome, DisputeReason, reaches
from orchestrator.domain.agreement import UNREAD, Hold, HoldKind
from orchestrator.domain.calling import moment_to_call
from orchestrator.domain.contact import Fault, PointKind
from orchestrator.domain.entry import pack_for
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.events import Event, HoldPlaced, TaskClosed, TaskOpened
from orchestrator.domain.permission import NO_CALL
from orchestrator.domain.policy import ContactChannel
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.domain.who import Who
from orchestrator.flows.act_on_case import act_in
from orchestrator.flows.answer_task import answer_in
from orchestrator.flows.call_sheet import CALL, CALL_BACK
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.flows.task_rows import follow_facts
from orchestrator.storage import cases, journal, tasks
from orchestrator.storage.database import Connection, Database

# A step's call that nobody answered is tried so often in all; then the ladder goes on.
MOST_TRIES = 3
LATEST_CALL_BACK = timedelta(days=30)


class Told(StrEnum):
    """What came of a call, one key each."""

    PROMISE = "promise"
    PAID = "paid"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    REFUSES = "refuses"
    TALKED = "talked"
    CALL_BACK = "call_back"
    NO_MORE_CALLS = "no_more_calls"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


_DIALLED = {
    Told.VOICEMAIL: CallOutcome.VOICEMAIL,
    Told.NO_ANSWER: CallOutcome.NO_ANSWER,
    Told.WRONG_NUMBER: CallOutcome.WRONG_NUMBER,
}
_TRY_AGAIN = frozenset({Told.VOICEMAIL, Told.NO_ANSWER})


class CallTold(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent tells of a call. `on` and `amount_cents` are of a promise, `at` of a call back, `number` of a wrong
    number, `reason` of a dispute. `words` are kept as a note."""

    told: Told
    on: date | None = None
    amount_cents: int | None = None
    at: datetime | None = None
    number: str = ""
    reason: DisputeReason | None = None
    words: str = ""


class CallAnswered(msgspec.Struct, frozen=True):
    """Whether the task of the call is over, and whether this was told before."""

    is_over: bool
    is_repeated: bool = False


def answer_call(
    database: Database,
    strategy: Strategy,
    case_id: str,
    told: CallTold,
    *,
    task_id: str = "",
    who: Who,
    now: datetime,
    name: str,
) -> CallAnswered:
    """Records a call about a case, and ends its task where there is one. `name` is the call's own.

    Raises NotFound (also for a case that `who` may not see), InputError or Conflict for what may not be told.
    """
    with database.begin() as conn:
        case = next((item.case for item in cases.load(conn, [case_id])), None)
        if case is None or not who.sees(case.creditor):
            raise NotFound("no case has this id", hint="it may be another's")
        if journal.told(conn, case_id, prefix=f"{name}:call"):
            return CallAnswered(is_over=False, is_repeated=True)
        task = _task(conn, case_id, task_id, who)
        dialled = acts.NoteCall(outcome=_DIALLED.get(told.told, CallOutcome.REACHED), words=told.words)
        _do(conn, strategy, case_id, dialled, who, now, f"{name}:call")
        for number, act in enumerate(_acts(told)):
            _do(conn, strategy, case_id, act, who, now, f"{name}:said{number}")
        is_over = told.told not in _TRY_AGAIN or _is_last_try(conn, strategy, task, now)
        if task is not None and is_over:
            _end(conn, task, told, who, now)
        if told.told is Told.CALL_BACK:
            _ask_again(conn, case_id, told, who, now, name)
        return CallAnswered(is_over=is_over)


def _do(conn: Connection, strategy: Strategy, case_id: str, act: Act, who: Who, now: datetime, name: str) -> None:
    act_in(conn, strategy, case_id, act, by=who.name, role=who.role, now=now, name=name)


def _task(conn: Connection, case_id: str, task_id: str, who: Who) -> tasks.Task | None:
    if not task_id:
        return None
    found = [task for task in tasks.load(conn, [task_id]) if task.case_id == case_id]
    if not found or found[0].kind not in (CALL, CALL_BACK):
        raise NotFound("no call to make has this id", hint="see the call sheet")
    task = found[0]
    if task.state is not tasks.TaskState.OPEN:
        hint = "tell the call on the page of the case"
        raise Conflict(f"this call was already told: {task.outcome}", hint=hint, code="task_closed")
    if not reaches(who.role, task.role):
        raise Conflict(f"this task needs the role {task.role}", code="role_too_low")
    return task


def _acts(told: CallTold) -> tuple[Act, ...]:
    """What was said, as the acts that there are for it."""
    match told.told:
        case Told.PROMISE:
            if told.on is None:
                raise InputError("a promise has a day", hint="ask by when they will pay", where="on")
            return (acts.MakePromise(on=told.on, amount_cents=told.amount_cents),)
        case Told.PAID:
            return (acts.ClaimPaid(),)
        case Told.DISPUTE:
            return (acts.OpenDispute(reason=told.reason, words=told.words),)
        case Told.HARDSHIP:
            return (acts.DeclareHardship(words=told.words),)
        case Told.REFUSES:
            return (acts.AddNote(text=REFUSED),) if not told.words.strip() else ()
        case Told.NO_MORE_CALLS:
            return (acts.AddMark(mark=NO_CALL),)
        case Told.WRONG_NUMBER if told.number:
            return (acts.MarkPoint(kind=PointKind.PHONE, value=told.number, fault=Fault.NOT_OWNED),)
    return ()


REFUSED = "reached by telephone; does not pay, and gives no reason"


def _is_last_try(conn: Connection, strategy: Strategy, task: tasks.Task | None, now: datetime) -> bool:
    """No other try fits before the call is due, or enough were made. A call that was asked for is tried until then."""
    if task is None or task.kind != CALL:
        return False
    stored = cases.load(conn, [task.case_id])
    context = contexts(conn, strategy, stored, now=now)[task.case_id]
    tries = [
        contact
        for contact in context.contacts
        if contact.case_id == task.case_id and contact.channel is ContactChannel.CALL and contact.at >= task.opened_at
    ]
    if len(tries) >= MOST_TRIES:
        return True
    case = stored[0].case
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)
    pack = pack_for(situation, strategy.book)
    if pack is None:
        return True
    policy = strategy.book.on(pack, situation.today, case.debtor.status)
    next_at = moment_to_call(situation, policy, was_asked=False).allowed_at
    return next_at is None or next_at > task.due_at


def _end(conn: Connection, task: tasks.Task, told: CallTold, who: Who, now: datetime) -> None:
    """Ends the task: `answer_task` would count a call of its own for a step's, so that one is closed here."""
    current = tasks.load(conn, [task.id])[0]
    if current.state is not tasks.TaskState.OPEN:
        return  # reaching them has ended it
    if task.kind != CALL:
        answer_in(conn, task.id, answer="done", by=who.name, role=who.role, now=now)
        return
    closed = TaskClosed(
        id=f"answered:{task.id}:{now.isoformat()}", at=now, by=who.name, task_id=f"{task.kind}:{task.subject}",
        outcome=told.told.value,
    )  # fmt: skip
    record_in(conn, [(task.case_id, closed)], now=now)
    follow_facts(conn, task.case_id, [closed], by=who.name, now=now)


def _ask_again(conn: Connection, case_id: str, told: CallTold, who: Who, now: datetime, name: str) -> None:
    """They named a time: a person calls then, and demands wait for it as for any call that was asked for."""
    if told.at is None or not now < told.at <= now + LATEST_CALL_BACK:
        hint = f"from now on, within {LATEST_CALL_BACK.days} days"
        raise InputError("a call back has a day and an hour", hint=hint, where="at")
    subject = f"{name}:again"
    hold = Hold(
        id=f"{UNREAD}{subject}", kind=HoldKind.UNREAD_REPLY, since=now, source=who.name, review_on=told.at.date()
    )
    facts: list[Event] = [
        TaskOpened(
            id=f"{subject}:task", at=now, by=who.name, task_id=f"{CALL_BACK}:{subject}", kind=CALL_BACK,
            subject=subject, role="agent", due_at=told.at, cause="call",
        ),
        HoldPlaced(id=f"{subject}:unread", at=now, by=who.name, hold=hold),
    ]  # fmt: skip
    record_in(conn, [(case_id, fact) for fact in facts], now=now)
    follow_facts(conn, case_id, facts, by=who.name, now=now)
