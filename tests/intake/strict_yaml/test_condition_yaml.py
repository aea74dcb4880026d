"""Conditions as files write them: each form read, each mistake placed, one vocabulary with the domain."""

from typing import Any

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.condition import (
    FIELDS,
    Between,
    Condition,
    Either,
    Every,
    FieldKind,
    Is,
    Not,
    OneOf,
    StartsWith,
    fields_of,
    holds,
)
from orchestrator.intake.strict_yaml.conditions import ConditionModel, read_condition
from orchestrator.intake.strict_yaml.field_types import FileModel
from orchestrator.intake.strict_yaml.file_shape import schema_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse, validate


class Audience(FileModel):
    audience: ConditionModel


def condition(text: str) -> Condition:
    return validate(Audience, parse(f"audience: {text}\n", name="f.yaml")).audience


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{debtor: business}", OneOf("debtor", frozenset({"business"}))),
        ("{debtor: [business, individual]}", OneOf("debtor", frozenset({"business", "individual"}))),
        ("{sector: hotels}", OneOf("sector", frozenset({"hotels"}))),
        ("{balance: {from: 15 EUR, below: 500 EUR}}", Between("balance", 1500, 50000, "EUR")),
        ('{balance: {below: "0,50 €"}}', Between("balance", None, 50, "EUR")),
        ("{balance: {from: -20 EUR}}", Between("balance", -2000, None, "EUR")),
        ("{overdue: {from: -5d}}", Between("overdue", -5, None)),
        ("{overdue: {from: 2w, below: 1 month}}", Between("overdue", 14, 30)),
        ("{promises_broken: {from: 1}}", Between("promises_broken", 1, None)),
        ("{debts: {below: 3}}", Between("debts", None, 3)),
        ("{postcode: 62}", StartsWith("postcode", ("62",))),
        ("{postcode: [01, 2A, 97]}", StartsWith("postcode", ("01", "2A", "97"))),
        ("{phone: yes}", Is("phone", True)),
        ("{phone: no}", Is("phone", False)),
        ("{email: true}", Is("email", True)),
        ("{all: yes}", Is("all", True)),
        ("{all: true}", Is("all", True)),
        ("{country: [FR, NO]}", OneOf("country", frozenset({"FR", "NO"}))),
        ("{not: {marks: vulnerable}}", Not(OneOf("marks", frozenset({"vulnerable"})))),
        ("{any: [{phone: yes}, {email: yes}]}", Either((Is("phone", True), Is("email", True)))),
        ("{not: {any: [{phone: yes}]}}", Not(Either((Is("phone", True),)))),
        ("{phone: yes, debtor: business}", Every((OneOf("debtor", frozenset({"business"})), Is("phone", True)))),
    ],
)  # fmt: skip
def test_each_form_is_read(text: str, expected: Condition) -> None:
    assert condition(text) == expected


@pytest.mark.parametrize(
    "text, place, words",
    [
        ("{}", "1:11", "the condition is empty"),
        ("yes", "1:11", 'found "yes", expected a condition'),
        ("[{phone: yes}]", "1:11", "found a list, expected a condition"),
        ("{debtors: business}", "1:12", 'did you mean "debtor"?'),
        ("{Balance: {from: 1 EUR}}", "1:12", 'did you mean "balance"?'),
        ("{debtor: company}", "1:20", '"company" is not one of individual, business'),
        ("{status: [consumer, compny]}", "1:31", 'did you mean "company"?'),
        ("{balance: 50 EUR}", "1:21", 'found "50 EUR", expected bounds'),
        ("{balance: {}}", "1:21", "it has no bound"),
        ("{balance: {from: 50}}", "1:28", "an amount needs one currency"),
        ("{balance: {from: 50 EUR, below: 20 EUR}}", "1:21", "nothing lies between"),
        ("{balance: {from: 50 EUR, below: 60 USD}}", "1:21", "different currencies"),
        ("{balance: {from: 5 EUR, to: 6 EUR}}", "1:35", "this key is not known"),
        ("{overdue: {from: 5}}", "1:28", "this is not a duration"),
        ("{overdue: {from: 5 business days}}", "1:28", "is not a number of days"),
        ("{overdue: {from: 5d, below: 5d}}", "1:21", "nothing lies between"),
        ("{promises_broken: 2}", "1:29", "found 2, expected bounds"),
        ("{promises_broken: {from: many}}", "1:36", 'found "many", expected a whole number'),
        ("{phone: maybe}", "1:19", '"maybe" is not one of yes, no'),
        ("{country: fr}", "1:21", "is not a country in two capitals"),
        ("{language: FR}", "1:22", "is not a language in two small letters"),
        ("{currency: EURO}", "1:22", "is not a currency"),
        ("{sector: []}", "1:20", "the list is empty"),
        ("{sector: [a, a]}", "1:20", '"a" is listed twice'),
        ("{any: []}", "1:17", "found an empty list"),
        ("{any: {phone: yes}}", "1:17", "found a group of keys, expected conditions"),
        ("{any: [{}]}", "1:18", "the condition is empty"),
        ("{not: {debtor: busines}}", "1:26", 'did you mean "business"?'),
        ("{any: [{phone: yes}, {not: {sectr: x}}]}", "1:39", 'did you mean "sector"?'),
        ("{all: yes, phone: yes}", "1:11", "stands alone"),
        ("{all: no}", "1:11", "stands alone"),
    ],
)
def test_each_mistake_is_told_at_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(FileErrors) as caught:
        condition(text)
    (error,) = caught.value.errors
    assert error.where == f"f.yaml:{place}"
    assert words in str(error)


