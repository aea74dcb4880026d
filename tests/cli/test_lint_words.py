"""`relance campaign lint --text`: a text read as its author would have it read, before it is in a template."""

import json

from tests.cli.conftest import Terminal


def test_a_text_is_judged_with_its_place_its_rule_and_a_lawful_wording(terminal: Terminal) -> None:
    path = terminal.write("letter.txt", "Bonjour,\n\nÉvitez la saisie de votre salaire.\n")
    said = terminal.type("campaign", "lint", "--text", str(path))
    assert said.code == 1
    assert "E L06 (FR-IMP-03) text, line 3: “saisie de votre salaire”" in said.out
    assert "saisir la juridiction compétente" in said.out
    assert "1 error, 0 warnings" in said.out


def test_what_is_known_of_a_text_makes_it_lawful(terminal: Terminal) -> None:
    path = terminal.write("letter.txt", "Évitez la saisie de votre salaire.")
    assert terminal.type("campaign", "lint", "--text", str(path), "--fact", "has_title").code == 0


def test_language_and_pack_are_those_that_are_named(terminal: Terminal) -> None:
    path = terminal.write("sms.txt", "Hello, please see the form of your order: our bailiff will be with you in May.")
    said = terminal.type("campaign", "lint", "--text", str(path), "--language", "en", "--pack", "fr-3p-b2c", "--json")
    found = json.loads(said.out)
    assert {one["family"] for one in found} == {"L01", "L27"}
    assert {one["rule"] for one in found} == {"FR-IMP-01", "FR-3P-08"}


def test_a_warning_refuses_only_when_asked_to(terminal: Terminal) -> None:
    path = terminal.write("sms.txt", "C'est urgent.")
    assert terminal.type("campaign", "lint", "--text", str(path)).code == 0
    assert terminal.type("campaign", "lint", "--text", str(path), "--strict").code == 1


def test_an_unknown_pack_is_named(terminal: Terminal) -> None:
    path = terminal.write("sms.txt", "Bonjour.")
    said = terminal.type("campaign", "lint", "--text", str(path), "--pack", "fr-nowhere")
    assert said.code == 1
    assert "fr-nowhere" in said.err
