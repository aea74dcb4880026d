"""Conditions as data: one model for audiences, `if:`, pause segments, crises and reports.

A condition is a tree of terms over the facts of a case. It is judged, and it is explained with the values read.
The words that a file may use are FIELDS; how a case answers them is `situation.py`.
"""

from enum import StrEnum
from typing import Protocol

import msgspec


class FieldKind(StrEnum):
    """How a field is compared."""

    CHOICE = "choice"
    AMOUNT = "amount"
    DAYS = "days"
    COUNT = "count"
    PREFIX = "prefix"
    FLAG = "flag"


class Field(msgspec.Struct, frozen=True):
    """A word that conditions may use: how it compares, its closed vocabulary if any, and what it means."""

    kind: FieldKind
    meaning: str
    choices: tuple[str, ...] = ()


_STATUSES = ("consumer", "sole_trader", "company", "non_professional", "public_body", "unknown")
_METHODS = ("transfer", "direct_debit", "card", "cheque", "cash", "unknown")
_CLAIMS = (
    "goods", "services", "telecom", "transport", "rent", "energy", "water", "insurance", "credit", "cheque",
    "works", "unknown",
)  # fmt: skip

FIELDS: dict[str, Field] = {
    "debtor": Field(
        FieldKind.CHOICE,
        "individual (consumer, unknown) or business (the others)",
        ("individual", "business"),
    ),
    "status": Field(FieldKind.CHOICE, "who owes, in law", _STATUSES),
    "party": Field(FieldKind.CHOICE, "who collects", ("own", "third_party")),
    "balance": Field(FieldKind.AMOUNT, "all that is open, credits deducted"),
    "overdue_balance": Field(FieldKind.AMOUNT, "what is due and not held, credits deducted"),
    "overdue": Field(FieldKind.DAYS, "days since the anchor's due date; negative before it"),
    "debts": Field(FieldKind.COUNT, "number of open debts"),
    "promises_broken": Field(FieldKind.COUNT, "promises broken in this case"),
    "promises_kept": Field(FieldKind.COUNT, "promises kept in this case"),
    "sector": Field(FieldKind.CHOICE, "the debtor's sector"),
    "marks": Field(FieldKind.CHOICE, "marks on the case, such as good_payer or vulnerable"),
    "solvency": Field(FieldKind.CHOICE, "the last solvency finding"),
    "debt_kind": Field(FieldKind.CHOICE, "kinds of the open debts: invoice, subscription, instalment"),
    "claim_kind": Field(FieldKind.CHOICE, "what the open debts are for", _CLAIMS),
    "payment_method": Field(FieldKind.CHOICE, "how the open debts are paid", _METHODS),
    "creditor": Field(FieldKind.CHOICE, "creditor ids"),
    "campaign": Field(FieldKind.CHOICE, "campaign ids"),
    "currency": Field(FieldKind.CHOICE, "currency of the case, ISO 4217"),
    "language": Field(FieldKind.CHOICE, "the debtor's language, ISO 639-1"),
    "country": Field(FieldKind.CHOICE, "the debtor's country, ISO 3166"),
    "postcode": Field(FieldKind.PREFIX, "prefixes of the debtor's postcode"),
    "debtor_ref": Field(FieldKind.CHOICE, "the creditor's own reference of the debtor"),
    "phone": Field(FieldKind.FLAG, "there is a number that takes SMS"),
    "email": Field(FieldKind.FLAG, "there is a usable e-mail address"),
    "post": Field(FieldKind.FLAG, "there is a usable postal address"),
    "title": Field(FieldKind.FLAG, "an enforcement title exists"),
    "all": Field(FieldKind.FLAG, "everything (pauses and crises)"),
}

Value = str | int | bool | tuple[str, ...] | frozenset[str] | None


class Facts(Protocol):
    """Whatever can answer the words of FIELDS. Amounts are minor units, `overdue` is days, sets are frozensets."""

    def read(self, field: str) -> Value:
        """The value of a field; None when it is not known, and then no term on it holds."""


class OneOf(msgspec.Struct, frozen=True, tag="one_of"):
    """The value (or one of the values) is in `values`."""

    field: str
    values: frozenset[str]


class Between(msgspec.Struct, frozen=True, tag="between", omit_defaults=True):
    """`at_least` <= value < `below`; bounds in the field's unit (minor units, days, a count)."""

    field: str
    at_least: int | None = None
    below: int | None = None
    currency: str = ""


