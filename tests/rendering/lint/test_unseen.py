"""Texts written without sight of the lint: what the law forbids is found, its lawful neighbours pass."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from orchestrator.domain.policy import ContactChannel, Policy, PolicyBook
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.lint.facts import LintFacts
from orchestrator.rendering.lint.families import LANGUAGES
from orchestrator.rendering.lint.finding import Finding
from orchestrator.rendering.lint.lint import lint_text

DATA = Path(__file__).parent / "unseen"


@cache
def policy() -> Policy:
    packs = load_packs(Path(__file__).parents[3] / "campaigns" / "policies")
    return PolicyBook(packs).on("fr-own-b2c", date(2026, 3, 2))


@cache
def written(language: str) -> dict[str, list[dict[str, list[str]]]]:
    return YAML(typ="safe", pure=True).load((DATA / f"{language}.yaml").read_text("utf-8"))  # type: ignore[no-any-return]  # the shape of our own files


def blocks_of(language: str) -> list[dict[str, list[str]]]:
    return [block for name, blocks in written(language).items() if name.startswith("sight") for block in blocks]


def linted(text: str, language: str) -> list[Finding]:
    found = lint_text(text, policy(), ContactChannel.EMAIL, language=language, facts=LintFacts())
    # English words of a French pack: that they are English is not what is asked here.
    return [finding for finding in found if finding.family != "L26"]


def names(text: str, language: str = "fr") -> set[str]:
    # A premium number is found by its digits, by a check that bears another name.
    return {finding.family.replace("premium_numbers", "L20") for finding in linted(text, language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_law_forbids_is_found(language: str) -> None:
    blocks = blocks_of(language)
    assert {family for block in blocks for family in block["any"]} >= {f"L{n:02}" for n in (*range(1, 24), 25)}
    missed = [text for block in blocks for text in block["forbidden"] if not names(text, language) & {*block["any"]}]
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_lawful_passes(language: str) -> None:
    alarms = [(text, names(text, language)) for block in blocks_of(language) for text in block["lawful"]]
    assert [(text, found) for text, found in alarms if found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_to_be_wrong_still_is(language: str) -> None:
    """Whoever mends one takes it off the list."""
    for each in written(language)["known"]:
        assert names(str(each["text"]), language), each
    for each in written(language).get("missed", ()):
        assert not names(str(each["text"]), language), each


@pytest.mark.parametrize(
    "text",
    [
        "Notre h\u200bu\u200bi\u200bssier",
        "Notre ｈｕｉｓｓｉｅｒ",
        "Notre huis\u00adsier",
        "Notre hυissiеr",
        "Notre h u i s s i e r",
    ],
)
def test_a_disguise_hides_nothing(text: str) -> None:
    assert names(text) == {"L01"}


@pytest.mark.parametrize("text", ["", " \n\n ", "https://suivi.example.org/d/huissier", ".", "…", "🙂", "\u200b"])
def test_texts_without_words_are_lawful(text: str) -> None:
    assert names(text) <= {"L01"} if "huissier" in text else names(text) == set()


def test_a_name_with_its_title_hides_no_trade_beside_it() -> None:
    assert names("Bonjour Mme Huissier, votre facture est jointe.") == set()
    for text in (
        "Bonjour M. Huissier, notre huissier passera.",
        "Mme Huissier de justice",
        "Madame, Monsieur,\nHuissier mandaté",
        "M. HUISSIER MANDATÉ",
    ):
        assert names(text) >= {"L01"}, text


def test_a_sentence_that_never_ends_is_read_to_its_end() -> None:
    """In pieces: a phrase that stands across the end of one stands within the next."""
    for before in range(1000, 1400, 7):
        text = f"{'bien a vous ' * (before // 12)}{'x' * (before % 12)} la saisie de votre salaire suivra"
        assert "L06" in names(text), before
    assert names("saisie de votre salaire et " * 4000) == {"L06"}
