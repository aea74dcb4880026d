"""The statement of account as paper (R48): what it says, what it never says, a PDF to keep and to read out."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from msgspec.structs import replace
from openpyxl import load_workbook
from pdfminer.high_level import extract_text

from orchestrator.domain.account_statement import AccountStatement, Movement, state_account
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.amount_line import LegalBasis, LineKind
from orchestrator.domain.contact import Debtor
from orchestrator.domain.creditor import Brand, Collector, Contact, Creditor, PaymentMeans
from orchestrator.domain.debt import Debt, DocumentKind
from orchestrator.domain.errors import InputError, TemplateError
from orchestrator.domain.events import Event
from orchestrator.domain.policy import ContactChannel, PolicyBook
from orchestrator.domain.rules import PrescriptionRule
from orchestrator.domain.situation import Situation
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.account_statement.pdf import statement_pdf
from orchestrator.rendering.account_statement.sheet import Sheet, statement_sheet
from orchestrator.rendering.account_statement.sheets import statement_tables
from orchestrator.rendering.account_statement.wording import Wording, read_words
from orchestrator.rendering.letterhead import letterhead
from orchestrator.rendering.lint.facts import LintFacts
from orchestrator.rendering.lint.lint import lint_text
from orchestrator.rendering.spreadsheet import xlsx_bytes
from tests.builders import a_case, a_context, a_debt, a_debtor, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "templates" / "letter" / "fonts"
NOON = instant("2026-03-10 12:00")
TODAY = date(2026, 3, 10)
ACME = Creditor(
    id="acme-telecom",
    name="Acme Télécom SAS",
    siren="732829320",
    address=("Acme Télécom SAS", "18 rue de la République", "69002 LYON"),
    contact=Contact(phone="04 65 71 22 22", email="clients@acme.example", hours="9 h - 18 h"),
    payment=PaymentMeans(
        iban="FR7630006000011234567890189", bic="AGRIFRPP", link="https://payer.acme.example/{case}",
        cheque_order="Acme Télécom",
    ),
    brand=Brand(color="#0b5d4e"),
)  # fmt: skip
AGENCY = replace(
    ACME,
    party="third_party",
    collector=Collector(
        name="Recouvrement Conseil SARL", siren="552100554", address=("5 avenue des Ternes", "75017 PARIS"),
        phone="01 99 00 12 34", email="contact@agence.example", account="FR7630006000011234567890189",
    ),
)  # fmt: skip
FULL = (
    a_debt("F-0", cents=7_000, due="2023-01-10", issued_on=date(2022, 12, 10)),
    a_debt("F-1", cents=10_000, open_cents=8_000, issued_on=date(2026, 1, 5), due="2026-02-05"),
    a_debt("F-2", cents=5_000, issued_on=date(2026, 2, 1), due="2026-04-01"),
    a_debt("A-1", cents=-1_500, kind=DocumentKind.CREDIT_NOTE, issued_on=date(2026, 2, 10)),
)
KNOWN: tuple[Event, ...] = (
    facts.paid(1_000, "F-1", on="2026-02-20", pid="VIR-1"),
    facts.paid(500, "F-1", on="2026-02-21", pid="CB-2"),
    facts.bounced("CB-2", on="2026-02-25"),
    facts.disputed("F-1", at="2026-03-05 10:00", cents=1_200),
)
POLICY = ruled_by(a_rule(PrescriptionRule, "T-PRE", months=24)).on("test-pack", TODAY)


def stated(*debts: Debt, knowing: tuple[Event, ...] = KNOWN, **case: Any) -> AccountStatement:
    made = a_case(*(debts or FULL), facts=knowing, **case)
    return state_account(Situation(made, None, a_context(), NOON), POLICY)


def sheet(*accounts: AccountStatement, language: str = "fr", creditor: Creditor = ACME, **debtor: Any) -> Sheet:
    letter = debtor.pop("letter", None)
    who = debtor.pop("debtor", None) or a_debtor(**debtor)
    return statement_sheet(accounts or (stated(),), creditor=creditor, debtor=who, language=language, letter=letter)


def pdf(made: Sheet) -> bytes:
    return statement_pdf(made, fonts=FONTS, dated_on=TODAY)


def read(made: Sheet) -> str:
    """The words of the PDF, spaces made one."""
    return " ".join(extract_text(io.BytesIO(pdf(made))).split())


def words(made: Sheet) -> str:
    """Every word of the sheet, figures too."""
    account_words = [str(account) for account in (*made.facts, *made.accounts)]
    return " ".join([made.title, made.intro, *account_words, *made.contact, made.footer, *made.words.values()])


@pytest.mark.parametrize(
    "language, phrases",
    [
        (
            "fr",
            ("Relevé de compte", "Situation au 10 mars 2026", "Facture F-1", "Avoir A-1", "Règlement VIR-1", "pour F-1",
             "Règlement CB-2 annulé", "Déjà réglé sur F-1", "À régler à ce jour", "43,00 €", "Solde du compte",
             "175,00 €", "Contestation en cours d’examen", "n’est plus réclamée", "FR76 3000 6000 0112 3456 7890 189",
             "Référence à indiquer", "CASE000001", "Pour régler 43,00 €", "31 à 60 jours", "SIREN 732 829 320"),
        ),
        (
            "en",
            ("Statement of account", "Position as of 10 March 2026", "Invoice F-1", "Credit note A-1", "Payment VIR-1",
             "Payment CB-2 reversed", "Already paid on F-1", "To pay as of today", "€43.00", "Account balance",
             "€175.00", "Dispute under review", "no longer asked for", "Reference to quote", "31 to 60 days"),
        ),
    ],
)  # fmt: skip
def test_it_says_what_is_owed_since_when_and_how_to_pay(language: str, phrases: tuple[str, ...]) -> None:
    text = read(sheet(language=language))
    assert [phrase for phrase in phrases if phrase not in text] == []


def test_what_is_payable_comes_about_line_by_line() -> None:
    rows = [(label, amount.replace("\u00a0", " ")) for label, amount, _ in sheet().accounts[0].summary]
    assert rows == [
        ("Échu", "140,00 €"),
        ("Avoirs et règlements à déduire", "-15,00 €"),
        ("Mis de côté (voir plus bas)", "-12,00 €"),
        ("N’est plus réclamé (voir plus bas)", "-70,00 €"),
        ("À régler à ce jour", "43,00 €"),
        ("Pas encore échu", "50,00 €"),
        ("Solde du compte", "175,00 €"),
    ]


def test_what_cannot_be_paid_for_now_shows_no_way_to_pay() -> None:
    promise = facts.promised(9_000, due="2026-03-20", at="2026-03-05 10:00")
    made = sheet(stated(knowing=(*KNOWN, promise)))
    account = made.accounts[0]
    assert account.lead == (
        "Vous vous êtes engagé à régler 90,00\u00a0€ au plus tard le 20\u00a0mars 2026. "
        "Rien d’autre n’est demandé d’ici là."
    )
    assert (account.pay_title, account.pay_lines, account.pay_code) == ("", (), "")
    assert [row[0] for row in account.held] == ["F-1"]  # the disputed part is still told
    assert "FR76" not in read(made)


def test_the_time_to_react_to_an_answer_puts_off_nothing_that_the_debtor_wants_to_settle() -> None:
    held = facts.held(HoldKind.ANSWER_GIVEN, since="2026-03-06 10:00")
    assert sheet(stated(knowing=(*KNOWN, held))).accounts == sheet(stated(knowing=KNOWN)).accounts


_NAMED = {"dispute", "promise", "plan", "deferral", "answer_given"}


@pytest.mark.parametrize("kind", [kind for kind in HoldKind if kind not in _NAMED])
def test_no_hold_of_a_person_is_ever_named(kind: HoldKind) -> None:
    held = facts.held(kind, since="2026-03-06 10:00", paper="jugement 12-34", source="notaire")
    text = words(sheet(stated(knowing=(*KNOWN, held)))).casefold()
    for word in ("surendettement", "décès", "vulnér", "tutelle", "jugement", "notaire", "insolv", "fragil", "malad"):
        assert word not in text
    assert "à régler à ce jour', '0,00" in text


@pytest.mark.parametrize("kind", ["dispute", "plan", "deferral", "already_paid", "direct_debit", "withheld", "promise"])
@pytest.mark.parametrize("until", [None, date(2026, 4, 1)])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_hold_over_the_case_has_its_sentence(kind: str, until: date | None, language: str) -> None:
    account = replace(stated(), whole_hold=kind, whole_hold_until=until, payable_cents=0)
    lead = sheet(account, language=language).accounts[0].lead
    assert lead.endswith(".")
    assert "{" not in lead
    assert "  " not in lead


def test_a_balance_in_favour_is_told_as_such() -> None:
    account = sheet(stated(a_debt("F-1"), a_debt("A-1", cents=-5_000, kind=DocumentKind.CREDIT_NOTE), knowing=()))
    rows = {label: amount.replace("\u00a0", " ") for label, amount, _ in account.accounts[0].summary}
    assert rows["Solde en votre faveur"] == "30,00 €"
    assert "À régler à ce jour" not in rows
    assert "vous revient" in account.accounts[0].lead


def test_an_account_without_anything_open_says_that_nothing_is_to_be_paid() -> None:
    made = sheet(stated(a_debt("F-1", open_cents=0), knowing=()))
    assert made.accounts[0].lead == "Rien n’est à régler à ce jour."


def test_what_is_owed_to_another_payee_is_never_asked_to_the_creditors_account() -> None:
    """R46."""
    made = sheet(stated(payee="Factor Exemple"))
    text = read(made)
    assert "Factor Exemple" in text
    assert "FR76" not in text
    assert made.accounts[0].pay_code == ""


def test_a_collector_writes_in_its_name_for_the_creditor_and_is_paid_on_its_account() -> None:
    made = sheet(creditor=AGENCY, letter=("L-77", date(2026, 1, 12)))
    text = read(made)
    assert "n° L-77 du 12 janvier 2026" in text
    assert made.sender == "Recouvrement Conseil SARL"
    assert made.label == "Recouvrement amiable"
    assert "pour le compte de Acme Télécom SAS" in text
    assert dict(made.accounts[0].pay_lines)["Bénéficiaire"] == "Recouvrement Conseil SARL"


def test_the_letterhead_reads_what_letters_read_of_a_creditor() -> None:
    head = letterhead(AGENCY, "CASE 1/2", Wording("fr").hand)
    assert head.pay_link == "https://payer.acme.example/CASE%201%2F2"
    assert (head.payee, head.bic, head.cheque_order) == ("Recouvrement Conseil SARL", "", "")
    assert letterhead(ACME, "C", Wording("fr").hand).address_lines == ("18 rue de la République", "69002 LYON")


def test_several_accounts_are_told_apart_and_summed_by_currency() -> None:
    pounds = stated(a_debt("F-7", cents=3_000), knowing=(), id="CASE000002", currency="GBP")
    more = stated(a_debt("F-8", cents=4_000), knowing=(), id="CASE000003")
    made = sheet(stated(), pounds, more, language="en")
    assert [account.title for account in made.accounts] == [
        "Reference CASE000001", "Reference CASE000002", "Reference CASE000003",
    ]  # fmt: skip
    assert made.totals == (
        ("Account balance", "€215.00"), ("To pay as of today", "€83.00"),
        ("Account balance", "£30.00"), ("To pay as of today", "£30.00"),
    )  # fmt: skip
    assert "€215.00" in read(made)
    assert [bool(account.pay_code) for account in made.accounts] == [True, False, True]


def test_the_workbook_agrees_with_the_account() -> None:
    account = stated()
    book = load_workbook(io.BytesIO(xlsx_bytes(*statement_tables((account,), language="fr"))))
    assert book.sheetnames == ["Détail du compte", "Synthèse 10 03 2026", "Mis de côté"]
    rows = list(book["Détail du compte"].iter_rows(min_row=2, values_only=True))
    debits, credits_, last = sum(r[5] or 0 for r in rows), sum(r[6] or 0 for r in rows), rows[-1][7]
    assert round((debits - credits_) * 100) == round(last * 100) == account.balance_cents
    sums = {row[1]: row[2] for row in book["Synthèse 10 03 2026"].iter_rows(min_row=2, values_only=True)}
    assert (sums["Solde du compte"], sums["À régler à ce jour"], sums["31 à 60 jours"]) == (175, 43, 70)
    assert sums["Avoirs et règlements à déduire"] == -15


# --------------------------------------------------------------------------------------------- the words

_RULED = [
    ("fr-own-b2c", "fr", ACME), ("fr-own-b2b", "fr", ACME), ("fr-3p-b2c", "fr", AGENCY), ("fr-3p-b2b", "fr", AGENCY),
    ("fr-own-b2c", "en", ACME), ("uk-general", "en", ACME), ("uk-3p", "en", AGENCY), ("be", "fr", ACME),
    ("be-3p", "fr", AGENCY), ("us-1p", "en", ACME),
]  # fmt: skip


@pytest.mark.parametrize("pack, language, creditor", _RULED)
def test_its_words_pass_the_content_lint(pack: str, language: str, creditor: Creditor) -> None:
    """A statement informs: it threatens with nothing."""
    policy = PolicyBook(load_packs(ROOT / "campaigns" / "policies")).on(pack, TODAY)
    known = LintFacts(is_third_party=creditor.party == "third_party", is_text_alone=True)
    letter = ("L-77", date(2026, 1, 12)) if known.is_third_party else None
    whole = words(sheet(language=language, creditor=creditor, letter=letter))
    found = lint_text(whole, policy, ContactChannel.LETTER, language=language, facts=known)
    by_law = replace(known, owes_as_business=True, has_statutory_line=True)
    for key, values in read_words().items():
        facts_of_it = by_law if key == "kind_indemnity" else known  # the ledger brings one where a law gives it
        alone = lint_text(values[language], policy, ContactChannel.LETTER, language=language, facts=facts_of_it)
        found += [each for each in alone if each.family != "L27"]  # one phrase alone recalls no letter
    assert found == []


def test_both_languages_have_every_word_with_the_same_values() -> None:
    for key, values in read_words().items():
        assert set(values) == {"fr", "en"}, key
        assert set(re.findall(r"{\w+}", values["fr"])) == set(re.findall(r"{\w+}", values["en"])), key


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_of_movement_and_every_basis_has_words(language: str) -> None:
    wording = Wording(language)
    for kind in (*DocumentKind, *LineKind, "settled_before", "credit_used", "payment_back"):
        label, _ = wording.movement(Movement(on=TODAY, kind=kind, reference="F-1", debit_cents=1), "EUR")
        assert "F-1" in label
    for basis in LegalBasis:
        assert wording.movement(Movement(on=TODAY, kind="fee", basis=basis), "EUR")[1]


def test_another_language_is_written_in_english() -> None:
    assert sheet(language="de").title == "Statement of account"


# ----------------------------------------------------------------------------------------------- the PDF


def test_it_is_archivable_tagged_and_says_its_language() -> None:
    with pikepdf.open(io.BytesIO(pdf(sheet()))) as opened, opened.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert metadata["pdfuaid:part"] == "1"
        assert str(opened.Root.Lang) == "fr-FR"
        tags = {str(item.S) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item}
        assert {"/H1", "/H2", "/TH", "/TD", "/P", "/Figure"} <= tags


def test_the_same_account_gives_the_same_bytes() -> None:
    assert pdf(sheet()) == pdf(sheet())


def test_a_long_account_goes_on_over_pages_with_its_heading() -> None:
    debts = [a_debt(f"F-{n:03}", cents=1_000 + n) for n in range(120)]
    made = pdf(sheet(stated(*debts, knowing=())))
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert 3 <= len(opened.pages) <= 5
    text = " ".join(extract_text(io.BytesIO(made)).split())
    assert all(f"F-{n:03}" in text for n in range(120))


HOSTILE = '#import "/etc/passwd" $x$ *b* [c] {amount} \\u{41} `raw` <script>'


def test_a_name_is_never_markup() -> None:
    text = read(sheet(stated(a_debt(HOSTILE), knowing=()), name=HOSTILE))
    assert "etc/passwd" in text
    assert "{amount}" in text


def test_a_name_that_the_font_cannot_show_is_refused_and_not_repeated() -> None:
    person = a_debtor(name="小林 花子")
    with pytest.raises(InputError) as refused:
        pdf(sheet(debtor=replace(person, people=())))
    assert refused.value.code == "unprintable_character"
    assert "U+5C0F" in str(refused.value)
    assert "林" not in str(refused.value), "a refusal tells no name"


def test_fonts_that_are_missing_are_named() -> None:
    with pytest.raises(TemplateError, match="fonts"):
        statement_pdf(sheet(), fonts=FONTS / "nowhere", dated_on=TODAY)


def test_a_debtor_without_an_address_is_named_all_the_same() -> None:
    who: Debtor = replace(a_debtor(), people=())
    assert sheet(debtor=who).address_lines == ("Jeanne Dupont",)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_past_day_asks_for_nothing_and_says_by_whose_knowledge_it_stands(language: str) -> None:
    made = sheet(replace(stated(), known_on=date(2026, 5, 2)), language=language)
    (account,) = made.accounts
    assert (account.pay_title, account.pay_lines, account.pay_code) == ("", (), "")
    assert ("2 mai 2026" if language == "fr" else "2 May 2026") in account.lead.replace("\u00a0", " ")
    assert "FR76" not in read(made)
    for today in ("ce jour", "as of today"):
        assert today not in str(account.summary)
