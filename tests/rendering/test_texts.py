"""One message at a time: which words are chosen, what is refused, what a hostile name can do (nothing)."""

import re
from typing import Any

import msgspec
import pytest

from channels.contract import Channel, EmailMessage
from orchestrator.domain.contact import ContactPerson, ContactPoint, DebtorStatus, PointKind, Role
from orchestrator.domain.creditor import Brand
from orchestrator.domain.errors import NotFound, RelanceError, TemplateError
from orchestrator.domain.statement import HeldLine, StatutoryLine
from orchestrator.domain.voice import Voice
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.money_facts import check_statement
from orchestrator.rendering.reading import Reading
from orchestrator.rendering.table_facts import EMAIL_ROWS
from orchestrator.rendering.texts import Texts
from orchestrator.rendering.typography import typography
from tests.rendering.wording import (
    TEMPLATES,
    a_brief,
    a_letter,
    all_words,
    an_email,
    an_sms,
    changed,
    shipped_files,
    shipped_texts,
)

HOSTILE = (
    "{{ 7 * 7 }}{% for a in b %}",
    "<script>alert(1)</script><img src=x onerror=y>",
    'Jean" onmouseover="x',
    "Jean\r\nBcc: victim@example.org",
    "=?UTF-8?Q?=0ABcc: victim@example.org?=",
    "Jean\u202egnp.exe\u200b\u0000",
    "[amounts]\x1dsubject\x1eVous avez perdu\x1f",
    '#read("/etc/passwd") $x$ *gras* _it_',
    "A" * 5000,
)


def named(brief: Brief, name: str) -> Brief:
    """The brief with that name everywhere a debtor's file can put one."""
    person = ContactPerson(Role.SELF, name, "", (ContactPoint(PointKind.PHONE, "+33644631234"),))
    due = tuple(msgspec.structs.replace(line, reference=name, order_ref=name) for line in brief.statement.due)
    return msgspec.structs.replace(
        brief,
        person=person,
        debtor=msgspec.structs.replace(brief.debtor, name=name, people=(person,)),
        statement=msgspec.structs.replace(brief.statement, due=due),
        case_id=name[:60],
    )


# ---------------------------------------------------------------- hostile data


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_inert_in_an_e_mail(name: str) -> None:
    rendered = an_email(named(a_brief("last-reminder", voice=Voice.FIRM), name))
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert not re.search(r"<[^>]* on\w+=", rendered.html)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202e]", rendered.html + rendered.text)
    EmailMessage(
        attempt_id="a1",
        to_address="a@example.org",
        from_address="b@example.org",
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        headers=rendered.headers,
    )


def test_a_name_written_like_a_template_is_printed_as_it_is() -> None:
    rendered = an_email(named(a_brief(), HOSTILE[0]))
    assert rendered.text.startswith("Acme Télécom\n\nBonjour {{ 7 * 7 }}{% for a in b %},")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_inert_in_a_letter(name: str) -> None:
    honest = a_letter(a_brief("reminder", Channel.LETTER))
    words = a_letter(named(a_brief("reminder", Channel.LETTER), name))
    assert [p.kind for p in words.paragraphs] == [p.kind for p in honest.paragraphs]
    assert words.salutation == honest.salutation
    assert len(words.rows) == len(honest.rows)
    assert len(words.text) < len(honest.text) + 5000
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202e]", words.text)


@pytest.mark.parametrize("name", HOSTILE[:-1])
def test_a_hostile_reference_is_inert_in_an_sms(name: str) -> None:
    assert "\n" not in an_sms(named(a_brief("reminder", Channel.SMS), name)).text


def test_a_link_that_is_not_of_the_web_is_refused() -> None:
    with pytest.raises(TemplateError, match="not a web address"):
        an_email(a_brief(link="javascript:alert(1)"))


def test_a_colour_that_is_not_one_is_replaced() -> None:
    brief = a_brief()
    creditor = msgspec.structs.replace(brief.creditor, brand=Brand(color='red;background:url("x")'))
    assert "url(" not in an_email(msgspec.structs.replace(brief, creditor=creditor)).html


