"""How to pay, on the page behind a message's link: what an SMS has no room for, and nothing of the debt."""

import pytest
from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.creditor import Creditor, PaymentMeans
from orchestrator.domain.events import DebtRecorded
from orchestrator.flows.record_facts import record_facts
from orchestrator.web.portal.means import ways_to_pay
from tests.web.conftest import Office
from tests.web.links import a_link


@pytest.mark.parametrize(
    "creditor, means, missing",
    [
        ("acme-telecom", ("FR76 3000 6000", "Acme Télécom SAS", "https://pay.acme.example/", "Par chèque"), "Rhône"),
        ("syndic-lilas", ("FR76 3000 6000", "<dd>Recouvrement Rhône SAS</dd>"), "Par chèque"),
    ],
)
def test_the_page_says_how_to_pay_the_sms_promises_it(
    office: Office, creditor: str, means: tuple[str, ...], missing: str
) -> None:
    link = a_link(office, creditor=creditor, channel=Channel.SMS)
    card = link.get().text.partition("Je souhaite payer")[2].partition("</details>")[0]
    for each in (*means, f"<dd>{link.case_id}</dd>", f'/{link.case_id}">'):
        assert each in card
    assert missing not in card
    assert "Écrivez-nous ou appelez-nous" not in card


def test_how_to_pay_tells_nothing_of_the_debt(office: Office) -> None:
    """The same before and after: else whoever holds the link would read from it what is open."""
    link = a_link(office)
    before = link.get().text
    link.post("paid")
    settled = [replace(debt, open_cents=0, as_of=office.now.date()) for debt in link.case.debts]
    facts = [DebtRecorded(id=f"settled:{d.reference}", at=office.now, by="erp", debt=d) for d in settled]
    record_facts(office.database, [(link.case_id, fact) for fact in facts], now=office.now)
    assert link.get().text == before


def test_without_means_on_file_one_asks() -> None:
    told = ways_to_pay(Creditor(id="x", name="X", payment=PaymentMeans(link="javascript:alert(1)")), "CASE", str)
    assert told == "<p>pay_ask</p>"


def test_the_page_of_what_is_owed_to_another_names_no_account_of_the_creditor(office: Office) -> None:
    """R46: a case with a payee of its own."""
    own = a_link(office)
    link = a_link(office, case=replace(own.case, id="CASEPAYEE", payee="Factor Exemple SA"))
    page = link.get().text
    assert "Factor Exemple SA" in page
    assert "Écrivez-nous ou appelez-nous" in page
    for means in ("FR76", "pay.acme.example", "Par chèque"):
        assert means in own.get().text
        assert means not in page
