"""A statement of account as tables, for a workbook: the movements, the ages, what is set aside."""

from collections.abc import Iterator

from orchestrator.domain.account_statement import AccountStatement
from orchestrator.domain.money import Money
from orchestrator.rendering.account_statement.sheet import payable_key
from orchestrator.rendering.account_statement.wording import Wording
from orchestrator.rendering.table import Cell, Column, ColumnKind, Table

_AMOUNT, _DATE = ColumnKind.AMOUNT, ColumnKind.DATE


def statement_tables(accounts: tuple[AccountStatement, ...], *, language: str) -> tuple[Table, ...]:
    """One sheet of movements and one of sums, over all the accounts; one of what is set aside where something is."""
    wording = Wording(language)
    tables = [_movements(accounts, wording), _sums(accounts, wording)]
    held = [(each, part) for each in accounts for part in each.held]
    if held:
        columns = (*_case(wording), _column(wording, "col_reference"), _column(wording, "col_amount", _AMOUNT),
                   _column(wording, "col_why"), _column(wording, "col_until", _DATE))  # fmt: skip
        rows: list[tuple[Cell, ...]] = [
            (each.case_id, part.reference, Money(part.cents, each.currency), wording.say(f"why_{part.why}"), part.until)
            for each, part in held
        ]
        title = wording.say("held_sum").partition(" (")[0]
        tables.append(
            Table(title=title, columns=_one_currency(columns, accounts), rows=rows, language=wording.language)
        )
    return tuple(tables)


def _column(wording: Wording, key: str, kind: ColumnKind = ColumnKind.TEXT) -> Column:
    return Column(wording.say(key), kind)


def _case(wording: Wording) -> tuple[Column, ...]:
    return (_column(wording, "col_case"),)


def _movements(accounts: tuple[AccountStatement, ...], wording: Wording) -> Table:
    columns = (
        *_case(wording),
        _column(wording, "col_date", _DATE),
        _column(wording, "col_what"),
        _column(wording, "col_note"),
        _column(wording, "col_due", _DATE),
        _column(wording, "col_debit", _AMOUNT),
        _column(wording, "col_credit", _AMOUNT),
        _column(wording, "col_balance", _AMOUNT),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for each in accounts:
            for movement in each.movements:
                label, note = wording.movement(movement, each.currency)
                yield (
                    each.case_id,
                    movement.on,
                    label,
                    note,
                    movement.due_on,
                    Money(movement.debit_cents, each.currency) if movement.debit_cents else None,
                    Money(movement.credit_cents, each.currency) if movement.credit_cents else None,
                    Money(movement.balance_cents, each.currency),
                )

    return Table(title=wording.say("movements"), columns=_one_currency(columns, accounts), rows=rows(),
                 language=wording.language)  # fmt: skip


def _sums(accounts: tuple[AccountStatement, ...], wording: Wording) -> Table:
    columns = (*_case(wording), _column(wording, "col_age"), _column(wording, "col_amount", _AMOUNT))
    rows: list[tuple[Cell, ...]] = []
    for each in accounts:
        told = [(wording.age(band), band.cents) for band in each.bands]
        told += [(wording.say("credits"), -each.credit_cents)] if each.credit_cents else []
        told += [(wording.say("balance"), each.balance_cents), (wording.say(payable_key(each)), each.payable_cents)]
        rows += [(each.case_id, label, Money(cents, each.currency)) for label, cents in told]
    title = f"{wording.say('sheet_summary')} {wording.hand.short_day(accounts[0].as_of)}"
    return Table(title=title, columns=_one_currency(columns, accounts), rows=rows, language=wording.language)


def _one_currency(columns: tuple[Column, ...], accounts: tuple[AccountStatement, ...]) -> tuple[Column, ...]:
    """Amount columns of one currency say so in their kind; of several, each row bears its own."""
    currencies = {each.currency for each in accounts}
    if len(currencies) > 1:
        return columns
    currency = currencies.pop()
    return tuple(Column(c.name, c.kind, currency) if c.kind is _AMOUNT else c for c in columns)