def test_an_error_never_carries_what_the_brief_said() -> None:
    brief = named(a_brief("promise-broken", promise=None), "Secret Dupont")
    with pytest.raises(TemplateError) as caught:
        shipped_texts().render(brief)
    assert "Secret" not in str(caught.value)


# ---------------------------------------------------------------- which words


def test_after_a_long_silence_a_demand_restates_instead() -> None:
    """Semantics B5."""
    brief = a_brief("last-reminder", voice=Voice.FACTUAL)
    late = msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, is_restatement=True))
    assert "où en est votre dossier" in an_email(late).text
    assert "dernier rappel" not in an_email(late).text


def test_a_formal_notice_is_never_turned_into_a_restatement() -> None:
    brief = a_brief("formal-notice", Channel.LETTER)
    late = msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, is_restatement=True))
    assert "Mise en demeure" in a_letter(late).subject


def test_a_first_reminder_assumes_an_oversight() -> None:
    text = an_email(a_brief(last_contact_on=None)).text
    assert "Sauf erreur de notre part" in text
    assert "oubli" in text


def test_a_part_payment_is_acknowledged_and_shown() -> None:
    """Semantics A1, R36."""
    brief = a_brief()
    line = msgspec.structs.replace(brief.statement.due[0], paid_cents=500, open_cents=1500)
    statement = msgspec.structs.replace(brief.statement, due=(line,), total_cents=1500)
    text = an_email(msgspec.structs.replace(brief, statement=statement)).text.replace("\u00a0", " ")
    assert "Nous avons bien reçu 5,00 €, merci" in text
    assert "20,00 €, dont 5,00 € déjà réglés" in text
    assert "Total à régler : 15,00 €" in text


def test_the_part_in_dispute_is_shown_apart_with_its_reason() -> None:
    """Semantics C1: the rest is demanded, the held part is shown."""
    brief = a_brief()
    line = msgspec.structs.replace(brief.statement.due[0], open_cents=1200)
    held = HeldLine(line.reference, 800, "dispute")
    statement = msgspec.structs.replace(brief.statement, due=(line,), held=(held,), total_cents=1200)
    text = an_email(msgspec.structs.replace(brief, statement=statement)).text.replace("\u00a0", " ")
    assert "8,00 € mis de côté" in text
    assert "contestation à l’étude" in text


def test_a_message_names_what_the_creditor_sells() -> None:
    """R8."""
    brief = a_brief()
    for sector, noun in (
        ("telecom", "facture télécom"),
        ("rent", "échéance de loyer"),
        ("energy", "facture d’énergie"),
    ):
        creditor = msgspec.structs.replace(brief.creditor, sector=sector)
        assert noun in an_email(msgspec.structs.replace(brief, creditor=creditor)).text


def test_an_e_mail_shows_forty_rows_and_one_for_the_rest() -> None:
    brief = a_brief(is_long=True)
    due = tuple(brief.statement.due[0] for _ in range(EMAIL_ROWS + 5))
    total = sum(line.open_cents for line in (*due, *brief.statement.credits))
    statement = msgspec.structs.replace(brief.statement, due=due, total_cents=total)
    rendered = an_email(msgspec.structs.replace(brief, statement=statement))
    assert "6 autres factures" in rendered.text
    assert rendered.text.count("- Facture") == EMAIL_ROWS - 1


def test_a_business_reads_penalties_and_their_basis() -> None:
    """R22, C. com. L441-10."""
    text = an_email(a_brief("formal-notice", is_business=True)).text.replace("\u00a0", " ")
    assert "12,15 % par an, du 16 février 2026 au 12 mars 2026 ; C. com. L441-10" in text
    assert "Indemnité forfaitaire de recouvrement : 40,00 €" in text


def test_a_collectors_message_has_the_money_paid_to_its_dedicated_account() -> None:
    """CPCE R124-2, semantics A10: never the creditor's own account or cheque."""
    text = an_email(a_brief(is_third_party=True)).text
    assert "Bénéficiaire\u00a0: Recouvrement Rhône SAS" in text
    assert "Chèque" not in text
    assert "Claire Fontaine" not in text


# ---------------------------------------------------------------- SMS


