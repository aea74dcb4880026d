"""Results: wrong reminders first, then who is forgotten, then money; each table as a page, CSV and XLSX."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from orchestrator.domain.errors import NotFound
from orchestrator.flows.cash_outlook import cash_outlook
from orchestrator.rendering.charts.draw import SVG_TYPE
from orchestrator.rendering.spreadsheet import CSV_TYPE, XLSX_TYPE, csv_chunks, xlsx_chunks
from orchestrator.rendering.table import Column, Table, cell_text
from orchestrator.storage import aged_reads, figures, result_reads
from orchestrator.storage.database import Connection
from orchestrator.storage.result_reads import Where
from orchestrator.web.console import result_charts, result_tables
from orchestrator.web.console.access import allowed
from orchestrator.web.console.exports import Exports
from orchestrator.web.console.names import names_of
from orchestrator.web.console.page import language_of, page
from orchestrator.web.console.session import ByVisitor, Visitor
from orchestrator.web.console.shown_table import PAGE, Asked, Shown, rate
from orchestrator.web.console.words import Words
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/results", dependencies=[allowed("console.see")])

# A case whose instant has passed for so long is judged by nobody.
_LATE = timedelta(hours=1)
_USUAL_PERIOD = timedelta(days=90)
_MOST_ROWS_OF_A_FILE = 100_000


class Filters:
    """What a person asks for in the address of a page; what cannot be is taken as not asked."""

    def __init__(  # noqa: PLR0913, PLR0917 - one argument per field of the form
        self,
        creditor: str = "",
        campaign: str = "",
        currency: str = "",
        status: str = "",
        from_on: Annotated[str, Query(alias="from")] = "",
        to_on: Annotated[str, Query(alias="to")] = "",
        by: str = "",
        age: str = "",
        why: str = "",
        more: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> None:
        self.creditor, self.campaign, self.currency, self.status = creditor, campaign, currency, status
        self.from_on, self.to_on = _day(from_on), _day(to_on)
        self.by, self.age, self.why, self.more = by, age, why, more


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


AsFiltered = Annotated[Filters, Depends()]


class Look:
    """One look at the results: who looks, at what, in one snapshot of the database."""

    def __init__(self, request: Request, desk: Desk, visitor: Visitor, filters: Filters, conn: Connection) -> None:
        self.request, self.filters = request, filters
        now, today = desk.now(), desk.today()
        self.choices = result_reads.choices(conn, visitor.creditors)
        self.mark = figures.mark(conn)
        where = Where(
            creditors=visitor.creditors,
            currency=_one_of(filters.currency, self.choices["currency"]) or "EUR",
            creditor=filters.creditor,
            campaign=filters.campaign,
            status=filters.status,
            from_on=filters.from_on or today - _USUAL_PERIOD,
            to_on=filters.to_on or today,
        )
        language = language_of(request, visitor)
        self.asked = Asked(
            conn=conn, where=where, words=Words(language), names=names_of(desk, language), zone=visitor.zone,
            today=today, late_before=now - _LATE, by=filters.by, age=filters.age, why=filters.why, offset=filters.more,
        )  # fmt: skip

    def page(self, name: str, **facts: Any) -> Response:
        """A page of results with its filters."""
        asked = self.asked
        return page(
            self.request, f"results/{name}.html", where=asked.where, asked=asked, choices=self.choices, name=name,
            as_of=self.mark.updated_at if self.mark else None, query=self.query, text=self._text,
            statuses=result_charts.STATUSES, per_page=PAGE, **facts,
        )  # fmt: skip

    def query(self, **changes: object) -> str:
        """The address of the same look with something else in it, from its `?` on."""
        keep = [(key, value) for key, value in self.request.query_params.multi_items() if key not in (*changes, "said")]
        asked = [*keep, *((key, str(value)) for key, value in changes.items() if value not in ("", None, 0))]
        return "?" + urlencode(asked) if asked else "?"

    def _text(self, column: Column, cell: Any) -> str:
        return cell_text(column, cell, language=self.asked.words.language, zone=self.asked.zone)


def _one_of(wanted: str, known: Any) -> str:
    return wanted if wanted in known else next((name for name in known if name == "EUR"), known[0] if known else "")


# ------------------------------------------------------------------------------------------------ the pages


@router.get("")
def overview(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """Was anybody wronged or forgotten, what came in, and what each campaign brought."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        asked = replace(look.asked, by="campaign")
        cover = result_tables.coverage(asked)
        return look.page(
            "overview",
            totals=result_reads.results(conn, asked.where)[0],
            wrong=result_tables.wrong_reasons(asked),
            coverage=cover,
            forgotten=cover.rows[result_tables.COVERED.index("forgotten")][1],
            portfolio=result_tables.portfolio(asked),
            messages=result_tables.messages(asked),
            rate=rate,
        )


