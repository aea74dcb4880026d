"""What every table of the page of results is: what it is asked, and what is shown of it on screen, in CSV and XLSX."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from orchestrator.domain.cash import FEWEST
from orchestrator.rendering.table import Cell, Column, ColumnKind, Table
from orchestrator.storage.database import Connection
from orchestrator.storage.result_reads import Where
from orchestrator.web.console.names import Names
from orchestrator.web.console.words import Words

PAGE = 50


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at, by whom and when; `by`, `age` and `why` are the choices of single tables.

    Without `names`, campaigns, steps and creditors are told by their codes, as programs join them; `beside` are the
    names that then stand in a column beside.
    """

    conn: Connection
    where: Where
    words: Words
    zone: str
    today: date
    late_before: datetime
    by: str = ""
    age: str = ""
    why: str = ""
    limit: int = PAGE
    offset: int = 0
    names: Names | None = None
    beside: Names | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A table with what only a screen has: where the head of each row leads, and whether more rows follow."""

    name: str
    table: Table
    rows: Sequence[tuple[Cell, ...]]
    links: Sequence[str] = ()
    has_more: bool = False


def shown(
    asked: Asked,
    name: str,
    columns: Sequence[tuple[str, ColumnKind]],
    rows: Sequence[tuple[Cell, ...]],
    *,
    links: Sequence[str] = (),
    has_more: bool = False,
) -> Shown:
    """A table whose title and headings are words of `results.yaml`; amounts are of the currency looked at."""
    say = asked.words.say
    if asked.beside is not None:
        columns, rows = _with_names(asked.beside, columns, rows)
    named = tuple(
        Column(say(f"results.col_{word}"), kind, asked.where.currency if kind is ColumnKind.AMOUNT else "")
        for word, kind in columns
    )
    title = say(f"results.table_{name.replace('-', '_')}")
    table = Table(title=title, columns=named, rows=rows, language=asked.words.language, zone=asked.zone)
    return Shown(name=name, table=table, rows=rows, links=links, has_more=has_more)


_NAMED = ("creditor", "campaign", "step")


def _with_names(
    names: Names, columns: Sequence[tuple[str, ColumnKind]], rows: Sequence[tuple[Cell, ...]]
) -> tuple[list[tuple[str, ColumnKind]], list[tuple[Cell, ...]]]:
    """Each column of codes followed by one of names; empty where a code is its own name, as in a sum."""
    heads, wide = [head for head, _ in columns], list[tuple[str, ColumnKind]]()
    for head, kind in columns:
        wide += [(head, kind), *([(f"{head}_name", ColumnKind.TEXT)] if head in _NAMED else [])]
    filled = []
    for row in rows:
        codes = dict(zip(heads, row, strict=True))
        cells = list[Cell]()
        for head, cell in codes.items():
            cells += [cell, *([_name(names, head, str(cell or ""), codes)] if head in _NAMED else [])]
        filled.append(tuple(cells))
    return wide, filled


def _name(names: Names, kind: str, code: str, codes: Mapping[str, Cell]) -> str:
    name = names.step(str(codes.get("campaign") or ""), code) if kind == "step" else names.of(kind, code)
    return "" if name == code else name


def word(asked: Asked, group: str, code: str) -> str:
    """The words for a code such as a channel; the code where there are none, a dash where there is no code."""
    key = f"results.{group}_{code}"
    return (
        asked.words.say(key)
        if asked.words.knows(key)
        else named(asked, group, code) or asked.words.say("results.nothing_known")
    )


def named(asked: Asked, kind: str, code: str, *, campaign: str = "") -> str:
    """What people call a campaign, a step of one, or a creditor; its code in a file."""
    if asked.names is None:
        return code
    return asked.names.step(campaign, code) if kind == "step" and code else asked.names.of(kind, code)


def rate(part: int, whole: int) -> float | None:
    """The share, None of too few to mean anything."""
    return part / whole if whole >= FEWEST else None
