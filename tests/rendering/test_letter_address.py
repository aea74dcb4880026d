"""Addresses in the form of NF Z10-011 (PLT-11) and, abroad, with their country last (PLT-12)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import InputError
from orchestrator.rendering.letter_address import MOST_CHARACTERS, MOST_LINES, check, format_address


def formatted(**changes: Any) -> tuple[str, ...]:
    parts: dict[str, Any] = {
        "name": "Mme Camille Durand",
        "organisation": "",
        "lines": ("27, rue de l’Église",),
        "postcode": "69003",
        "city": "Lyon",
        "country": "FR",
    }
    return format_address(**(parts | changes))


def codes(lines: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in check(lines)]


def test_street_and_town_are_in_bare_capitals_and_the_name_keeps_its_spelling() -> None:
    assert formatted(name="Mme Éloïse d’Œuvre-Lefèvre") == (
        "Mme Éloïse d’Œuvre-Lefèvre", "27 RUE DE L EGLISE", "69003 LYON",
    )  # fmt: skip


@pytest.mark.parametrize(
    "written, posted",
    [
        ("5 bis, av. de l'Œuvre", "5 BIS AV DE L OEUVRE"),
        ("12/14 rue Hors-Château", "12 RUE HORS CHATEAU"),
        ("12 à 16 quai Perrache", "12 QUAI PERRACHE"),
        ("n° 3 place Bellecour (2e étage)", "N 3 PLACE BELLECOUR 2E ETAGE"),
        ("  B.P.\t40213 ", "B P 40213"),
    ],
)
def test_a_street_is_written_for_sorting_machines(written: str, posted: str) -> None:
    assert formatted(lines=(written,))[1] == posted


def test_words_are_shortened_only_where_the_line_is_too_long() -> None:
    assert formatted(lines=("8 avenue du Général Leclerc",))[1] == "8 AVENUE DU GENERAL LECLERC"
    long = "128 avenue du Maréchal de Lattre de Tassigny"
    assert formatted(lines=(long,))[1] == "128 AV DU MAL DE LATTRE DE TASSIGNY"


def test_a_line_of_two_parts_is_cut_at_its_comma_when_too_long() -> None:
    lines = formatted(lines=("Résidence Les Glycines Blanches, 27 rue de la Petite Église",))
    assert lines[1:3] == ("RESIDENCE LES GLYCINES BLANCHES", "27 RUE DE LA PETITE EGLISE")


def test_the_door_stands_before_the_street_even_if_the_ledger_has_it_after() -> None:
    lines = formatted(lines=("27 rue de l'Église", "Bât. C, escalier 2", "BP 40213"))
    assert lines[1:4] == ("BAT C ESCALIER 2", "27 RUE DE L EGLISE", "BP 40213")


def test_an_organisation_stands_before_its_person_and_is_not_repeated() -> None:
    assert formatted(organisation="Hôtels du Littoral SARL")[:2] == ("Hôtels du Littoral SARL", "Mme Camille Durand")
    assert formatted(organisation="Durand", name="Durand")[:2] == ("Durand", "27 RUE DE L EGLISE")


def test_a_long_name_is_shortened_then_set_on_two_lines_and_never_cut() -> None:
    assert formatted(name="Monsieur Jean-Baptiste de La Tour du Pin")[0] == "M Jean-Baptiste de La Tour du Pin"
    name = "Mme Marie-Antoinette Bourguignon de La Rochefoucauld-Montbel"
    assert " ".join(formatted(name=name)[:2]) == name


def test_a_town_loses_the_postcode_that_the_ledger_repeats() -> None:
    assert formatted(city="69003 Lyon")[-1] == "69003 LYON"
    assert formatted(postcode="06 303", city="Nice Cedex 4")[-1] == "06303 NICE CEDEX 4"
    assert formatted(city="Saint-Étienne-du-Rouvray")[-1] == "69003 SAINT ETIENNE DU ROUVRAY"


@pytest.mark.parametrize("country", ["FR", "", "RE", "MQ"])
def test_france_and_its_overseas_parts_have_no_country_line(country: str) -> None:
    assert formatted(country=country)[-1] == "69003 LYON"


@pytest.mark.parametrize(
    "country, postcode, city, tail",
    [
        ("DE", "10115", "Berlin", ("10115 BERLIN", "ALLEMAGNE")),
        ("GB", "sw1a 1aa", "London", ("LONDON", "SW1A 1AA", "ROYAUME-UNI")),
        ("US", "10001", "New York NY", ("NEW YORK NY 10001", "ETATS-UNIS")),
        ("AE", "", "Dubaï", ("DUBAÏ", "EMIRATS ARABES UNIS")),
    ],
)
def test_abroad_the_country_is_last_in_french_capitals(
    country: str, postcode: str, city: str, tail: tuple[str, ...]
) -> None:
    lines = formatted(country=country, postcode=postcode, city=city, lines=("Invalidenstraße 12",))
    assert lines == ("Mme Camille Durand", "Invalidenstraße 12", *tail)
    assert not check(lines)


@pytest.mark.parametrize(
    "where, changes",
    [
        ("name", {"name": " "}),
        ("lines", {"lines": ()}),
        ("lines", {"lines": (", .",)}),
        ("lines", {"lines": ("27 " + "RUEDUNSEULMOT" * 4,)}),
        ("lines", {"lines": tuple(f"{n} rue de la très longue colline fleurie" for n in range(6))}),
        ("lines", {"lines": ("улица Ленина 5",)}),
        ("postcode", {"postcode": "6903"}),
        ("city", {"city": ""}),
        ("city", {"city": "Saint-" + "Remy-en-" * 8 + "Isson"}),
        ("country", {"country": "XX"}),
        ("name", {"name": "Anticonstitutionnellement" * 2}),
    ],
)
def test_what_cannot_be_posted_is_refused_by_part_and_never_told(where: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        formatted(**changes)
    assert refused.value.where == where
    for part in changes.values():
        told = part if isinstance(part, str) else " ".join(part)
        assert not told.strip(" ,.") or told not in str(refused.value)


def test_complements_are_joined_when_there_are_too_many_lines() -> None:
    lines = formatted(
        organisation="Acme",
        lines=("Bât C", "Escalier 2", "Résidence Les Lilas", "27 rue de l'Église", "Lieu dit Les Prés"),
    )
    assert lines == (
        "Acme", "Mme Camille Durand", "BAT C ESCALIER 2 RESIDENCE LES LILAS", "27 RUE DE L EGLISE", "LIEU DIT LES PRES",
        "69003 LYON",
    )  # fmt: skip


def test_the_street_is_never_joined_to_another_line() -> None:
    with pytest.raises(InputError) as refused:
        formatted(organisation="Acme", name="Mme Durand", lines=("1 rue A", "2 rue B", "3 rue C", "4 rue D"))
    assert refused.value.code == "address_too_long"


def test_a_good_address_has_no_problem() -> None:
    assert not check(("M. Jean d’Arc, dit « Jeannot »", "27 RUE DE L EGLISE", "69003 LYON"))
    assert not check(
        ("Hôtels du Littoral", "Mme Durand", "BAT C", "27 RUE DE L EGLISE", "BP 40213", "06303 NICE CEDEX 4")
    )


@pytest.mark.parametrize(
    "lines, problem",
    [
        ((), (0, "line_count")),
        (("69003 LYON",), (0, "line_count")),
        (("A", "B", "C", "D", "E", "F", "69003 LYON"), (0, "line_count")),
        (("Camille", "27 RUE DE L EGLISE " + "X" * 20, "69003 LYON"), (2, "line_too_long")),
        (("Camille", "", "69003 LYON"), (2, "blank_line")),
        (("Camille", "27, RUE DE L EGLISE", "69003 LYON"), (2, "punctuation")),
        (("A", "B", "C", "27 RUE D'ARC", "BP 4", "69003 LYON"), (4, "punctuation")),
        (("Camille", "27 RUE DE L EGLISE", "69003 Lyon"), (3, "not_capitals")),
        (("Camille", "27 RUE DE L EGLISE", "LYON"), (3, "town_form")),
        (("Camille", "27 RUE DE L EGLISE", "6903 LYON"), (3, "town_form")),
        (("Camille", "Invalidenstraße 12", "10115 BERLIN", "Allemagne"), (4, "not_capitals")),
    ],
)
def test_each_departure_from_the_standard_is_named_with_its_line(
    lines: tuple[str, ...], problem: tuple[int, str]
) -> None:
    assert problem in codes(lines)


def test_a_line_of_39_characters_is_one_too_many() -> None:
    """The case that the contact rules give for PLT-11."""
    assert not check(("Camille", "2 RUE " + "X" * 32, "69003 LYON"))
    assert codes(("Camille", "2 RUE " + "X" * 33, "69003 LYON")) == [(2, "line_too_long")]


_WORDS = st.text(st.characters(max_codepoint=0x17F), max_size=60)


@given(
    name=_WORDS,
    organisation=_WORDS,
    lines=st.lists(_WORDS, max_size=5).map(tuple),
    postcode=st.from_regex(r"[0-9]{5}", fullmatch=True),
    city=_WORDS,
    country=st.sampled_from(["FR", "RE", "DE", "GB", "US", "CH"]),
)
def test_whatever_the_ledger_holds_the_address_is_refused_or_is_right(**parts: Any) -> None:
    try:
        lines = format_address(**parts)
    except InputError:
        return
    assert not check(lines)
    assert len(lines) <= MOST_LINES + 1
    assert all(len(line) <= MOST_CHARACTERS for line in lines)


@given(street=st.sampled_from(["27, rue de l’Église", "12/14 av. Foch", "Bât C, 3 place de l'Œuvre"]), city=_WORDS)
def test_writing_an_address_again_changes_nothing(street: str, city: str) -> None:
    try:
        once = formatted(lines=(street,), city=city)
    except InputError:
        return
    assert formatted(lines=once[1:-1], city=once[-1][6:]) == once
