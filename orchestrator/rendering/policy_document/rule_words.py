"""A rule in words: its values by the sentences of its kind, its basis, source and dates. Judges nothing.

A kind without sentences, or a value without a word, is shown raw: a new rule is never missing from the document.
"""

from collections.abc import Mapping

from orchestrator.domain.rules import Basis, ContactChannel, FrequencyRule, HoursRule, Rule, TextRule
from orchestrator.rendering.policy_document.rule_values import check_words, value_words
from orchestrator.rendering.policy_document.words import Words, read_yaml, sentence

# What every rule has is said apart, in the same way for all kinds.
COMMON_FIELDS = frozenset(
    {
        "id", "title", "titles", "basis", "source", "sources", "valid_from", "valid_to", "evidence", "action",
        "statuses", "bounds", "changed_by",
    }
)  # fmt: skip


_HOUSE = "Relance"


def kind_of(rule: Rule) -> str:
    """The name of its kind, as files write it."""
    return str(rule.__struct_config__.tag)


def parameters(words: Words, rule: Rule) -> tuple[str, ...]:
    """What the rule's values say, sentence by sentence."""
    own = [name for name in rule.__struct_fields__ if name not in COMMON_FIELDS]
    values = {name: value_words(words, rule, name, getattr(rule, name)) for name in own}
    if isinstance(rule, TextRule):
        values["check"] = check_words(words, rule)
    sentences = words.find("rules", kind_of(rule))
    if sentences is None:
        raw = {name: value for name, value in values.items() if value}
        return tuple(words.say("rules_part", "raw", field=name.replace("_", " "), value=v) for name, v in raw.items())
    said = (_sentence(each, rule, values) for each in sentences)
    return tuple(sentence(words.set(each)) for each in said if each)


def _sentence(said: str | Mapping[str, str], rule: Rule, values: Mapping[str, str]) -> str:
    """A sentence with its values; nothing when one of them is empty or its own condition does not hold."""
    used = _Used(values)
    if not isinstance(said, str):
        if not _is_so(said, rule, values):
            return ""
        said = said["say"]
    text = said.format_map(used)
    return text if all(used.seen) else ""


def _is_so(said: Mapping[str, str], rule: Rule, values: Mapping[str, str]) -> bool:
    if "if" in said:
        return bool(values.get(said["if"]))
    if "unless" in said:
        return not values.get(said["unless"])
    zero = getattr(rule, said["zero"], None)
    return zero == 0 and zero is not False


class _Used(dict[str, str]):
    """Values that remember which of them a sentence names."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.seen: list[str] = []

    def __getitem__(self, name: str) -> str:
        self.seen.append(self.get(name, ""))  # a field that is no more drops its sentence, not the document
        return self.seen[-1]


def keeping(rule: Rule) -> str:
    """How a rule is kept that stops no message by itself, as a key of the words' `keeping`; empty when it does."""
    table = read_yaml("keeping.yaml")
    if isinstance(rule, TextRule) and rule.check in table["checks"]:
        return str(table["checks"][rule.check])
    if isinstance(rule, HoursRule | FrequencyRule) and rule.channels == (ContactChannel.CALL,):
        return str(table["calls_only"])
    return str(table["kinds"].get(kind_of(rule), ""))


def origin(words: Words, rule: Rule) -> str:
    """Where the rule comes from, how that was checked, and since when it holds."""
    source = source_words(words, rule)
    basis = words.term(rule.basis.value, "bases")
    said = [words.say("rules_part", "basis", basis=basis, source=source) if source else basis]
    if rule.evidence != rule.basis.value:  # a choice of the house has no source to check
        said.append(words.say("rules_part", "evidence", evidence=words.say("evidence", rule.evidence)))
    held = words.say("rules_part", "since", day=words.day(rule.valid_from))
    if rule.valid_to is not None:
        held += " " + words.say("rules_part", "until", day=words.day(rule.valid_to))
    return f"{words.apart((*said, held))}."


def source_words(words: Words, rule: Rule) -> str:
    """Its source. Packs name the house as the source of its own choices, which its basis says already."""
    source = words.set(rule.source_in(words.language))
    if rule.basis is not Basis.HOUSE:
        return source
    return source.removeprefix(_HOUSE).lstrip(" ;,\u00a0")
