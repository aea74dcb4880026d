"""A mention is missing when the text does not say it, whatever the brief knows."""

import msgspec
import pytest

from channels.contract import Channel
from orchestrator.domain.text_rules import MENTIONS, TEXTS
from orchestrator.rendering.mentions import WORDINGS, missing_mentions
from orchestrator.rendering.rendered import LetterWords, RenderedEmail, RenderedSms
from orchestrator.rendering.texts import Texts
from tests.rendering.wording import LANGUAGES, a_brief, a_letter, an_email, an_sms, changed, shipped_texts

# What must vanish from the text for a mention to be missed: mention, template, business, third party, words cut out.
CUT = [
    ("creditor_name", "reminder", False, False, "Acme Télécom"),
    ("creditor_address", "formal-notice", False, False, "12 rue des Lilas"),
    ("collector_name", "reminder", False, True, "Recouvrement Rhône"),
    ("collector_address", "r124-4-letter", False, True, "8 quai Perrache"),
    ("amicable_activity", "reminder", False, True, "amiable"),
    ("debtor_name", "reminder", False, False, "Jeanne Dupont"),
    ("case_reference", "reminder", False, False, "C-1001"),
    ("debt_basis", "reminder", False, False, "F-2026-0001"),
    ("amounts_itemised", "reminder", False, False, "20,00"),
    ("total", "reminder", False, False, "20,00"),
    ("due_date", "reminder", False, False, "15\u00a0février 2026"),
    ("payment_demand", "reminder", False, False, "suffit de régler"),
    ("payment_means", "reminder", False, False, "pay.acme.example|FR76|Chèque"),
    ("already_paid", "reminder", False, False, "déjà"),
    ("help", "reminder", False, False, "ites-|une personne"),
    ("data_protection", "reminder", False, False, "données"),
    ("letter_reference", "reminder", False, True, "L-0042"),
    ("letter_date", "reminder", False, True, "28\u00a0février"),
    ("words_mise_en_demeure", "formal-notice", False, False, "emeure"),
    ("deadline_date", "formal-notice", False, False, "27\u00a0mars"),
    ("consequence", "formal-notice", False, False, "pourra"),
    ("legal_interest", "formal-notice", False, False, "taux légal"),
    ("place_and_date", "formal-notice", False, False, "Lyon, le"),
    ("penalty_rate_and_base", "formal-notice", True, False, "12,15"),
    ("indemnity_per_invoice", "formal-notice", True, False, "40,00"),
    ("penalty_statute", "formal-notice", True, False, "L441-10"),
    ("l111_8_second", "r124-4-letter", False, True, "réputée non écrite"),
    ("l111_8_third", "r124-4-letter", False, True, "mauvaise foi"),
    ("gdpr_controller", "r124-4-letter", False, True, "Responsable"),
    ("gdpr_rights", "r124-4-letter", False, True, "consulter"),
    ("gdpr_authority", "r124-4-letter", False, True, "CNIL|cnil"),
]


def without(words: LetterWords, cut: str) -> LetterWords:
    """The letter with some words cut out of everything it says; how a mention is recognised stays."""
    data = msgspec.json.encode(msgspec.structs.replace(words, signs={})).decode()
    for word in cut.split("|"):
        data = data.replace(word, "")
    return msgspec.structs.replace(msgspec.json.decode(data, type=LetterWords), signs=words.signs)


@pytest.mark.parametrize("mention,template,is_business,is_third_party,cut", CUT)
def test_what_is_cut_out_is_missed(
    mention: str, template: str, is_business: bool, is_third_party: bool, cut: str
) -> None:
    brief = a_brief(template, Channel.LETTER, is_business=is_business, is_third_party=is_third_party)
    words = a_letter(brief)
    assert missing_mentions(words, brief, (mention,)) == ()
    assert missing_mentions(without(words, cut), brief, (mention,)) == (mention,)


def test_a_cheque_alone_is_a_means_of_payment() -> None:
    brief = a_brief("reminder", Channel.LETTER)
    assert missing_mentions(without(a_letter(brief), "pay.acme.example|FR76"), brief, ("payment_means",)) == ()


