"""Who writes, for whom and how to pay, of a document that is no message: the facts that letters read, of a creditor."""

from typing import cast

import msgspec

from orchestrator.domain.creditor import Creditor
from orchestrator.rendering import party_facts
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.reading import Reading
from orchestrator.rendering.typography import Typography


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """Empty texts are facts that the creditor's file does not have. `color` is `#rrggbb`."""

    sender: str
    address_lines: tuple[str, ...]
    phone: str
    email: str
    hours: str
    siren: str
    color: str
    creditor: str
    creditor_address: str
    collector: str
    collector_address: str
    pay_link: str
    iban: str
    bic: str
    payee: str
    cheque_order: str


class _Heading(msgspec.Struct, frozen=True):
    """The part of a brief that facts of the creditor and its payment link read."""

    creditor: Creditor
    case_id: str
    payee: str
    statement: None = None


def letterhead(creditor: Creditor, case_id: str, hand: Typography, *, payee: str = "") -> Letterhead:
    """The heading of a document about a case. Raises TemplateError for a payment link that is no web address."""
    r = Reading(cast(Brief, _Heading(creditor, case_id, payee)), hand)
    who = r.collector or creditor
    name = str(party_facts.sender_full(r))
    return Letterhead(
        sender=name,
        address_lines=tuple(line for line in who.address if line.casefold() != name.casefold()),
        phone=str(party_facts.phone(r)),
        email=str(party_facts.email(r)),
        hours=str(party_facts.hours(r)),
        siren=str(party_facts.collector_siren(r) if r.collector else party_facts.creditor_siren(r)),
        color=str(party_facts.brand_color(r)),
        creditor=str(party_facts.creditor_full(r)),
        creditor_address=str(party_facts.creditor_address(r)),
        collector=str(party_facts.collector_full(r)),
        collector_address=str(party_facts.collector_address(r)),
        pay_link=str(party_facts.pay_link(r)),
        iban=str(party_facts.iban(r)),
        bic=str(party_facts.bic(r)),
        payee=str(party_facts.payee(r)),
        cheque_order=str(party_facts.cheque_order(r)),
    )
