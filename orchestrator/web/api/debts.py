"""`POST /debts`: documents of creditors' ledgers, pushed. Idempotent by (creditor, reference)."""

from fastapi import APIRouter

from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.case_identity import case_id_of
from orchestrator.flows.import_debts import ImportResult, import_debts
from orchestrator.flows.line_warnings import with_line_warnings
from orchestrator.flows.payee_warnings import with_payee_warnings
from orchestrator.intake.ledger.debts import DebtsFile
from orchestrator.intake.ledger.pushed_rows import DEBT_FIELDS, pushed_debts
from orchestrator.web.api.rows import (
    MOST_ROWS,
    RemarkOut,
    RowOut,
    Rows,
    Shaped,
    in_order,
    refused_row,
    remark_out,
    row_model,
)
from orchestrator.web.api.shapes import Given, body_of
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/debts", tags=["debts"])

# `due_on` is not needed for a credit note; the reading of the row says so where it is.
DebtIn = row_model(
    "DebtIn", DEBT_FIELDS, required=frozenset({"creditor", "reference", "currency", "debtor_ref", "name"})
)


class ImportOut(Given):
    """What the rows of one creditor did, as one import that can be undone by its id."""

    id: str
    creditor: str
    rows: int
    new_cases: int
    changed_cases: int
    unchanged_cases: int


class DebtsOut(Given):
    """Every row in the order of the request, and the imports they made."""

    accepted: int
    refused: int
    rows: tuple[RowOut, ...]
    imports: tuple[ImportOut, ...]


@router.post("", dependencies=[needs("manager", "debts:write")], openapi_extra=body_of(DebtIn, most=MOST_ROWS))
def push_debts(sent: Rows, desk: AtDesk, caller: ByCaller) -> DebtsOut:
    """Stores up to 10,000 documents as movements; the same document again changes nothing."""
    shaped = Shaped(DebtIn, sent)
    rules = desk.deployment.rules
    file = pushed_debts(shaped.objects, today=desk.today(), creditors=rules.creditors)
    file = with_line_warnings(file, PolicyBook(rules.packs), rules.creditors, now=desk.now())
    file = with_payee_warnings(file, rules.creditors)
    done = import_debts(desk.database, file, now=desk.now(), by=caller.name)
    rows = in_order([*shaped.refused, *(refused_row(row) for row in file.refused), *_stored(file)])
    return DebtsOut(
        accepted=len(file.rows),
        refused=len(rows) - len(file.rows),
        rows=rows,
        imports=tuple(_import(result) for result in done),
    )


def _stored(file: DebtsFile) -> list[RowOut]:
    said: dict[int, list[RemarkOut]] = {}
    for warning in file.warnings:
        said.setdefault(warning.line, []).append(remark_out(warning))
    return [
        RowOut(
            row=row.line - 1,
            outcome="stored",
            reference=row.debt.reference,
            case=case_id_of(row.creditor, row.debtor.ref, row.currency, row.payee),
            remarks=tuple(said.get(row.line, ())),
        )
        for row in file.rows
    ]


def _import(result: ImportResult) -> ImportOut:
    return ImportOut(
        id=result.import_id,
        creditor=result.creditor,
        rows=result.rows,
        new_cases=result.new_cases,
        changed_cases=result.changed_cases,
        unchanged_cases=result.unchanged_cases,
    )