@pytest.mark.parametrize("mention", ["creditor_name", "case_reference", "link", "way_out"])
def test_an_sms_that_says_nothing_misses_everything(mention: str) -> None:
    """HOUSE-02, semantics D9."""
    brief = a_brief("reminder", Channel.SMS)
    sms = an_sms(brief)
    assert missing_mentions(sms, brief, (mention,)) == ()
    assert missing_mentions(msgspec.structs.replace(sms, text="Bonjour"), brief, (mention,)) == (mention,)


def test_the_way_out_needs_its_link() -> None:
    brief = a_brief("reminder", Channel.SMS)
    sms = an_sms(brief)
    cut = msgspec.structs.replace(sms, text=sms.text.replace(brief.link, ""))
    assert missing_mentions(cut, brief, ("way_out",)) == ("way_out",)


def test_both_parts_of_an_e_mail_must_say_it() -> None:
    brief = a_brief()
    email = an_email(brief)
    for part in ("html", "text"):
        cut = msgspec.structs.replace(email, **{part: getattr(email, part).replace("C-1001", "")})
        assert missing_mentions(cut, brief, ("case_reference",)) == ("case_reference",)


def test_a_part_payment_is_not_a_way_to_say_that_it_is_paid() -> None:
    """« dont 5,00 € déjà réglés » stands in the table, and invites nobody to answer."""
    brief = a_brief()
    email = an_email(brief)
    silent = RenderedEmail(subject="", html="<p>déjà réglés</p>", text="déjà réglés", signs=email.signs)
    assert missing_mentions(silent, brief, ("already_paid",)) == ("already_paid",)


def test_a_mention_that_nobody_knows_is_missing() -> None:
    brief = a_brief("reminder", Channel.SMS)
    assert missing_mentions(an_sms(brief), brief, ("sworn_statement",)) == ("sworn_statement",)


def test_a_penalty_that_was_left_out_for_want_of_a_rate_is_missing() -> None:
    """Semantics B14: it blocks only a document that must carry it."""
    brief = a_brief("formal-notice", Channel.LETTER, is_business=True)
    statutory = tuple(line for line in brief.statement.statutory if line.kind != "penalty")
    total = brief.statement.principal_cents + sum(line.amount_cents for line in statutory)
    statement = msgspec.structs.replace(
        brief.statement, statutory=statutory, total_cents=total, missing=("penalty:fr.ecb",)
    )
    brief = msgspec.structs.replace(brief, statement=statement)
    words = a_letter(brief)
    assert "dont le taux légal n’est pas encore connu" in words.text
    assert missing_mentions(words, brief, ("penalty_rate_and_base",)) == ("penalty_rate_and_base",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mention_of_the_rules_can_be_recognised(language: str) -> None:
    signs = shipped_texts().book(language).mentions.keys() | shipped_texts().statutes.keys()
    assert signs >= WORDINGS
    brief = a_brief("reminder", Channel.SMS, language=language)
    empty = RenderedSms(text="", segments=an_sms(brief).segments)
    names = tuple(sorted(MENTIONS.keys() | TEXTS.keys()))
    assert set(missing_mentions(empty, brief, names)) == set(names)


def test_a_changed_wording_is_followed_by_its_sign() -> None:
    """A lead who rewords the way out tells the phrasebook how to recognise it."""
    files = changed("phrases/fr.yaml", "Payer, répondre, refuser les SMS:", "Payer, répondre, se retirer:")
    brief = a_brief("reminder", Channel.SMS)
    assert missing_mentions(an_sms(brief, Texts.of_files(files)), brief, ("way_out",)) == ("way_out",)
    files["phrases/fr.yaml"] = files["phrases/fr.yaml"].replace('way_out: ["refuser les SMS"', 'way_out: ["se retirer"')
    assert missing_mentions(an_sms(brief, Texts.of_files(files)), brief, ("way_out",)) == ()
