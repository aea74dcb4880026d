"""How easy a message is to read is counted honestly, and the shipped words keep to the house style."""

import msgspec
import pytest

from channels import gsm7
from channels.contract import Channel
from orchestrator.domain.voice import Voice
from orchestrator.rendering.comparison import compare
from orchestrator.rendering.readability import readability, sentences, split_sentences, too_hard, words_of
from orchestrator.rendering.rendered import Rendered, RenderedSms
from orchestrator.rendering.style import style_faults
from orchestrator.rendering.texts import Texts
from tests.rendering.wording import LANGUAGES, a_brief, a_letter, an_email, changed, described, said, shipped_texts

NAMES = sorted(shipped_texts().catalogue.entries)


@pytest.mark.parametrize(
    "text,expected",
    [
        ("M. Roche vous appelle. Dites-lui oui.", ["M. Roche vous appelle.", "Dites-lui oui."]),
        ("Lettre n° L-0042 du 1er mars. Merci.", ["Lettre n° L-0042 du 1er mars.", "Merci."]),
        ("Il reste 1 234,56 €. C'est tout ?", ["Il reste 1 234,56 €.", "C'est tout ?"]),
        ("Our letter no. 12 of €1,234.56. Thank you.", ["Our letter no. 12 of €1,234.56.", "Thank you."]),
        ("ACME: ref. C-1001 not paid. Reply: https://a.example/d/x.y", None),
        ("Voyez cnil.fr ou l'art. 3. « Merci. » Bonne journée", None),
    ],
)  # fmt: skip
def test_a_sentence_ends_where_a_reader_stops(text: str, expected: list[str] | None) -> None:
    found = list(split_sentences(text))
    assert " ".join(found) == text
    assert len(found) == 2 if expected is None else found == expected


def test_an_amount_is_one_word_and_a_reference_none() -> None:
    assert words_of("Réglez 1 234,56 € le 12\u00a0mars 2026 : facture F-2026-0001") == [
        "Réglez", "1\u00a0234,56\u00a0€", "le", "12\u00a0mars", "2026", "facture"
    ]  # fmt: skip
    assert words_of("voir https://a.example/d/x ou moi@a.example") == ["voir", "ou"]


def test_lix_is_words_per_sentence_and_the_share_of_long_words() -> None:
    text = "Nous avons bien reçu votre règlement. Merci d'avance."  # 6 + 2 words; only « règlement » is long
    read = readability(RenderedSms(text=text, segments=gsm7.segments(text)))
    assert (read.words, read.sentences, read.long_words, read.longest) == (8, 2, 1, 6)
    assert read.lix == pytest.approx(4 + 100 / 8)
    assert (read.band, read.seconds) == ("very easy", 3)


def test_tables_names_addresses_and_the_law_are_no_sentences() -> None:
    text = " ".join(sentences(an_email(a_brief("reminder"))))
    assert "IBAN" not in text
    assert "Facture F-2026" not in text
    assert "Claire Fontaine" not in text
    letter = a_letter(a_brief("r124-4-letter", Channel.LETTER, is_third_party=True))
    assert "tentative d'exécution" not in " ".join(sentences(letter))


@pytest.mark.parametrize("name,language", [(name, language) for name in NAMES for language in LANGUAGES])
def test_every_shipped_message_keeps_the_house_style(name: str, language: str) -> None:
    for brief, rendered in said(name, language):
        assert style_faults(rendered, brief) == (), described(brief)
        # The same to somebody who was never written to, in a crisis, for a rent: other lines are said.
        rent = msgspec.structs.replace(brief.creditor, sector="rent")
        other = msgspec.structs.replace(brief, last_contact_on=None, marks=frozenset({"crisis"}), creditor=rent)
        assert style_faults(shipped_texts().render(other), other) == (), described(brief)


_ASK = "Merci de régler {{ amount }} dès que possible, ou de nous dire ce qui vous en empêche."
_LONG = "Merci " + "de bien vouloir régler cette somme " * 6 + "maintenant."


@pytest.mark.parametrize(
    "wording,fault",
    [
        ("Merci de régler IMMÉDIATEMENT {{ amount }}.", "in full capitals: IMMÉDIATEMENT"),
        ("Merci de régler {{ amount }} !", "exclaims"),
        ("Merci de régler {{ amount }}. Merci de répondre.", '"merci de" 2 times'),
        (_LONG, "a sentence of 38 words"),
        ("Notre numéro SIREN et notre IBAN sont ci-dessous.", ""),
    ],
)
def test_what_a_careful_writer_would_correct_is_named(wording: str, fault: str) -> None:
    texts = Texts.of_files(changed("phrases/fr.yaml", _ASK, wording))
    brief = a_brief("reminder", voice=Voice.FACTUAL)
    found = " / ".join(style_faults(texts.render(brief), brief))
    assert fault in found if fault else not found


def test_a_message_with_nobody_at_its_end_is_named() -> None:
    brief = a_brief("reminder")
    email = an_email(brief)
    cut = msgspec.structs.replace(email, text=email.text.split("Claire")[0])
    assert "neither with a person" in " ".join(style_faults(cut, brief))
    bold = msgspec.structs.replace(email, html="<p><b>Payez</b> et <strong>vite</strong></p>")
    assert "more than one bold" in " ".join(style_faults(bold, brief))


def test_only_a_demand_to_a_private_person_is_held_to_a_limit() -> None:
    texts = Texts.of_files(changed("phrases/fr.yaml", _ASK, _LONG))
    person, company = (a_brief("reminder", voice=Voice.FACTUAL, is_business=business) for business in (False, True))
    assert "38 words" in too_hard(person, readability(texts.render(person)))
    assert too_hard(company, readability(texts.render(person))) == ""


def test_what_all_voices_say_is_common_and_the_rest_is_marked() -> None:
    versions: dict[str, Rendered] = {
        voice: an_email(a_brief("reminder", voice=voice)) for voice in (Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM)
    }
    parts = {voice: [part for line in lines for part in line] for voice, lines in compare(versions).items()}
    for voice, found in parts.items():
        said_here = {part.text: part.is_common for part in found}
        assert said_here["Bonjour Jeanne Dupont,"] is True
        assert any("pourra décider" in text and not common for text, common in said_here.items()) is (
            voice == Voice.FIRM
        )
    alone = compare({"firm": versions[Voice.FIRM]})
    assert all(part.is_common for line in alone["firm"] for part in line)