@router.get("/messages")
def messages(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """What left and what came of it, by campaign, step, channel, voice or segment."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        choices = tuple(name for name in result_reads.BREAKDOWNS if name != "all")
        by = filters.by if filters.by in choices else "campaign"
        return look.page("messages", shown=result_tables.messages(look.asked), by=by, breakdowns=choices)


@router.get("/aged")
def aged(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """The aged balance, and the debtors who owe most."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        by = filters.by if filters.by in aged_reads.AGED_BY else "creditor"
        return look.page(
            "aged", shown=result_tables.aged(look.asked), debtors=result_tables.aged_debtors(look.asked), by=by,
            breakdowns=aged_reads.AGED_BY, ages=tuple(aged_reads.Age),
        )  # fmt: skip


@router.get("/aged/documents")
def aged_documents(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """The documents behind one age of the balance, each with its case."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        return look.page("aged_documents", shown=result_tables.aged_documents(look.asked))


@router.get("/cash")
def cash(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """DSO, what came in by week, what the next weeks should bring."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        outlook = cash_outlook(conn, look.asked.where, today=look.asked.today)
        return look.page(
            "cash", outlook=outlook, received=result_tables.received(look.asked, outlook),
            expected=result_tables.expected(look.asked, outlook), curve=result_tables.curve(look.asked, outlook),
        )  # fmt: skip


@router.get("/payers")
def payers(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """Who pays late, and what works."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        by = filters.by if filters.by in result_reads.FIRST_BY else "status"
        asked = replace(look.asked, by=by)
        return look.page(
            "payers", late=result_tables.payers(asked), first=result_tables.first_reminders(asked), by=by,
            breakdowns=tuple(result_reads.FIRST_BY), is_segment=by in result_reads.SEGMENTS,
        )  # fmt: skip


@router.get("/wrong")
def wrong(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """The wrong reminders, one by one."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        return look.page("wrong", shown=result_tables.wrong(look.asked))


@router.get("/forgotten")
def forgotten(request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """The open cases that nothing would wake."""
    with desk.database.read() as conn:
        look = Look(request, desk, visitor, filters, conn)
        return look.page("forgotten", shown=result_tables.forgotten(look.asked))


# ------------------------------------------------------------------------------------------------ files and charts


@router.get("/files/{name}.csv")
def csv_file(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """A table of these pages for a spreadsheet, all its rows."""
    return _download(request, f"{name}.csv", csv_chunks, _whole(name, request, desk, visitor, filters), CSV_TYPE)


@router.get("/files/{name}.xlsx")
def xlsx_file(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """The same as a workbook."""
    return _download(request, f"{name}.xlsx", xlsx_chunks, _whole(name, request, desk, visitor, filters), XLSX_TYPE)


def _whole(name: str, request: Request, desk: Desk, visitor: Visitor, filters: Filters) -> Shown:
    build = result_tables.TABLES.get(name)
    if build is None:
        raise NotFound("there is no such table", hint="choose one on the page of results")
    with desk.database.read() as conn:
        asked = Look(request, desk, visitor, filters, conn).asked
        return build(replace(asked, names=None, beside=asked.names, limit=_MOST_ROWS_OF_A_FILE, offset=0))


def _download(
    request: Request, name: str, write: Callable[[Table], Iterator[bytes]], shown: Shown, media_type: str
) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="relance-{name}"', "Cache-Control": "no-store"}
    exports: Exports = request.app.state.exports
    pieces = exports.stream(write(shown.table), rows=len(shown.rows))
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


@router.get("/charts/{name}.svg")
def chart(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, filters: AsFiltered) -> Response:
    """A chart of these pages; the table that it draws stands below it."""
    build = result_charts.CHARTS.get(name)
    if build is None:
        raise NotFound("there is no such chart", hint="choose one on the page of results")
    with desk.database.read() as conn:
        asked = Look(request, desk, visitor, filters, conn).asked
        drawn = build(asked)
    svg = desk.charts().svg(drawn, language=asked.words.language, theme="auto")
    return Response(svg, media_type=SVG_TYPE, headers={"Cache-Control": "no-store"})
