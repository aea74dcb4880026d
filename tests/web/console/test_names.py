"""A code of the files has a name on screen: one place says it, in the visitor's language."""

import pytest
from msgspec.structs import replace

from orchestrator.flows.explain_case import rule_title
from orchestrator.web.console.names import Names, names_of
from tests.web.conftest import Office
from tests.web.console.conftest import Seat
from tests.web.console.test_cases import a_case


@pytest.fixture(params=["fr", "en"])
def names(request: pytest.FixtureRequest, office: Office) -> Names:
    return names_of(office.app.state.desk, request.param)


def said(names: Names, french: str, english: str) -> str:
    return french if names.language == "fr" else english


def test_campaigns_and_creditors_are_told_as_their_files_do(names: Names) -> None:
    assert names.campaign("b2c-small") == "Petits impayés, particuliers"
    assert names.creditor("acme-telecom") == "Acme Télécom SAS"
    assert (names.campaign("gone"), names.creditor("gone"), names.of("lane", "twilio-fr")) == (
        "gone", "gone", "twilio-fr",
    )  # fmt: skip
    assert names.of("lane", "sandbox-letter") == said(names, "Bac à sable · courrier", "Sandbox · letter")


def test_a_step_is_told_by_its_place_and_what_it_sends(names: Names) -> None:
    assert names.step("b2c-small", "reminder-1") == said(names, "Étape 1 · Rappel", "Step 1 · Reminder")
    assert names.step("b2c-small", "reminder-2:again") == said(names, "Étape 2 · Rappel", "Step 2 · Reminder")
    assert names.step("b2c-small", "formal-notice") == said(
        names, "Étape 4 · Mise en demeure", "Step 4 · Formal notice"
    )
    assert names.short_step("b2c-small", "reminder-1") == said(names, "1 · Rappel", "1 · Reminder")


def test_a_step_that_sends_nothing_is_told_from_one_that_does(names: Names) -> None:
    assert names.ends_case("b2c-small", "outcome")
    assert not names.ends_case("b2c-small", "formal-notice")
    assert not names.ends_case("b2c-small", "promise.broken:x")
    assert not names.ends_case("gone", "outcome")


def test_who_did_something_is_told_in_words(names: Names) -> None:
    assert names.author("provider") == said(names, "le prestataire d’envoi", "the sending provider")
    assert names.author("20260310T090000000000-acme-telecom") == said(
        names, "import de Acme Télécom SAS", "import of Acme Télécom SAS"
    )
    assert (names.author("import"), names.author("anne.martin")) == ("import", "anne.martin")


def test_what_an_event_causes_is_told_by_the_event(names: Names) -> None:
    event = said(names, "Promesse de règlement rompue", "Promise to pay broken")
    assert names.step("b2c-small", "promise.broken:x") == event
    assert names.step("b2c-small", "restatement:x") == said(names, "Rappel des faits", "Restatement of the facts")
    assert names.step("b2c-small", "answer.written:r:1").startswith(said(names, "Réponse écrite", "Answer written"))


def test_a_step_that_no_campaign_has_is_told_as_it_is_written(names: Names) -> None:
    assert names.step("gone", "reminder-1") == names.step("b2c-small", "reminder-9")[:-1] + "1" == "reminder-1"


def test_without_titles_a_step_is_told_by_its_kind_of_document(office: Office) -> None:
    bare = Names("fr", office.app.state.desk.strategy, dict)
    assert bare.step("b2c-small", "formal-notice") == "Étape 4 · Mise en demeure"


def test_why_something_was_held_is_told_in_words(names: Names) -> None:
    assert names.term("stale_ledger") == said(names, "relevé trop ancien", "ledger too old")
    assert names.term("FR-TIME-01") == "FR-TIME-01"


def test_a_rule_has_its_source_in_the_language_of_who_reads(office: Office) -> None:
    book = office.deployment.strategy().book
    french, english = (
        rule_title(book, "fr-own-b2c", "FR-TIME-01", office.now.date(), language=language) for language in ("fr", "en")
    )
    assert french[1] == "aucun texte ; par analogie avec le décret sur le démarchage téléphonique"
    assert english[1] == "no statute; proxy of the telemarketing decree"


def test_options_keep_the_code_and_stand_by_name(names: Names) -> None:
    assert names.options("creditor", ["acme-telecom", "zz", "atelier-bois"]) == [
        ("acme-telecom", "Acme Télécom SAS"), ("atelier-bois", "Atelier Bois et Compagnie SARL"), ("zz", "zz"),
    ]  # fmt: skip


def test_lists_say_names_and_their_filters_keep_codes(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "N-1", sent=True, name="Nadia Petit")
    for path in ("/console/cases", "/console/messages"):
        seen = seats["viewer"].get(path)
        for name in ("Petits impayés, particuliers", "Acme Télécom SAS", "Étape 1 · Rappel", "Nadia Petit", case):
            assert name in seen.text, (path, name)
        assert "reminder-1" not in seen.text
        assert "b2c-small" not in seen.text
        assert {each["value"] for each in seen.soup.select("#f-campaign option")} >= {"b2c-small"}


def test_the_amount_of_a_message_has_its_currency(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "N-2", sent=True)
    row = seats["viewer"].get(f"/console/messages?case={case}").one("tbody tr")
    assert "42,00\u00a0€" in row.get_text()


def test_two_of_one_name_are_told_apart_by_their_codes(office: Office) -> None:
    """A pause of one must never read as a pause of the other."""
    strategy = office.app.state.desk.strategy()
    first, *others = strategy.campaigns
    named = (first, *(replace(each, title=first.title.upper()) for each in others))
    creditors = {code: replace(each, name="Exemple") for code, each in strategy.creditors.items()}
    names = Names("fr", lambda: replace(strategy, campaigns=named, creditors=creditors), dict)
    assert names.campaign(first.id) == f"{first.title} ({first.id})"
    told = [names.of(*each) for each in [*(("campaign", c.id) for c in named), *(("creditor", c) for c in creditors)]]
    assert len(told) == len(set(told))
