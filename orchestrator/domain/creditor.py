"""A creditor, and the third-party collector that may act for it. Facts from its file; never decisions."""

from datetime import date

import msgspec

from orchestrator.domain.campaign import Mode
from orchestrator.domain.duration import Duration, Unit


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a debtor reaches the sender."""

    phone: str = ""
    email: str = ""
    hours: str = ""


class PaymentMeans(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a debtor pays. `link` may hold `{case}`."""

    iban: str = ""
    bic: str = ""
    link: str = ""
    cheque_order: str = ""


class Payee(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who else is paid for debts of the creditor, a factor for one: by the name that the ledger's file gives it."""

    name: str
    iban: str = ""
    bic: str = ""


class EmailSender(msgspec.Struct, frozen=True, omit_defaults=True):
    """The visible sender of e-mails."""

    address: str
    name: str = ""


class Senders(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who messages come from, per channel. An SMS sender has at most 11 letters or digits."""

    sms: str = ""
    email: EmailSender | None = None


class Brand(msgspec.Struct, frozen=True, omit_defaults=True):
    """The creditor's looks: a logo file of its folder and a colour `#rrggbb` (R28)."""

    logo: str = ""
    color: str = ""


class Insurance(msgspec.Struct, frozen=True):
    """The collector's civil-liability insurance (CPCE R124-2)."""

    company: str
    policy: str


class Mandate(msgspec.Struct, frozen=True):
    """The written convention that lets the collector receive funds (CPCE R124-3)."""

    signed_on: date
    reference: str


class Collector(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A third-party collector (semantics A11). Missing facts only warn while every lane is the sandbox."""

    name: str
    siren: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    insurance: Insurance | None = None
    declared_to_prosecutor_on: date | None = None
    account: str = ""
    mandate: Mandate | None = None


class Sheets(msgspec.Struct, frozen=True, omit_defaults=True):
    """Titles of the sheets that whoever prints encloses; a letter whose sheet has no title is refused."""

    arrears: str = ""
    default: str = ""
    claim: str = ""


class LegalFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What only some documents of law must state of a creditor; a document that lacks its fact is not written.

    `authority` hears complaints or supervises the collector, with its address. `authorisation` is the servicer's.
    `original_creditor` sold the debts, on `transferred_on`. `contract_object` is what was contracted for, in words.
    """

    company_number: str = ""
    authority: str = ""
    authorisation: str = ""
    original_creditor: str = ""
    transferred_on: date | None = None
    contract_object: str = ""
    social_aid: str = ""
    sheets: Sheets = Sheets()


class Creditor(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One creditor. `party` is own or third_party; `data_max_age` bounds the age of its ledger (semantics A3)."""

    id: str
    name: str
    party: str = "own"
    siren: str = ""
    address: tuple[str, ...] = ()
    language: str = "fr"
    jurisdiction: str = "FR"
    sector: str = ""
    contact: Contact = Contact()
    payment: PaymentMeans = PaymentMeans()
    payees: tuple[Payee, ...] = ()
    senders: Senders = Senders()
    brand: Brand = Brand()
    data_max_age: Duration = Duration(2, Unit.BUSINESS_DAY)
    mode: Mode = Mode.AUTOMATIC
    signatory: str = ""
    collector: Collector | None = None
    legal: LegalFacts = LegalFacts()

    def fact(self, name: str) -> bool:
        """Whether a fact named by a rule is on file: insurance, account, declaration, mandate, collector."""
        who = self.collector
        if who is None:
            return False
        known = {
            "collector": True,
            "insurance": who.insurance is not None,
            "account": bool(who.account),
            "declaration": who.declared_to_prosecutor_on is not None,
            "mandate": who.mandate is not None,
        }
        return known.get(name, False)
