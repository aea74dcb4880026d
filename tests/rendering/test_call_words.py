"""What may be said on the telephone: nothing of a debt until it is sure who listens, and never what the law forbids."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import TemplateError
from orchestrator.domain.voice import Voice
from orchestrator.rendering.call_words import KEYS, OPENING, call_words, load, read_calls
from orchestrator.settings import shipped

SHIPPED = shipped("templates")
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted((SHIPPED / "calls").glob("*.yaml"))}
FACTS = {
    "agent": "Anne Martin", "debtor": "Jeanne Dupont", "sender": "Acme", "creditor": "Acme", "amount": "42,00 €",
    "due_on": "2 mars 2026", "case": "MB3ZSX", "documents": "F-1",
}  # fmt: skip
EARLY = ("Acme", "42", "MB3ZSX", "F-1", "2 mars")


def test_french_and_english_are_there() -> None:
    assert set(TEXTS) == {"fr", "en"}


@pytest.mark.parametrize("language", sorted(TEXTS))
@pytest.mark.parametrize("voice", list(Voice))
def test_every_voice_has_its_script_in_order(language: str, voice: Voice) -> None:
    script = load(TEXTS[language], f"{language}.yaml").script(voice, FACTS)
    assert [part for part, _ in script] == list(KEYS)
    assert all("{" not in text and "}" not in text for _, text in script)
    said = dict(script)
    assert "Acme" in said["reason"]
    for part in OPENING:
        assert not [word for word in EARLY if word in said[part]], part
    if voice is Voice.LISTENING:
        assert "42" not in said["reason"]


@pytest.mark.parametrize("language, now", [("fr", "régler maintenant"), ("en", "pay now")])
def test_who_is_listened_to_is_not_offered_to_pay_now(language: str, now: str) -> None:
    """The sheet has just said that nothing is asked of them today."""
    words = load(TEXTS[language], f"{language}.yaml")
    assert now in dict(words.script(Voice.COURTEOUS, FACTS))["options"]
    assert now not in " ".join(text for _, text in words.script(Voice.LISTENING, FACTS))


def test_a_file_without_options_for_the_listening_voice_offers_none_there() -> None:
    bare = "\n".join(line for line in TEXTS["en"].splitlines() if not line.strip().startswith("options_listening"))
    words = load(bare, "en.yaml")
    assert "options" not in dict(words.script(Voice.LISTENING, FACTS))
    assert "options" in dict(words.script(Voice.FIRM, FACTS))


@pytest.mark.parametrize("language, birth, role", [("fr", "naissance", "fonction"), ("en", "birth", "what you do")])
def test_a_firm_is_asked_for_its_right_contact_and_nobody_for_a_birth(language: str, birth: str, role: str) -> None:
    words = load(TEXTS[language], f"{language}.yaml")
    person, firm = (dict(words.script(Voice.COURTEOUS, FACTS, is_firm=is_firm)) for is_firm in (False, True))
    assert birth in person["identity"]
    assert role in firm["identity"]
    assert not [text for text in firm.values() if birth in text]
    for part in OPENING:
        assert not [word for word in (*EARLY, "facture", "bill", "invoice", "dette", "debt") if word in firm[part]], (
            part
        )
    assert words.words["contact_unnamed"] in firm["opening"]
    named = dict(words.script(Voice.COURTEOUS, {**FACTS, "contact": "Luc Petit"}, is_firm=True))
    assert "Luc Petit" in named["opening"]
    assert {key: firm[key] for key in KEYS if key not in OPENING} == {
        key: person[key] for key in KEYS if key not in OPENING
    }


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_each_voice_says_it_in_its_own_words(language: str) -> None:
    words = load(TEXTS[language], f"{language}.yaml")
    reasons = {dict(words.script(voice, FACTS))["reason"] for voice in Voice}
    assert len(reasons) == len(Voice)


@pytest.mark.parametrize(
    "change, code, said",
    [
        (('"Bonjour, je suis {{ agent }}.', '"Bonjour, {{ amount }} sont dus.'), "said_too_early", "amount"),
        (('"Bonjour, je suis {{ agent }}.', '"Bonjour, je suis {{ creditor }}.'), "said_too_early", "creditor"),
        (("{{ agent }}", "{{ agnet }}"), "unknown_variable", "agnet"),
        (("  listen:", "  lisen:"), "", "lisen"),
        (("language: fr", "language: en"), "", "language"),
        (("{{ debtor }}", "{% debtor %}"), "", "{{ name }}"),
    ],
    ids=["amount", "creditor", "unknown", "key", "language", "code"],
)
def test_what_may_not_be_said_is_refused_with_its_place(change: tuple[str, str], code: str, said: str) -> None:
    with pytest.raises(TemplateError) as refused:
        load(TEXTS["fr"].replace(*change), "fr.yaml")
    assert said in str(refused.value)
    assert not code or refused.value.code == code


def test_a_folder_of_its_own_lays_over_the_shipped_words(tmp_path: Path) -> None:
    assert read_calls(tmp_path) == {}
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "fr.yaml").write_text(TEXTS["fr"].replace("Bonjour", "Bonsoir"), encoding="utf-8")
    found = call_words(tmp_path, SHIPPED)
    assert set(found) == {"fr", "en"}
    assert found["fr"].words["opening"].startswith("Bonsoir")


def test_who_calls_is_told_what_to_do_in_their_own_language_and_says_the_debtors() -> None:
    french, english = (load(TEXTS[language], f"{language}.yaml") for language in ("fr", "en"))
    script = dict(french.script(Voice.COURTEOUS, FACTS, told=english))
    own, ours = dict(french.script(Voice.COURTEOUS, FACTS)), dict(english.script(Voice.COURTEOUS, FACTS))
    assert {part for part in KEYS if script[part] == ours[part]} == {"listen", "never"}
    assert {part for part in KEYS if script[part] == own[part]} == set(KEYS) - {"listen", "never"}
