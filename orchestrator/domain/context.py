"""What `decide` must know beyond the case itself: the person's recent contacts, what is laid over, the creditor."""

from datetime import date, datetime

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Mode, Purpose, Use
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.policy import ContactChannel, PolicyBook
from orchestrator.domain.rates import Rates


class Contact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One contact of a person, in whatever case. Those proved undelivered count in no cap (semantics B6).

    `is_conversation` is a call in which somebody of theirs spoke; where nobody knows, it is one.
    """

    at: datetime
    channel: ContactChannel
    purpose: Purpose
    case_id: str
    message_id: str
    is_undelivered: bool = False
    is_conversation: bool = False


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Facts around a case. `contacts` are the person's, oldest first, at least over the longest cap of the packs.

    `confirming` are the channels whose lanes all tell later whether a message arrived: elsewhere silence means nothing.
    A case whose creditor's file is away only waits: `is_creditor_known` is then False, and `creditor` a bare name.
    `ledger_as_of` is the day of the creditor's last ledger; None is never fresh. `costs_cents` gives the price of
    one message by use (sms, email, letter, registered). `uses` are those that some lane serves for the
    creditor, `opted_out` channels that the person closed in another case. `mode` can only make the campaign's stricter,
    unless `is_rehearsal`, where every lane is a sandbox and the mode is taken as given. `book` says what the pack of
    the case lets be demanded beside principals; without it nothing is.
    """

    creditor: Creditor
    is_creditor_known: bool = True
    contacts: tuple[Contact, ...] = ()
    opted_out: frozenset[str] = frozenset()
    pauses: tuple[Pause, ...] = ()
    crises: tuple[Crisis, ...] = ()
    ledger_as_of: date | None = None
    costs_cents: dict[str, int] = {}
    uses: frozenset[Use] = frozenset(Use)
    confirming: frozenset[Channel] = frozenset()
    rates: Rates = {}
    book: PolicyBook | None = None
    mode: Mode | None = None
    is_rehearsal: bool = False
    is_sandbox: bool = True
