"""Acts on a case from its page: one form for each, the same acts as the API's, once however often a form is sent."""

from collections.abc import Mapping
from hashlib import blake2b
from secrets import token_hex

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.case import Case
from orchestrator.domain.debt import Payment
from orchestrator.domain.errors import RelanceError
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.record_payments import Outcome, record_payments
from orchestrator.flows.visible_case import visible_case
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.web.console.access import allowed, may
from orchestrator.web.console.case_forms import FORMS, ActForm
from orchestrator.web.console.case_typed import Typed, known_points
from orchestrator.web.console.case_words import sentence_of
from orchestrator.web.console.page import go, language_of, page
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor, visitor_of
from orchestrator.web.console.words import Words
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused

router = APIRouter(prefix="/cases")
_NAME_BYTES = 10
# Where the act itself refuses what one field holds, it is said beside that field.
_FIELD_OF = {
    "date_past": ("on", "until", "review_on"), "date_too_far": ("on", "until", "review_on"),
    "date_missing": ("until",), "role_too_low": (), "grace_too_long": ("grace_days",),
    "amount_of_several": ("amount",), "amount_too_large": ("amount",), "invalid_amount": ("amount",),
    "mark_invalid": ("mark",), "mark_absent": ("mark",), "note_forbidden": ("words",), "note_empty": ("words",),
    "point_unknown": ("which", "corrects"), "point_known": ("value",), "point_missing": ("value",),
    "phone_invalid": ("value",), "premium_number": ("value",), "email_invalid": ("value",),
    "email_of_nobody": ("value",), "address_incomplete": ("lines",), "point_of_person": ("point",),
    "reason_missing": ("words",), "document_unknown": ("document",), "hold_of_person": ("document",),
}  # fmt: skip


@router.get("/{case_id}/act/{what}", dependencies=[allowed("cases.act")])
def show_act(case_id: str, what: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The form of an act; the query fills it in."""
    _form(what, visitor)
    case = _case(desk, case_id, visitor)
    return _shown(request, case, what, _Filled(given=dict(request.query_params)))


@router.post("/{case_id}/act/{what}", dependencies=[allowed("cases.act")])
def do_act(case_id: str, what: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Does it, and leads back to the case; what cannot be done is said beside what was typed."""
    form = _form(what, visitor)
    case = _case(desk, case_id, visitor)
    typed = Typed(sent, case)
    act = form.make(typed)
    if typed.faults:
        return _shown(request, case, what, _filled(form, sent, typed.faults))
    try:
        act_on_case(
            desk.database, desk.strategy(), case.id, act, by=visitor.name, role=visitor.role, now=desk.now(),
            name=_name(visitor, case, what, sent.text("once")),
        )  # fmt: skip
    except RelanceError as error:
        if error.code in ("internal", "storage_error", "database_locked", "database_busy"):
            raise
        return _shown(request, case, what, _filled(form, sent, {}, error))
    return go(f"/console/cases/{case.id}", f"cases.done_{what}")


@router.get("/{case_id}/payment", dependencies=[allowed("payments.record")])
def show_payment(case_id: str, request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The form of a payment that came in."""
    return _payment_page(request, _case(desk, case_id, visitor), desk, {})


@router.post("/{case_id}/payment", dependencies=[allowed("payments.record")])
def record_payment(case_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Records it under its own reference: the same one again changes nothing."""
    case = _case(desk, case_id, visitor)
    typed = Typed(sent, case)
    reference, cents = typed.text("reference", most=64, needed=True), typed.cents(needed=True)
    on = typed.day("received_on", needed=True)
    if on is not None and on > desk.today():
        typed.faults["received_on"] = "cases.fault_future"
    if typed.faults or cents is None or on is None:
        return _payment_page(request, case, desk, dict(sent.values), sent.all("document"), faults=typed.faults)
    row = PaymentRow(
        line=1,
        creditor=case.creditor,
        payment=Payment(reference, cents, on, typed.documents() or _all_open(case)),
        currency=case.currency,
        debtor_ref=case.debtor.ref,
    )
    (result,) = record_payments(desk.database, [row], now=desk.now(), by=visitor.name)
    if result.outcome is Outcome.REFUSED:
        faults = {"reference": f"faults.{result.code}"}
        return _payment_page(request, case, desk, dict(sent.values), sent.all("document"), faults=faults)
    known = "cases.done_payment_known" if result.outcome is Outcome.KNOWN else "cases.done_payment"
    return go(f"/console/cases/{case.id}", known)


def _all_open(case: Case) -> tuple[str, ...]:
    """Without a document named, the payment is this case's and no other account's of the debtor."""
    return tuple(debt.reference for debt in case.debts if debt.open_cents > 0)


# ------------------------------------------------------------------------------------------------ what is shared


def _form(what: str, visitor: Visitor) -> ActForm:
    form = FORMS.get(what)
    if form is None:
        raise Refused(404, "not_found", "there is no such act")
    if not may(visitor, form.action):
        raise Refused(403, "not_allowed", "your role may not do this")
    return form


def _case(desk: Desk, case_id: str, visitor: Visitor) -> Case:
    with desk.database.read() as conn:
        return visible_case(conn, case_id, creditors=visitor.creditors).case


def _name(visitor: Visitor, case: Case, what: str, once: str) -> str:
    """The same form sent twice is the same act."""
    said = "\x1f".join((visitor.name, case.id, what, once or token_hex(8)))
    return f"act:{blake2b(said.encode(), digest_size=_NAME_BYTES).hexdigest()}"


class _Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it stands: what was typed and ticked, keys of faults by field, and what the act refused.

    `beside` is the field that the refusal is about; empty, it is about the whole.
    """

    given: Mapping[str, str]
    ticked: tuple[str, ...] = ()
    faults: Mapping[str, str] = {}
    refusal: RelanceError | None = None
    beside: str = ""


def _filled(form: ActForm, sent: Form, faults: Mapping[str, str], refusal: RelanceError | None = None) -> _Filled:
    """The form with all that was typed, and what is wrong with it."""
    given = dict(sent.values)
    beside = ""
    if refusal is not None:
        names = {field.name for field in form.fields}
        fields = [name for name in _FIELD_OF.get(refusal.code, ()) if name in names]
        beside = next((name for name in fields if given.get(name)), fields[0] if fields else "")
    return _Filled(given=given, ticked=sent.all("document"), faults=faults, refusal=refusal, beside=beside)


def _shown(request: Request, case: Case, what: str, filled: _Filled) -> Response:
    is_wrong = bool(filled.faults or filled.refusal)
    language = language_of(request, visitor_of(request))
    return page(
        request, "cases/act.html", status=422 if is_wrong else 200, case=case, what=what, fields=FORMS[what].fields,
        filled=filled, once=filled.given.get("once") or token_hex(8), is_wrong=is_wrong, knows=Words(language).knows,
        points=known_points(case),
        refusal=sentence_of(filled.refusal, language) if filled.refusal else "",
    )  # fmt: skip


def _payment_page(
    request: Request,
    case: Case,
    desk: Desk,
    given: Mapping[str, str],
    ticked: tuple[str, ...] = (),
    *,
    faults: Mapping[str, str] | None = None,
) -> Response:
    return page(
        request, "cases/payment.html", status=422 if faults else 200, case=case, given=given, ticked=ticked,
        faults=faults or {}, today=desk.today(),
    )  # fmt: skip
