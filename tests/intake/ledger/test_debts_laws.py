"""Laws of reading debts: nothing crashes it, what is written is read back, and totals always agree."""

import csv
import io
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.contact import ContactPoint, DebtorStatus
from orchestrator.domain.debt import CREDITS, ClaimKind, Debt, DocumentKind, PaymentMethod
from orchestrator.domain.errors import FileError
from orchestrator.intake.ledger.debts import DebtsFile, judge_debts, read_debts
from orchestrator.intake.tables.json_rows import table_of
from orchestrator.intake.tables.table import Format, Limits, Reading
from tests.intake.ledger.debts_fixtures import COLUMNS, CREDITORS, DEFAULT, TODAY, a_row

_NASTY = st.sampled_from(
    ["", " ", "0", "-1", "1e12", "=A1", "@x", "+33", "31/02/2026", "2026-02-31", "9999999999", "\0", "\ud800", "'", '"',
     "a" * 40_000, "Ã©", "\ufffd", "\u202e", "yes", "null", "#N/A", "1.000", "1,000", "EUR", "€", "acme-telecom", "all"]
)  # fmt: skip
_CELL = st.one_of(
    st.none(), _NASTY, st.text(max_size=25), st.integers(), st.decimals(), st.dates(), st.tuples(st.text())
)


def judged(rows: list[dict[str, object]]) -> DebtsFile:
    """The rows as a table that no file had to hold, so that every value reaches the reader."""
    reading = Reading(file="any", format=Format.JSON)
    return judge_debts(
        table_of(enumerate(rows, 1), reading, DEFAULT.column_names(), Limits()),
        DEFAULT,
        today=TODAY,
        creditors=CREDITORS,
    )


@given(st.lists(st.dictionaries(st.sampled_from(DEFAULT.column_names()), _CELL, max_size=12), max_size=6))
def test_no_row_does_more_than_be_taken_or_refused(changes: list[dict[str, object]]) -> None:
    rows = [{**a_row(reference=f"F-{number}"), **change} for number, change in enumerate(changes)]
    file = judged(rows)
    assert len(file.rows) + len(file.refused) == len(rows)
    for row in file.refused:
        assert row.remarks
        for remark in row.remarks:
            assert remark.code
            assert remark.message


@given(st.text(max_size=400))
def test_no_text_file_does_more_than_be_read_or_be_refused(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((";".join(COLUMNS) + "\n" + content).encode("utf-8", "surrogatepass"))
    try:
        read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    except FileError as error:
        place = error.where
    else:
        return
    assert place.startswith("any.csv")


@given(st.lists(st.tuples(st.integers(-30_000, 30_000), st.booleans(), st.booleans()), min_size=1, max_size=25))
def test_totals_are_the_sum_of_what_is_taken_and_what_is_refused(items: list[tuple[int, bool, bool]]) -> None:
    rows: list[dict[str, object]] = []
    for number, (cents, is_wrong, is_doubled) in enumerate(items):
        amount = f"{cents / 100:.2f}".replace(".", ",")
        row = a_row(reference=f"F-{number // (1 + is_doubled)}", principal=amount, open_amount=amount)
        rows.append({**row, "document": "adjustment", "due_on": "never" if is_wrong else "2026-02-15"})
    file = judged(rows)
    total = file.totals[0]
    assert total.file_cents == sum(cents for cents, _, _ in items)
    assert total.accepted_cents == sum(row.debt.open_cents for row in file.rows)
    assert total.refused_cents == sum(row.cents or 0 for row in file.refused)
    assert (total.accepted_rows, total.refused_rows) == (len(file.rows), len(file.refused))
    assert total.unread_rows == 0


_NAMES = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd"), exclude_characters="ÃÂâ"), min_size=1, max_size=20
).map(lambda text: unicodedata.normalize("NFC", f"N {text}"))
_DAYS = st.dates(date(2000, 1, 1), TODAY)


@st.composite
def debts(draw: st.DrawFn) -> tuple[Debt, str]:
    """A document as a ledger may hold it, and its debtor's name."""
    kind = draw(st.sampled_from(DocumentKind))
    sign = -1 if kind in CREDITS else 1
    principal = draw(st.integers(1, 10**9))
    issued = draw(_DAYS)
    debt = Debt(
        reference="",
        kind=kind,
        principal_cents=sign * principal,
        open_cents=sign * draw(st.integers(0, principal)),
        as_of=TODAY,
        issued_on=issued,
        due_on=issued + timedelta(days=draw(st.integers(0, 365))),
        claim_kind=draw(st.sampled_from(ClaimKind)),
        payment_method=draw(st.sampled_from(PaymentMethod)),
        order_ref=draw(st.sampled_from(["", "PO-1", "- 12"])),
        next_collection_on=draw(st.none() | st.dates(TODAY, date(2027, 1, 1))),
    )
    return debt, draw(_NAMES)


def _written(number: int, debt: Debt, name: str) -> dict[str, str]:
    def amount(cents: int) -> str:
        return f"{cents // 100},{cents % 100:02d}" if cents >= 0 else f"-{-cents // 100},{-cents % 100:02d}"

    return {
        "creditor": "acme-telecom", "reference": f"F-{number}", "document": debt.kind.value,
        "debtor_ref": f"C-{number}", "status": DebtorStatus.COMPANY.value, "name": name,
        "email": f"n{number}@example.org", "principal": amount(debt.principal_cents),
        "open_amount": amount(debt.open_cents), "currency": "EUR",
        "issued_on": debt.issued_on.isoformat() if debt.issued_on else "", "due_on": debt.due_on.isoformat(),
        "claim_kind": debt.claim_kind.value, "payment_method": debt.payment_method.value,
        "order_ref": debt.order_ref,
        "next_collection_on": debt.next_collection_on.isoformat() if debt.next_collection_on else "",
    }  # fmt: skip


@given(
    st.lists(debts(), min_size=1, max_size=12),
    st.sampled_from([(";", "utf-8"), (",", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8")]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_debts_written_as_csv_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[Debt, str]], form: tuple[str, str], line_end: str
) -> None:
    delimiter, encoding = form
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, restval="", delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    for number, (debt, name) in enumerate(items):
        writer.writerow(_written(number, debt, name))
    path: Path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    file = read_debts(path, DEFAULT, today=TODAY, creditors=CREDITORS)
    assert not file.refused, file.refused
    for number, (row, (debt, name)) in enumerate(zip(file.rows, items, strict=True)):
        assert (row.debt.reference, row.debtor.name) == (f"F-{number}", name)
        assert row.debtor.people[0].points == (ContactPoint("email", f"n{number}@example.org"),)  # type: ignore[arg-type]  # a StrEnum's word
        for field in Debt.__struct_fields__:
            if field != "reference":
                assert getattr(row.debt, field) == getattr(debt, field), field
