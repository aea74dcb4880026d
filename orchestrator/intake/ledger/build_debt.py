"""One row of a file of debts, from fields to a DebtRow or to remarks. Looks at no other row."""

from datetime import date
from decimal import Decimal, InvalidOperation
from math import inf

from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Debtor, PointKind
from orchestrator.domain.debt import CREDITS, ClaimKind, Debt, DocumentKind, OpeningHistory, PaymentMethod
from orchestrator.intake.ledger.amount_lines import LINE_FIELDS, lines_of
from orchestrator.intake.ledger.amounts import EARLIEST, Amounts, Days, amounts_of, days_of, past_day
from orchestrator.intake.ledger.contact_points import iban
from orchestrator.intake.ledger.debt_rows import Creditors, DebtRow, OpeningHold, OptOut, Party
from orchestrator.intake.ledger.debtors import DebtorReader, Read
from orchestrator.intake.tables.cells import Record
from orchestrator.intake.tables.mapping import Binding, Credits, Source, folded
from orchestrator.intake.tables.report import RefusedRow

_CHANNELS = {
    "sms": (Channel.SMS,), "email": (Channel.EMAIL,), "e-mail": (Channel.EMAIL,), "letter": (Channel.LETTER,),
    "call": (), "phone": (Channel.SMS,), "all": tuple(Channel),
}  # fmt: skip
# Calls are no channel of ours: a mark keeps people from dialling.
_STOPS_CALLS = frozenset({"call", "phone", "all"})
NO_CALL = "no_call"
_EXTRAS = frozenset(
    "payee payee_iban party opt_outs disputed disputed_amount promised_on promised_amount hold_kind hold_until".split()
)
_UNREAD = Amounts(0, 0)  # a principal of zero is refused, so none that was read looks like this
_POINT_OF = {Channel.SMS: PointKind.PHONE, Channel.EMAIL: PointKind.EMAIL}


class DebtBuilder:
    """Builds the rows of one file, by its mapping, on one day, for known creditors."""

    def __init__(self, binding: Binding, *, today: date, creditors: Creditors) -> None:
        self._mapping = mapping = binding.mapping
        self._today = today
        self._history_fields = [field for field in OpeningHistory.__struct_fields__ if field in binding.names]
        self._has_lines = not LINE_FIELDS.isdisjoint(binding.names)
        self._has_extras = not _EXTRAS.isdisjoint(binding.names)
        self._creditors = creditors
        self._debtors = DebtorReader(binding.names)
        self._as_of = None if isinstance(mapping.as_of, Source) else mapping.as_of or today

    def build(self, record: Record) -> DebtRow | None:
        """The row, or None when `record.faults` says why not."""
        creditor = record.creditor("creditor", self._creditors)
        reference = record.text("reference", longest=64, needed=True)
        currency = record.currency("currency")
        kind = record.choice("document", DocumentKind, DocumentKind.INVOICE)
        amounts = amounts_of(record, kind, currency, self._mapping.credits)
        days = days_of(record, kind, today=self._today, as_of=self._as_of)
        facts = self._creditors.get(creditor)
        country = facts.jurisdiction if facts else ""
        read = self._debtors.read(record, creditor=creditor, country=country)
        # A refused row is read to its end, so that the report names all of its faults at once.
        debt = self._debt(record, reference, kind, amounts or _UNREAD, days or Days(self._today, None, self._today))
        if self._has_lines and (lines := lines_of(record, kind, currency)):
            debt = replace(debt, lines=lines)
        row = self._row(record, creditor, currency, read, debt)
        return None if record.faults else row

    def refused(self, record: Record) -> RefusedRow:
        """A row with faults, with what can be read of its reference and amount."""
        remarks = tuple(record.faults)
        reference = record.text("reference", longest=64)
        creditor = record.creditor("creditor", self._creditors)
        currency = record.currency("currency")
        return RefusedRow(
            line=record.line,
            remarks=remarks,
            creditor=creditor,
            reference=reference,
            currency=currency,
            cents=self._cents(record, currency),
        )

    def _cents(self, record: Record, currency: str) -> int | None:
        """What is open by the file, with our sign, whatever else is wrong with it."""
        cents = record.cents("open_amount", currency)
        if cents is None:
            cents = record.cents("principal", currency)
        if cents is None and ("debit" in record.fields or "credit" in record.fields):
            debit, credit = record.cents("debit", currency), record.cents("credit", currency)
            return None if debit is None and credit is None else (debit or 0) - (credit or 0)
        is_credit = record.choice("document", DocumentKind, DocumentKind.INVOICE) in CREDITS
        return -cents if cents and is_credit and self._mapping.credits is Credits.POSITIVE else cents

    def _debt(self, record: Record, reference: str, kind: DocumentKind, amounts: Amounts, days: Days) -> Debt:
        return Debt(
            reference=reference,
            kind=kind,
            principal_cents=amounts.principal_cents,
            open_cents=amounts.open_cents,
            as_of=days.as_of,
            issued_on=days.issued_on,
            due_on=days.due_on,
            claim_kind=record.choice("claim_kind", ClaimKind, ClaimKind.UNKNOWN),
            debt_kind=record.free_word("debt_kind") or "invoice",
            payment_method=record.choice("payment_method", PaymentMethod, PaymentMethod.UNKNOWN),
            next_collection_on=self._next_collection(record),
            reject_code=record.reject_code("reject_code"),
            order_ref=record.text("order_ref", longest=64),
            contract_ref=record.text("contract_ref", longest=64),
            contracted_on=record.day("contracted_on"),
            matching_code=record.text("matching_code", longest=64),
            contract_rate=_rate(record),
            has_indemnity_clause=bool(record.flag("indemnity_clause")),
            history=self._history(record),
        )

    def _row(self, record: Record, creditor: str, currency: str, read: Read, debt: Debt) -> DebtRow:
        settled_on = _settled(record, debt)
        if not self._has_extras:  # most files: a sixth of the time of a row
            return DebtRow(
                line=record.line,
                creditor=creditor,
                debtor=read.debtor,
                debt=debt,
                currency=currency,
                marks=read.marks,
                settled_on=settled_on,
            )
        opt_outs, marks = _opt_outs(record, read.debtor)
        disputed, disputed_cents = _dispute(record, debt, currency)
        return DebtRow(
            line=record.line,
            creditor=creditor,
            debtor=read.debtor,
            debt=debt,
            currency=currency,
            payee=record.text("payee", longest=120),
            payee_iban=_iban(record),
            party=record.choice("party", Party, Party.DEBTOR),
            marks=read.marks + marks,
            disputed=disputed,
            disputed_cents=disputed_cents,
            settled_on=settled_on,
            opt_outs=opt_outs,
            holds=_holds(record, debt, currency),
        )

    def _next_collection(self, record: Record) -> date | None:
        day = record.day("next_collection_on")
        if day is not None and day < self._today:
            message = "the next collection lies in the past: it holds nothing"
            record.warn("next_collection_on", "collection_in_past", message, "was it collected, or rejected?")
        return day

    def _history(self, record: Record) -> OpeningHistory | None:
        if not any(map(record.fields.get, self._history_fields)):
            return None
        return OpeningHistory(
            last_step=record.text("last_step", longest=60),
            last_contact_on=past_day(record, "last_contact_on", today=self._today),
            formal_notice_on=past_day(record, "formal_notice_on", today=self._today),
            formal_notice_reference=record.text("formal_notice_reference", longest=64),
            letter_reference=record.text("letter_reference", longest=64),
            letter_on=past_day(record, "letter_on", today=self._today),
        )


