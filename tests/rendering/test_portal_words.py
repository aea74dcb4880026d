"""The words of the portal: whole in every language, with nothing of the debtor, and a fault is named by its line."""

import re
from pathlib import Path

import pytest

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.portal_words import KEYS, load, portal_words, read_portal
from tests.rendering.wording import LANGUAGES, TEMPLATES

FRENCH = (TEMPLATES / "portal" / "fr.yaml").read_text("utf-8")


def test_every_language_says_everything() -> None:
    found = read_portal(TEMPLATES)
    assert set(found) == set(LANGUAGES)
    for words in found.values():
        assert set(words.words) == KEYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_shames_and_nothing_threatens(language: str) -> None:
    words = " ".join(read_portal(TEMPLATES)[language].words.values()).casefold()
    unwanted = r"débiteur|dette|impayé|huissier|saisie|poursuite|debtor|\bdebt|overdue|owe|bailiff|seiz|must"
    assert re.findall(unwanted, words) == []


@pytest.mark.parametrize(
    "old, new, where, said",
    [
        ("  intro:", "  intrro:", "portal/fr.yaml:12", "intrro"),
        ("{{ of_creditor }}", "{{ name }}", "portal/fr.yaml:8", "name"),
        ("{{ of_creditor }}", "{% if x %}", "portal/fr.yaml:8", "only {{ name }}"),
        ('again: "Nous dire autre chose"', 'again: ""', "portal/fr.yaml", "says nothing"),
        ("language: fr", "language: en", "portal/fr.yaml", "language"),
    ],
)
def test_a_fault_is_named_by_its_place(old: str, new: str, where: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        load(FRENCH.replace(old, new, 1), "portal/fr.yaml")
    assert caught.value.where.startswith(where)
    assert said in str(caught.value)


def test_a_folder_may_change_one_language_only(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()
    mine = FRENCH.replace("Que souhaitez-vous faire ?", "Dites-nous tout.")
    (tmp_path / "portal" / "fr.yaml").write_text(mine, encoding="utf-8")
    words = portal_words(tmp_path, TEMPLATES)
    assert words["fr"].say("heading") == "Dites-nous tout."
    assert words["en"].say("heading") == read_portal(TEMPLATES)["en"].say("heading")


def test_facts_are_put_in_as_text() -> None:
    words = read_portal(TEMPLATES)["fr"]
    assert words.say("who_own", of_creditor="d’{{ case }}<b>") == "Vous avez reçu un message d’{{ case }}<b>."
