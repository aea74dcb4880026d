"""Lists of up to 10,000 rows, each judged by itself: one that is wrong is refused with its reason, the rest go on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Body
from pydantic import BaseModel, Field, ValidationError, create_model

from orchestrator.domain.errors import InputError
from orchestrator.intake.strict_yaml.wording import findings_of
from orchestrator.intake.tables.mapping_fields import FieldUse
from orchestrator.intake.tables.report import RefusedRow, Remark
from orchestrator.web.api.shapes import Given, Sent
from orchestrator.web.errors import written_place

MOST_ROWS = 10_000

_AMOUNTS = frozenset(
    "principal open_amount disputed_amount promised_amount amount contract_rate "
    "interest_amount penalty_amount indemnity_amount fee_amount damages_amount".split()
)
_FLAGS = frozenset({"disputed", "given_by_debtor", "indemnity_clause"})


class RemarkOut(Given):
    """One thing to say of one field of a row."""

    field: str
    code: str
    detail: str
    hint: str


class RowOut(Given):
    """What became of one row; `row` is its place in the list, from 0."""

    row: int
    outcome: Literal["stored", "known", "reversed", "refused"]
    reference: str = ""
    case: str | None = None
    remarks: tuple[RemarkOut, ...] = ()


def row_model(name: str, fields: Mapping[str, FieldUse], *, required: frozenset[str]) -> type[BaseModel]:
    """The shape of one row: texts, amounts as text or number, several texts where a field takes many."""
    made: dict[str, Any] = {}
    for field, use in fields.items():
        kind = _type_of(field, use)
        about = Field(description=use.meaning)
        made[field] = (Annotated[kind, about], ...) if field in required else (Annotated[kind | None, about], None)
    return create_model(name, __base__=Sent, **made)


def _type_of(field: str, use: FieldUse) -> Any:
    if field in _AMOUNTS:
        return str | int | float
    if field in _FLAGS:
        return bool
    return str | list[str] if use.is_many else str


Rows = Annotated[list[Any], Body(max_length=MOST_ROWS)]
"""A body of rows, each to be judged by itself rather than the whole by one of them."""


class Shaped:
    """The rows that have the right shape, by line (from 1), and the answers to those that have not."""

    def __init__(self, model: type[BaseModel], sent: Sequence[Any]) -> None:
        if len(sent) > MOST_ROWS:
            raise InputError(f"at most {MOST_ROWS} rows are taken at once", hint="send several lists", where="body")
        self.objects: dict[int, dict[str, object]] = {}
        self.refused: list[RowOut] = []
        for line, row in enumerate(sent, 1):
            try:
                model.model_validate(row)
            except ValidationError as error:
                self.refused.append(_misshapen(model, line, row, error))
            else:
                self.objects[line] = {name: value for name, value in row.items() if value is not None}


def _misshapen(model: type[BaseModel], line: int, row: Any, error: ValidationError) -> RowOut:
    """The faults of a shape, in the words of our files; a row that is no object has only one."""
    if not isinstance(row, dict):
        remarks = (RemarkOut(field="", code="invalid_field", detail="this row is not an object", hint=""),)
        return RowOut(row=line - 1, outcome="refused", remarks=remarks)
    found = {
        (written_place(each.path[:1]), _unquoted(each.message)): each for each in findings_of(model, error, row)[:20]
    }
    return RowOut(
        row=line - 1,
        outcome="refused",
        remarks=tuple(
            RemarkOut(field=field, code="invalid_field", detail=message, hint=each.hint)
            for (field, message), each in found.items()
        ),
    )


def _unquoted(message: str) -> str:
    """Without what was found: it may be a debtor's, and answers are kept."""
    _, sign, expected = message.partition(", expected ")
    return f"expected {expected}" if sign else message


def refused_row(refused: RefusedRow) -> RowOut:
    """A row that its reading refused."""
    remarks = tuple(remark_out(remark) for remark in refused.remarks)
    return RowOut(row=refused.line - 1, outcome="refused", reference=refused.reference, remarks=remarks)


def remark_out(remark: Remark) -> RemarkOut:
    """One remark; it holds no personal data."""
    return RemarkOut(field=remark.column, code=remark.code, detail=remark.message, hint=remark.hint)


def in_order(rows: Iterable[RowOut]) -> tuple[RowOut, ...]:
    """The answers in the order of the request."""
    return tuple(sorted(rows, key=lambda row: row.row))
