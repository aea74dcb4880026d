"""What the lint found, and which rules of a policy look for it. Finds nothing itself."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from orchestrator.domain.policy import Action, Basis, ContactChannel, Policy, TextRule

# Entries are policies of single days: a busy day sees a dozen.
_MOST_KEPT = 256


class Severity(StrEnum):
    """E may block, by its rule; W never does by itself."""

    ERROR = "E"
    WARNING = "W"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: the family or check, the words as the lint read them, and where they stand.

    `where` is the part (subject, text, html, sender, preheader, address) with the line where that is known. `rule` and
    `source` are of the pack's rule that asked for it. `words` may be personal data: they stay with who reads the text.
    """

    family: str
    severity: Severity
    blocks: bool
    words: str
    where: str
    rule: str
    source: str
    title: str
    suggestion: str = ""

    @property
    def problem(self) -> str:
        """Why a message is held, without a word of it."""
        return f"{self.family} {self.rule}"

    def __str__(self) -> str:
        hint = f" → {self.suggestion}" if self.suggestion else ""
        return f"{self.severity} {self.family} ({self.rule}) {self.where}: “{self.words}”: {self.title}{hint}"


class Ruleset(msgspec.Struct, frozen=True):
    """The text rules of a policy on one channel: by family of words, and those of the other checks."""

    families: Mapping[str, TextRule]
    checks: tuple[TextRule, ...]


def blocks(rule: TextRule) -> bool:
    """Whether what a rule finds keeps a message back: whatever its action is but a warning."""
    return rule.action is not Action.WARN


def ruleset_of(policy: Policy, channel: ContactChannel) -> Ruleset:
    """What is looked for; a family that two rules name is of the one that blocks, then of the law before the house."""
    key = (id(policy), channel)
    kept = _kept.get(key)
    if kept is None or kept[0] is not policy:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = (policy, _read(policy, channel))
    return kept[1]


# A policy holds dicts and cannot be a key; the policy itself is kept, so that its identity is not given away.
_kept: dict[tuple[int, ContactChannel], tuple[Policy, Ruleset]] = {}


def _read(policy: Policy, channel: ContactChannel) -> Ruleset:
    rules = [rule for rule in policy.of(TextRule) if channel in rule.channels]
    families: dict[str, TextRule] = {}
    for family, rule in _named(rules):
        if family not in families or _weight(rule) > _weight(families[family]):
            families[family] = rule
    return Ruleset(families, tuple(rule for rule in rules if rule.check != "words"))


def _weight(rule: TextRule) -> tuple[bool, bool]:
    return blocks(rule), rule.basis is not Basis.HOUSE


def _named(rules: list[TextRule]) -> Iterator[tuple[str, TextRule]]:
    for rule in rules:
        if rule.check == "words":
            for family in rule.values:
                yield family, rule
