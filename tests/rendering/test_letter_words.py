"""A letter's words by section, and what the layout is given of them."""

from datetime import date

import pytest

from channels.contract import Channel
from orchestrator.domain.campaign import Use
from orchestrator.domain.voice import Voice
from orchestrator.rendering.letter_pdf import LetterRenderer
from orchestrator.rendering.letter_words import letter_content
from tests.rendering.wording import LANGUAGES, TEMPLATES, a_brief, a_letter, shipped_texts

ADDRESS = ("JEANNE DUPONT", "12 RUE DE LA REPUBLIQUE", "69001 LYON")


def test_a_letter_has_its_parts_in_order() -> None:
    words = a_letter(a_brief("formal-notice", Channel.LETTER))
    assert words.subject == "Mise en demeure – facture F-2026-0001"
    assert words.salutation == "Madame, Monsieur,"
    assert words.place_and_date == "Lyon, le 12\u00a0mars 2026"
    assert words.columns == ("Facture", "Détail", "Montant")
    assert words.totals[-1] == ("Total à régler", "", "20,00\u00a0€")
    assert words.paragraphs[words.table_after].text.startswith("Malgré nos rappels")
    assert words.paragraphs[words.table_after + 1].text.startswith("Nous vous mettons en demeure")
    assert words.paragraphs[-1].kind == "notice"
    assert words.signatory_lines == ("Claire Fontaine", "Acme Télécom")
    assert words.references[0] == ("Votre dossier", "C-1001")


def test_the_first_letter_of_a_collector_separates_every_element() -> None:
    """CPCE R124-4, 3°."""
    words = a_letter(a_brief("r124-4-letter", Channel.LETTER, is_third_party=True))
    assert [row[0] for row in words.totals] == ["Principal", "Intérêts", "Autres accessoires", "Total à régler"]
    assert words.amicable_label == "Recouvrement amiable"
    assert words.references[-1] == ("Cette lettre", "n°\u00a0L-0042 du 12\u00a0mars 2026")


def test_an_answer_without_amounts_has_no_table_and_no_payment() -> None:
    words = a_letter(a_brief("thanks", Channel.LETTER))
    assert (words.rows, words.totals, words.payment_lines) == ((), (), ())
    assert letter_content(a_brief("thanks", Channel.LETTER), words, address_lines=ADDRESS).table is None


def test_a_held_debt_stands_in_a_list_apart() -> None:
    words = a_letter(a_brief("reminder", Channel.LETTER, is_long=True))
    lists = [paragraph.text for paragraph in words.paragraphs if paragraph.kind == "list"]
    assert any("contestation à l’étude" in text for text in lists)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_third_party", [False, True])
@pytest.mark.parametrize("name", ["reminder", "formal-notice", "r124-4-letter", "thanks-remaining"])
def test_the_layout_takes_the_words(name: str, is_third_party: bool, language: str) -> None:
    if shipped_texts().catalogue.entry(name).party and not is_third_party:
        return
    brief = a_brief(name, Channel.LETTER, is_third_party=is_third_party, language=language, is_long=True)
    content = letter_content(brief, a_letter(brief), address_lines=ADDRESS, pay_code="BCD\n002\n1\nSCT")
    assert content.sender_lines[0] == ("Recouvrement Rhône Alpes" if is_third_party else "Coopérative Lyon Habitat SCI")
    assert content.return_reference == brief.attempt_id
    assert LetterRenderer(TEMPLATES / "letter").render(content).pages >= 1


def test_a_registered_letter_says_so() -> None:
    brief = a_brief("formal-notice", Channel.LETTER, voice=Voice.FORMAL)
    assert brief.send.use is Use.REGISTERED
    assert letter_content(brief, a_letter(brief), address_lines=ADDRESS).registered


def test_the_day_printed_is_the_briefs() -> None:
    brief = a_brief("reminder", Channel.LETTER, dated_on=date(2027, 1, 1))
    assert a_letter(brief).place_and_date == "Lyon, le 1er\u00a0janvier 2027"
