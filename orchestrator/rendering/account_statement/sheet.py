"""Words a statement of account into the sheet that is set as a PDF. Owns what is said and in which order."""

from datetime import date

import msgspec

from orchestrator.domain.account_statement import WITHHELD, AccountStatement
from orchestrator.domain.contact import Debtor
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import InputError
from orchestrator.rendering.account_statement.wording import Wording
from orchestrator.rendering.letter_address import format_address
from orchestrator.rendering.letterhead import Letterhead, letterhead
from orchestrator.rendering.pay_qr import epc_payload
from orchestrator.rendering.reading import clean

_MORE_THAN_A_LINE = 3  # references named one by one in the heading; more are counted by their accounts


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account on the sheet. A summary row is (label, amount, whether it stands out); notes are (title, text)."""

    title: str
    summary: tuple[tuple[str, str, bool], ...]
    lead: str
    rows: tuple[tuple[str, str, str, str, str, str, str], ...]
    ages: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, str, str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    pay_title: str = ""
    pay_lines: tuple[tuple[str, str], ...] = ()
    pay_code: str = ""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document in words ready to print. `words` are the headings of its parts."""

    language: str
    title: str
    subtitle: str
    running: str
    color: str
    sender: str
    label: str
    sender_lines: tuple[str, ...]
    address_lines: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    intro: str
    accounts: tuple[Account, ...]
    totals: tuple[tuple[str, str], ...]
    contact: tuple[str, ...]
    footer: str
    words: dict[str, str]


_HEADINGS = (
    "movements col_date col_what col_due col_debit col_credit col_balance col_reference col_amount col_why col_until "
    "ages held no_movement page pay_scan contact total"
).split()


def statement_sheet(
    accounts: tuple[AccountStatement, ...],
    *,
    creditor: Creditor,
    debtor: Debtor,
    language: str,
    letter: tuple[str, date] | None = None,
) -> Sheet:
    """The sheet of a debtor's accounts with one creditor, at least one of them, in French or else in English.

    `letter` is the reference and day of a collector's first letter, which all that it writes recalls (CPCE R124-4).
    """
    wording = Wording(language)
    head = letterhead(creditor, accounts[0].case_id, wording.hand)
    day = wording.hand.day(accounts[0].as_of)
    return Sheet(
        language=wording.language,
        title=wording.say("title"),
        subtitle=wording.say("as_of", day=day),
        running=f"{wording.say('running', day=day)} · {head.sender}",
        color=head.color,
        sender=head.sender,
        label=wording.say("amicable_label") if head.collector else "",
        sender_lines=_sender_lines(head, wording),
        address_lines=_address_lines(debtor),
        facts=(*_facts(accounts, head, debtor, wording), *_letter_recalled(letter, wording)),
        intro=_intro(accounts, wording),
        accounts=tuple(_account(each, creditor, wording, is_alone=len(accounts) == 1) for each in accounts),
        totals=_totals(accounts, wording) if len(accounts) > 1 else (),
        contact=(wording.say("contact_text"), *_reach(head, wording)),
        footer=_footer(head, wording),
        words={key: wording.say(key) for key in _HEADINGS},
    )


# -------------------------------------------------------------------------------------------- the head


def _sender_lines(head: Letterhead, wording: Wording) -> tuple[str, ...]:
    lines = [clean(line) for line in head.address_lines]
    return (*lines, *_reach(head, wording, with_hours=False))


def _reach(head: Letterhead, wording: Wording, *, with_hours: bool = True) -> tuple[str, ...]:
    phone = f"{head.phone} ({head.hours})" if head.phone and head.hours and with_hours else head.phone
    colon = "\u00a0: " if wording.language == "fr" else ": "
    told = ((wording.say("contact_phone"), phone), (wording.say("contact_email"), head.email))
    return tuple(f"{label}{colon}{value}" for label, value in told if value)


def _address_lines(debtor: Debtor) -> tuple[str, ...]:
    """As on an envelope; the bare name where the address would not do for one."""
    address = debtor.address
    if address is not None:
        try:
            return format_address(
                name=debtor.name,
                organisation="",
                lines=address.lines,
                postcode=address.postcode,
                city=address.city,
                country=address.country,
            )
        except InputError:
            pass
    return (clean(debtor.name),)