def test_every_word_of_the_domain_may_be_written() -> None:
    samples = {
        FieldKind.AMOUNT: {"from": "1 EUR"}, FieldKind.DAYS: {"from": "1d"}, FieldKind.COUNT: {"from": 1},
        FieldKind.FLAG: True, FieldKind.PREFIX: "62",
    }  # fmt: skip
    words = {"currency": "EUR", "country": "FR", "language": "fr"}
    for name, field in FIELDS.items():
        value = samples.get(field.kind) or (field.choices[0] if field.choices else words.get(name, "x"))
        assert fields_of(read_condition({name: value})) == {name}


def test_the_schema_lists_the_words_and_the_choices_of_the_domain() -> None:
    schema = schema_of(Audience)["$defs"]["ConditionFile"]["properties"]
    assert set(schema) == {*FIELDS, "any", "not"}
    assert list(FIELDS["status"].choices) in [each.get("enum") for each in schema["status"]["anyOf"]]
    assert schema["overdue"]["description"] == FIELDS["overdue"].meaning


def test_a_condition_from_a_request_is_checked_alike() -> None:
    assert read_condition({"debtor": "business"}) == OneOf("debtor", frozenset({"business"}))
    with pytest.raises(pydantic.ValidationError):
        read_condition({"debtor": "busines"})


# ---------------------------------------------------------------------------------- what always holds

_LEAVES = st.sampled_from(
    [
        ({"debtor": "business"}, lambda f: f["debtor"] == "business"),
        ({"debtor": ["business", "individual"]}, lambda _: True),
        ({"balance": {"from": "10 EUR"}}, lambda f: f["balance"] >= 1000),
        ({"balance": {"below": "50 EUR"}}, lambda f: f["balance"] < 5000),
        ({"phone": True}, lambda f: f["phone"]),
        ({"postcode": ["62", "01"]}, lambda f: f["postcode"].startswith(("62", "01"))),
    ]
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda each: ({"not": each[0]}, lambda f: not each[1](f))),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda many: ({"any": [data for data, _ in many]}, lambda f: any(test(f) for _, test in many))
        ),
    ),
    max_leaves=6,
)


class _Facts(dict[str, Any]):
    def read(self, field: str) -> Any:
        return self[field]


@given(
    _TREES,
    st.fixed_dictionaries(
        {
            "debtor": st.sampled_from(["business", "individual"]),
            "balance": st.sampled_from([0, 999, 1000, 4999, 5000]),
            "phone": st.booleans(),
            "postcode": st.sampled_from(["62000", "01200", "75001", ""]),
        }
    ),
)
def test_what_is_read_holds_exactly_when_what_was_written_does(tree: Any, facts: dict[str, Any]) -> None:
    data, expected = tree
    assert holds(read_condition(data), _Facts(facts)) is expected(facts)


@given(_TREES)
def test_a_condition_is_the_same_after_it_was_stored(tree: Any) -> None:
    made = read_condition(tree[0])
    assert msgspec.json.decode(msgspec.json.encode(made), type=Condition) == made
