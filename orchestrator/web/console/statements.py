"""The statement of account of a case, or of its debtor, as a file. Only the PDF bears an address."""

from datetime import date
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from orchestrator.domain.errors import InputError
from orchestrator.flows.account_statement import account_statement
from orchestrator.flows.write_statement import Form, StatementFile, write_statement
from orchestrator.web.console.access import allowed
from orchestrator.web.console.session import ByVisitor, Visitor
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/cases")

Scope = Literal["case", "debtor"]


@router.get("/{case_id}/statement.pdf", dependencies=[allowed("contact.see")])
def statement_pdf(
    case_id: str, desk: AtDesk, visitor: ByVisitor, scope: Scope = "case", language: str = "", on: str = ""
) -> Response:
    """To hand over: in the debtor's language unless `language` is fr or en; `scope=debtor` for all of their cases.

    `on` is a past day, empty for today.
    """
    return _download(_written(desk, visitor, case_id, "pdf", scope, language, on))


@router.get("/{case_id}/statement.xlsx", dependencies=[allowed("console.see")])
def statement_workbook(
    case_id: str, desk: AtDesk, visitor: ByVisitor, scope: Scope = "case", language: str = "", on: str = ""
) -> Response:
    """To work with: the same figures as tables, in the visitor's language."""
    return _download(_written(desk, visitor, case_id, "xlsx", scope, language or visitor.language, on))


def _written(
    desk: Desk, visitor: Visitor, case_id: str, form: Form, scope: Scope, language: str, on: str
) -> StatementFile:
    stated = account_statement(
        desk.database,
        desk.strategy(),
        case_id,
        now=desk.now(),
        whole_debtor=scope == "debtor",
        creditors=visitor.creditors,
        on=_day(on),
    )
    chosen = language if language in ("fr", "en") else ""
    return write_statement(stated, form=form, fonts=desk.deployment.settings.fonts, language=chosen)


def _day(text: str) -> date | None:
    """The day of a form's field; empty is today."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("this is no day", hint="write it as 2026-03-31", code="invalid_date") from None


def _download(made: StatementFile) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.content, media_type=made.media_type, headers=headers)
