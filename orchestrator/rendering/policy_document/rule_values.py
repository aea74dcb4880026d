"""The values of a rule in words, by their type and by what a field's name says of its unit. Knows no sentence."""

from enum import Enum
from typing import Any

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.rules import Cap, ContactChannel, Rule, Season, TextRule, Window
from orchestrator.rendering.policy_document.words import Words

GROUP_OF_ENUM: dict[type[Enum], str] = {
    ContactChannel: "channels",
    DocumentKind: "documents",
    HoldKind: "holds",
    ClaimKind: "claims",
    DebtorStatus: "statuses",
}
_OTHER_GROUPS = {
    "task": ("tasks",),
    "by": ("people",),
    "floor_series": ("fields.series",),
    "acts": ("documents",),
    "protected": ("fields.marks",),
    "not_marked": ("fields.marks",),
    "on": ("holds", "fields.marks"),
}
# Any one of these values is enough for the rule to speak.
_ALTERNATIVES = frozenset({"when", "unless", "on", "protected", "not_during", "not_marked"})


def value_words(words: Words, rule: Rule, name: str, value: Any) -> str:
    """One value in words, by its type and by what its name says of its unit; empty when there is none."""
    if value is None or value is False or value in ((), "", 0, "0"):
        return ""
    if isinstance(value, tuple):
        return _several(words, rule, name, value)
    if isinstance(value, msgspec.Struct):
        return _struct(words, rule, value)
    if isinstance(value, Enum):
        return words.term(str(value.value), GROUP_OF_ENUM.get(type(value), "values"))
    if isinstance(value, int):  # a flag is one too: only whether it is said counts
        return _number(words, rule, name, value)
    return _code(words, name, str(value))


def _struct(words: Words, rule: Rule, value: msgspec.Struct) -> str:
    if isinstance(value, Cap):
        key = "cap_one" if value.count == 1 else "cap"
        return words.say("labels", key, count=value.count, length=words.hours(value.per_hours))
    if isinstance(value, Window):
        return words.say("labels", "window", start=words.clock(value.start), end=words.clock(value.end))
    if isinstance(value, Season):
        return words.say("labels", "season", start=words.yearly(*value.first), end=words.yearly(*value.last))
    parts = ((field, getattr(value, field)) for field in value.__struct_fields__)
    return ", ".join(f"{field.replace('_', ' ')} {value_words(words, rule, field, part)}" for field, part in parts)


def _several(words: Words, rule: Rule, name: str, values: tuple[Any, ...]) -> str:
    if name == "days":
        return words.weekdays(values)
    said = [value_words(words, rule, name, each) for each in values]
    return words.one_of(said) if name in _ALTERNATIVES else words.all_of(said)


def _number(words: Words, rule: Rule, name: str, value: int) -> str:
    if name.endswith("_cents"):
        return words.amount(value, getattr(rule, "currency", "EUR"))
    if "per_cent" in name:
        return words.percent(value)
    if name.endswith("business_days"):
        return words.length(value, "business_day")
    if name.endswith("hours"):
        return words.hours(value)
    if name.endswith("months"):
        return words.months(value)
    if name.endswith("days") or "_days_" in name or name.startswith("days_"):
        return words.length(value, "day")
    return words.number(value)


def _code(words: Words, name: str, code: str) -> str:
    if name in ("legal_basis", "currency", "points"):
        return code
    if name == "values":
        return words.term(code, "families") if words.find("families", code) else words.quoted(code)
    return words.term(code, f"fields.{name}", *_OTHER_GROUPS.get(name, ()))


def check_words(words: Words, rule: TextRule) -> str:
    said = words.find("checks", rule.check)
    listed = [_code(words, "values", value) for value in rule.values]
    if said is None:
        return ": ".join(filter(None, (rule.check.replace("_", " "), words.all_of(listed))))
    # Any one of these words is too many; what is forbidden to do is listed whole.
    said_values = words.all_of(listed) if rule.check == "words" else words.one_of(listed) if listed else ""
    numbered = {f"v{place}": value for place, value in enumerate(rule.values, 1)}
    return str(said.format(values=said_values, **numbered))
