"""Invented briefs for lint and preview: an ordinary one, and one where every value is as long as it gets."""

from datetime import UTC, date, datetime, timedelta

from channels.contract import Channel
from orchestrator.domain.agreement import Promise
from orchestrator.domain.amount_line import LegalBasis
from orchestrator.domain.campaign import OF_LAW, Purpose, Use
from orchestrator.domain.campaign import DocumentKind as MessageKind
from orchestrator.domain.contact import (
    ContactPerson,
    ContactPoint,
    Debtor,
    DebtorStatus,
    PointKind,
    PostalAddress,
    Role,
)
from orchestrator.domain.creditor import (
    Brand,
    Collector,
    Contact,
    Creditor,
    EmailSender,
    LegalFacts,
    PaymentMeans,
    Senders,
    Sheets,
)
from orchestrator.domain.debt import DocumentKind, Payment
from orchestrator.domain.decision import Send
from orchestrator.domain.statement import AnnouncedCost, HeldLine, Statement, StatementLine, StatutoryLine
from orchestrator.domain.voice import Voice
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.catalogue import Entry

TODAY = date(2026, 3, 12)
_IBAN = "FR7630006000011234567890189"
_LEGAL = LegalFacts(
    company_number="0403.019.261",
    authority="Autorité Exemple, 4 place de la Bourse, 69002 Lyon, contact@autorite.example",
    authorisation="n° 2024-0117, Autorité Exemple",
    original_creditor="Banque Exemple SA, 3 rue du Rempart, 69001 Lyon",
    transferred_on=date(2026, 1, 15),
    contract_object="abonnement de téléphonie mobile",
    social_aid="29 cours de la Liberté, 69003 Lyon",
    sheets=Sheets("Arrears information sheet", "Default information sheet", "Information sheet, reply form, statement"),
)
# Documents whose law knows nothing of penalties between French firms.
_WITHOUT_PENALTIES = OF_LAW - {MessageKind.FORMAL_NOTICE}
# What a law gives at least, and what such documents are about.
_DEADLINE_DAYS = {
    MessageKind.ENERGY_SECOND_LETTER: 20,
    MessageKind.INSURANCE_NOTICE: 30,
    MessageKind.LETTER_OF_CLAIM: 30,
    MessageKind.VALIDATION_NOTICE: 35,
}
_SECTORS = {
    MessageKind.ENERGY_FIRST_LETTER: "energy",
    MessageKind.ENERGY_SECOND_LETTER: "energy",
    MessageKind.INSURANCE_NOTICE: "insurance",
    MessageKind.CREDIT_ARREARS_NOTICE: "credit",
    MessageKind.LOAN_TRANSFER_NOTICE: "credit",
    MessageKind.ARREARS_NOTICE: "credit",
    MessageKind.DEFAULT_NOTICE: "credit",
}
# What the brackets of Belgium and the Netherlands make of the sums below: of 20 euros, and of some 118,500.
_ANNOUNCED = {
    False: {LegalBasis.BE_XIX_INDEMNITY: 2_000, LegalBasis.NL_COLLECTION_COST: 4_000},
    True: {LegalBasis.BE_XIX_INDEMNITY: 200_000, LegalBasis.NL_COLLECTION_COST: 195_992},
}
_WORDS = {
    "fr": "Merci pour votre message.\nVotre date est notée.",
    "en": "Thank you for your message.\nWe have noted your date.",
}
# What fills an SMS: measured on real portfolios, such names are in the longest hundredth.
LONG_CREDITOR, LONG_COLLECTOR, LONG_CASE = "Coopérative Lyon Habitat", "Recouvrement Rhône Alpes", "R-2026-012345"
LONG_LINK = "https://suivi.habitat.example/d/q7Xw2mZr9TfK4sVb1NcYpA"


def sample_brief(
    entry: Entry,
    *,
    channel: Channel,
    voice: Voice,
    language: str,
    is_business: bool = False,
    is_third_party: bool = False,
    creditor: Creditor | None = None,
) -> Brief:
    """An ordinary message of a template: one or two debts, short names. With `creditor`, that creditor writes."""
    return _brief(
        entry, channel, voice, language, is_business, creditor or _creditor(entry, is_third_party, is_long=False), False
    )


