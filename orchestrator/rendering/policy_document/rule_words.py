"""A rule in words: its values by the sentences of its kind, its basis, source and dates. Judges nothing.

A kind without sentences, or a value without a word, is shown raw: a new rule is never missing from the document.
"""

from collections.abc import Mapping
from datetime import time
from enum import Enum
from typing import Any

import msgspec

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.rules import Cap, ContactChannel, Rule, TextRule, Window
from orchestrator.rendering.policy_document.words import Words, sentence

GROUP_OF_ENUM: dict[type[Enum], str] = {
    ContactChannel: "channels",
    DocumentKind: "documents",
    HoldKind: "holds",
    ClaimKind: "claims",
    DebtorStatus: "statuses",
}
# What every rule has is said apart, in the same way for all kinds.
COMMON_FIELDS = frozenset(
    {
        "id", "title", "titles", "basis", "source", "sources", "valid_from", "valid_to", "evidence", "action",
        "statuses", "bounds", "changed_by",
    }
)  # fmt: skip
_OTHER_GROUPS = {"task": "tasks", "by": "people", "floor_series": "fields.series", "acts": "documents"}


def kind_of(rule: Rule) -> str:
    """The name of its kind, as files write it."""
    return str(rule.__struct_config__.tag)


def parameters(words: Words, rule: Rule) -> tuple[str, ...]:
    """What the rule's values say, sentence by sentence."""
    own = [name for name in rule.__struct_fields__ if name not in COMMON_FIELDS]
    values = {name: _value(words, rule, name, getattr(rule, name)) for name in own}
    if isinstance(rule, TextRule):
        values["check"] = _check(words, rule)
    sentences = words.find("rules", kind_of(rule))
    if sentences is None:
        raw = {name: value for name, value in values.items() if value}
        return tuple(words.say("rules_part", "raw", field=name.replace("_", " "), value=v) for name, v in raw.items())
    said = (_sentence(each, values) for each in sentences)
    return tuple(sentence(words.set(each)) for each in said if each)


def _sentence(said: str | Mapping[str, str], values: Mapping[str, str]) -> str:
    """A sentence with its values; nothing when one of them is empty or its own condition does not hold."""
    if not isinstance(said, str):
        is_so = bool(values.get(said["if"])) if "if" in said else not values.get(said["unless"])
        return said["say"] if is_so else ""
    used = _Used(values)
    text = said.format_map(used)
    return text if all(used.seen) else ""


class _Used(dict[str, str]):
    """Values that remember which of them a sentence names."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.seen: list[str] = []

    def __getitem__(self, name: str) -> str:
        self.seen.append(self.get(name, ""))  # a field that is no more drops its sentence, not the document
        return self.seen[-1]


def _value(words: Words, rule: Rule, name: str, value: Any) -> str:
    """One value in words, by its type and by what its name says of its unit; empty when there is none."""
    if value is None or value is False or value in ((), "", 0):
        return ""
    if isinstance(value, tuple):
        return _several(words, rule, name, value)
    if isinstance(value, Cap):
        key = "cap_one" if value.count == 1 else "cap"
        return words.say("labels", key, count=value.count, length=words.hours(value.per_hours))
    if isinstance(value, Window):
        return words.say("labels", "window", start=_value(words, rule, "", value.start), end=words.clock(value.end))
    if isinstance(value, time):
        return words.clock(value)
    if isinstance(value, Enum):
        return words.term(str(value.value), GROUP_OF_ENUM.get(type(value), "values"))
    if isinstance(value, bool):
        return words.say("labels", "yes")
    if isinstance(value, int):
        return _number(words, rule, name, value)
    if isinstance(value, msgspec.Struct):
        parts = ((field, getattr(value, field)) for field in value.__struct_fields__)
        return ", ".join(f"{field.replace('_', ' ')} {_value(words, rule, field, part)}" for field, part in parts)
    return _code(words, name, str(value))


def _several(words: Words, rule: Rule, name: str, values: tuple[Any, ...]) -> str:
    if name == "days":
        return words.weekdays(values)
    return words.all_of([_value(words, rule, name, each) for each in values])


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
    if name.endswith("days") or "_days_" in name:
        return words.length(value, "day")
    return words.number(value)


def _code(words: Words, name: str, code: str) -> str:
    if name in ("legal_basis", "currency", "points"):
        return code
    if name == "values":
        return words.term(code, "families") if words.find("families", code) else f"« {code} »"
    return words.term(code, f"fields.{name}", *filter(None, (_OTHER_GROUPS.get(name),)))


def _check(words: Words, rule: TextRule) -> str:
    said = words.find("checks", rule.check)
    listed = [_code(words, "values", value) for value in rule.values]
    if said is None:
        return ": ".join(filter(None, (rule.check.replace("_", " "), words.all_of(listed))))
    numbered = {f"v{place}": value for place, value in enumerate(rule.values, 1)}
    return str(said.format(values=words.all_of(listed), **numbered))


def origin(words: Words, rule: Rule, source: str) -> str:
    """Where the rule comes from, how that was checked, and since when it holds."""
    basis = words.say("rules_part", "basis", basis=words.term(rule.basis.value, "bases"), source=source)
    checked = words.say("rules_part", "evidence", evidence=words.say("evidence", rule.evidence))
    held = words.say("rules_part", "since", day=words.day(rule.valid_from))
    if rule.valid_to is not None:
        held += " " + words.say("rules_part", "until", day=words.day(rule.valid_to))
    return f"{words.apart((basis, checked, held))}."
