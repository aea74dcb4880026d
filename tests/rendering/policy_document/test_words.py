"""Every word that rules and conditions may speak has words in the policy document, in each language.

A new kind of rule, document, hold, field… needs one line in `words.fr.yaml` and one in `words.en.yaml`
(`orchestrator/rendering/policy_document/`): the failing test names it.
"""

import re
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from orchestrator.domain import rules
from orchestrator.domain.campaign import Amounts, Mode, OnResume, Use
from orchestrator.domain.condition import FIELDS
from orchestrator.domain.contact import Role
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.domain.rules import Action, Basis, Rule
from orchestrator.domain.text_rules import CHECKS, MENTIONS, TEXTS
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.words import METRICS, TEST_EVENTS
from orchestrator.intake.policies.claim_terms import FACTS, INTERRUPTIONS, LINES
from orchestrator.intake.policies.kinds import EVIDENCE
from orchestrator.intake.policies.terms import CREDITOR_FACTS, DUTIES, PERMISSIONS
from orchestrator.rendering.policy_document.rule_values import GROUP_OF_ENUM
from orchestrator.rendering.policy_document.words import LANGUAGES, Words, read_yaml

KINDS: dict[str, Any] = {str(kind.__struct_config__.tag): kind for kind in get_args(Rule)}
ENUMS: dict[type[Enum], str] = {
    **GROUP_OF_ENUM,
    Use: "channels",
    Action: "actions",
    Basis: "bases",
    Voice: "voices",
    Role: "roles",
    Mode: "modes",
    Amounts: "amounts",
    OnResume: "resumes",
}
LISTS = {
    "events": {*TEST_EVENTS, *HOUSE_REACTIONS},
    "metrics": METRICS,
    "evidence": EVIDENCE,
    "people": ("agent", "manager", "admin"),
    "checks": CHECKS,
    "fields.mentions": MENTIONS,
    "fields.texts": TEXTS,
    "fields.requires": CREDITOR_FACTS,
    "fields.when": PERMISSIONS,
    "fields.forbid_lines": LINES,
    "fields.unless": FACTS,
    "fields.reset_by": INTERRUPTIONS,
}
NAMED = [(group, str(member.value)) for kind, group in ENUMS.items() for member in kind] + [
    (group, word) for group, known in LISTS.items() for word in known
]


def place(group: str, word: str, language: str) -> str:
    return f'add "{word}: …" to `{group}` of orchestrator/rendering/policy_document/words.{language}.yaml'


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_rules_and_campaigns_is_worded(language: str) -> None:
    words = Words(language)
    missing = [place(group, word, language) for group, word in NAMED if not words.find(*group.split("."), word)]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_rule_has_sentences_about_fields_that_it_has(language: str) -> None:
    words = Words(language)
    assert [place("rules", kind, language) for kind in KINDS if not words.find("rules", kind)] == []
    for kind, sentences in read_yaml(f"words.{language}.yaml")["rules"].items():
        fields = set(KINDS[kind].__struct_fields__)
        for said in sentences:
            named = set(re.findall(r"{(\w+)}", said if isinstance(said, str) else said["say"]))
            named |= set() if isinstance(said, str) else {said[key] for key in said if key != "say"}
            assert named <= fields, f"{kind}: {said}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_that_starts_a_duty_is_worded(language: str) -> None:
    words = Words(language)
    unsaid = [each for each in DUTIES if not (words.find("fields", "on", each) or words.find("holds", each))]
    assert [place("fields.on", each, language) for each in unsaid] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_a_condition_and_its_closed_words_are_worded(language: str) -> None:
    words = Words(language)
    for field, meaning in FIELDS.items():
        said = words.find("facts", field)
        assert said, place("facts", field, language)
        assert set(said) == {"is", "not"}, place("facts", field, language)
        for choice in meaning.choices:
            assert words.choice(field, choice) != choice or choice == words.term(choice), f"{field}: {choice}"


def test_the_two_languages_have_the_same_keys() -> None:
    french, english = (keys_of(read_yaml(f"words.{language}.yaml")) for language in LANGUAGES)
    assert french ^ english == set()


def keys_of(words: dict[str, Any], path: str = "") -> set[str]:
    found = set()
    for key, value in words.items():
        found |= keys_of(value, f"{path}{key}/") if isinstance(value, dict) else {f"{path}{key}"}
    return found


def test_every_kind_of_rule_stands_under_a_subject() -> None:
    placed = [kind for kinds in read_yaml("subjects.yaml").values() for kind in kinds]
    assert sorted(placed) == sorted(KINDS), "orchestrator/rendering/policy_document/subjects.yaml: name each kind once"


def test_the_document_claims_no_more_than_the_software_does() -> None:
    """A kind that no code judges is said to be kept by people; once code judges it, that line of keeping.yaml goes."""
    root = Path(rules.__file__).parents[1]
    outside = ("domain/rules.py", "domain/policy.py", "intake/policies/", "rendering/policy_document/")
    judging = "".join(
        path.read_text(encoding="utf-8")
        for path in root.rglob("*.py")
        if not path.relative_to(root).as_posix().startswith(outside)
    )
    unjudged = {kind for kind, rule in KINDS.items() if not re.search(rf"\b{rule.__name__}\b", judging)}
    assert set(read_yaml("keeping.yaml")["kinds"]) == unjudged
    checks = set(read_yaml("keeping.yaml")["checks"])
    assert checks <= set(CHECKS)
    assert "window_zone" in checks, "a message says nothing of it: the layout keeps the window free"