def test_an_sms_keeps_the_amount_to_itself() -> None:
    """Semantics D9, HOUSE-02: unless the number is verified or the deployment says so."""
    brief = a_brief("reminder", Channel.SMS)
    assert "20,00" not in an_sms(brief).text
    assert "20,00 €" in an_sms(brief, Texts(TEMPLATES, show_amount=True)).text
    person = brief.person
    assert person
    point = ContactPoint(PointKind.PHONE, "+33644631234", verified=True)
    verified = msgspec.structs.replace(brief, person=msgspec.structs.replace(person, points=(point,)))
    assert "20,00 €" in an_sms(verified).text


def test_characters_of_a_name_that_sms_lacks_are_named() -> None:
    brief = a_brief("reminder", Channel.SMS)
    creditor = msgspec.structs.replace(brief.creditor, name="Forêt & Garçon SAS")
    rendered = an_sms(msgspec.structs.replace(brief, creditor=creditor))
    assert "Foret & Garcon:" in rendered.text
    assert [(change.found, change.written) for change in rendered.changes] == [("ê", "e"), ("ç", "c")]


# ---------------------------------------------------------------- e-mail headers and hashes


def test_one_click_leaves_the_channel() -> None:
    """RFC 8058."""
    brief = a_brief()
    headers = an_email(brief).headers
    assert headers == {
        "List-Unsubscribe": f"<{brief.link}/stop>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("channel", list(Channel))
def test_the_hash_follows_what_is_read(channel: Channel) -> None:
    brief = a_brief("reminder", channel)
    again, other = (
        shipped_texts().render(b).content_hash for b in (brief, a_brief("reminder", channel, case_id="C-2"))
    )
    assert shipped_texts().render(brief).content_hash == again
    assert again != other


def test_a_release_is_the_same_for_the_same_files_only() -> None:
    """Semantics B13: pinned by content."""
    assert Texts.of_files(dict(shipped_files())).release == shipped_texts().release
    files = changed("phrases/fr.yaml", "Bonne journée,", "Belle journée,")
    assert Texts.of_files(files).release != shipped_texts().release


def test_two_creditors_never_share_a_name() -> None:
    """What is kept per creditor follows the creditor."""
    brief = a_brief()
    other = msgspec.structs.replace(brief, creditor=msgspec.structs.replace(brief.creditor, name="Zénith Énergie SA"))
    assert (
        "Acme" not in an_email(other).html.replace("pay.acme.example", "").replace("acme.example", "").split("ordre")[0]
    )
    assert "Zénith" not in an_email(brief).html


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "template,changes,code",
    [
        ("promise-broken", {"promise": None}, "brief_incomplete"),
        ("formal-notice", {"deadline_on": None}, "brief_incomplete"),
        ("reminder", {"is_third_party": True, "letter_reference": ""}, "brief_incomplete"),
        ("reminder", {"is_third_party": True, "letter_on": None}, "brief_incomplete"),
        ("reminder", {"language": "de"}, "language_unknown"),
    ],
)
def test_what_a_template_cannot_do_without_is_refused(template: str, changes: dict[str, Any], code: str) -> None:
    """FR-3P-05 among others: a collector's message without its letter is never written."""
    with pytest.raises(TemplateError) as caught:
        an_email(a_brief(template, **changes))
    assert caught.value.code == code


def test_a_collector_that_is_not_named_writes_nothing() -> None:
    brief = a_brief(is_third_party=True)
    creditor = msgspec.structs.replace(brief.creditor, collector=None)
    with pytest.raises(TemplateError, match="no collector"):
        an_email(msgspec.structs.replace(brief, creditor=creditor))


def test_an_unknown_template_is_refused_with_a_suggestion() -> None:
    brief = a_brief()
    brief = msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, template="remindr"))
    with pytest.raises(NotFound, match='did you mean "reminder"'):
        an_email(brief)


@pytest.mark.parametrize(
    "changes,says",
    [
        ({"voice": Voice.FORMAL}, "no words in the voice formal"),
        ({"channel": Channel.SMS, "template": "formal-notice"}, "sms"),
    ],
)
def test_a_voice_or_channel_that_a_template_lacks_is_refused(changes: dict[str, Any], says: str) -> None:
    brief = a_brief()
    brief = msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, **changes))
    with pytest.raises(TemplateError, match=says):
        shipped_texts().render(brief)


