"""Creditors from files: every field read, every mistake at its place, the collector asked for by name."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from orchestrator.domain.campaign import Mode
from orchestrator.domain.creditor import Creditor, LegalFacts, Payee
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import FileError
from orchestrator.intake.creditor_yaml import creditor_of, load_creditors
from orchestrator.intake.strict_yaml.source import FileErrors, parse

SHIPPED = Path(__file__).resolve().parents[2] / "campaigns" / "creditors"
OWN = """\
creditor: acme-telecom
name: Acme Télécom SAS
party: own
siren: "552100554"
address: [Acme Télécom, Service clients, 12 rue des Lilas, 69003 LYON]
language: fr
jurisdiction: FR
contact: {phone: "+33 4 65 71 00 10", email: recouvrement@acme.example, hours: "lun-ven 9h-18h"}
payment: {iban: FR7630006000011234567890189, link: "https://pay.acme.example/{case}"}
senders: {sms: ACME, email: {address: facturation@acme.example, name: Acme Télécom}}
brand: {logo: acme.svg, color: "#0b5cad"}
data_max_age: 2 business days
mode: confirm
"""
COLLECTED = """\
creditor: syndic-lilas
name: Syndic des Lilas SARL
party: third_party
siren: 732829320
collector:
  name: Recouvrement Rhône SAS
  siren: "404833048"
  address: [Recouvrement Rhône, 8 quai Perrache, 69002 LYON]
  phone: "+33 4 65 71 00 31"
  insurance: {company: Assureur Exemple, policy: RC-12345}
  declared_to_prosecutor_on: 2024-01-15
  account: FR7630006000011234567890189
  mandate: {signed_on: 2025-03-01, reference: M-2025-014}