def _facts(
    accounts: tuple[AccountStatement, ...], head: Letterhead, debtor: Debtor, wording: Wording
) -> tuple[tuple[str, str], ...]:
    ids = [each.case_id for each in accounts]
    key = "fact_case" if len(ids) == 1 else "fact_cases"
    named = ", ".join(ids) if len(ids) <= _MORE_THAN_A_LINE else wording.hand.number(len(ids))
    facts = [(wording.say(key), named), (wording.say("fact_debtor"), clean(debtor.name))]
    if debtor.ref:
        facts.append((wording.say("fact_client"), clean(debtor.ref)))
    if head.collector:
        facts.append((wording.say("fact_creditor"), head.creditor))
    return tuple(facts)


def _letter_recalled(letter: tuple[str, date] | None, wording: Wording) -> tuple[tuple[str, str], ...]:
    if letter is None:
        return ()
    reference, day = letter
    said = wording.say("letter", reference=clean(reference), day=wording.hand.day(day))
    return ((wording.say("fact_letter"), said),)


def _intro(accounts: tuple[AccountStatement, ...], wording: Wording) -> str:
    known = [each.ledger_on for each in accounts if each.ledger_on is not None]
    ledger = f" {wording.say('ledger', day=wording.hand.day(min(known)))}" if known else ""
    return wording.say("intro") + ledger


def _footer(head: Letterhead, wording: Wording) -> str:
    if head.collector:
        return wording.say(
            "on_behalf",
            collector=head.collector,
            collector_address=head.collector_address,
            creditor=head.creditor,
            creditor_address=head.creditor_address,
        )
    parts = [head.creditor, head.creditor_address, f"SIREN {head.siren}" if head.siren else ""]
    return ", ".join(part for part in parts if part)


def _totals(accounts: tuple[AccountStatement, ...], wording: Wording) -> tuple[tuple[str, str], ...]:
    """The balance and what is payable over all accounts, by currency."""
    rows = []
    for currency in dict.fromkeys(each.currency for each in accounts):
        same = [each for each in accounts if each.currency == currency]
        for key, cents in (
            ("balance", sum(each.balance_cents for each in same)),
            (payable_key(accounts[0]), sum(each.payable_cents for each in same)),
        ):
            rows.append((wording.say(key), wording.hand.amount(cents, currency)))
    return tuple(rows)


# ---------------------------------------------------------------------------------------- one account


def _account(each: AccountStatement, creditor: Creditor, wording: Wording, *, is_alone: bool) -> Account:
    money = _Money(wording, each.currency)
    pays = each.payable_cents > 0 and each.known_on is None  # what is to be paid today is not what was then
    head = letterhead(creditor, each.case_id, wording.hand, payee=each.payee)
    return Account(
        title="" if is_alone else wording.say("account", case=each.case_id),
        summary=_summary(each, wording, money),
        lead=_lead(each, wording, money),
        rows=tuple(_row(each, number, wording, money) for number in range(len(each.movements))),
        ages=tuple((wording.age(band), money(band.cents)) for band in each.bands),
        held=tuple(
            (
                clean(part.reference),
                money(part.cents),
                wording.say(f"why_{part.why}"),
                wording.hand.short_day(part.until) if part.until else "",
            )
            for part in each.held
        ),
        notes=_notes(each, wording, money),
        pay_title=wording.say("pay", amount=money(each.payable_cents)) if pays else "",
        pay_lines=_pay_lines(head, each, wording) if pays else (),
        pay_code=_pay_code(head, each) if pays else "",
    )


class _Money:
    """Writes amounts of one currency."""

    def __init__(self, wording: Wording, currency: str) -> None:
        self._hand = wording.hand
        self._currency = currency

    def __call__(self, cents: int) -> str:
        return self._hand.amount(cents, self._currency)


def payable_key(each: AccountStatement) -> str:
    """What the sum that may be asked for is called: of a past day it is none of today's."""
    return "payable" if each.known_on is None else "payable_then"


