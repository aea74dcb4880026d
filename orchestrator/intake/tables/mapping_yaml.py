"""Mapping files: how an accountant writes which column is what. Owns their shape and their words; reads no table."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from orchestrator.domain.errors import FileError
from orchestrator.intake.strict_yaml.source import Source as YamlSource
from orchestrator.intake.strict_yaml.source import parse, read, validate
from orchestrator.intake.strict_yaml.wording import found, nearest, refusal, refusal_of
from orchestrator.intake.tables.cell_dates import ORDERS, pattern_of
from orchestrator.intake.tables.csv_rows import DELIMITERS
from orchestrator.intake.tables.encoding import declared_encoding
from orchestrator.intake.tables.mapping import (
    FIELDS,
    ColumnMapping,
    Credits,
    DecimalSign,
    Mode,
    Skip,
    Source,
    Subject,
    folded,
)
from orchestrator.intake.tables.rows import Format, Shape

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
_DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"} | {sign: sign for sign in DELIMITERS}


def _text(value: Any) -> Any:
    """Numbers and yes/no of YAML are words of a table here: 1 in a cell is the text "1"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _yes(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def _source(value: Any) -> Any:
    """`name: Client` and `name: [First, Last]` are short for `column:` and `columns:`."""
    if isinstance(value, list):
        return {"columns": value}
    return value if isinstance(value, dict) else {"column": value}


def _encoding(value: str) -> str:
    try:
        return declared_encoding(value) if value else ""
    except FileError as error:
        raise refusal_of(error) from None


def _dates(value: Any) -> Any:
    if isinstance(value, str) and value not in ORDERS and pattern_of(value) is None:
        raise refusal(f"{found(value)} is not a way to write dates", f"use {', '.join(ORDERS)}, or such as DD.MM.YYYY")
    return value


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[list[Text], BeforeValidator(_list)]
Yes = Annotated[bool, BeforeValidator(_yes)]


class SourceModel(BaseModel):
    """Where a field comes from."""

    model_config = _STRICT
    column: Text | None = Field(default=None, description="name of the column, as in the header")
    columns: list[Text] | None = Field(default=None, description="several columns, joined by a space", min_length=1)
    constant: Text | None = Field(default=None, description="the same value on every row")
    values: dict[str, Text] = Field(default={}, description="their words: our words")
    default: Text = Field(default="", description="the value where the cell is empty")
    optional: Yes = Field(default=False, description="yes: the column may be absent from a file")

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        origins = [self.column, self.columns, self.constant]
        if sum(origin is not None for origin in origins) != 1:
            raise refusal("a field comes from one place", "write one of column, columns or constant")
        if self.constant is not None and (self.values or self.default or self.optional):
            raise refusal("a constant stands alone", "leave out values, default and optional")
        return self

    def made(self) -> Source:
        """The domain-side form."""
        columns = (self.column,) if self.column is not None else tuple(self.columns or ())
        return Source(
            columns=columns,
            constant=self.constant or "",
            values={folded(theirs): ours for theirs, ours in self.values.items()},
            default=self.default,
            optional=self.optional,
        )


class SkipModel(BaseModel):
    """Rows to leave out."""

    model_config = _STRICT
    column: Text = Field(description="name of the column, as in the header")
    is_: Texts | None = Field(default=None, alias="is", description="words: a row that has one is left out")
    is_not: Texts | None = Field(default=None, description="words: a row that has none of them is left out")
    empty: Yes = Field(default=False, description="yes: a row where it is empty is left out")

    @model_validator(mode="after")
    def _has_one_test(self) -> Self:
        if sum((self.is_ is not None, self.is_not is not None, self.empty)) != 1:
            raise refusal("a rule has one test", "write one of is, is_not or empty: yes")
        return self

    def made(self) -> Skip:
        """The domain-side form."""
        words = self.is_ if self.is_ is not None else self.is_not or []
        values = frozenset(folded(word) for word in words)
        return Skip(column=self.column, values=values, negated=self.is_not is not None, empty=self.empty)


class FileModel(BaseModel):
    """What is known of the file itself; what is left out is found out, and reported."""

    model_config = _STRICT
    format: Literal["csv", "xlsx", "json"] | None = Field(default=None, description="csv, xlsx or json")
    delimiter: Text = Field(default="", description="semicolon, comma, tab or bar")
    encoding: Annotated[Text, BeforeValidator(_text)] = Field(default="", description="such as utf-8 or cp1252")
    sheet: Text = Field(default="", description="name of the sheet of a workbook")
    header_line: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="line of the column names")

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.delimiter and self.delimiter not in _DELIMITERS:
            raise refusal(f"{found(self.delimiter)} is not a delimiter", "use semicolon, comma, tab or bar")
        _encoding(self.encoding)
        return self

    def made(self) -> Shape:
        """The domain-side form."""
        return Shape(
            format=Format(self.format) if self.format else None,
            delimiter=_DELIMITERS.get(self.delimiter, ""),
            encoding=_encoding(self.encoding),
            sheet=self.sheet,
            header_line=self.header_line,
        )


