"""To whom the debts of a case are paid, and by which means (R46). Decided here alone: all that is told asks this.

A payee that the ledger names is paid on its own account or on none that we know: never on the creditor's.
"""

import msgspec

from orchestrator.domain.creditor import Creditor


class PayTo(msgspec.Struct, frozen=True, kw_only=True):
    """Means of payment as on file; an empty text is a means that there is none of. `link` may hold `{case}`."""

    name: str
    iban: str = ""
    bic: str = ""
    link: str = ""
    cheque_order: str = ""


def pay_to(creditor: Creditor, payee: str) -> PayTo:
    """How a case is paid whose payee is `payee`, empty for the creditor itself.

    An account of another payee comes from the creditor's file alone, as the creditor's own does: a ledger's file cannot
    bring a new one. A collector's funds go to its dedicated account, where no cheque is taken.
    """
    if payee:
        found = next((each for each in creditor.payees if is_same_payee(each.name, payee)), None)
        return PayTo(name=found.name, iban=found.iban, bic=found.bic) if found else PayTo(name=payee.strip())
    own = creditor.payment
    who = creditor.collector if creditor.party == "third_party" else None
    if who is not None and who.account:
        return PayTo(name=who.name, iban=who.account, link=own.link)
    return PayTo(name=creditor.name, iban=own.iban, bic=own.bic, link=own.link, cheque_order=own.cheque_order)


def accounts_of_others(creditor: Creditor, payee: str) -> frozenset[str]:
    """The accounts on file, without spaces, that are not to be named where `payee` is paid."""
    collector = creditor.collector.account if creditor.collector else ""
    known = {creditor.payment.iban, collector, *(each.iban for each in creditor.payees)}
    mine = {pay_to(creditor, payee).iban} if payee else {creditor.payment.iban, collector}
    return frozenset(_squeezed(iban) for iban in known - mine if iban) - {_squeezed(iban) for iban in mine}


def is_same_payee(one: str, other: str) -> bool:
    """Whether two names are of one payee, however they are spaced and cased."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _squeezed(iban: str) -> str:
    return "".join(iban.split()).upper()
