"""A person ends a case that still owes, or takes it up again: a manager, with a reason. Pure."""

from orchestrator.domain import acts
from orchestrator.domain import events as ev
from orchestrator.domain.acting import Acting, note, require_open, require_owed, require_role
from orchestrator.domain.case import CaseState
from orchestrator.domain.errors import Conflict, InputError

_BY_HAND = "by_hand"


def close_case(acting: Acting, act: acts.CloseCase) -> list[ev.Event]:
    """The end of a case: what people were asked about it is over, but for what the law makes somebody do."""
    require_role(acting, "manager")
    require_open(acting)
    _require_why(act.words)
    over: list[ev.Event] = [
        ev.TaskClosed(
            id=f"{acting.name}:closed:{task.id}", at=acting.at, by=acting.by, task_id=task.id, outcome="case_closed"
        )
        for task in acting.case.tasks
        if not task.outlives_case
    ]
    closed = ev.CaseClosed(
        id=acting.name, at=acting.at, by=acting.by, outcome=act.outcome.value,
        references=tuple(debt.reference for debt in acting.case.debts),
    )  # fmt: skip
    return [*over, closed, *note(acting, act.words)]


def reopen_case(acting: Acting, act: acts.ReopenCase) -> list[ev.Event]:
    """A closed case is followed again, from where its ladder stood."""
    require_role(acting, "manager")
    if acting.case.state is not CaseState.CLOSED:
        raise Conflict("this case is not closed", hint="nothing is to be done", code="case_not_closed")
    require_owed(acting)
    _require_why(act.words)
    return [ev.CaseReopened(id=acting.name, at=acting.at, by=acting.by, why=_BY_HAND), *note(acting, act.words)]


def _require_why(words: str) -> None:
    if not words.strip():
        raise InputError("a reason is missing", hint="write why, for whoever looks at it later", code="reason_missing")
