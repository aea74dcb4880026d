"""What each family finds and what it lets pass, sentence by sentence; and that no disguise hides a finding."""

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from orchestrator.rendering.lint.families import LANGUAGES, families
from orchestrator.rendering.lint.scan import scan_text

DATA = Path(__file__).parent / "data"
LISTED = tuple(sorted(path.stem for path in DATA.glob("L*.yaml")))
EVERY = pytest.mark.parametrize("family,language", [(family, language) for family in LISTED for language in LANGUAGES])


@cache
def sentences(family: str) -> dict[str, dict[str, list[str]]]:
    return YAML(typ="safe", pure=True).load((DATA / f"{family}.yaml").read_text("utf-8"))  # type: ignore[no-any-return]  # the shape of our own files


@cache
def every(kind: str, language: str) -> tuple[tuple[str, str], ...]:
    return tuple((family, said) for family in LISTED for said in sentences(family)[language][kind])


def found(text: str, language: str) -> set[str]:
    return {hit.group.family for _, scan in scan_text(text, language) for hit in scan.hits}


@EVERY
def test_what_must_be_found_is_found(family: str, language: str) -> None:
    said = sentences(family)[language]["fires"]
    assert len(said) >= 5
    assert [text for text in said if family not in found(text, language)] == []


@EVERY
def test_what_is_lawful_passes(family: str, language: str) -> None:
    said = sentences(family)[language]["quiet"]
    assert len(said) >= 5
    assert [text for text in said if family in found(text, language)] == []


def test_every_family_of_words_has_its_sentences() -> None:
    assert set(LISTED) == {family.id for family in families().values() if family.groups[0].phrases["fr"]}
    assert set(families()) == {f"L{number:02}" for number in range(1, 28)}


@pytest.mark.parametrize("family", sorted(families()))
def test_a_family_says_what_to_write_instead(family: str) -> None:
    said = families()[family]
    assert all(said.title[language] and said.suggestion[language] for language in LANGUAGES)
    for language in LANGUAGES:
        # What is advised must pass for whoever follows the advice; a title may name the thing.
        assert family not in found(said.suggestion[language], language) or family in {"L03", "L20"}


_DISGUISES = ("case", "accents", "apostrophe", "spaces", "hyphen", "invisible", "alike", "ligature")


def _disguised(text: str, how: str, seed: int) -> str:
    chance = random.Random(seed)
    if how == "case":
        return "".join(chance.choice((letter.upper(), letter.lower())) for letter in text)
    if how == "spaces":
        return "".join(chance.choice(("\u00a0", "\u202f", "  ", " \n", " ")) if sign == " " else sign for sign in text)
    if how == "invisible":
        return "".join(sign + chance.choice(("", "", "\u200b", "\u00ad", "\u2060")) for sign in text)
    table = {
        "accents": {"é": "e", "è": "e", "ê": "e", "à": "a", "ç": "c", "î": "i", "û": "u", "e": chance.choice("eé")},
        "apostrophe": {"'": chance.choice("’ʼ`´")},
        "hyphen": {"-": chance.choice("\u2010\u2011\u2013")},
        "alike": {"a": "а", "o": "о", "i": "і", "e": "е", "A": "А"},
        "ligature": {"fi": "ﬁ", "fl": "ﬂ"},
    }[how]
    for old, new in table.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data(), how=st.sampled_from(_DISGUISES), seed=st.integers(0, 10**6))
def test_no_disguise_hides_a_finding(language: str, data: st.DataObject, how: str, seed: int) -> None:
    family, text = data.draw(st.sampled_from(every("fires", language)))
    if how == "spaces" and "\n" in text:
        return
    assert family in found(_disguised(text, how, seed), language)


@pytest.mark.parametrize("text", ["U R G E N T", "H.U.I.S.S.I.E.R", "Votre  S A I S I E   D E   S A L A I R E"])
def test_letters_spaced_out_are_words(text: str) -> None:
    assert found(text, "fr") & {"L16", "L01", "L06"}


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_innocent_sentences_side_by_side_stay_innocent(language: str, data: st.DataObject) -> None:
    """Nothing is found across the end of a sentence; what one sentence denies, another does not take back."""
    chosen = data.draw(st.lists(st.sampled_from(every("quiet", language)), min_size=2, max_size=6))
    apart = set().union(*(found(text, language) for _, text in chosen))
    together = " ".join(text if text[-1] in ".!?" else f"{text}." for _, text in chosen)
    assert found(together, language) <= apart


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_an_innocent_neighbour_hides_no_finding(language: str, data: st.DataObject) -> None:
    family, text = data.draw(st.sampled_from(every("fires", language)))
    _, innocent = data.draw(st.sampled_from(every("quiet", language)))
    end = "" if text[-1] in ".!?" else "."
    assert family in found(f"{innocent} {text}{end} {innocent}" if innocent[-1] in ".!?" else text, language)
