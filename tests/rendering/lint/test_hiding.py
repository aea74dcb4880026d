"""No name, no markup and no reference hides a finding in a whole message; and a name makes none."""

import msgspec
import pytest

from channels.contract import Channel
from orchestrator.rendering.rendered import RenderedEmail
from tests.rendering.lint.test_messages import an_sms, linted, names
from tests.rendering.wording import a_brief, shipped_texts


@pytest.mark.parametrize(
    "name,lawful,forbidden",
    [
        ("Huissier", "Merci, Huissier.", "Notre Huissier passera."),
        ("SAISIE", "Dossier SAISIE", "Saisie de vos biens : votre SAISIE viendra."),
        ("Isie", "Bonjour Isie.", "Avant saIsie."),
        ("Ange Amende", "Bonjour Ange Amende.", "Une Amende s'ajoute, Ange Amende."),
    ],
)
def test_a_debtors_name_hides_nothing_beside_it(name: str, lawful: str, forbidden: str) -> None:
    debtor = msgspec.structs.replace(a_brief("reminder", Channel.SMS).debtor, name=name, people=())
    assert names(an_sms(lawful, debtor=debtor)) == set()
    assert names(an_sms(forbidden, debtor=debtor)) & {"L01", "L06", "L08"}


def test_a_creditors_name_of_one_word_hides_the_trade_neither() -> None:
    creditor = msgspec.structs.replace(a_brief("reminder", Channel.SMS).creditor, name="Amende")
    assert names(an_sms("Le service client d'Amende vous répond.".replace("d'", "de "), creditor=creditor)) == set()
    assert names(an_sms("Une amende s'ajoute à la facture de Amende.", creditor=creditor)) == {"L08"}


@pytest.mark.parametrize(
    "hidden",
    ["hui<!-- x -->ssier", "hui&#115;sier", "hui&#x73;&#115;ier", "hui<DEL></DEL>ssier",
     "<SPAN class='x'>hui</SPAN>ssier", "h&shy;u&shy;issier", "hui&#8203;ssier", "&#104;uissier"],
)  # fmt: skip
def test_markup_hides_no_word(hidden: str) -> None:
    brief = a_brief("reminder", Channel.EMAIL)
    rendered = shipped_texts().render(brief)
    assert isinstance(rendered, RenderedEmail)
    html = rendered.html.replace("</body>", f"<p>Notre {hidden} viendra.</p></body>")
    assert names(linted(brief, msgspec.structs.replace(rendered, html=html))) == {"L01"}


def test_a_premium_number_hides_behind_no_entity_and_no_reference() -> None:
    brief = msgspec.structs.replace(a_brief("reminder", Channel.EMAIL), case_id="0899")
    rendered = shipped_texts().render(brief)
    assert isinstance(rendered, RenderedEmail)
    for number in ("0899 12 34 56", "&#48;899&nbsp;12&#8239;34&#x20;56"):
        html = rendered.html.replace("</body>", f"<p>Appelez le {number}.</p></body>")
        assert "premium_numbers" in names(linted(brief, msgspec.structs.replace(rendered, html=html))), number
