"""A table of figures: what each column holds, and its rows. Pages, exports and charts share it.

Owns the value and how one cell reads on a page; files are `spreadsheet.py`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.domain.money import Money
from orchestrator.rendering.typography import typography


class ColumnKind(StrEnum):
    """What the cells of a column are.

    `amount` cells are minor units (int) of the column's currency, or Money; `instant` cells are aware datetimes;
    `rate` cells are fractions (0.125 is 12.5 %), `count` cells whole numbers.
    """

    TEXT = "text"
    AMOUNT = "amount"
    DATE = "date"
    INSTANT = "instant"
    COUNT = "count"
    RATE = "rate"


Cell = str | int | Decimal | float | date | datetime | Money | None
"""None is an empty cell of any kind."""


class Column(msgspec.Struct, frozen=True):
    """A heading in the reader's words and what stands below it.

    An amount column without a `currency` holds Money of several; files then get a column of currencies after it.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    currency: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A title, columns and rows of as many cells. `rows` may be a generator: a file then reads it once, row by row.

    `language` is fr or en, `zone` the time zone in which instants are told.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    language: str = "fr"
    zone: str = "Europe/Paris"


def money_of(column: Column, cell: Cell) -> Money | None:
    """The cell of an amount column as Money; None for an empty one."""
    if cell is None or isinstance(cell, Money):
        return cell
    if not isinstance(cell, int):
        raise TypeError(f'the column "{column.name}" holds minor units or Money')
    return Money(cell, column.currency or "EUR")


def fraction_of(cell: Cell) -> Decimal:
    """The cell of a rate column; a float is read as it prints, so that 0.07 stays 0.07."""
    return cell if isinstance(cell, Decimal) else Decimal(str(cell))


def local_time(cell: Cell, zone: str) -> datetime:
    """The cell of an instant column on the clock of a zone, without its offset, to the second."""
    if not isinstance(cell, datetime) or cell.tzinfo is None:
        raise TypeError("an instant is an aware datetime")
    return cell.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)


def cell_text(column: Column, cell: Cell, *, language: str, zone: str = "Europe/Paris") -> str:
    """How a cell reads on a page: `1 234,56 €`, `01/03/2026`, `01/03/2026 14:05`, `1 234`, `12,5 %`; empty for None."""
    if cell is None:
        return ""
    hand = typography(language)
    match column.kind:
        case ColumnKind.AMOUNT:
            money = money_of(column, cell)
            return hand.amount(money.cents, money.currency) if money is not None else ""
        case ColumnKind.DATE if isinstance(cell, date):
            return hand.short_day(cell)
        case ColumnKind.INSTANT:
            at = local_time(cell, zone)
            return f"{hand.short_day(at.date())} {at:%H:%M}"
        case ColumnKind.COUNT if isinstance(cell, int):
            return hand.number(cell)
        case ColumnKind.RATE:
            return hand.percent(f"{fraction_of(cell) * 100:.1f}")
        case _:
            return str(cell)
