"""Conditions: each term, the trees they make, and explanations that agree with the verdict."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.condition import (
    ALWAYS,
    FIELDS,
    Between,
    Condition,
    Either,
    Every,
    Is,
    Not,
    OneOf,
    StartsWith,
    Value,
    explain,
    fields_of,
    holds,
    wanted,
)


class Read(dict[str, Value]):
    """Facts from a dict; what is not in it is not known."""

    def read(self, field: str) -> Value:
        return self.get(field)


def facts(**known: Value) -> Read:
    return Read(known)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("fr", True),
        ("en", False),
        (frozenset({"fr", "de"}), True),
        (("de",), False),
        (frozenset[str](), False),
        (None, False),
    ],
)
def test_one_of_holds_when_the_value_or_one_of_the_values_is_named(value: Value, *, expected: bool) -> None:
    assert holds(OneOf("language", frozenset({"fr", "nl"})), facts(language=value)) is expected


@pytest.mark.parametrize("value, expected", [(99, False), (100, True), (199, True), (200, False), (None, False)])
def test_between_includes_its_lower_bound_and_excludes_its_upper(value: Value, *, expected: bool) -> None:
    assert holds(Between("balance", 100, 200), facts(balance=value)) is expected


def test_between_with_one_bound_is_open_on_the_other_side() -> None:
    assert holds(Between("overdue", -5), facts(overdue=-5))
    assert not holds(Between("overdue", -5), facts(overdue=-6))
    assert holds(Between("overdue", below=0), facts(overdue=-1))
    assert not holds(Between("overdue", below=0), facts(overdue=0))


def test_a_bound_of_zero_is_a_bound() -> None:
    assert not holds(Between("overdue", at_least=0), facts(overdue=-1))
    assert not holds(Between("overdue", below=0), facts(overdue=3))


def test_starts_with_matches_any_of_its_prefixes() -> None:
    assert holds(StartsWith("postcode", ("62", "59")), facts(postcode="59000"))
    assert not holds(StartsWith("postcode", ("62", "59")), facts(postcode="75062"))
    assert not holds(StartsWith("postcode", ("62",)), facts())


def test_a_flag_is_judged_both_ways_and_unknown_is_neither() -> None:
    assert holds(Is("phone", value=True), facts(phone=True))
    assert holds(Is("phone", value=False), facts(phone=False))
    assert not holds(Is("phone", value=True), facts(phone=False))
    assert not holds(Is("phone", value=True), facts())
    assert not holds(Is("phone", value=False), facts())


def test_nothing_asked_always_holds() -> None:
    assert holds(ALWAYS, facts())


def test_no_alternative_never_holds() -> None:
    assert not holds(Either(()), facts())


def test_every_term_must_hold_and_one_alternative_is_enough() -> None:
    yes, no = Is("phone", value=True), Is("email", value=True)
    known = facts(phone=True, email=False)
    assert holds(Every((yes,)), known)
    assert not holds(Every((yes, no)), known)
    assert holds(Either((no, yes)), known)
    assert not holds(Either((no,)), known)


def test_the_negation_of_a_term_on_an_unknown_value_holds() -> None:
    assert holds(Not(OneOf("solvency", frozenset({"poor"}))), facts())


LEAVES = st.one_of(
    st.builds(OneOf, st.just("language"), st.frozensets(st.sampled_from(["fr", "en", "nl"]), max_size=3)),
    st.builds(OneOf, st.just("marks"), st.frozensets(st.sampled_from(["a", "b"]), max_size=2)),
    st.builds(Between, st.just("balance"), st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3)),
    st.builds(StartsWith, st.just("postcode"), st.lists(st.sampled_from(["5", "59", "7"]), max_size=2).map(tuple)),
    st.builds(Is, st.just("phone"), st.booleans()),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Every, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Either, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["fr", "en", "de"]),
        "marks": st.frozensets(st.sampled_from(["a", "b", "c"])),
        "balance": st.integers(-4, 4),
        "postcode": st.sampled_from(["59000", "75001", "5", ""]),
        "phone": st.booleans(),
    },
)


def truth(condition: Condition, known: Mapping[str, Value]) -> bool:
    """The same judgement, written on sets and comparisons alone."""
    match condition:
        case Every(terms):
            return not [term for term in terms if not truth(term, known)]
        case Either(terms):
            return bool([term for term in terms if truth(term, known)])
        case Not(term):
            return not truth(term, known)
    value = known.get(condition.field)
    if value is None:
        return False
    match condition:
        case OneOf(_, values):
            return bool(set(values) & ({value} if isinstance(value, str) else set(value)))  # type: ignore[arg-type]  # a set of words
        case Between(_, low, high):
            assert isinstance(value, int)
            return (low if low is not None else -99) <= value < (high if high is not None else 99)
        case StartsWith(_, prefixes):
            return any(str(value)[: len(prefix)] == prefix for prefix in prefixes)
        case Is(_, flag):
            return value == flag


def rebuilt(condition: Condition, verdicts: list[bool], *, negated: bool = False) -> bool:
    """The verdict of the tree from the verdicts of its leaves, in the order of `explain`."""
    match condition:
        case Every(terms):
            found = [rebuilt(term, verdicts, negated=negated) for term in terms]
            return any(found) if negated else all(found)
        case Either(terms):
            found = [rebuilt(term, verdicts, negated=negated) for term in terms]
            return all(found) if negated else any(found)
        case Not(term):
            return rebuilt(term, verdicts, negated=not negated)
    return verdicts.pop(0)


@given(CONDITIONS, KNOWN)
def test_holds_agrees_with_an_independent_judgement(condition: Condition, known: dict[str, Value]) -> None:
    assert holds(condition, Read(known)) is truth(condition, known)


@given(CONDITIONS, KNOWN)
def test_explain_agrees_with_holds(condition: Condition, known: dict[str, Value]) -> None:
    """The leaves' verdicts, with negations counted, rebuild the verdict of the whole."""
    readings = explain(condition, Read(known))
    assert rebuilt(condition, [reading.held for reading in readings]) is holds(condition, Read(known))
    assert all(reading.value == known.get(reading.field) for reading in readings)


@given(CONDITIONS)
def test_a_condition_survives_its_json(condition: Condition) -> None:
    assert msgspec.json.decode(msgspec.json.encode(condition), type=Condition) == condition


@given(CONDITIONS)
def test_the_fields_of_a_condition_are_those_it_explains(condition: Condition) -> None:
    assert fields_of(condition) == {reading.field for reading in explain(condition, Read())}


def test_a_reading_says_what_was_wanted_and_what_was_read() -> None:
    tree = Every((Between("balance", 1500, 50000), Not(OneOf("marks", frozenset({"vulnerable", "deceased"})))))
    first, second = explain(tree, facts(balance=2000, marks=frozenset({"vulnerable"})))
    assert (first.wanted, first.value, first.held) == (">= 1500 and < 50000", 2000, True)
    assert (second.wanted, second.held) == ("not in deceased, vulnerable", False)


def test_each_kind_of_term_says_what_it_wants() -> None:
    assert wanted(StartsWith("postcode", ("62", "59"))) == "starts with 62, 59"
    assert wanted(Is("phone", value=True)) == "yes"
    assert wanted(Is("phone", value=False)) == "no"
    assert wanted(Between("balance")) == "any"


def test_every_word_says_what_it_means() -> None:
    assert all(field.meaning for field in FIELDS.values())