class StartsWith(msgspec.Struct, frozen=True, tag="starts_with"):
    """The value starts with one of `prefixes`."""

    field: str
    prefixes: tuple[str, ...]


class Is(msgspec.Struct, frozen=True, tag="is"):
    """The flag has this value."""

    field: str
    value: bool


class Every(msgspec.Struct, frozen=True, tag="every"):
    """All the terms hold; none at all holds always."""

    terms: tuple["Condition", ...] = ()


class Either(msgspec.Struct, frozen=True, tag="either"):
    """At least one term holds."""

    terms: tuple["Condition", ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """The term does not hold."""

    term: "Condition"


Condition = OneOf | Between | StartsWith | Is | Every | Either | Not
ALWAYS = Every()


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds. A term on an unknown value does not hold; its negation does."""
    kind = type(condition)
    if kind is Every:
        return all(holds(term, facts) for term in condition.terms)  # type: ignore[union-attr]  # kind says it
    if kind is Either:
        return any(holds(term, facts) for term in condition.terms)  # type: ignore[union-attr]  # kind says it
    if kind is Not:
        return not holds(condition.term, facts)  # type: ignore[union-attr]  # kind says it
    return _term_holds(condition, facts.read(condition.field))  # type: ignore[union-attr]  # a leaf


def _term_holds(term: Condition, value: Value) -> bool:
    match term:
        case OneOf():
            if isinstance(value, (frozenset, tuple)):
                return not term.values.isdisjoint(value)
            return value in term.values
        case Between():
            if not isinstance(value, int):
                return False
            return (term.at_least is None or value >= term.at_least) and (term.below is None or value < term.below)
        case StartsWith():
            return isinstance(value, str) and value.startswith(term.prefixes)
        case Is():
            return value is term.value
    raise TypeError(f"{type(term).__name__} is not a leaf")


class Reading(msgspec.Struct, frozen=True):
    """One term as it was judged: the field, what was read, what was wanted, and whether it held."""

    field: str
    value: Value
    wanted: str
    held: bool


def explain(condition: Condition, facts: Facts) -> tuple[Reading, ...]:
    """Each leaf with the value it read. A leaf under `not` says so in `wanted`, and `held` counts the negation."""
    return tuple(_explain(condition, facts, negated=False))


def _explain(condition: Condition, facts: Facts, *, negated: bool) -> list[Reading]:
    match condition:
        case Every(terms) | Either(terms):
            return [reading for term in terms for reading in _explain(term, facts, negated=negated)]
        case Not(term):
            return _explain(term, facts, negated=not negated)
        case _:
            value = facts.read(condition.field)
            held = _term_holds(condition, value) is not negated
            return [Reading(condition.field, value, ("not " if negated else "") + wanted(condition), held)]


def wanted(term: Condition) -> str:
    """What a leaf asks for, in plain signs: `in a, b`, `>= 1500`, `starts with 62`, `yes`."""
    match term:
        case OneOf():
            return "in " + ", ".join(sorted(term.values))
        case Between():
            bounds = [f">= {term.at_least}"] if term.at_least is not None else []
            bounds += [f"< {term.below}"] if term.below is not None else []
            return " and ".join(bounds) or "any"
        case StartsWith():
            return "starts with " + ", ".join(term.prefixes)
        case Is():
            return "yes" if term.value else "no"
    raise TypeError(f"{type(term).__name__} is not a leaf")


def fields_of(condition: Condition) -> frozenset[str]:
    """Every field that a condition reads."""
    match condition:
        case Every(terms) | Either(terms):
            return frozenset().union(*(fields_of(term) for term in terms))
        case Not(term):
            return fields_of(term)
        case _:
            return frozenset({condition.field})


def told_plainly(condition: Condition) -> str:
    """The whole condition in plain signs, for lists: `postcode starts with 62; not (balance >= 5000)`."""
    match condition:
        case Every(terms):
            return "; ".join(told_plainly(term) for term in terms)
        case Either(terms):
            return "(" + " / ".join(told_plainly(term) for term in terms) + ")"
        case Not(term):
            return f"not ({told_plainly(term)})"
        case _:
            return f"{condition.field} {wanted(condition)}"
