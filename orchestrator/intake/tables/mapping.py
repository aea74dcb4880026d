"""Column mappings: which column of somebody's file is which field of ours. Owns the fields and the fit to a header.

How a mapping file is written is `mapping_yaml.py`; what a cell means is `table_cells.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from operator import itemgetter

import msgspec

from orchestrator.domain.errors import FileError, did_you_mean
from orchestrator.intake.tables.mapping_fields import FIELDS, FieldUse, Subject
from orchestrator.intake.tables.rows import Cell, Shape, Table

__all__ = [
    "FIELDS",
    "Binding",
    "ColumnMapping",
    "Credits",
    "DecimalSign",
    "FieldUse",
    "Mode",
    "Skip",
    "Source",
    "Subject",
    "bind",
]


class Mode(StrEnum):
    """What a file of debts says: what changed, or everything that is open (semantics A2)."""

    MOVEMENTS = "movements"
    SNAPSHOT = "snapshot"


class DecimalSign(StrEnum):
    """The decimal sign of the amounts; `either` refuses what could be read two ways."""

    COMMA = "comma"
    POINT = "point"
    EITHER = "either"


class Credits(StrEnum):
    """How the file writes what reduces a debt: as we do, or as a positive figure."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


class Source(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where a field comes from: columns, or a constant. `values` turn their words into ours, folded by `folded`.

    Several columns are joined by a space, or are several values where the field takes many. A column that is
    `optional` may be absent from a file; any other one that is absent refuses the file.
    """

    columns: tuple[str, ...] = ()
    constant: str = ""
    values: dict[str, str] = {}
    default: str = ""
    optional: bool = False


class Skip(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Rows left out: those whose cell is one of `values` (folded), is not one of them, or is empty."""

    column: str
    values: frozenset[str] = frozenset()
    negated: bool = False
    empty: bool = False

    def takes(self, text: str) -> bool:
        """Whether a row with this text in the column is left out."""
        if self.empty:
            return not text
        return (folded(text) in self.values) is not self.negated


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping file. `as_of` None means the day of the import; `ignored` None leaves out every other column."""

    name: str
    title: str = ""
    subject: Subject = Subject.DEBTS
    mode: Mode = Mode.MOVEMENTS
    balance_forward: bool = False
    as_of: Source | date | None = None
    shape: Shape = Shape()
    date_format: str = "iso"
    decimal: DecimalSign = DecimalSign.EITHER
    credits: Credits = Credits.NEGATIVE
    fields: dict[str, Source]
    skips: tuple[Skip, ...] = ()
    ignored: frozenset[str] | None = frozenset()

    def column_names(self) -> tuple[str, ...]:
        """Every column that the mapping reads, in its own order."""
        sources = [*self.fields.values(), *([self.as_of] if isinstance(self.as_of, Source) else [])]
        names = [name for source in sources for name in source.columns] + [skip.column for skip in self.skips]
        return tuple(dict.fromkeys(names))


def folded(text: str) -> str:
    """How column names and words are compared: without regard to case and to runs of spaces."""
    return " ".join(text.split()).casefold()


class Binding:
    """A mapping fitted to the columns of one file: turns cells into fields."""

    def __init__(self, mapping: ColumnMapping, columns: Sequence[str]) -> None:
        self.mapping = mapping
        places = {folded(name): place for place, name in enumerate(columns)}
        self._header = tuple(columns)
        self._constants: dict[str, Cell] = {}
        self._names: list[str] = []
        self._take: Callable[[list[Cell]], Iterable[Cell]] = lambda _: ()
        self._others: list[tuple[str, Callable[[list[Cell]], Cell]]] = []
        self._columns: dict[str, str] = {}
        sources = dict(mapping.fields)
        if isinstance(mapping.as_of, Source):
            sources["as_of"] = mapping.as_of
        taken: list[int] = []
        for name, source in sources.items():
            self._add(name, source, places, taken)
        if taken:
            self._take = itemgetter(*taken, taken[0])  # one more, as a single one would come without its tuple
        self._skips = [(places[folded(skip.column)], skip) for skip in mapping.skips]

    def _add(self, name: str, source: Source, places: Mapping[str, int], taken: list[int]) -> None:
        indices = [places[folded(each)] for each in source.columns if folded(each) in places]
        self._columns[name] = " + ".join(self._header[index] for index in indices) or name
        use = FIELDS[self.mapping.subject].get(name)
        if source.constant or not indices:
            if source.constant or source.default:
                self._constants[name] = source.constant or source.default
        elif len(indices) == 1 and not source.values and not source.default:
            self._names.append(name)
            taken.append(indices[0])
        else:
            self._others.append((name, _reader(source, indices, is_many=use is not None and use.is_many)))

    @property
    def names(self) -> frozenset[str]:
        """The fields that rows of this file have."""
        return frozenset(self._constants) | {name for name, _ in self._others} | set(self._names)

    def column(self, field: str) -> str:
        """The column that a field is read from, as the file writes it; the field's own name when there is none."""
        return self._columns.get(field, field)

    def skips(self, cells: list[Cell]) -> bool:
        """Whether the mapping leaves this row out."""
        return any(skip.takes(_text(cells[place])) for place, skip in self._skips)

    def fields(self, cells: list[Cell]) -> dict[str, Cell]:
        """The fields of a row, texts stripped, words turned into ours. A word without a turn comes as it is."""
        found: dict[str, Cell]
        try:
            found = dict(zip(self._names, map(str.strip, self._take(cells)), strict=False))  # type: ignore[arg-type]  # or TypeError
        except TypeError:
            found = dict(zip(self._names, map(_stripped, self._take(cells)), strict=False))
        found.update(self._constants)
        for name, read in self._others:
            found[name] = read(cells)
        return found


def _stripped(cell: Cell) -> Cell:
    return cell.strip() if isinstance(cell, str) else cell


def _text(cell: Cell) -> str:
    return "" if cell is None else cell.strip() if isinstance(cell, str) else str(cell)


def _reader(source: Source, places: list[int], *, is_many: bool) -> Callable[[list[Cell]], Cell]:
    values, default = source.values, source.default

    def turned(cell: Cell) -> Cell:
        text = cell.strip() if isinstance(cell, str) else cell
        if values and text is not None and not isinstance(text, tuple):
            return values.get(folded(str(text)), text) or default
        return default if text is None or text == "" else text

    if len(places) == 1:
        only = places[0]
        return lambda cells: turned(cells[only])

    def several(cells: list[Cell]) -> Cell:
        found = [_text(turned(cells[place])) for place in places]
        kept = [text for text in found if text]
        return tuple(kept) if is_many else " ".join(kept) or default

    return several


def bind(mapping: ColumnMapping, table: Table) -> Binding:
    """The mapping fitted to a table. Raises one FileError that lists every column missing, unknown or doubled."""
    places: dict[str, int] = {}
    doubled = []
    for place, name in enumerate(table.columns):
        if folded(name) in places:
            doubled.append(name)
        places.setdefault(folded(name), place)
    missing = _missing(mapping, places)
    known = {folded(name) for name in mapping.column_names()}
    known |= {folded(name) for name in mapping.ignored or ()}
    unknown = [name for name in table.columns if folded(name) not in known]
    parts = _parts(missing, [] if mapping.ignored is None else unknown, doubled, table.columns)
    if parts:
        raise FileError(
            f'the columns do not fit the mapping "{mapping.name}": ' + "; ".join(parts),
            hint="correct the mapping or the export; a column that is not needed goes under `ignore:`",
            where=f"{table.reading.file}:{mapping.shape.header_line}",
            code="columns_wrong",
        )
    return Binding(mapping, table.columns)


def _missing(mapping: ColumnMapping, places: Mapping[str, int]) -> list[str]:
    sources = [*mapping.fields.values(), *([mapping.as_of] if isinstance(mapping.as_of, Source) else [])]
    names = [name for source in sources if not source.optional for name in source.columns]
    names += [skip.column for skip in mapping.skips]
    return [name for name in dict.fromkeys(names) if folded(name) not in places]


def _parts(missing: list[str], unknown: list[str], doubled: list[str], present: tuple[str, ...]) -> list[str]:
    parts = []
    if missing:
        near = {name: did_you_mean(name, unknown or present) for name in missing}
        parts.append(
            "missing " + ", ".join(f'"{name}"' + (f" ({near[name]})" if near[name] else "") for name in missing)
        )
    if unknown:
        parts.append("unknown " + ", ".join(f'"{name[:60]}"' for name in unknown[:50]))
    if doubled:
        parts.append("twice " + ", ".join(f'"{name[:60]}"' for name in doubled[:50]))
    return parts