"""


def creditor(text: str) -> Creditor:
    return creditor_of(parse(text, name="c.yaml"))


def fault(text: str) -> str:
    with pytest.raises(FileErrors) as caught:
        creditor(text)
    (error,) = caught.value.errors
    return str(error)


# --------------------------------------------------------------------------------------- what is read


def test_the_legal_block_of_the_guide_is_read_to_its_last_line() -> None:
    """The example of docs/campaigns.md, so that it never lies."""
    guide = (Path(__file__).resolve().parents[2] / "docs" / "campaigns.md").read_text("utf-8")
    block = next(each.partition("```")[0] for each in guide.split("```yaml\n") if each.startswith("legal:"))
    legal = creditor(OWN + block).legal
    assert all(getattr(legal, each.name) for each in msgspec.structs.fields(legal))
    assert all(getattr(legal.sheets, each.name) for each in msgspec.structs.fields(legal.sheets))
    assert legal.transferred_on == date(2026, 1, 15)
    assert creditor(OWN).legal == LegalFacts()


def test_a_creditor_on_its_own_account_is_read() -> None:
    found = creditor(OWN)
    assert (found.id, found.party, found.siren, found.mode) == ("acme-telecom", "own", "552100554", Mode.CONFIRM)
    assert found.address == ("Acme Télécom", "Service clients", "12 rue des Lilas", "69003 LYON")
    assert found.payment.link == "https://pay.acme.example/{case}"
    assert found.senders.email is not None
    assert (found.senders.sms, found.senders.email.address) == ("ACME", "facturation@acme.example")
    assert found.data_max_age == Duration(2, Unit.BUSINESS_DAY)


def test_the_collector_of_a_third_party_creditor_is_read() -> None:
    found = creditor(COLLECTED)
    assert found.siren == "732829320"
    assert found.collector is not None
    assert found.collector.declared_to_prosecutor_on == date(2024, 1, 15)
    assert all(found.fact(name) for name in ("collector", "insurance", "account", "declaration", "mandate"))


def test_a_collector_may_still_lack_what_only_real_messages_need() -> None:
    """Semantics A11: the sandbox only warns."""
    found = creditor("creditor: x\nname: X\nparty: third_party\ncollector: {name: C}\n")
    assert found.fact("collector")
    assert not found.fact("mandate")


def test_an_iban_and_a_siren_may_be_written_with_spaces() -> None:
    text = OWN.replace("FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189")
    found = creditor(text.replace('"552100554"', "552 100 554"))
    assert (found.payment.iban, found.siren) == ("FR7630006000011234567890189", "552100554")


@pytest.mark.parametrize("text", [OWN, COLLECTED])
def test_a_creditor_is_the_same_after_it_was_stored(text: str) -> None:
    found = creditor(text)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Creditor) == found


# ------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "right, wrong, sentence",
    [
        ("acme-telecom", "Acme Telecom", '1:11: creditor: "Acme Telecom" is not a short name'),
        ("acme-telecom", "any", '1:11: creditor: "any" means every creditor'),
        ("party: own", "party: third-party", '3:8: party: "third-party" is not one of own, third_party (did you mean'),
        ("party: own", "party: third_party", "1:1: collector: a third-party creditor must say who collects for it"),
        ('"552100554"', '"552100555"', '4:8: siren: "552100555" is not a SIREN'),
        ('"552100554"', "55210055", '4:8: siren: "55210055" is not a SIREN'),
        ("12 rue des Lilas", "A very long line that no envelope window can hold",
         "5:42: address[2]: this line has 49 characters"),
        ("[Acme Télécom, Service clients, 12 rue des Lilas, 69003 LYON]", "12 rue des Lilas, 69003 LYON",
         "5:10: address: an address is a list of lines"),
        ("Service clients, 12", "a, b, c, d, 12", "5:10: address: an address has 2 to 6 lines, this one has 7"),
        ("language: fr", "language: FR", '6:11: language: "FR" is not a language'),
        ("jurisdiction: FR", "jurisdiction: fr", '7:15: jurisdiction: "fr" is not a country'),
        ('"+33 4 65 71 00 10"', '"04 65 71 00 10"', '8:18: contact.phone: "04 65 71 00 10" is not a phone number'),
        ('"+33 4 65 71 00 10"', '"+33 4 65"', "8:18: contact.phone: "),
        ('"+33 4 65 71 00 10"', '"+33 899 70 10 10"', '8:18: contact.phone: "+33 899 70 10 10" is a premium-rate'),
        ("recouvrement@acme.example", "recouvrement", '8:46: contact.email: "recouvrement" is not an e-mail'),
        ("90189, link", "90188, link", '9:17: payment.iban: "FR7630006000011234567890188" is not an IBAN'),
        ("90189, link", "90189, bic: ABC, link", '9:51: payment.bic: "ABC" is not a BIC'),
        ("https://pay", "http://pay", '9:52: payment.link: "http://pay.acme.example/{case}" is not a payment link'),
        ("{case}", "{debtor}", "9:52: payment.link: "),
        ("sms: ACME", "sms: Acme Télécom", '10:16: senders.sms: "Acme Télécom" is not an SMS sender'),
        ("sms: ACME", "sms: AB", '10:16: senders.sms: "AB" is not an SMS sender'),
        ("sms: ACME", "sms: ACMETELECOM12", '10:16: senders.sms: "ACMETELECOM12" is not an SMS sender'),
        ("sms: ACME", "sms: 0644631234", "10:16: senders.sms: a mobile number may not send automatic SMS"),
        ("sms: ACME", 'sms: "+33644631234"', "10:16: senders.sms: a mobile number may not send automatic SMS"),
        ("{address: facturation@acme.example, name: Acme Télécom}", "facturation@acme.example",
         '10:29: senders.email: found "facturation@acme.example", expected a group'),
        ("acme.svg", "../acme.svg", '11:15: brand.logo: "../acme.svg" is not the name of a picture file'),
        ('"#0b5cad"', "blue", '11:32: brand.color: "blue" is not a colour'),
        ("2 business days", "2 days", '12:15: data_max_age: "2 days" is not a number of business days'),
        ("confirm", "auto", '13:7: mode: "auto" is not one of observe, confirm, automatic (did you mean "automatic"?)'),
        ("mode: confirm", "mods: confirm", '13:1: mods: this key is not known (did you mean "mode"?)'),
        ("name: Acme Télécom SAS", "nom: Acme", "2:1: nom: this key is not known"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(right: str, wrong: str, sentence: str) -> None:
    assert OWN.count(right) >= 1
    with pytest.raises(FileErrors) as caught:
        creditor(OWN.replace(right, wrong, 1))
    assert any(str(error).startswith(f"c.yaml:{sentence}") for error in caught.value.errors), str(caught.value)


@pytest.mark.parametrize("sender", ["ACME", "Acme2026", "36123", "38000", "ABC", "ELEVENCHARS"])
def test_an_sms_sender_is_a_short_name_or_a_french_short_code(sender: str) -> None:
    """PLT-02."""
    assert creditor(OWN.replace("sms: ACME", f'sms: "{sender}"')).senders.sms == sender


def test_the_missing_collector_says_what_to_write() -> None:
    sentence = fault("creditor: x\nname: X\nparty: third_party\n")
    assert sentence.endswith("(add collector: with its name, address, insurance, declaration, account and mandate)")


def test_a_creditor_on_its_own_account_has_no_collector() -> None:
    sentence = fault("creditor: x\nname: X\ncollector: {name: C}\n")
    assert sentence.startswith("c.yaml:3:12: collector: only a third-party creditor has a collector")


def test_a_wrong_collector_is_told_by_its_path() -> None:
    sentence = fault(COLLECTED.replace("signed_on: 2025-03-01", "signed_on: in March"))
    assert sentence == (
        'c.yaml:13:24: collector.mandate.signed_on: "in March" is not a date (write it like 2026-01-31)'
    )


# ------------------------------------------------------------------------------------------ folders


def test_a_file_may_hold_several_creditors(tmp_path: Path) -> None:
    (tmp_path / "both.yaml").write_text(OWN + "---\n" + COLLECTED, encoding="utf-8")
    assert set(load_creditors(tmp_path)) == {"acme-telecom", "syndic-lilas"}


def test_a_creditor_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("# again\n" + OWN, encoding="utf-8")
    with pytest.raises(FileErrors, match="is already a creditor") as caught:
        load_creditors(tmp_path)
    assert caught.value.where == f"{tmp_path / 'b.yaml'}:2:11"


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("creditor: A\nname: A\n---\ncreditor: b\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("creditor: [\n", encoding="utf-8")
    with pytest.raises(FileErrors) as caught:
        load_creditors(tmp_path)
    assert [error.where.rsplit("/", 1)[1] for error in caught.value.errors] == [
        "a.yaml:1:11", "a.yaml:4:1", "c.yaml:2:1",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such folder"):
        load_creditors(tmp_path / "nowhere")


# ----------------------------------------------------------------------------------- those shipped


def test_the_shipped_creditors_are_the_three_cases_that_people_start_from() -> None:
    found = load_creditors(SHIPPED)
    assert set(found) == {"acme-telecom", "atelier-bois", "syndic-lilas"}
    assert [each.party for each in found.values()] == ["own", "own", "third_party"]
    assert {each.mode for each in found.values()} == {Mode.CONFIRM}


def test_the_shipped_creditors_have_all_that_a_message_needs() -> None:
    for each in load_creditors(SHIPPED).values():
        assert each.address
        assert each.contact.phone
        assert each.contact.email.endswith(".example")
        assert each.senders.sms
        assert each.senders.email is not None
        assert each.signatory
        assert each.payment.iban or (each.collector and each.collector.account)


def test_the_shipped_collector_has_every_fact_of_the_law_on_file() -> None:
    """FR-3P-01, FR-3P-02."""
    syndic = load_creditors(SHIPPED)["syndic-lilas"]
    assert all(syndic.fact(name) for name in ("collector", "mandate", "insurance", "account", "declaration"))


# ------------------------------------------------------------------------------------------------- other payees

_PAYEES = 'payees: [{{name: Factor Exemple SA, iban: "{iban}", bic: COBADEFF}}{more}]\n'


def test_who_else_is_paid_stands_beside_the_creditors_own_account() -> None:
    found = creditor(OWN + _PAYEES.format(iban="DE89 3704 0044 0532 0130 00", more=""))
    assert found.payees == (Payee("Factor Exemple SA", "DE89370400440532013000", "COBADEFF"),)
    assert creditor(OWN).payees == ()


@pytest.mark.parametrize(
    "iban, more, says",
    [
        ("DE89370400440532013001", "", "not an IBAN"),
        ("DE89370400440532013000", ', {name: " factor exemple sa", iban: FR7630006000011234567890189}', "one name"),
        ("DE89370400440532013000", ", {name: Sans compte}", "iban"),
    ],
)
def test_a_payee_without_a_right_account_or_named_twice_is_refused(iban: str, more: str, says: str) -> None:
    with pytest.raises(FileErrors) as refused:
        creditor(OWN + _PAYEES.format(iban=iban, more=more))
    assert says in str(refused.value)
