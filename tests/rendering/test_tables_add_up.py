"""The table of every message adds up for whoever reads it: rows make the subtotal, everything claimed makes the total.

The figures are read back from the rendered text, in its language, and added as decimals.
"""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from channels.contract import Channel
from orchestrator.domain.amount_line import GROUNDS, LegalBasis
from orchestrator.domain.debt import DocumentKind
from orchestrator.domain.statement import HeldLine, Statement, StatementLine, StatutoryLine
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail
from orchestrator.rendering.samples import TODAY
from orchestrator.rendering.table_facts import EMAIL_ROWS
from tests.rendering.wording import LANGUAGES, described, places, shipped_texts

TABLED = sorted(
    name for name, entry in shipped_texts().catalogue.entries.items() if set(entry.channels) - {Channel.SMS}
)
_FIGURE = re.compile(r"[-−]?[£€$]?[-−]?\d[\d\s\u00a0\u202f.,]*\d?")
_ROW = re.compile(r"<tr(?P<kind>[^>]*)>.*?<td[^>]*>(?P<sum>.*?)</td></tr>", re.DOTALL)


def amount(text: str) -> Decimal:
    """A written sum of two decimals as a number, whatever its language."""
    found = _FIGURE.search(html.unescape(text))
    assert found, text
    digits = re.sub(r"\D", "", found.group())
    value = Decimal(digits).scaleb(-2)
    return -value if re.search("[-−]", text) else value


class Table(msgspec.Struct):
    """The sums of one rendered table: its rows, the subtotal where there is one, and the total."""

    rows: list[Decimal]
    claimed: list[Decimal]
    subtotal: Decimal | None
    total: Decimal

    def check(self, where: str) -> None:
        principal = sum(self.rows, Decimal(0))
        if self.subtotal is None:
            assert not self.claimed, where
        else:
            assert self.subtotal == principal, where
        assert self.total == max(principal + sum(self.claimed, Decimal(0)), Decimal(0)), where


def tables(rendered: Rendered, statement: Statement) -> Iterator[Table]:
    """Every table of a message: both parts of an e-mail, or a letter's; none where the message shows no amounts."""
    if isinstance(rendered, RenderedEmail):
        block = re.search(r'<table class="amounts".*?</table>', rendered.html, re.DOTALL)
        if block:
            yield _table([(m["kind"], amount(m["sum"])) for m in _ROW.finditer(block.group())])
            yield _of_text(rendered.text)
    elif isinstance(rendered, LetterWords) and rendered.rows:
        yield from _of_letter(rendered, len(statement.due) + len(statement.credits))


def _table(rows: list[tuple[str, Decimal]]) -> Table:
    *parts, (_, total) = rows
    at = next((index for index, (kind, _) in enumerate(parts) if "sub" in kind), None)
    sums = [value for _, value in parts]
    if at is None:
        return Table(sums, [], None, total)
    return Table(sums[:at], sums[at + 1 :], sums[at], total)


def _of_text(text: str) -> Table:
    """Rows begin with a dash, their details with spaces; what stands between them are the subtotal and the total."""
    _, _, after = text.partition("\n- ")
    block = ("- " + after).split("\n\n", 1)[0].split("\n")
    found = [line for line in block if not line.startswith(" ")]
    last = max(index for index, line in enumerate(found) if not line.startswith("- ") and _FIGURE.search(line))
    return _table(
        [("row" if line.startswith("- ") else "sub", amount(line.rpartition(":")[2])) for line in found[: last + 1]]
    )


def _of_letter(words: LetterWords, principals: int) -> Iterator[Table]:
    """Rows, the subtotal after the principals where anything is claimed, and the totals: a first letter parts them."""
    rows = [("sub" if index == principals else "row", amount(row[-1])) for index, row in enumerate(words.rows)]
    *parts, total = (amount(row[-1]) for row in words.totals)
    yield _table([*rows, ("total", total)])
    if parts:
        yield Table(parts, [], None, total)


# ------------------------------------------------------------------------------------------ the worst cases