def _summary(each: AccountStatement, wording: Wording, money: _Money) -> tuple[tuple[str, str, bool], ...]:
    """How what is payable comes about, then the whole balance; or the balance alone where nothing is asked."""
    deducted = (
        ("credits", each.credit_cents),
        ("held_sum", each.held_late_cents),
        ("barred_sum", each.barred_free_cents),
    )
    late = (wording.say("late"), money(each.late_cents), False)
    not_due = (wording.say("not_due"), money(each.not_due_cents), False)
    payable = (wording.say(payable_key(each)), money(each.payable_cents), True)
    balance = (wording.say("balance"), money(each.balance_cents), True)
    taken = [(wording.say(key), money(-cents), False) for key, cents in deducted if cents]
    if each.payable_cents and each.late_cents - sum(cents for _, cents in deducted) == each.payable_cents:
        return (late, *taken, payable, not_due, balance) if each.not_due_cents else (late, *taken, payable, balance)
    credit = [(wording.say("credits"), money(-each.credit_cents), False)] if each.credit_cents else []
    if each.balance_cents < 0:
        return (late, not_due, *credit, (wording.say("favour"), money(-each.balance_cents), True))
    return (late, not_due, *credit, balance, payable)


def _lead(each: AccountStatement, wording: Wording, money: _Money) -> str:
    """The sentence that says what to make of the sums; empty where they say it."""
    if each.known_on is not None:
        return wording.say("past", day=wording.hand.day(each.known_on))
    if each.whole_hold:
        return _whole(each, wording, money)
    if each.balance_cents < 0:
        return wording.say("favour_text")
    return "" if each.payable_cents else wording.say("nothing")


def _whole(each: AccountStatement, wording: Wording, money: _Money) -> str:
    kind = each.whole_hold
    if kind == "promise" and each.promised:
        said = [wording.say("promised", amount=money(cents), day=wording.hand.day(day)) for day, cents in each.promised]
        return wording.say("whole_promise", promised=wording.hand.listing(said))
    if kind == "deferral" and each.whole_hold_until is None:
        return wording.say("whole_deferral_open")
    until = wording.hand.day(each.whole_hold_until) if each.whole_hold_until else ""
    key = f"whole_{kind}" if kind != "promise" else f"whole_{WITHHELD}"
    return wording.say(key, until=until)


def _row(
    each: AccountStatement, number: int, wording: Wording, money: _Money
) -> tuple[str, str, str, str, str, str, str]:
    """(day, what, note, due day, charged, paid, balance)."""
    movement = each.movements[number]
    label, note = wording.movement(movement, each.currency)
    return (
        wording.hand.short_day(movement.on),
        label,
        note,
        wording.hand.short_day(movement.due_on) if movement.due_on else "",
        money(movement.debit_cents) if movement.debit_cents else "",
        money(movement.credit_cents) if movement.credit_cents else "",
        money(movement.balance_cents),
    )


def _notes(each: AccountStatement, wording: Wording, money: _Money) -> tuple[tuple[str, str], ...]:
    if not each.barred:
        return ()
    items = [
        wording.say(
            "barred_item",
            reference=clean(debt.reference),
            amount=money(debt.cents),
            day=wording.hand.short_day(debt.last_day),
        )
        for debt in each.barred
    ]
    text = wording.say("barred_text", references=wording.hand.listing(items))
    return ((wording.say("barred_title"), text),)


def _pay_lines(head: Letterhead, each: AccountStatement, wording: Wording) -> tuple[tuple[str, str], ...]:
    if each.payee and not head.iban:  # never the creditor's account for what is owed to another (R46)
        return (("", wording.say("pay_other", payee=clean(each.payee))),)
    lines = []
    if head.pay_link:
        lines.append((wording.say("pay_online"), head.pay_link))
    if head.iban:
        account = f"{head.iban} (BIC {head.bic})" if head.bic else head.iban
        lines += [(wording.say("pay_transfer"), account), (wording.say("pay_to"), head.payee)]
        lines.append((wording.say("pay_reference"), each.case_id))
    if head.cheque_order:
        lines.append((wording.say("pay_cheque"), head.cheque_order))
    return tuple(lines) or (("", wording.say("pay_ask")),)


def _pay_code(head: Letterhead, each: AccountStatement) -> str:
    """What a banking app scans; empty where a SEPA transfer cannot carry it."""
    if each.currency != "EUR" or not head.iban:
        return ""
    try:
        return epc_payload(
            name=head.payee, iban=head.iban, bic=head.bic, amount_cents=each.payable_cents, remittance=each.case_id
        )
    except InputError:
        return ""