def test_a_total_that_its_parts_do_not_make_is_refused() -> None:
    brief = a_brief()
    statement = msgspec.structs.replace(brief.statement, total_cents=1999)
    with pytest.raises(TemplateError) as caught:
        an_email(msgspec.structs.replace(brief, statement=statement))
    assert caught.value.code == "amounts_do_not_add_up"


def test_credits_larger_than_the_debts_ask_for_nothing() -> None:
    brief = a_brief(is_long=True)
    credit = msgspec.structs.replace(brief.statement.credits[0], open_cents=-99_999_999)
    statement = msgspec.structs.replace(brief.statement, credits=(credit,), total_cents=0)
    check_statement(Reading(msgspec.structs.replace(brief, statement=statement), typography("fr")))


@pytest.mark.parametrize("status", [DebtorStatus.CONSUMER, DebtorStatus.UNKNOWN, DebtorStatus.NON_PROFESSIONAL])
@pytest.mark.parametrize("is_claimed", [True, False])
def test_a_consumer_never_sees_a_fee(status: DebtorStatus, is_claimed: bool) -> None:
    """FR-FEE-01, FR-FEE-04: not even as a mention."""
    brief = a_brief()
    fee = StatutoryLine(kind="indemnity", amount_cents=4000, legal_basis="L441-10", is_claimed=is_claimed, count=1)
    total = brief.statement.total_cents + (4000 if is_claimed else 0)
    statement = msgspec.structs.replace(brief.statement, statutory=(fee,), total_cents=total)
    debtor = msgspec.structs.replace(brief.debtor, status=status)
    with pytest.raises(TemplateError) as caught:
        an_email(msgspec.structs.replace(brief, statement=statement, debtor=debtor))
    assert caught.value.code == "fee_to_consumer"


def test_a_runaway_text_is_refused() -> None:
    files = changed("phrases/fr.yaml", 'sms_exit: "Payer, répondre, refuser les SMS:"', f'sms_exit: "{"long " * 400}"')
    with pytest.raises(TemplateError) as caught:
        an_sms(a_brief("reminder", Channel.SMS), Texts.of_files(files))
    assert caught.value.code == "output_too_long"


def test_the_facts_of_a_template_can_be_listed() -> None:
    names = shipped_texts().variables_of("reminder", channel=Channel.SMS, language="fr", voice=Voice.COURTEOUS)
    assert {"amount", "case", "creditor", "link", "show_amount"} <= set(names)
    assert "promise_date" not in names


def test_a_changed_phrase_is_what_is_said() -> None:
    """R1, R4: a collections lead changes words without a developer."""
    files = changed("phrases/fr.yaml", "C'est sans doute un oubli", "Cela a pu vous échapper")
    text = an_email(a_brief(last_contact_on=None), Texts.of_files(files)).text
    assert "Cela a pu vous échapper" in text


def test_words_typed_with_signs_of_markup_are_printed_as_typed() -> None:
    """Phrases are words, in HTML too: nobody needs to know what an ampersand is."""
    files = changed("phrases/fr.yaml", 'closing: "Cordialement,"', 'closing: "R&D <b>Cordialement</b>,"')
    rendered = an_email(a_brief(voice=Voice.FACTUAL), Texts.of_files(files))
    assert "R&amp;D &lt;b&gt;Cordialement&lt;/b&gt;," in rendered.html
    assert "R&D <b>Cordialement</b>," in rendered.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_read_aloud_is_in_the_language(language: str) -> None:
    """L26."""
    words = all_words(shipped_texts().render(a_brief(language=language, is_business=True, is_long=True)))
    foreign = {"fr": (" the ", " your ", " we "), "en": (" votre ", " nous ", " est ")}[language]
    assert not any(word in words.casefold() for word in foreign)


def test_every_refusal_is_one_of_ours() -> None:
    with pytest.raises(RelanceError):
        Texts(TEMPLATES / "letter")