def worst_case_brief(
    entry: Entry,
    *,
    channel: Channel,
    voice: Voice,
    language: str,
    is_business: bool = False,
    is_third_party: bool = False,
    creditor: Creditor | None = None,
) -> Brief:
    """The longest message of a template: long names, many debts, credits, held and listed ones, a verified number."""
    return _brief(
        entry, channel, voice, language, is_business, creditor or _creditor(entry, is_third_party, is_long=True), True
    )


def _brief(
    entry: Entry, channel: Channel, voice: Voice, language: str, is_business: bool, creditor: Creditor, is_long: bool
) -> Brief:  # fmt: skip
    is_third_party = creditor.party == "third_party"
    debtor = _debtor(is_business, language, is_long)
    is_dated, recalls_letter = "deadline" in entry.requires, "letter_date" in entry.third_party_requires
    return Brief(
        case_id=LONG_CASE if is_long else "C-1001",
        attempt_id="a7f3c29d51e84b06",
        debtor=debtor,
        person=debtor.person(None),
        creditor=creditor,
        send=_send(entry, channel, voice),
        statement=_statement(entry, is_business, is_long),
        language=language,
        dated_on=TODAY,
        link=LONG_LINK if is_long else "https://suivi.example.org/d/q7Xw2mZr9TfK4sVb1NcYpA",
        deadline_on=TODAY + timedelta(_DEADLINE_DAYS.get(entry.kind, 15)) if is_long or is_dated else None,
        letter_reference=("RRA-2026-0098765" if is_long else "L-0042") if is_third_party else "",
        letter_on=TODAY - timedelta(days=12) if is_third_party and recalls_letter else None,
        last_contact_on=TODAY - timedelta(days=10),
        promise=_promise(is_long),
        payment=Payment("p1", 987_654 if is_long else 2000, TODAY - timedelta(days=1)),
        marks=frozenset({"good_payer"}) if is_long else frozenset(),
        sector="hotels" if is_business else "",
        words=_WORDS.get(language, _WORDS["en"]) if "written" in entry.requires else "",
    )


def _send(entry: Entry, channel: Channel, voice: Voice) -> Send:
    is_answer = entry.purpose is Purpose.ANSWER
    return Send(
        step="preview",
        cycle=1,
        ordinal=1,
        channel=channel,
        use=Use.REGISTERED if channel is Channel.LETTER and voice is Voice.FORMAL else Use(channel.value),
        voice=voice,
        template=entry.name,
        kind=entry.kind,
        purpose=entry.purpose,
        not_before=datetime(2026, 3, 12, 9, tzinfo=UTC),
        offer=() if is_answer else ("plan", "deferral"),
    )


def _creditor(entry: Entry, is_third_party: bool, *, is_long: bool) -> Creditor:
    name, sms = (f"{LONG_CREDITOR} SCI", "RHABITAT") if is_long else ("Acme Télécom SAS", "ACME")
    town = "69003 LYON"
    collector = Collector(
        name=f"{LONG_COLLECTOR} SAS" if is_long else "Recouvrement Rhône SAS",
        siren="404833048",
        address=(LONG_COLLECTOR if is_long else "Recouvrement Rhône", "8 quai Perrache", "69002 LYON"),
        phone="+33 4 65 71 00 02",
        email="contact@recouvrement-rhone.example",
        account=_IBAN,
    )
    return Creditor(
        id="sample",
        name=name,
        party="third_party" if is_third_party else "own",
        siren="552100554",
        address=(name, "Service clients", "12 rue des Lilas", town),
        sector=_SECTORS.get(entry.kind, "" if is_long else "telecom"),
        contact=Contact(phone="+33 4 65 71 00 00", email="clients@acme.example", hours="lun-ven 9h-18h"),
        payment=PaymentMeans(iban=_IBAN, bic="AGRIFRPP", link="https://pay.acme.example/{case}", cheque_order=name),
        senders=Senders(sms=sms, email=EmailSender(address="facturation@acme.example", name=name)),
        brand=Brand(color="#0b5cad"),
        signatory="Claire Fontaine",
        collector=collector if is_third_party else None,
        legal=_LEGAL,
    )


