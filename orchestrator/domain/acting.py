"""Who acts on a case, and what is asked of every act before it may change anything; the tasks that acts open and end.

The vocabulary of `act_effects.py`.
"""

from datetime import date, datetime

import msgspec

from orchestrator.domain.account import holds_in_force
from orchestrator.domain.acts import reaches
from orchestrator.domain.agreement import UNREAD, Hold, is_about_hold
from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import CaseState, OpenTask, Switch
from orchestrator.domain.case_clock import deadline, end_of, shift_date
from orchestrator.domain.declarations import Declared
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.events import Event, HoldLifted, NoteAdded, ReactionDone, TaskClosed, TaskOpened
from orchestrator.domain.notes import require_decent

# Whatever is to last longer is looked at again before.
LONGEST = Duration(60, Unit.MONTH)


class Acting(Declared, frozen=True, kw_only=True):
    """A person or program of a role acts under a name of its own, within the terms of the case's campaign.

    `opt_outs` are those in force of all cases of the person, `review_days` after how long the hold that is placed
    is looked at when it has no end, where a pack says so.
    """

    role: str
    terms: AgreementTerms = AgreementTerms()
    opt_outs: tuple[Switch, ...] = ()
    review_days: int | None = None

    def about(self, references: tuple[str, ...]) -> "Acting":
        """The same act, about these debts."""
        return msgspec.structs.replace(self, references=references)


def require_role(acting: Acting, needed: str) -> None:
    """Raises Conflict `role_too_low`."""
    if not reaches(acting.role, needed):
        raise Conflict(f"this needs the role {needed}", hint=f"ask a {needed} to do it", code="role_too_low")


def require_open(acting: Acting) -> None:
    """Agreements are made about open cases."""
    if acting.case.state is CaseState.CLOSED:
        hint = "write a note; new debts open the case again"
        raise Conflict("this case is closed", hint=hint, code="case_closed")
    if acting.case.state is CaseState.HANDED_OVER:
        hint = "write a note, and tell whoever has the case now"
        raise Conflict("this case was handed over", hint=hint, code="case_handed_over")


def require_documents(acting: Acting, references: tuple[str, ...]) -> None:
    """Every document that is named is one of the case."""
    known = {debt.reference for debt in acting.case.debts}
    unknown = [reference for reference in references if reference not in known]
    if unknown:
        hint = "`relance case show` and GET /cases/{id} list its documents"
        raise InputError(f"{len(unknown)} of these documents are not of this case", hint=hint, code="document_unknown")


def require_owed(acting: Acting) -> None:
    """Something is open, on the documents named where there are any."""
    for position in acting.positions():
        if position.open_cents > 0 and (not acting.references or position.debt.reference in acting.references):
            return
    what = "on these documents" if acting.references else "in this case"
    raise Conflict(
        f"nothing is owed {what}", hint="look at its payments; a note is always possible", code="nothing_owed"
    )


def require_amount(cents: int | None) -> None:
    """An amount that is named is more than nothing."""
    if cents is not None and cents <= 0:
        hint = "leave it out for all that is owed"
        raise InputError("an amount is more than zero", hint=hint, code="invalid_amount")


def require_day(acting: Acting, day: date) -> None:
    """A day that is not over, and that somebody may live to see."""
    if day < acting.today:
        raise InputError("this day is over", hint="name today or a later day", code="date_past")
    if day > shift_date(acting.today, LONGEST, acting.place):
        raise InputError("this day is too far away", hint="check the year; a person looks again", code="date_too_far")


def require_within_ceiling(acting: Acting, day: date) -> None:
    """A day to come; beyond the campaign's ceiling for all agreements a manager decides (semantics B15)."""
    require_day(acting, day)
    last = shift_date(acting.today, acting.terms.ceiling, acting.place)
    if day > last and not reaches(acting.role, "manager"):
        hint = f"an agent grants until {last.isoformat()}; ask a manager for more"
        raise Conflict("this is later than an agent may grant", hint=hint, code="role_too_low")


def running_hold(acting: Acting, hold_id: str) -> Hold:
    """The hold or promise of that id, which runs. Raises NotFound, or Conflict when it is over."""
    for hold in holds_in_force(acting.case, acting.at, acting.place):
        if hold.id == hold_id:
            return hold
    known = {hold.id for hold in acting.case.holds} | {promise.id for promise in acting.case.promises}
    if hold_id in known:
        raise Conflict("this hold is over", hint="nothing is to be done about it", code="hold_over")
    hint = "`relance case show` and GET /cases/{id} list the holds"
    raise NotFound("the case has no hold of this id", hint=hint)


def note(acting: Acting, words: str) -> list[Event]:
    """The words of an act, kept beside its facts; none for no words. Raises InputError `note_forbidden`."""
    if not words.strip():
        return []
    require_decent(words)
    return [NoteAdded(id=f"{acting.name}:note", at=acting.at, by=acting.by, text=words)]


def task(acting: Acting, kind: str, subject: str, due: Duration | date, *, amount_cents: int = 0) -> TaskOpened:
    """A task for an agent about a hold, due within a time or by the end of a day."""
    return TaskOpened(
        id=f"{acting.name}:{kind}", at=acting.at, by=acting.by, task_id=f"{kind}:{subject}", kind=kind,
        subject=subject, role="agent", due_at=_due_at(acting, due), amount_cents=amount_cents,
    )  # fmt: skip


def _due_at(acting: Acting, due: Duration | date) -> datetime:
    return deadline(acting.at, due, acting.place) if isinstance(due, Duration) else end_of(due, 0, acting.place)


def close_tasks_about(acting: Acting, hold_id: str, outcome: str) -> list[Event]:
    """Whatever people were asked about a hold is answered."""
    asked = [each for each in acting.case.tasks if is_about_hold(each.subject, hold_id)]
    return [fact for each in asked for fact in _close(acting, each, outcome)]


def close_tasks_of_kind(acting: Acting, kind: str, outcome: str) -> list[Event]:
    """Every open task of a kind is answered, and what waited for it is free."""
    return [fact for each in acting.case.tasks if each.kind == kind for fact in _close(acting, each, outcome)]


def _close(acting: Acting, asked: OpenTask, outcome: str) -> list[Event]:
    closed = TaskClosed(
        id=f"{acting.name}:closed:{asked.id}", at=acting.at, by=acting.by, task_id=asked.id, outcome=outcome
    )
    hold_id = f"{UNREAD}{asked.subject}"
    if all(hold.id != hold_id for hold in acting.case.holds):
        return [closed]
    read = HoldLifted(id=f"{acting.name}:read:{hold_id}", at=acting.at, by=acting.by, hold_id=hold_id, why=asked.kind)
    return [closed, read]


def nothing_more_to_say(acting: Acting, hold: Hold) -> list[Event]:
    """What was to be written or asked when the hold began has no object any more."""
    return [
        ReactionDone(
            id=f"{acting.name}:reacted:{waiting.cause}", at=acting.at, by=acting.by, cause=waiting.cause, part="all",
            how="answered",
        )
        for waiting in acting.case.pending
        if waiting.subject == hold.id
    ]  # fmt: skip
