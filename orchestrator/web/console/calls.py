"""The call sheet, one call with its script, and what came of it: one key for each outcome."""

from datetime import datetime
from secrets import token_hex
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.acts import DisputeReason
from orchestrator.domain.errors import InputError
from orchestrator.domain.money import minor_units
from orchestrator.flows.answer_call import CallTold, Told, answer_call
from orchestrator.flows.call_sheet import Call, call_of, call_sheet
from orchestrator.flows.explain_case import rule_title
from orchestrator.rendering.why import Storyteller
from orchestrator.web.console.access import allowed
from orchestrator.web.console.day import day_of, who_is
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk

# Numbers are shown here: whoever may only look does not come.
router = APIRouter(prefix="/calls", dependencies=[allowed("contact.see")])

_LONGEST_NAME = 40


@router.get("")
def show_calls(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Everybody to call, those who may be called now first."""
    found = call_sheet(desk.database, desk.strategy(), desk.deployment.call_words, who_is(visitor), now=desk.now())
    return page(request, "calls/calls.html", calls=found)


@router.get("/{case_id}")
def show_call(case_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, task: str = "") -> Response:
    """One call: the number, the script, and the keys."""
    return _one(request, desk, visitor, case_id, task)


@router.post("/{case_id}")
def tell_call(case_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """What came of a call. A form that is sent twice counts once, by its `name`."""
    task = sent.text("task")
    try:
        call = _call(desk, visitor, case_id, "")
        done = answer_call(
            desk.database, desk.strategy(), case_id, _told(sent, visitor, call), task_id=task, who=who_is(visitor),
            now=desk.now(), name=f"call:{visitor.name}:{_name(sent)}",
        )  # fmt: skip
    except InputError as error:
        return _one(request, desk, visitor, case_id, task, wrong=error.where, status=422, values=dict(sent.values))
    return go("/console/calls", "calls.kept" if done.is_over or done.is_repeated else "calls.again")


def _one(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    case_id: str,
    task: str,
    *,
    wrong: str = "",
    status: int = 200,
    values: dict[str, str] | None = None,
) -> Response:
    call = _call(desk, visitor, case_id, task)
    return page(
        request, "calls/call.html", status=status, call=call,
        why=_why(desk, visitor, call), reasons=tuple(DisputeReason), name=token_hex(8), wrong=wrong,
        values=values or {},
    )  # fmt: skip


def _why(desk: Desk, visitor: Visitor, call: Call) -> tuple[str, ...]:
    """Why not now, in words."""
    book = desk.strategy().book
    teller = Storyteller(
        language=visitor.language, currency=call.currency, zone=visitor.zone,
        title_of=lambda rule, on: rule_title(book, call.pack, rule, on, language=visitor.language),
    )  # fmt: skip
    return () if call.moment.is_allowed else teller.tell_objections(call.moment.reasons, desk.now())


def _call(desk: Desk, visitor: Visitor, case_id: str, task: str) -> Call:
    return call_of(
        desk.database, desk.strategy(), desk.deployment.call_words, who_is(visitor), case_id=case_id, task_id=task,
        now=desk.now(), read_in=visitor.language,
    )  # fmt: skip


def _name(sent: Form) -> str:
    """The call's own name, drawn when its page was made."""
    name = sent.text("name", most=_LONGEST_NAME)
    if not name.isalnum():
        raise InputError("this form is not whole", hint="open the page again", where="name")
    return name


def _told(sent: Form, visitor: Visitor, call: Call) -> CallTold:
    told = sent.text("told")
    if told not in set(Told):
        raise InputError("this outcome does not exist", where="told")
    amount, reason = sent.text("amount"), sent.text("reason")
    is_promise, is_call_back = told == Told.PROMISE, told == Told.CALL_BACK
    return CallTold(
        told=Told(told),
        on=day_of(sent.text("on"), "on") if is_promise else None,
        amount_cents=minor_units(amount, call.currency) if is_promise and amount else None,
        at=_instant(sent.text("at"), visitor) if is_call_back else None,
        number=call.number if told == Told.WRONG_NUMBER else "",
        reason=DisputeReason(reason) if told == Told.DISPUTE and reason in set(DisputeReason) else None,
        words=sent.text("words", most=1000),
    )


def _instant(text: str, visitor: Visitor) -> datetime:
    """A day and hour as a browser sends them, in the visitor's zone. Raises InputError."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(visitor.zone))
    except ValueError:
        raise InputError("this is no day and hour", where="at", code="invalid_date") from None