def _rate(record: Record) -> str:
    """Percent a year as plain decimal text, such as 12.5."""
    text = record.text("contract_rate", longest=20).removesuffix("%").strip().replace(",", ".")
    if not text:
        return ""
    try:
        rate = Decimal(text)
        if not 0 < rate <= 100:
            raise InvalidOperation
    except InvalidOperation:
        hint = "write percent a year, such as 12,5"
        record.refuse("contract_rate", "rate_invalid", "this is not a rate between 0 and 100 percent", hint)
        return ""
    return format(rate.normalize(), "f")


def _iban(record: Record) -> str:
    text = record.text("payee_iban", longest=50)
    found = iban(text) if text else ""
    if text and not found:
        record.refuse("payee_iban", "iban_invalid", "the check digits of this IBAN are wrong", "correct it")
    return found


def _settled(record: Record, debt: Debt) -> date | None:
    day = record.day("settled_on")
    if day is not None and day < (debt.issued_on or EARLIEST):
        record.refuse("settled_on", "settled_before_issued", "it was settled before it was issued", "check both dates")
    return day


def _dispute(record: Record, debt: Debt, currency: str) -> tuple[bool | None, int | None]:
    cents = record.cents("disputed_amount", currency)
    if cents is not None and not 0 <= cents <= _most(debt):
        message = "the disputed amount is negative or more than what is open"
        record.refuse("disputed_amount", "disputed_amount_wrong", message, "correct one of the two")
    disputed = record.flag("disputed")
    return (True if cents else disputed), cents or None


def _most(debt: Debt) -> float:
    """What a part of the debt may amount to; anything, when its own amount could not be read."""
    return abs(debt.open_cents) if debt.principal_cents else inf


def _holds(record: Record, debt: Debt, currency: str) -> tuple[OpeningHold, ...]:
    """Holds of the take-over: a promise that runs, and one reason with an optional end."""
    holds = []
    promised = record.day("promised_on")
    cents = record.cents("promised_amount", currency)
    if cents is not None and not 0 < cents <= _most(debt):
        message = "the promised amount is not positive, or more than what is open"
        record.refuse("promised_amount", "promised_amount_wrong", message, "correct one of the two")
    if promised is not None:
        holds.append(OpeningHold(kind=HoldKind.PROMISE, until=promised, cents=cents))
    elif cents is not None:
        record.refuse("promised_on", "missing", "an amount is promised without a date", "give the date")
    if record.fields.get("hold_kind"):
        kind = record.choice("hold_kind", HoldKind, HoldKind.VETO)
        holds.append(OpeningHold(kind=kind, until=record.day("hold_until")))
    elif record.fields.get("hold_until"):
        record.refuse("hold_kind", "missing", "a hold has an end and no reason", "give the reason")
    return tuple(holds)


def _opt_outs(record: Record, debtor: Debtor) -> tuple[tuple[OptOut, ...], tuple[str, ...]]:
    """Closed channels, and the mark that stops calls. A firm's contact closes its own address, not the firm."""
    found: dict[Channel, OptOut] = {}
    stops_calls = False
    for word in record.words("opt_outs"):
        channels = _CHANNELS.get(folded(word))
        if channels is None:
            hint = "known: " + ", ".join(_CHANNELS)
            record.refuse("opt_outs", "word_unknown", "this is not a channel that can be closed", hint)
            continue
        stops_calls = stops_calls or folded(word) in _STOPS_CALLS
        found |= {channel: OptOut(channel, _point(debtor, channel)) for channel in channels}
    return tuple(found.values()), (NO_CALL,) if stops_calls else ()


def _point(debtor: Debtor, channel: Channel) -> str:
    kind = _POINT_OF.get(channel)
    if debtor.status.is_individual or kind is None:
        return ""
    point = debtor.people[0].point(kind)
    return point.value if point else ""