def _line(number: int, cents: int, *, paid: int = 0, aside: int = 0) -> StatementLine:
    due_on = TODAY - timedelta(days=20 + number)
    return StatementLine(
        reference=f"F-2026-{number:04d}",
        kind=DocumentKind.INVOICE,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        principal_cents=cents,
        paid_cents=paid,
        open_cents=cents - paid - aside,
        days_late=20 + number,
        contract_ref="CT-1",
        contracted_on=date(2024, 5, 6),
    )


def _credit(cents: int, kind: DocumentKind) -> StatementLine:
    return StatementLine(
        reference="A-1" if kind is DocumentKind.CREDIT_NOTE else "", kind=kind, due_on=date(2026, 2, 1),
        principal_cents=-cents, paid_cents=0, open_cents=-cents,
    )  # fmt: skip


def _brought(kind: str, basis: LegalBasis, cents: int, *, is_claimed: bool = True) -> StatutoryLine:
    return StatutoryLine(
        kind=kind, amount_cents=cents, legal_basis=GROUNDS[basis].cited, is_claimed=is_claimed, basis=basis.value,
        count=2,
    )  # fmt: skip


def _statement(due: list[StatementLine], statutory: list[StatutoryLine], credits: list[StatementLine]) -> Statement:
    parts = sum(line.open_cents for line in (*due, *credits))
    claimed = sum(line.amount_cents for line in statutory if line.is_claimed)
    return Statement(
        currency="EUR",
        as_of=TODAY,
        due=tuple(due),
        credits=tuple(credits),
        statutory=tuple(statutory),
        held=(HeldLine("F-2026-0001", 123_456, "dispute", TODAY + timedelta(days=9)),),
        listed=(_line(900, 777),),
        total_cents=max(parts + claimed, 0),
    )


def worst(brief: Brief) -> Iterator[Statement]:
    """Part payments, held parts, credits, lines of every kind, claimed and only mentioned, and more rows than fit."""
    lawful = [
        _brought("interest", LegalBasis.CONTRACT_INTEREST, 1),
        _brought("fee", LegalBasis.STATUTE_CHEQUE_COST, 1_234_567),
        _brought("damages", LegalBasis.COURT_AWARD, 99),
        _brought("interest", LegalBasis.LEGAL_INTEREST, 4_000_005, is_claimed=False),
    ]
    credits = [_credit(1500, DocumentKind.CREDIT_NOTE), _credit(1, DocumentKind.PAYMENT_ON_ACCOUNT)]
    few = [_line(1, 123_456_789, paid=1, aside=123_456), _line(2, 5), _line(3, 1_000_000)]
    many = [_line(number, 98_765 + number) for number in range(1, EMAIL_ROWS + 8)]
    yield _statement(few, lawful, credits)
    yield _statement(many, lawful[:1], credits[:1])
    yield _statement(few[:1], [], [])
    if not brief.debtor.status.is_individual:
        penalty = StatutoryLine(
            kind="penalty", amount_cents=39_945, legal_basis="C. com. L441-10", is_claimed=True, percent="12.15",
            from_on=date(2026, 2, 16), to_on=TODAY,
        )  # fmt: skip
        forty = _brought("indemnity", LegalBasis.L441_10_INDEMNITY, 8000)
        yield _statement(few, [penalty, forty, *lawful], credits)


@pytest.mark.parametrize("name,language", [(name, language) for name in TABLED for language in LANGUAGES])
def test_every_table_adds_up_as_it_is_read(name: str, language: str) -> None:
    texts = shipped_texts()
    checked = 0
    # An ordinary and a long brief stand side by side; their statements are replaced, so one of the two is enough.
    for place in list(places(texts.catalogue.entry(name), language))[1::2]:
        if place.send.channel is Channel.SMS:
            continue
        for statement in worst(place):
            announced = place.statement.announced  # what a letter of law is about, beside its table
            brief = msgspec.structs.replace(place, statement=msgspec.structs.replace(statement, announced=announced))
            for table in tables(texts.render(brief), statement):
                table.check(described(brief))
                assert table.total == Decimal(statement.total_cents).scaleb(-2), described(brief)
                checked += 1
    assert checked or not texts.catalogue.entry(name).shows_amounts