def _debtor(is_business: bool, language: str, is_long: bool) -> Debtor:
    phone = ContactPoint(PointKind.PHONE, "+33644631234", verified=is_long)
    email = ContactPoint(PointKind.EMAIL, "compta@hotelduparc.example" if is_business else "jeanne.dupont@example.org")
    address = PostalAddress(("12 rue de la République",), "69001", "LYON", "FR")
    if is_business:
        name = "Société hôtelière et thermale de Saint-Barthélemy-du-Lac" if is_long else "Hôtel du Parc SARL"
        person = ContactPerson(Role.ACCOUNTS_PAYABLE, "Camille Roche" if is_long else "", "", (phone, email), address)
        return Debtor("C-1002", name, DebtorStatus.COMPANY, language, "732829320", "hotels", (person,))
    name = "Marie-Ange Delacroix-Vandenbroucke" if is_long else "Jeanne Dupont"
    return Debtor(
        "C-1001",
        name,
        DebtorStatus.CONSUMER,
        language,
        people=(ContactPerson(Role.SELF, name, "", (phone, email), address),),
    )


def _line(number: int, cents: int, *, late: int, paid: int = 0) -> StatementLine:
    due_on = TODAY - timedelta(days=late)
    return StatementLine(
        reference=f"F-2026-{number:04d}",
        kind=DocumentKind.INVOICE,
        issued_on=due_on - timedelta(days=15),
        due_on=due_on,
        principal_cents=cents,
        paid_cents=paid,
        open_cents=cents - paid,
        days_late=max(late, 0),
        contract_ref="CT-2024-000118",
        contracted_on=date(2024, 5, 6),
    )


def _statement(entry: Entry, is_business: bool, is_long: bool) -> Statement:
    is_settled = entry.name in ("thanks", "receipt") and not is_long
    due = () if is_settled else _due(entry, is_business, is_long)
    credit = StatementLine(
        reference="A-2026-0007",
        kind=DocumentKind.CREDIT_NOTE,
        issued_on=date(2026, 2, 10),
        due_on=date(2026, 2, 10),
        principal_cents=-1500,
        paid_cents=0,
        open_cents=-1500,
    )
    credits = (credit,) if is_long else ()
    statutory = _statutory(len(due), entry) if is_business and due and entry.kind not in _WITHOUT_PENALTIES else ()
    total = sum(line.open_cents for line in (*due, *credits)) + sum(s.amount_cents for s in statutory if s.is_claimed)
    return Statement(
        currency="EUR",
        as_of=TODAY,
        due=due,
        credits=credits,
        statutory=statutory,
        listed=(_line(90, 1990, late=-3),) if is_long else (),
        held=(HeldLine("F-2025-0999", 4550, "dispute", TODAY + timedelta(days=10)),) if is_long else (),
        announced=tuple(AnnouncedCost(basis.value, cents) for basis, cents in _ANNOUNCED[is_long].items()),
        total_cents=total,
    )


def _due(entry: Entry, is_business: bool, is_long: bool) -> tuple[StatementLine, ...]:
    late = -5 if entry.name == "upcoming" else 25
    if not is_long:
        return (_line(1, 4_800_000 if is_business else 2000, late=late),)
    return tuple(_line(i + 1, 987_654 + i, late=late + 20 - i, paid=1000 if i == 0 else 0) for i in range(12))


def _statutory(count: int, entry: Entry) -> tuple[StatutoryLine, ...]:
    is_claimed = entry.name == "formal-notice"
    penalty = StatutoryLine(
        kind="penalty",
        amount_cents=39_945,
        legal_basis="C. com. L441-10",
        is_claimed=is_claimed,
        percent="12.15",
        from_on=date(2026, 2, 16),
        to_on=TODAY,
    )
    indemnity = StatutoryLine(
        kind="indemnity", amount_cents=4000 * count, legal_basis="C. com. L441-10", is_claimed=is_claimed, count=count
    )
    return (penalty, indemnity)


def _promise(is_long: bool) -> Promise:
    cents = 987_654 if is_long else 2000
    return Promise(
        id="p1",
        amount_cents=cents,
        due_on=TODAY - timedelta(days=3),
        grace_days=3,
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
