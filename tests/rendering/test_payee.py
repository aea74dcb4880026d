"""Who is paid (R46): with a payee of its own, nothing that a debtor gets names the creditor's account."""

import pytest
from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.creditor import Creditor, Payee
from orchestrator.domain.pay_to import pay_to
from orchestrator.domain.voice import Voice
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import names_another_account, pay_code
from orchestrator.rendering.letterhead import letterhead
from orchestrator.rendering.rendered import RenderedEmail
from orchestrator.rendering.typography import typography
from orchestrator.web.portal.means import ways_to_pay
from tests.rendering.wording import LANGUAGES, a_brief, all_words, described, places, shipped_texts

OWN = "FR7630006000011234567890189"
FACTOR = Payee(name="Factor Exemple SA", iban="DE89370400440532013000", bic="COBADEFF")
OTHERS = {"own": OWN, "link": "pay.acme.example"}
NAMES = sorted(shipped_texts().catalogue.entries)


def squeezed(text: str) -> str:
    """Without the spaces that an IBAN is written with."""
    return "".join(text.split())


def owed_to(brief: Brief, *payees: Payee, name: str = "Factor Exemple SA") -> Brief:
    return replace(brief, payee=name, creditor=replace(brief.creditor, payees=payees))


def told(brief: Brief) -> str:
    """Everything that a message carries, its links and its code to scan too."""
    rendered = shipped_texts().render(brief)
    html = rendered.html if isinstance(rendered, RenderedEmail) else ""
    return squeezed(f"{all_words(rendered)} {html} {pay_code(brief) or ''}")


@pytest.mark.parametrize("payees", [(), (FACTOR,)], ids=["unknown", "on_file"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_names_the_creditors_account_for_what_is_owed_to_another(
    name: str, language: str, payees: tuple[Payee, ...]
) -> None:
    for brief in places(shipped_texts().catalogue.entry(name), language):
        said = told(owed_to(brief, *payees))
        for means in OTHERS.values():
            assert means not in said, described(brief)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
@pytest.mark.parametrize("is_third_party", [False, True])
def test_a_demand_names_the_account_of_the_payee_on_file(channel: Channel, is_third_party: bool) -> None:
    template = "reminder" if not is_third_party or channel is Channel.EMAIL else "r124-4-letter"
    entry = shipped_texts().catalogue.entry(template)
    voice = entry.voices[0]
    brief = owed_to(a_brief(template, channel, voice=voice, is_third_party=is_third_party), FACTOR)
    said = told(brief)
    assert FACTOR.iban in said
    assert squeezed(FACTOR.name) in said
    assert FACTOR.bic in said
    code = pay_code(brief)
    assert code is not None
    assert FACTOR.iban in code
    assert FACTOR.name in code


def test_without_an_account_on_file_nothing_can_be_scanned_and_one_asks() -> None:
    brief = owed_to(a_brief("reminder", Channel.LETTER))
    assert pay_code(brief) is None
    assert squeezed("nous vous indiquerons comment régler") in told(brief)


def test_one_texts_release_serves_both_payees_of_a_creditor() -> None:
    """What is kept for a creditor from one message to the next must not be the account of another case."""
    texts = shipped_texts()
    own = a_brief("reminder", Channel.EMAIL, voice=Voice.COURTEOUS)
    creditor = replace(own.creditor, payees=(FACTOR,))
    own = replace(own, creditor=creditor)
    other = replace(own, payee=FACTOR.name)
    for brief, iban, never in ((own, OWN, FACTOR.iban), (other, FACTOR.iban, OWN), (own, OWN, FACTOR.iban)):
        said = squeezed(all_words(texts.render(brief)))
        assert iban in said
        assert never not in said


@pytest.mark.parametrize("payees", [(), (FACTOR,)], ids=["unknown", "on_file"])
@pytest.mark.parametrize("is_third_party", [False, True])
def test_neither_the_page_nor_a_document_names_it(payees: tuple[Payee, ...], is_third_party: bool) -> None:
    creditor = replace(a_brief(is_third_party=is_third_party).creditor, payees=payees)
    head = letterhead(creditor, "CASE1", typography("fr"), payee=FACTOR.name)
    page = ways_to_pay(creditor, "CASE1", lambda key: key, payee=FACTOR.name)
    for said in (squeezed(page), squeezed(f"{head.iban} {head.pay_link} {head.cheque_order}")):
        for means in OTHERS.values():
            assert means not in said
        assert (FACTOR.iban in said) is bool(payees)
    assert FACTOR.name in page


@pytest.mark.parametrize("words", [OWN, "FR76 3000 6000 0112 3456 7890 189", f"iban:{OWN.lower()}."])
def test_a_persons_own_words_may_not_name_the_wrong_account(words: str) -> None:
    brief = a_brief("written-answer", Channel.EMAIL, words=f"Payez ici : {words} merci")
    assert not names_another_account(shipped_texts().render(brief), brief)
    brief = owed_to(brief)
    assert names_another_account(shipped_texts().render(brief), brief)


def test_a_payee_is_found_however_its_name_is_spaced_or_cased() -> None:
    creditor = Creditor(id="a", name="A", payees=(FACTOR,))
    assert pay_to(creditor, "FACTOR  exemple SA ").iban == FACTOR.iban
    assert pay_to(creditor, "Factor").iban == ""
    assert pay_to(creditor, "Factor").name == "Factor"
