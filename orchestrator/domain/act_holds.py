"""Holds by hand: a procedure, a death, a veto, a plan; hardship; and the end of any of them. Pure."""

from orchestrator.domain import acts
from orchestrator.domain import events as ev
from orchestrator.domain.acting import (
    Acting,
    close_tasks_about,
    close_tasks_of_kind,
    note,
    nothing_more_to_say,
    require_day,
    require_documents,
    require_open,
    require_owed,
    require_role,
    require_within_ceiling,
    running_hold,
    task,
)
from orchestrator.domain.agreement import HOLDS_OF_PERSON, UNREAD, Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.declarations import REVIEW_WITHIN, hardship
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import Conflict, InputError

# Where the voice listens or the law holds, only a manager lets demands begin again.
_LIFTED_BY_MANAGER = HOLDS_OF_PERSON - {HoldKind.OVER_INDEBTEDNESS_CLAIMED, HoldKind.HARDSHIP}
PLACEABLE = HOLDS_OF_PERSON - {HoldKind.HARDSHIP} | {
    HoldKind.PLAN, HoldKind.GRACE_PERIOD, HoldKind.AID_APPLICATION, HoldKind.AWAY, HoldKind.VETO,
}  # fmt: skip
# Nothing is written to a family, or to somebody in danger, before a person has decided.
_SILENT = frozenset({HoldKind.DEATH, HoldKind.SELF_HARM})
_MARK_OF_HOLD = {
    HoldKind.DEATH: "deceased",
    HoldKind.SELF_HARM: "vulnerable",
    HoldKind.VULNERABLE: "vulnerable",
    HoldKind.MINOR: "minor",
    HoldKind.GUARDIANSHIP: "guardianship",
}


def place_hold(acting: Acting, act: acts.PlaceHold) -> list[ev.Event]:
    """The facts of a hold by hand."""
    if act.kind not in PLACEABLE:
        hint = "promises, deferrals, disputes, payments announced and hardship have acts of their own"
        raise InputError(f'a hold "{act.kind}" is not placed by hand', hint=hint, code="hold_not_placeable")
    is_of_person = act.kind in HOLDS_OF_PERSON
    if is_of_person and act.references:
        hint = "leave the documents out: it holds all of the debtor's cases"
        raise InputError("this hold concerns the person, not a document", hint=hint, code="hold_of_person")
    if not is_of_person:
        require_open(acting)
    require_documents(acting, act.references)
    for day in filter(None, (act.until, act.review_on)):
        require_day(acting, day)
    if act.kind is HoldKind.PLAN:
        require_owed(acting.about(act.references))
        _require_end(acting, act)
    hold = _hold_of(acting, act, is_of_person=is_of_person)
    facts: list[ev.Event] = [ev.HoldPlaced(id=acting.name, at=acting.at, by=acting.by, hold=hold)]
    mark = _MARK_OF_HOLD.get(act.kind)
    if mark:
        facts.append(ev.Marked(id=f"{acting.name}:mark", at=acting.at, by=acting.by, mark=mark))
    if hold.review_on is not None:
        facts.append(task(acting, "review_hold", hold.id, hold.review_on))
    if act.kind is HoldKind.PLAN:
        facts += close_tasks_of_kind(acting, "plan_request", "plan")
    return [*facts, *note(acting, act.source and f"source: {act.source}")]


def _require_end(acting: Acting, act: acts.PlaceHold) -> None:
    if act.until is None:
        raise InputError("a plan has a last day", hint="give the day of its last instalment", code="date_missing")
    require_within_ceiling(acting, act.until)


def _hold_of(acting: Acting, act: acts.PlaceHold, *, is_of_person: bool) -> Hold:
    """Without an end it has the day on which a person looks at it."""
    endless = act.until is None
    within = REVIEW_WITHIN if acting.review_days is None else Duration(acting.review_days, Unit.DAY)
    usual = shift_date(acting.today, within, acting.place)
    scope = HoldScope.PERSON if is_of_person else HoldScope.DEBTS if act.references else HoldScope.CASE
    return Hold(
        id=f"{act.kind}:{acting.name}", kind=act.kind, since=acting.at, scope=scope, references=act.references,
        until=act.until, blocks=Blocks.ALL if act.blocks_all or act.kind in _SILENT else Blocks.DEMANDS,
        source=acting.by, paper=act.source, review_on=act.review_on or (usual if endless else None), reason=act.reason,
    )  # fmt: skip


def lift_hold(acting: Acting, act: acts.LiftHold) -> list[ev.Event]:
    """The facts of the end of a hold; whatever people were asked about it is answered."""
    hold = running_hold(acting, act.hold_id)
    if hold.kind is HoldKind.UNREAD_REPLY and hold.id.startswith(UNREAD):
        raise Conflict("a reply waits to be read", hint="answer its task, which ends the hold", code="hold_has_task")
    if hold.kind in _LIFTED_BY_MANAGER:
        require_role(acting, "manager")
    facts: list[ev.Event] = [
        ev.HoldLifted(id=acting.name, at=acting.at, by=acting.by, hold_id=hold.id, why=act.why),
        *nothing_more_to_say(acting, hold),
        *close_tasks_about(acting, hold.id, "lifted"),
    ]
    if hold.kind is HoldKind.HARDSHIP and acting.case.has_mark("hardship"):
        facts.append(ev.Unmarked(id=f"{acting.name}:mark", at=acting.at, by=acting.by, mark="hardship"))
    return facts


def declare_hardship(acting: Acting, act: acts.DeclareHardship) -> list[ev.Event]:
    """The facts of hardship, once."""
    require_open(acting)
    if acting.running(HoldKind.HARDSHIP):
        hint = "keep what they say as a note"
        raise Conflict("hardship is known, and a person is on it", hint=hint, code="hardship_known")
    return [*hardship(acting), *note(acting, act.words)]
