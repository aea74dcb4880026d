"""`/cases/{id}/statement`: the account of a case, or of its debtor, as a file. It bears the debtor's address."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from orchestrator.flows.account_statement import account_statement
from orchestrator.flows.write_statement import StatementFile, write_statement
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[needs("agent", "cases:read")])


@router.get("/{case_id}/statement", response_class=Response)
def statement(
    case_id: str,
    desk: AtDesk,
    form: Annotated[Literal["pdf", "xlsx"], Query(alias="format")] = "pdf",
    language: Annotated[Literal["fr", "en"] | None, Query(description="the debtor's by default")] = None,
    scope: Annotated[Literal["case", "debtor"], Query(description="debtor: all its cases with the creditor")] = "case",
    on: Annotated[date | None, Query(description="as of the end of this past day; today by default")] = None,
) -> Response:
    """The statement of account: every document, payment and balance, and what may be asked for.

    As of today, or of the end of the past day `on`: then by what is known now, and nothing is asked for by it.
    """
    whole = scope == "debtor"
    stated = account_statement(desk.database, desk.strategy(), case_id, now=desk.now(), whole_debtor=whole, on=on)
    return as_download(
        write_statement(stated, form=form, fonts=desk.deployment.settings.fonts, language=language or "")
    )


def as_download(made: StatementFile) -> Response:
    """A file that a browser saves under its name, and that nobody keeps on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.content, media_type=made.media_type, headers=headers)
