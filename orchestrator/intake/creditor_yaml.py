"""Creditors from campaigns/creditors/: who is owed, who collects, how to pay and who messages come from.

Owns what such a file may say. What is needed before a real message leaves is told by `relance check`; here only
what can never be right is refused.
"""

from pathlib import Path
from typing import Annotated, Self

import pydantic

from orchestrator.domain.campaign import Mode
from orchestrator.domain.creditor import (
    Brand,
    Collector,
    Contact,
    Creditor,
    EmailSender,
    Insurance,
    LegalFacts,
    Mandate,
    Payee,
    PaymentMeans,
    Senders,
    Sheets,
)
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import FileError
from orchestrator.intake.creditor_values import (
    Address,
    Bic,
    Color,
    Email,
    Iban,
    Logo,
    PaymentLink,
    Phone,
    Siren,
    SmsSender,
)
from orchestrator.intake.strict_yaml.field_types import (
    BusinessDays,
    Country,
    Day,
    FileModel,
    Identifier,
    Language,
    Text,
    one_of,
)
from orchestrator.intake.strict_yaml.source import FileErrors, Source, read, validate
from orchestrator.intake.strict_yaml.wording import refusal_at


class _ContactFile(FileModel):
    phone: Phone = ""
    email: Email = ""
    hours: Text = ""


class _PaymentFile(FileModel):
    iban: Iban = ""
    bic: Bic = ""
    link: PaymentLink = ""
    cheque_order: Text = ""


class _PayeeFile(FileModel):
    name: Text = pydantic.Field(description="the payee as the ledger's file names it")
    iban: Iban
    bic: Bic = ""


class _EmailSenderFile(FileModel):
    address: Email
    name: Text = ""


class _SendersFile(FileModel):
    sms: SmsSender = ""
    email: _EmailSenderFile | None = None


class _BrandFile(FileModel):
    logo: Logo = ""
    color: Color = ""


class _InsuranceFile(FileModel):
    company: Text
    policy: Text


class _MandateFile(FileModel):
    signed_on: Day
    reference: Text


class _CollectorFile(FileModel):
    name: Text = pydantic.Field(description="the collector's name or company name")
    siren: Siren = ""
    address: Address = ()
    phone: Phone = ""
    email: Email = ""
    insurance: _InsuranceFile | None = None
    declared_to_prosecutor_on: Day | None = None
    account: Iban = ""
    mandate: _MandateFile | None = None

    def collector(self) -> Collector:
        insurance, mandate = self.insurance, self.mandate
        return Collector(
            name=self.name,
            siren=self.siren,
            address=self.address,
            phone=self.phone,
            email=self.email,
            insurance=Insurance(insurance.company, insurance.policy) if insurance else None,
            declared_to_prosecutor_on=self.declared_to_prosecutor_on,
            account=self.account,
            mandate=Mandate(mandate.signed_on, mandate.reference) if mandate else None,
        )


class _SheetsFile(FileModel):
    arrears: Text = ""
    default: Text = ""
    claim: Text = ""


class _LegalFile(FileModel):
    company_number: Text = ""
    authority: Text = pydantic.Field("", description="who hears complaints or supervises, with its address")
    authorisation: Text = pydantic.Field("", description="the credit servicer's authorisation and who gave it")
    original_creditor: Text = pydantic.Field("", description="who sold the debts, with its address")
    transferred_on: Day | None = None
    contract_object: Text = pydantic.Field("", description="what was contracted for, in words")
    social_aid: Text = pydantic.Field("", description="the housing solidarity fund to write to, with its address")
    sheets: _SheetsFile = _SheetsFile()

    def legal(self) -> LegalFacts:
        return LegalFacts(
            company_number=self.company_number,
            authority=self.authority,
            authorisation=self.authorisation,
            original_creditor=self.original_creditor,
            transferred_on=self.transferred_on,
            contract_object=self.contract_object,
            social_aid=self.social_aid,
            sheets=Sheets(self.sheets.arrears, self.sheets.default, self.sheets.claim),
        )


