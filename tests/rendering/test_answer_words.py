"""What is proposed as an answer: sayable under every pack, in both languages, empathetic, short enough for an SMS."""

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from orchestrator.domain.errors import TemplateError
from orchestrator.domain.own_words import LONGEST
from orchestrator.domain.policy import ContactChannel, PolicyBook
from orchestrator.domain.reply import Intent
from orchestrator.domain.voice import Voice
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.answer_words import FACTS, RIGHTS, AnswerWords, answer_words, load
from orchestrator.rendering.lint.facts import LintFacts
from orchestrator.rendering.lint.lint import lint_text
from tests.rendering.wording import LANGUAGES, TEMPLATES

FOLDER = Path(__file__).parents[2] / "campaigns" / "policies"
KNOWN = {
    "creditor": "Acme Télécom", "reference": "F-1", "amount": "42,00 €", "promise_date": "15 mars 2026",
    "promise_amount": "20,00 €", "until": "31 mars 2026", "phone": "04 65 71 00 00",
}  # fmt: skip
# What no proposal may grant: only the creditor's terms and a person do.
_GRANTS = re.compile(r"remise|annul|effac|abandon|write off|waive|discount|forgive", re.IGNORECASE)


@cache
def book() -> PolicyBook:
    return PolicyBook(load_packs(FOLDER))


def words(language: str) -> AnswerWords:
    return answer_words(TEMPLATES, TEMPLATES)[language]


def every_text(language: str) -> list[str]:
    """Each line of each intent, with every fact in its place."""
    found = words(language)
    lines = {line for group in (found.answers, found.listening) for each in group.values() for line in each}
    return [re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda m: KNOWN[m[1]], line) for line in sorted(lines)]


@pytest.mark.parametrize("pack", sorted(book().packs))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pack_finds_anything_in_what_is_proposed(pack: str, language: str) -> None:
    policy = book().on(pack, date(2026, 3, 12))
    for channel in (ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.LETTER):
        for text in every_text(language):
            found = lint_text(text, policy, channel, language=language, facts=LintFacts(is_text_alone=True))
            assert [str(finding) for finding in found] == [], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_words_whatever_is_known(language: str) -> None:
    for intent in Intent:
        for voice in (Voice.COURTEOUS, Voice.LISTENING):
            bare, full = words(language).propose(intent, voice, {}), words(language).propose(intent, voice, KNOWN)
            assert bare
            assert full
            assert "{" not in bare + full
            assert len(full) <= LONGEST["sms"]  # type: ignore[index]  # a channel is its name


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_granted_that_terms_might_refuse(language: str) -> None:
    assert [text for text in every_text(language) if _GRANTS.search(text)] == []


def test_only_a_date_that_was_taken_is_confirmed() -> None:
    without = words("fr").propose(Intent.PROMISE, Voice.COURTEOUS, {})
    assert "quel jour" in without
    assert "15 mars 2026" in words("fr").propose(Intent.PROMISE, Voice.COURTEOUS, {"promise_date": "15 mars 2026"})


def test_who_is_in_difficulty_is_spoken_to_otherwise() -> None:
    fr = words("fr")
    assert fr.propose(Intent.CANNOT_PAY, Voice.LISTENING, {}) != fr.propose(Intent.CANNOT_PAY, Voice.COURTEOUS, {})


def test_both_languages_say_the_same_things() -> None:
    fr, en = words("fr"), words("en")
    assert fr.rights.keys() == en.rights.keys() == set(RIGHTS)
    assert {intent: len(lines) for intent, lines in fr.answers.items()} == {
        intent: len(lines) for intent, lines in en.answers.items()
    }
    assert all(right.says and right.source for each in (fr, en) for right in each.rights.values())


@pytest.mark.parametrize(
    "change, said",
    [
        ("{{ creditor }}|{{ creditr }}", "did you mean"),
        ("{{ creditor }}|{% if x %}", "only"),
        ("  stop:|  stopp:", "stop"),
        ("language: fr|language: xx", "xx"),
    ],
)
def test_a_file_that_cannot_be_said_is_refused_with_its_line(change: str, said: str) -> None:
    old, _, new = change.partition("|")
    text = (TEMPLATES / "answers" / "fr.yaml").read_text("utf-8")
    assert old in text
    with pytest.raises(TemplateError) as error:
        load(text.replace(old, new, 1), "answers/fr.yaml")
    assert said in str(error.value)
    assert "answers/fr.yaml" in error.value.where


def test_the_facts_are_documented_in_each_file() -> None:
    for language in LANGUAGES:
        head = (TEMPLATES / "answers" / f"{language}.yaml").read_text("utf-8")[:600]
        assert all(fact in head for fact in FACTS)


def test_a_file_in_another_encoding_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "fr.yaml").write_bytes("language: fr # été".encode("latin-1"))
    with pytest.raises(TemplateError, match="UTF-8") as refused:
        answer_words(tmp_path, TEMPLATES)
    assert "answers/fr.yaml" in str(refused.value)
