"""`POST /payments`: money received or taken back, pushed. Idempotent by (creditor, reference)."""

from collections.abc import Mapping

from fastapi import APIRouter

from orchestrator.flows.record_payments import Outcome, RowResult, record_payments
from orchestrator.intake.ledger.pushed_rows import PAYMENT_FIELDS, PAYMENT_NAMES, pushed_payments
from orchestrator.intake.tables.mapping_fields import FieldUse
from orchestrator.web.api.rows import MOST_ROWS, RemarkOut, RowOut, Rows, Shaped, in_order, refused_row, row_model
from orchestrator.web.api.shapes import Given, body_of
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/payments", tags=["payments"])

_THEIRS = {ours: theirs for theirs, ours in PAYMENT_NAMES.items()}
_FIELDS: Mapping[str, FieldUse] = {_THEIRS.get(name, name): use for name, use in PAYMENT_FIELDS.items()}

PaymentIn = row_model(
    "PaymentIn", _FIELDS, required=frozenset({"creditor", "reference", "amount", "currency", "received_on"})
)


class PaymentsOut(Given):
    """Every row in the order of the request."""

    accepted: int
    refused: int
    rows: tuple[RowOut, ...]


@router.post("", dependencies=[needs("manager", "payments:write")], openapi_extra=body_of(PaymentIn, most=MOST_ROWS))
def push_payments(sent: Rows, desk: AtDesk, caller: ByCaller) -> PaymentsOut:
    """Records up to 10,000 payments; the same payment again changes nothing, with `reversed_on` it goes back."""
    shaped = Shaped(PaymentIn, sent)
    objects = {line: _in_our_words(row) for line, row in shaped.objects.items()}
    file = pushed_payments(objects, today=desk.today(), creditors=desk.deployment.rules.creditors)
    done = record_payments(desk.database, file.rows, now=desk.now(), by=caller.name)
    references = {row.line: row.payment.id for row in file.rows}
    results = [_result(result, references[result.line]) for result in done]
    rows = in_order([*shaped.refused, *map(_in_their_words, map(refused_row, file.refused)), *results])
    refused = sum(row.outcome == "refused" for row in rows)
    return PaymentsOut(accepted=len(rows) - refused, refused=refused, rows=rows)


def _result(result: RowResult, reference: str) -> RowOut:
    remarks: tuple[RemarkOut, ...] = ()
    if result.outcome is Outcome.REFUSED:
        remarks = (RemarkOut(field="", code=result.code, detail=result.message, hint=result.hint),)
    return RowOut(
        row=result.line - 1,
        outcome=result.outcome.value,
        reference=reference,
        case=result.case_id or None,
        remarks=remarks,
    )


def _in_our_words(row: Mapping[str, object]) -> dict[str, object]:
    return {PAYMENT_NAMES.get(name, name): value for name, value in row.items()}


def _in_their_words(row: RowOut) -> RowOut:
    remarks = tuple(each.model_copy(update={"field": _THEIRS.get(each.field, each.field)}) for each in row.remarks)
    return row.model_copy(update={"remarks": remarks})