class CreditorFile(FileModel):
    """A creditor as written."""

    creditor: Identifier = pydantic.Field(description="the short name of the creditor")
    name: Text = pydantic.Field(description="the creditor's name, as debtors know it")
    party: Annotated[str, one_of("own", "third_party")] = "own"
    siren: Siren = ""
    address: Address = ()
    language: Language = "fr"
    jurisdiction: Country = "FR"
    sector: Text = ""
    contact: _ContactFile = _ContactFile()
    payment: _PaymentFile = _PaymentFile()
    payees: tuple[_PayeeFile, ...] = pydantic.Field((), description="who is paid for debts that the ledger says so of")
    senders: _SendersFile = _SendersFile()
    brand: _BrandFile = _BrandFile()
    data_max_age: BusinessDays = pydantic.Field(2, description="how old the ledger may be for a demand")
    mode: Mode = Mode.AUTOMATIC
    signatory: Text = ""
    collector: _CollectorFile | None = None
    legal: _LegalFile | None = None

    @pydantic.model_validator(mode="after")
    def _says_who_collects(self) -> Self:
        if self.creditor == "any":
            raise refusal_at(("creditor",), '"any" means every creditor', "choose another short name")
        if self.party == "third_party" and self.collector is None:
            hint = "add collector: with its name, address, insurance, declaration, account and mandate"
            raise refusal_at(("collector",), "a third-party creditor must say who collects for it", hint)
        names = [" ".join(each.name.split()).casefold() for each in self.payees]
        if len(names) != len(set(names)):
            raise refusal_at(("payees",), "two payees have one name", "write each of them once")
        if self.party == "own" and self.collector is not None:
            hint = "write party: third_party, or delete collector:"
            raise refusal_at(("collector",), "only a third-party creditor has a collector", hint)
        return self

    def as_creditor(self) -> Creditor:
        """The domain's creditor."""
        sender = self.senders.email
        return Creditor(
            id=self.creditor,
            name=self.name,
            party=self.party,
            siren=self.siren,
            address=self.address,
            language=self.language,
            jurisdiction=self.jurisdiction,
            sector=self.sector,
            contact=Contact(self.contact.phone, self.contact.email, self.contact.hours),
            payment=PaymentMeans(
                iban=self.payment.iban,
                bic=self.payment.bic,
                link=self.payment.link,
                cheque_order=self.payment.cheque_order,
            ),
            payees=tuple(Payee(each.name, each.iban, each.bic) for each in self.payees),
            senders=Senders(self.senders.sms, EmailSender(sender.address, sender.name) if sender else None),
            brand=Brand(logo=self.brand.logo, color=self.brand.color),
            data_max_age=Duration(self.data_max_age, Unit.BUSINESS_DAY),
            mode=self.mode,
            signatory=self.signatory,
            collector=self.collector.collector() if self.collector is not None else None,
            legal=self.legal.legal() if self.legal is not None else LegalFacts(),
        )


def creditor_of(source: Source) -> Creditor:
    """One creditor. Raises FileErrors."""
    return validate(CreditorFile, source).as_creditor()


def load_creditors(folder: Path) -> dict[str, Creditor]:
    """Every creditor of a folder by id; a file may hold several, separated by `---`.

    Raises FileErrors with the faults of all files together.
    """
    if not folder.is_dir():
        raise FileError("there is no such folder", hint="creditors are in campaigns/creditors", where=str(folder))
    found: dict[str, Creditor] = {}
    faults: list[FileError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            for source in read(path, allow_many=True):
                _add(found, source, faults)
        except FileError as error:
            faults.append(error)
    if faults:
        raise FileErrors(faults)
    return found


def _add(found: dict[str, Creditor], source: Source, faults: list[FileError]) -> None:
    try:
        creditor = creditor_of(source)
    except FileErrors as error:
        faults += error.errors
        return
    if creditor.id in found:
        faults.append(source.fault(("creditor",), f'"{creditor.id}" is already a creditor', hint="rename one of them"))
        return
    found[creditor.id] = creditor
