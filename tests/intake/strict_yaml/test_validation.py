"""A document against a model: one sentence per fault, with its place, and nothing said twice."""

from typing import Annotated, Literal

import pydantic
import pytest

from orchestrator.domain.errors import FileError
from orchestrator.intake.strict_yaml.field_types import (
    BusinessDays,
    Clock,
    Day,
    Days,
    FileModel,
    Hours,
    Identifier,
    Percent,
    Positive,
    Several,
    Span,
    Sum,
    Text,
    Word,
    YesNo,
)
from orchestrator.intake.strict_yaml.file_shape import schema_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse, validate
from orchestrator.intake.strict_yaml.wording import refusal_at


class Circle(FileModel):
    kind: Literal["circle"]
    id: Text
    radius: Positive = 1


class Square(FileModel):
    kind: Literal["square"]
    id: Text
    sides: Several[Positive] = (1,)


class Drawing(FileModel):
    title: Text = pydantic.Field(description="what people will read")
    shapes: tuple[Annotated[Circle | Square, pydantic.Field(discriminator="kind")], ...] = ()
    colour: Annotated[str, Word({"red": "red", "blue": "blue"})] = "red"
    best: Circle | None = None

    @pydantic.model_validator(mode="after")
    def _best_is_large(self) -> "Drawing":
        if self.best is not None and self.best.radius == 7:
            raise refusal_at(("best", "radius"), "seven is unlucky", "take eight")
        return self


def faults_of(text: str, model: type[pydantic.BaseModel] = Drawing) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        validate(model, parse(text, name="f.yaml"))
    return [str(error) for error in caught.value.errors]


def test_a_right_document_becomes_the_model() -> None:
    drawing = validate(Drawing, parse("title: 12\nshapes: [{kind: square, id: a, sides: 3}]\n", name="f.yaml"))
    assert drawing == Drawing(title="12", shapes=(Square(kind="square", id="a", sides=(3,)),))


FAULTS = [
    ("shapes: []\n", "f.yaml:1:1: title: this key is missing (what people will read)"),
    ("titel: x\n", 'f.yaml:1:1: titel: this key is not known (did you mean "title"?)'),
    ("Title: x\n", 'f.yaml:1:1: Title: this key is not known (did you mean "title"?)'),
    ("title: x\nsize: 3\n", "f.yaml:2:1: size: this key is not known (known here: title, shapes, colour, best)"),
    ("title: [x]\n", "f.yaml:1:8: title: found a list, expected a text (what people will read)"),
    ("title: yes\nbest: {kind: circle, id: a, radius: 0}\n",
     'f.yaml:2:37: best.radius: found 0, expected at least 1'),
    ("title: true\n", "f.yaml:1:8: title: found true, expected a text (put it in quotes)"),
    ('title: "  "\n', "f.yaml:1:8: title: it is empty (give it a value, or delete the line)"),
    ("title:\n", "f.yaml:1:1: title: it is empty (give it a value, or delete the line)"),
    ("title: x\ncolour: #0b5cad\n",
     'f.yaml:2:1: colour: it is empty: what follows a "#" is a comment (put the value in quotes)'),
    ("title: x\ncolour: Red\n", 'f.yaml:2:9: colour: "Red" is not one of red, blue (did you mean "red"?)'),
    ("title: x\ncolour: 3\n", "f.yaml:2:9: colour: 3 is not one of red, blue"),
    ("title: x\nshapes: {}\n", "f.yaml:2:9: shapes: found a group of keys, expected a list"),
    ("title: x\nshapes:\n  - round\n",
     'f.yaml:3:5: shapes[0]: found "round", expected a group of `key: value` lines'),
    ("title: x\nshapes:\n  - id: a\n", 'f.yaml:3:5: shapes[0].kind ("a"): this key is missing (one of circle, square)'),
    ("title: x\nshapes:\n  - {kind: sqare, id: a}\n",
     'f.yaml:3:12: shapes[0].kind ("a"): "sqare" is not one of circle, square (did you mean "square"?)'),
    ("title: x\nshapes:\n  - {kind: circle, id: a, radius: wide}\n",
     'f.yaml:3:35: shapes[0].radius ("a"): found "wide", expected a whole number'),
    ("title: x\nshapes:\n  - {kind: square, id: a, side: 1}\n",
     'f.yaml:3:27: shapes[0].side ("a"): this key is not known (did you mean "sides"?)'),
    ("title: x\nshapes:\n  - {kind: square, id: a, sides: [2, b]}\n",
     'f.yaml:3:38: shapes[0].sides[1] ("a"): found "b", expected a whole number'),
    ("title: x\nshapes:\n  - {kind: square, id: a, sides: b}\n",
     'f.yaml:3:34: shapes[0].sides ("a"): found "b", expected a whole number'),
    ("title: x\nshapes:\n  - {kind: square, id: a, sides: []}\n",
     'f.yaml:3:34: shapes[0].sides ("a"): the list is empty (name at least one)'),
    ("title: x\nshapes:\n  - {kind: square, id: a, sides: [2, 2]}\n",
     'f.yaml:3:34: shapes[0].sides ("a"): 2 is listed twice (keep one)'),
    ("title: x\nbest: 3\n", "f.yaml:2:7: best: found 3, expected a group of `key: value` lines"),
    ("title: x\nbest: {kind: circle, id: a, radius: 7}\n", "f.yaml:2:37: best.radius: seven is unlucky (take eight)"),
    ("- a\n", "f.yaml:1:1: found a list, expected a group of `key: value` lines"),
]  # fmt: skip


