"""What commands share of the terminal: the deployment, tables, JSON, the clock. Holds no logic of its own."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings, settings_at

_WIDE = 120  # columns of a terminal

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def deployment(*, port: int | None = None) -> Deployment:
    """The deployment that the environment names; its links lead to `port` where no public address was said."""
    settings = read_settings()
    return Deployment(settings if port is None else settings_at(settings, port=port))


def print_json(value: object) -> None:
    """Machine output: one JSON document on standard output."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    sys.stdout.write(text.decode() + "\n")


def counted(count: int, what: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()
) -> None:
    """A table; the columns named in `numbers` are set to the right."""
    table = Table(
        title=title, title_justify="left", header_style="bold", title_style="bold", pad_edge=False, box=SIMPLE_HEAD,
        show_header=any(columns),
    )  # fmt: skip
    for column in columns:
        is_first = column == columns[0]
        justify: Literal["right", "left"] = "right" if column in numbers else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=is_first and bool(column))
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def print_sections(
    title: str,
    columns: Sequence[str],
    sections: Mapping[str, Sequence[Sequence[object]]],
    *,
    numbers: Sequence[str] = (),
) -> None:
    """A table in sections, each under its name. The last column is text: below the table where it has no room."""
    is_narrow = console.width < _WIDE
    shown = columns[:-1] if is_narrow else columns
    table = Table(
        title=title, title_justify="left", header_style="bold", title_style="bold", box=SIMPLE_HEAD, padding=0
    )
    for column in shown:
        is_text = column in (columns[0], columns[-1])
        justify: Literal["right", "left"] = "right" if column in numbers else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=not is_text, min_width=22 if is_text else 0)
    table.padding = (0, 1, 0, 0)
    for name, rows in sections.items():
        table.add_row(f"[bold]{escape(name)}[/bold]")
        for row in rows:
            if is_narrow and not any(row[2:-1]):  # it has its remark alone
                continue
            first, *others = (escape(str(cell)) for cell in row[: len(shown)])
            table.add_row(f"  {first}", *others)
        table.add_section()
    console.print(table)
    if is_narrow:
        _print_remarks(columns[-1], sections)


def _print_remarks(title: str, sections: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """The last column of a table too wide for this terminal, line by line."""
    console.print(f"\n[bold]{escape(title)}[/bold]")
    for name, rows in sections.items():
        for row in rows:
            if row[-1]:
                named = " ".join(str(cell) for cell in (name, *row[:2]) if cell != "-")
                console.print(f"  {named}: {row[-1]}", markup=False)
