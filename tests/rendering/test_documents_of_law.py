"""Documents of law against the shipped packs: each says what its rules ask, and is held back once it does not."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest

from channels.contract import Channel
from orchestrator.domain.campaign import OF_LAW
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.creditor import LegalFacts
from orchestrator.domain.debt import DocumentKind as LedgerKind
from orchestrator.domain.errors import TemplateError
from orchestrator.domain.policy import MentionsRule, policy_on
from orchestrator.domain.statement import StatutoryLine
from orchestrator.domain.voice import Voice
from orchestrator.flows.prepare_sends import mentions_for
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.mentions import missing_mentions
from orchestrator.rendering.texts import Texts
from tests.rendering.wording import LANGUAGES, a_brief, a_letter, changed, places, shipped_files, shipped_texts

PACKS = load_packs(Path(__file__).parents[2] / "campaigns" / "policies")
TODAY = date(2026, 11, 22)
# Each document of law, with the packs it may leave under and the country of its debtor.
DOCUMENTS = {
    "energy-first-letter": (("fr-own-b2c+fr-energy",), "FR"),
    "energy-second-letter": (("fr-own-b2c+fr-energy",), "FR"),
    "insurance-notice": (("fr-own-b2c+fr-insurance", "fr-own-b2b+fr-insurance", "fr-3p-b2c+fr-insurance"), "FR"),
    "credit-arrears-notice": (("fr-own-b2c+fr-credit", "fr-3p-b2c+fr-credit"), "FR"),
    "loan-transfer-notice": (("fr-own-b2c+fr-credit",), "FR"),
    "first-claim-germany": (("de-3p",), "DE"),
    "fourteen-day-letter": (("nl", "nl-3p"), "NL"),
    "first-reminder-belgium": (("be", "be-3p"), "BE"),
    "formal-notice-belgium": (("be-3p",), "BE"),
    "arrears-notice": (("uk-general+uk-credit", "uk-3p+uk-credit"), "GB"),
    "default-notice": (("uk-general+uk-credit", "uk-3p+uk-credit"), "GB"),
    "letter-of-claim": (("uk-general", "uk-3p"), "GB"),
    "validation-notice": (("us-3p",), "US"),
    "r124-4-letter": (("fr-3p-b2c", "fr-3p-b2b"), "FR"),
    "formal-notice": (("fr-own-b2c", "fr-own-b2b", "fr-3p-b2c", "fr-3p-b2b"), "FR"),
    "reminder": (("fr-own-b2c", "fr-own-b2b", "fr-3p-b2c", "fr-3p-b2b", "uk-general", "uk-3p", "us-3p"), ""),
    "last-reminder": (("fr-own-b2c", "fr-3p-b2b", "uk-3p", "us-3p", "be", "nl-3p"), ""),
    "receipt": (("fr-3p-b2c", "fr-3p-b2b"), "FR"),
    "thanks": (("fr-own-b2c", "us-3p"), ""),
}
# What each is refused without.
REQUIRED = {
    "energy-first-letter": "deadline",
    "energy-second-letter": "deadline",
    "insurance-notice": "deadline",
    "loan-transfer-notice": "transferred_date original_creditor authorisation authority creditor_address",
    "first-claim-germany": "collector_address creditor_address contract_object contract_date authority",
    "fourteen-day-letter": "dutch_cost",
    "first-reminder-belgium": "company_number contract_object belgian_indemnity",
    "formal-notice-belgium": "deadline",
    "arrears-notice": "contract arrears_sheet",
    "default-notice": "contract deadline default_sheet",
    "letter-of-claim": "deadline claim_sheets creditor_address",
    "validation-notice": "collector_address creditor_address itemisation_date deadline",
}
# What a sentence of the phrasebook says → the mention that goes with it: template, mention, French words, what is left.
SENTENCES = [
    ("energy-first-letter", "more_days", "quinze jours de plus, au moins", "un peu de temps"),
    ("energy-first-letter", "supply_notice", "au moins vingt jours\n          avant", "à temps"),
    ("energy-first-letter", "social_aid", "l'aide du fonds de solidarité pour le logement (FSL)", "une aide"),
    ("energy-second-letter", "cut_notice", "d'interrompre votre fourniture après", "d'agir après"),
    ("energy-second-letter", "social_services",
     "Les services sociaux de votre commune", "Les bureaux de votre commune"),
    ("energy-second-letter", "energy_cheque", "Un chèque énergie peut", "Un chèque peut"),
    ("insurance-notice", "cover_suspension",
     "la garantie de votre contrat est suspendue, trente", "rien ne change, trente"),
    ("insurance-notice", "contract_end", "pourra décider de résilier votre contrat", "pourra aviser"),
    ("insurance-notice", "words_mise_en_demeure",
     "Mise en demeure - {{ debts_title }}\"\n    voices", "{{ debts_title }}\"\n    voices"),
    ("credit-arrears-notice", "credit_risks", "le remboursement immédiat du capital restant dû", "quelque chose"),
    ("credit-arrears-notice", "forbearance", "Nous pouvons aménager votre crédit :", "Vous pouvez"),
    ("credit-arrears-notice", "debt_advice", "Un Point conseil budget peut vous conseiller", "On peut vous conseiller"),
    ("loan-transfer-notice", "loan_transfer", "a été transféré le {{ transferred_date }} :", "a changé de mains :"),
    ("loan-transfer-notice", "servicer", "Agrément du gestionnaire de crédits : {{ authorisation }}.", "Il est agréé."),
    ("loan-transfer-notice", "rights_unchanged", "Vos droits ne changent pas :", "Pour mémoire,"),
    ("loan-transfer-notice", "authority", "à l'autorité compétente : {{ authority }}", "à l'autorité compétente"),
    ("first-claim-germany", "contract_basis", "qui a pour objet :\n      {{ contract_object }}", "en cours"),
    ("first-claim-germany", "interest_reckoning",
     "Aucun intérêt ne vous est demandé.{% endif %} Aucun coût", "{% endif %} Aucun coût"),
    ("first-claim-germany", "no_collection_cost", "Aucun coût de recouvrement", "Rien"),
    ("first-claim-germany", "address_source",
     "Votre adresse nous a été donnée par {{ creditor }}", "Nous avons votre adresse"),
    ("first-claim-germany", "authority", "Autorité de surveillance : {{ authority }}", "Nous sommes surveillés"),
    ("fourteen-day-letter", "fourteen_days_after_delivery",
     "du lendemain du jour où cette lettre", "du jour où cette lettre"),
    ("fourteen-day-letter", "dutch_cost",
     "un coût de recouvrement de {{ dutch_cost }} s'y", "un coût de recouvrement s'y"),
    ("first-reminder-belgium", "company_number", ", numéro d'entreprise {{ company_number }}", ""),
    ("first-reminder-belgium", "fourteen_days", "troisième jour ouvrable qui suit l'envoi de cette lettre", "envoi"),
    ("first-reminder-belgium", "belgian_indemnity", ", soit {{ belgian_indemnity }} au plus", ""),
    ("formal-notice-belgium", "amicable_emphasis", "    strong_note: \"Cette mise", "    law_more: \"Cette mise"),
    ("arrears-notice", "arrears_sheet", "Pièce jointe : {{ arrears_sheet }}.", "Pièce jointe."),
    ("default-notice", "remedy", "Pour y remédier, nous", "Nous"),
    ("default-notice", "default_sheet", "Pièce jointe : {{ default_sheet }}.", "Pièce jointe."),
    ("letter-of-claim", "reply_form", "de nous renvoyer le formulaire de réponse joint", "de nous répondre"),
    ("letter-of-claim", "claim_sheets", "Pièces jointes : {{ claim_sheets }}.", "Pièces jointes."),
    ("letter-of-claim", "debt_advice", "MoneyHelper, moneyhelper.org.uk", "demandez-nous"),
    ("validation-notice", "debt_collector_purpose", "Ce que vous nous direz servira à ce recouvrement.", ""),
    ("validation-notice", "itemisation", "{{ row.principal }} le {{ row.issued }} ;", ""),
    ("validation-notice", "right_to_dispute",
     "Vous pouvez contester tout ou partie de cette somme, par", "Écrivez, par"),
    ("validation-notice", "right_to_verification", "jusqu'à vous avoir envoyé ce qui la justifie", "un temps"),
    ("validation-notice", "right_to_original_creditor",
     "le nom et l'adresse du créancier d'origine, nous", "autre chose, nous"),
    ("validation-notice", "cfpb", ": cfpb.gov/debt-collection", ""),
    ("receipt", "payment_received", "{{ received_amount }} le {{ received_date }}", "votre règlement"),
    ("receipt", "balance_left", "il reste {{ amount_open }} sur ce dossier", "il reste une somme"),
    ("reminder", "debt_collector", "Ce message vient d'un agent de recouvrement (debt collector).", "Bonjour."),
]  # fmt: skip


@cache
def wanted(pack: str, brief: Brief) -> tuple[str, ...]:
    """The mentions that the rules of a pack ask of a message."""
    return mentions_for(policy_on(PACKS, pack, TODAY, brief.debtor.status), brief.send)


def fits(pack: str, brief: Brief) -> bool:
    """Whether the pack is one for this party and this kind of debtor."""
    base, *layers = (PACKS[name] for name in pack.split("+"))
    debtor = "individual" if brief.debtor.status.is_individual else "business"
    return base.party == brief.creditor.party and all(each.debtor in ("", debtor) for each in (base, *layers))


def asked(name: str, language: str) -> Iterator[tuple[str, Brief]]:
    """Every place of a document with each pack that it may leave under."""
    packs, country = DOCUMENTS[name]
    for brief in places(shipped_texts().catalogue.entry(name), language):
        for pack in packs:
            if fits(pack, brief):
                there = country or PACKS[pack.split("+")[0]].jurisdiction
                recalled = {} if there == "FR" else {"letter_reference": "", "letter_on": None}
                yield pack, msgspec.structs.replace(brief, country=there, **recalled)


def of_law(name: str, **changes: object) -> Brief:
    """One letter of a document, where its country wants it."""
    entry, country = shipped_texts().catalogue.entry(name), DOCUMENTS[name][1]
    is_third = entry.party == "third_party" or name == "receipt"
    changes = {"country": country or "US", "is_third_party": is_third or not country, **changes}
    return a_brief(name, Channel.LETTER, **changes)


# ---------------------------------------------------------------------------------- what is shipped says it


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_rule_of_its_packs_finds_its_words(name: str, language: str) -> None:
    found = list(asked(name, language))
    assert {pack for pack, _ in found} == set(DOCUMENTS[name][0])
    for pack, brief in found:
        lacking = missing_mentions(shipped_texts().render(brief), brief, wanted(pack, brief))
        assert lacking == (), f"{pack}: {brief.send.channel} {brief.send.voice} {brief.debtor.status}"


def test_every_document_of_law_has_a_template_and_a_rule_that_asks_for_its_words() -> None:
    written = {entry.kind for entry in shipped_texts().catalogue.entries.values()}
    rules = [rule for pack in PACKS.values() for rule in pack.rules if isinstance(rule, MentionsRule)]
    own = {kind for rule in rules if len(rule.documents) == 1 for kind in rule.documents}
    assert written & own >= OF_LAW


# --------------------------------------------------------------------------- a sentence less, and it is held back


@pytest.mark.parametrize("name,mention,words,left", SENTENCES)
def test_a_sentence_taken_out_of_the_phrasebook_holds_the_document_back(
    name: str, mention: str, words: str, left: str
) -> None:
    brief = of_law(name, is_long=True)
    pack = "us-3p" if name == "reminder" else DOCUMENTS[name][0][0]
    assert mention in wanted(pack, brief)
    assert missing_mentions(a_letter(brief), brief, wanted(pack, brief)) == ()
    texts = Texts.of_files(_without(name, words, left))
    assert mention in missing_mentions(a_letter(brief, texts), brief, wanted(pack, brief))


def _without(name: str, words: str, left: str) -> dict[str, str]:
    """The shipped files, French words changed inside one template, or in the shared words when it has none."""
    files = dict(shipped_files())
    book = files["phrases/fr.yaml"]
    start = book.index(f"\n  {name}:\n", book.index("\ntemplates:")) if f"\n  {name}:\n" in book else 0
    place = book.find(words, start)
    place = place if place >= 0 else book.find(words)
    assert place >= 0, f"{words!r} is not in the French phrasebook"
    files["phrases/fr.yaml"] = book[:place] + left + book[place + len(words) :]
    return files


# -------------------------------------------------------------------------------- facts that a document cannot lack


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_fact_refuses_the_document(name: str) -> None:
    assert set(shipped_texts().catalogue.entry(name).requires) == set(REQUIRED[name].split())
    for fact in REQUIRED[name].split():
        whole = of_law(name)
        brief = msgspec.structs.replace(whole, deadline_on=None) if fact == "deadline" else _bare(whole)
        with pytest.raises(TemplateError, match="cannot be written without") as caught:
            shipped_texts().render(brief)
        assert caught.value.code == "brief_incomplete"


def _bare(brief: Brief) -> Brief:
    """Nothing known of the contract, the documents' days or the creditor's file; nothing is asked for or announced."""
    due = tuple(
        msgspec.structs.replace(each, contract_ref="", contracted_on=None, issued_on=None)
        for each in brief.statement.due
    )
    credit = msgspec.structs.replace(
        due[0],
        kind=LedgerKind.CREDIT_NOTE,
        principal_cents=-due[0].open_cents,
        paid_cents=0,
        open_cents=-due[0].open_cents,
    )
    statement = msgspec.structs.replace(
        brief.statement, due=due, credits=(credit,), statutory=(), announced=(), total_cents=0
    )
    who = brief.creditor.collector
    creditor = msgspec.structs.replace(
        brief.creditor,
        legal=LegalFacts(),
        address=(),
        collector=msgspec.structs.replace(who, address=()) if who else None,
    )
    return msgspec.structs.replace(brief, statement=statement, creditor=creditor)


def test_two_contracts_in_one_document_name_none() -> None:
    brief = of_law("arrears-notice", is_long=True)
    first, *rest = brief.statement.due
    due = (msgspec.structs.replace(first, contract_ref="CT-OTHER"), *rest)
    mixed = msgspec.structs.replace(brief, statement=msgspec.structs.replace(brief.statement, due=due))
    shipped_texts().render(brief)
    with pytest.raises(TemplateError, match='without "contract"'):
        shipped_texts().render(mixed)


# ------------------------------------------------------------------------------------------- what only some may say


def test_a_cut_is_never_announced_for_water() -> None:
    """CASF L115-3: whatever the words, such a letter is held back."""
    brief = of_law("energy-second-letter")
    water = msgspec.structs.replace(brief, creditor=msgspec.structs.replace(brief.creditor, sector="water"))
    words = a_letter(water)
    assert "interrompre" not in words.text
    assert missing_mentions(words, water, ("cut_notice",)) == ("cut_notice",)
    assert missing_mentions(a_letter(brief), water, ("cut_notice",)) == ("cut_notice",)


def test_only_the_supplier_may_announce_a_cut() -> None:
    collected = a_brief("energy-second-letter", Channel.LETTER, is_third_party=True)
    with pytest.raises(TemplateError, match="party own"):
        shipped_texts().render(collected)


def test_a_full_account_number_never_stands_in_a_validation_notice() -> None:
    words = a_letter(of_law("validation-notice"))
    assert "…0118" in words.text
    assert "CT-2024-000118" not in words.text


def test_the_itemisation_adds_up() -> None:
    words = a_letter(of_law("validation-notice", is_long=True, language="en"))
    cents = [int("".join(c for c in row[2] if c.isdigit())) * (-1 if "−" in row[2] else 1) for row in words.totals]
    assert sum(cents[:-1]) == cents[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_restatement_never_takes_the_place_of_a_document_of_law(language: str) -> None:
    """Semantics B5: after a long silence a reminder restates; what a law words does not."""
    brief = of_law("energy-first-letter", language=language)
    again = msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, is_restatement=True))
    assert a_letter(again).subject == a_letter(brief).subject


def test_interest_that_is_claimed_shows_its_rate_and_days() -> None:
    """RDG § 13a (1) no. 3."""
    brief = of_law("first-claim-germany")
    line = StatutoryLine(kind="interest", amount_cents=100, legal_basis="BGB § 288", is_claimed=True, percent="7.27",
                         from_on=TODAY - timedelta(days=30), to_on=TODAY)  # fmt: skip
    total = brief.statement.total_cents + 100
    statement = msgspec.structs.replace(brief.statement, statutory=(line,), total_cents=total)
    brief = msgspec.structs.replace(brief, statement=statement)
    assert missing_mentions(a_letter(brief), brief, ("interest_reckoning",)) == ()
    undated = msgspec.structs.replace(statement, statutory=(msgspec.structs.replace(line, from_on=None),))
    brief = msgspec.structs.replace(brief, statement=undated)
    assert missing_mentions(a_letter(brief), brief, ("interest_reckoning",)) == ("interest_reckoning",)


def test_bold_is_asked_of_both_parts_of_an_e_mail_where_it_can_be() -> None:
    """BE-04."""
    brief = a_brief("formal-notice-belgium", Channel.EMAIL, voice=Voice.FORMAL, is_third_party=True, country="BE")
    assert missing_mentions(shipped_texts().render(brief), brief, ("amicable_emphasis",)) == ()
    files = changed("email/legal.html", "<strong>{{ strong_note }}</strong>", "{{ strong_note }}")
    weak = Texts.of_files(files).render(brief)
    assert missing_mentions(weak, brief, ("amicable_emphasis",)) == ("amicable_emphasis",)


# ------------------------------------------------------------------------------------------------- words of a law


@pytest.mark.parametrize(
    "form,name,line",
    [("r124-4", "r124-4-letter", "l111_8_second"), ("insurance-notice", "insurance-notice", "l113_3_third")],
)
def test_a_form_that_quotes_no_more_or_in_other_words_holds_the_letter_back(form: str, name: str, line: str) -> None:
    brief = of_law(name)
    pack = DOCUMENTS[name][0][0]
    for instead in ("", "Les frais restent à la charge du créancier."):
        texts = Texts.of_files(changed(f"letter/{form}.txt", f"quote: {{{{ {line} }}}}", instead))
        assert missing_mentions(a_letter(brief, texts), brief, wanted(pack, brief)) == (line,)


def test_the_status_decides_which_mentions_are_asked() -> None:
    """The 40 EUR are between firms: an association's formal notice need not show them."""
    brief = a_brief("formal-notice", Channel.LETTER, is_business=True)
    association = msgspec.structs.replace(brief.debtor, status=DebtorStatus.NON_PROFESSIONAL)
    other = msgspec.structs.replace(brief, debtor=association)
    assert "indemnity_per_invoice" in wanted("fr-own-b2b", brief)
    assert "indemnity_per_invoice" not in wanted("fr-own-b2b", other)