@pytest.mark.parametrize("text, sentence", FAULTS)
def test_a_fault_is_said_in_one_plain_sentence_at_its_place(text: str, sentence: str) -> None:
    assert faults_of(text) == [sentence]


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    found = faults_of("colour: green\nbest: {kind: circle, idd: a}\ntitle: [1]\n")
    assert [fault.split(": ")[0] for fault in found] == ["f.yaml:1:9", "f.yaml:2:22", "f.yaml:3:8"]


def test_a_misspelt_key_is_not_also_reported_as_missing() -> None:
    assert len(faults_of("titel: x\n")) == 1


def test_an_empty_key_is_not_also_reported_as_wrong() -> None:
    assert len(faults_of("title: x\nbest:\nshapes:\n")) == 2


def test_a_decimal_comma_inside_braces_is_explained() -> None:
    found = faults_of("title: x\nbest: {kind: circle, id: 12,50 EUR}\n")
    assert len(found) == 1
    assert found[0].startswith("f.yaml:2:29: best.50 EUR: it is empty: inside {…} a comma separates keys")


def test_an_empty_list_item_does_not_move_the_others() -> None:
    found = faults_of("title: x\nshapes:\n  -\n  - {kind: circle, id: a, radius: wide}\n")
    assert found[1].startswith("f.yaml:4:35: shapes[1].radius")


def test_the_error_of_a_whole_file_stands_for_its_first_fault() -> None:
    with pytest.raises(FileError) as caught:
        validate(Drawing, parse("colour: green\n", name="f.yaml"))
    assert isinstance(caught.value, FileErrors)
    assert caught.value.where == "f.yaml:1:1"
    assert str(caught.value).count("\n") == 1


def test_no_sentence_speaks_of_the_library_that_found_the_fault() -> None:
    for text, _ in FAULTS:
        for fault in faults_of(text):
            assert "pydantic" not in fault
            assert "Input should" not in fault
            assert "validation" not in fault


# ------------------------------------------------------------------------------- the types of fields


class Everything(FileModel):
    day: Day | None = None
    clock: Clock | None = None
    span: Span | None = None
    hours: Hours | None = None
    days: Days | None = None
    business: BusinessDays | None = None
    amount: Sum | None = None
    percent: Percent | None = None
    flag: YesNo | None = None
    name: Identifier | None = None


@pytest.mark.parametrize(
    "written, shown",
    [
        ("day: 2026-01-31", "2026-01-31"), ('day: "2026-01-31"', "2026-01-31"),
        ("clock: 09:00", "09:00:00"), ("clock: 9:05", "09:05:00"),
        ("span: 3 business days", "3 business days"), ("span: 90m", "90m"),
        ("hours: 7d", "168"), ("hours: 72h", "72"), ("days: -5d", "-5"), ("days: 2w", "14"),
        ("business: 1 business day", "1"), ("amount: 1 234,56 €", "1234.56 EUR"), ("amount: 15 EUR", "15.00 EUR"),
        ("percent: 2.62", "2.62"), ('percent: "2,62 %"', "2.62"), ("percent: 10", "10"),
        ("flag: yes", "True"), ("flag: no", "False"), ("flag: true", "True"), ("name: b2c-small", "b2c-small"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_what_it_is_for(written: str, shown: str) -> None:
    made = validate(Everything, parse(written + "\n", name="f.yaml"))
    assert str(getattr(made, written.partition(":")[0])) == shown


@pytest.mark.parametrize(
    "written, words",
    [
        ("day: 31/01/2026", '"31/01/2026" is not a date (write it like 2026-01-31)'),
        ("day: 2026-02-30", '"2026-02-30" is not a date'),
        ("day: 20260131", "20260131 is not a date"),
        ("day: 2026-W05-6", "is not a date"),
        ("clock: 9h", "is not a time of day"),
        ("clock: 25:00", "is not a time of day"),
        ("clock: 540", "540 is not a time of day"),
        ("span: 3", "this is not a duration"),
        ("span: 3 days ago", "this is not a duration"),
        ("hours: 90m", "is not a number of hours"),
        ("hours: 1 month", "is not a number of hours"),
        ("days: 12h", "12h is not a number of days"),
        ("days: 3 business days", "3 business days is not a number of days"),
        ("business: 2d", "is not a number of business days"),
        ("amount: 15", "an amount needs one currency"),
        ("amount: 15 EURO", "not known"),
        ("amount: 1,234 EUR", "ambiguous"),
        ("percent: much", "is not a rate in per cent"),
        ("flag: maybe", '"maybe" is not one of yes, no'),
        ("flag: 1", "1 is not one of yes, no"),
        ("name: B2C small", "is not a short name"),
        ("name: [a]", "found a list, expected a short name"),
    ],
)
def test_a_value_that_cannot_be_is_refused(written: str, words: str) -> None:
    (fault,) = faults_of(written + "\n", Everything)
    assert words in fault


def test_the_schema_for_editors_lets_no_key_be_null_and_knows_every_choice() -> None:
    schema = schema_of(Drawing)
    assert "null" not in str(schema)
    assert schema["properties"]["colour"]["enum"] == ["red", "blue"]
    assert schema["required"] == ["title"]
    assert schema["additionalProperties"] is False