SourceField = Annotated[SourceModel, BeforeValidator(_source)]


class MappingModel(BaseModel):
    """A mapping file."""

    model_config = _STRICT
    mapping: Text = Field(description="name of the mapping", pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: Text = Field(default="", description="what it is for, in a few words")
    reads: Literal["debts", "payments", "holds"] = Field(default="debts", description="what the rows are")
    mode: Literal["movements", "snapshot"] | None = Field(
        default=None,
        description="snapshot: the file lists everything that is open; movements: only what changed",
    )
    balance_forward: Yes | None = Field(
        default=None, description="yes: the file carries balances forward instead of listing their documents"
    )
    as_of: Any = Field(default="today", description="day of which the amounts speak: today, a date, or {column: …}")
    file: FileModel = FileModel()
    dates: Annotated[str, BeforeValidator(_dates)] = Field(
        description="day_first, month_first, iso, excel or DD.MM.YYYY"
    )
    decimal: DecimalSign = Field(default=DecimalSign.EITHER, strict=False, description="comma, point or either")
    credits: Credits = Field(default=Credits.NEGATIVE, strict=False, description="how the file writes credits")
    columns: dict[str, SourceField] = Field(description="our field: their column")
    skip: list[SkipModel] = Field(default=[], description="rows to leave out")
    ignore: Texts = Field(default=[], description="columns that are not needed, or `others`")


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a YAML file. Raises FileErrors with the place of each fault."""
    return _mapping(read(path))


def parse_mapping(text: str, *, name: str) -> ColumnMapping:
    """The mapping in a YAML text; `name` stands for the file in errors."""
    return _mapping(parse(text, name=name))


def _mapping(source: YamlSource) -> ColumnMapping:
    model = validate(MappingModel, source)
    subject = Subject(model.reads)
    _check_fields(source, model, subject)
    names = [folded(name) for name in model.ignore]
    return ColumnMapping(
        name=model.mapping,
        title=model.title,
        subject=subject,
        mode=Mode(model.mode or Mode.MOVEMENTS),
        balance_forward=bool(model.balance_forward),
        as_of=_as_of(source, model.as_of),
        shape=model.file.made(),
        date_format=model.dates,
        decimal=model.decimal,
        credits=model.credits,
        fields={field: origin.made() for field, origin in model.columns.items()},
        skips=tuple(rule.made() for rule in model.skip),
        ignored=None if names == ["others"] else frozenset(names),
    )


def _check_fields(source: YamlSource, model: MappingModel, subject: Subject) -> None:
    known = FIELDS[subject]
    for field in model.columns:
        if field not in known:
            hint = nearest(field, known) or "known here: " + ", ".join(known)
            raise source.fault(("columns", field), f"{subject} have no such field", hint=hint, at="key")
    missing = [name for name, use in known.items() if use.is_required and name not in model.columns]
    if missing:
        hint = "; ".join(f"{name}: {known[name].meaning}" for name in missing)
        raise source.fault(("columns",), f"these fields are missing: {', '.join(missing)}", hint=hint, at="key")
    if subject is Subject.DEBTS:
        _check_debts(source, model)


def _check_debts(source: YamlSource, model: MappingModel) -> None:
    fields = model.columns.keys()
    if model.mode is None or model.balance_forward is None:
        key = "mode" if model.mode is None else "balance_forward"
        hint = str(MappingModel.model_fields[key].description)
        raise source.fault((key,), "this key is missing", hint=hint, at="key")
    if not fields & {"principal", "open_amount", "debit"}:
        hint = "map principal, open_amount, or debit and credit"
        raise source.fault(("columns",), "no amount is mapped", hint=hint, at="key")
    if "debit" in fields and "principal" in fields:
        hint = "a ledger has either one column or a debit and a credit column"
        raise source.fault(("columns", "debit"), "principal is mapped too", hint=hint, at="key")
    if ("debit" in fields) is not ("credit" in fields):
        hint = "a ledger with one column of amounts maps it to principal"
        raise source.fault(("columns",), "debit and credit go together", hint=hint, at="key")
    if "credit" in fields and "document" not in fields:
        hint = "map document, so that an amount in the credit column is known for a credit note or a payment"
        raise source.fault(("columns", "credit"), "what a credit is cannot be told", hint=hint, at="key")


def _as_of(source: YamlSource, value: Any) -> Source | date | None:
    if value == "today":
        return None
    if isinstance(value, dict) and set(value) == {"column"} and isinstance(value["column"], str):
        return Source(columns=(value["column"],))
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        hint = "write today, a date such as 2026-03-31, or {column: Date}"
        raise source.fault(("as_of",), f"found {found(value)}, expected a day", hint=hint) from None
