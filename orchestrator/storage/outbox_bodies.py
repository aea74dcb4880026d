"""What an event tells outside: its name there, and its data. Never a text of a debtor, a contact point or a name.

The names and the fields are fixed: docs/outgoing-webhooks.md has an example of each, and a test compares them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from channels.contract import DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.condition import Condition, Every, OneOf
from orchestrator.domain.interruption import Pause
from orchestrator.domain.money import Money

Data = dict[str, Any]

SENT, DELIVERED, FAILED = "message.sent", "message.delivered", "message.failed"
PAUSE_STARTED, PAUSE_ENDED = "pause.started", "pause.ended"
# What an endpoint may ask to be told.
TYPES = (
    SENT, DELIVERED, FAILED, "reply.received", "promise.made", "promise.kept", "promise.broken", "dispute.opened",
    "dispute.resolved", "payment.matched", "case.closed", "case.handed_over", PAUSE_STARTED, PAUSE_ENDED,
)  # fmt: skip

# A registered letter that was refused or not fetched counts as delivered; the status says which it was.
_OF_STATUS: Mapping[DeliveryStatus, str] = {
    **dict.fromkeys(
        (DeliveryStatus.DELIVERED, DeliveryStatus.PRESENTED, DeliveryStatus.UNCLAIMED, DeliveryStatus.REFUSED),
        DELIVERED,
    ),
    **dict.fromkeys(
        (
            DeliveryStatus.UNDELIVERED,
            DeliveryStatus.FAILED,
            DeliveryStatus.BOUNCED,
            DeliveryStatus.RETURNED,
            DeliveryStatus.UNKNOWN_ADDRESS,
            DeliveryStatus.LOST,
        ),
        FAILED,
    ),
}
# How record names the fact of a message that its provider refused for good; other cancellations were never sent.
_REFUSED = "refused:"

_encode = msgspec.json.Encoder().encode


class Account(msgspec.Struct, frozen=True):
    """Whose case an event is about."""

    case_id: str
    creditor: str
    debtor_ref: str
    currency: str


def name_of(fact: object) -> str:
    """The name under which a fact is told; empty when it is told to nobody."""
    name = _NAMES.get(type(fact))
    return name(fact) if name is not None else ""


def message_of(fact: object) -> str:
    """The id of the message that a fact is about, if any."""
    return str(getattr(fact, "message_id", ""))


def data_of(fact: Any, account: Account, message: Data | None) -> Data:
    """The data of a fact that is told. `message` is what is known of its message."""
    data: Data = {"case_id": account.case_id, "creditor": account.creditor, "debtor_ref": account.debtor_ref}
    if message_of(fact):
        data |= {"message_id": fact.message_id, **(message or {})}
    describe = _DATA.get(type(fact))
    return data | describe(fact, account.currency) if describe is not None else data


def pause_data(pause: Pause, creditor: str) -> Data:
    """The data of a pause for an endpoint bound to a creditor, or to none.

    Scope, lanes and reason may name others: who is bound reads them only of a pause of that creditor alone.
    """
    data: Data = {"pause_id": pause.id, "since": stamp(pause.since), "channels": list(pause.channels)}
    for name, at in (("until", pause.ends_at), ("resumed_at", pause.resumed_at)):
        data[name] = None if at is None else stamp(at)
    if creditor:
        data["creditor"] = creditor
    if not creditor or pause.scope == OneOf("creditor", frozenset({creditor})):
        data |= {"scope": _scope_words(pause.scope), "lanes": list(pause.lanes), "reason": pause.reason}
    return data


def _scope_words(scope: Condition) -> Data:
    """As a pause is asked for: `{"all": true}`, `{"campaign": ["b2c-small"]}`; what says more, as `conditions`."""
    terms = scope.terms if isinstance(scope, Every) else (scope,)
    if not terms:
        return {"all": True}
    named = {term.field: sorted(term.values) for term in terms if isinstance(term, OneOf)}
    return named if len(named) == len(terms) else {"conditions": msgspec.to_builtins(scope)}


def body_of(name: str, at: datetime, data: Data) -> str:
    """The JSON text that is signed and sent."""
    return _encode({"type": name, "timestamp": stamp(at), "data": data}).decode()


def amount(cents: int, currency: str) -> Data:
    """A sum as JSON: decimal text with its currency."""
    return {"amount": str(Money(cents, currency)).partition(" ")[0], "currency": currency}


def stamp(at: datetime) -> str:
    """An instant as ISO 8601 in UTC, with its Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


# ------------------------------------------------------------------------------------- which are told

_NAMES: Mapping[type, Callable[[Any], str]] = {
    # Observed: nothing left. In doubt: told once the doubt is settled.
    ev.MessageLeft: lambda fact: "" if fact.is_observed or fact.is_in_doubt else SENT,
    ev.DoubtSettled: lambda fact: SENT if fact.was_sent else "",
    ev.DeliveryReported: lambda fact: _OF_STATUS.get(fact.status, ""),
    ev.MessageCancelled: lambda fact: FAILED if fact.id.startswith(_REFUSED) else "",
    ev.ReplyReceived: lambda _: "reply.received",
    ev.PromiseMade: lambda _: "promise.made",
    ev.PromiseKept: lambda _: "promise.kept",
    ev.PromiseBroken: lambda _: "promise.broken",
    ev.DisputeOpened: lambda _: "dispute.opened",
    ev.DisputeResolved: lambda _: "dispute.resolved",
    ev.PaymentReceived: lambda _: "payment.matched",
    ev.CaseClosed: lambda _: "case.closed",
    ev.HandedOver: lambda _: "case.handed_over",
}


# --------------------------------------------------------------------------------- what is told of each


def _left(fact: ev.MessageLeft, currency: str) -> Data:
    return {
        "purpose": fact.purpose.value,
        "references": list(fact.references),
        "demanded": amount(fact.amount_cents, currency),
    }


def _promise(fact: ev.PromiseMade, currency: str) -> Data:
    promise = fact.promise
    return {
        "promise_id": promise.id,
        "promised": amount(promise.amount_cents, currency),
        "due_on": promise.due_on.isoformat(),
        "references": list(promise.references),
    }


def _dispute(fact: ev.DisputeOpened, currency: str) -> Data:
    hold = fact.hold
    disputed = None if hold.amount_cents is None else amount(hold.amount_cents, currency)
    return {"dispute_id": hold.id, "references": list(hold.references), "disputed": disputed, "reason": hold.reason}


def _payment(fact: ev.PaymentReceived, currency: str) -> Data:
    payment = fact.payment
    return {
        "payment_id": payment.id,
        "paid": amount(payment.amount_cents, currency),
        "received_on": payment.received_on.isoformat(),
        "references": list(payment.references),
    }


_DATA: Mapping[type, Callable[[Any, str], Data]] = {
    ev.MessageLeft: _left,
    ev.DeliveryReported: lambda fact, _: {"status": fact.status.value},
    ev.MessageCancelled: lambda fact, _: {"status": "refused", "reason": fact.why},
    ev.ReplyReceived: lambda fact, _: {
        "reply_id": fact.reply_id or fact.id,
        "channel": fact.channel,
        "reading": fact.reading.split(),
    },
    ev.PromiseMade: _promise,
    ev.PromiseKept: lambda fact, _: {"promise_id": fact.promise_id},
    ev.PromiseBroken: lambda fact, _: {"promise_id": fact.promise_id},
    ev.DisputeOpened: _dispute,
    ev.DisputeResolved: lambda fact, _: {"dispute_id": fact.hold_id, "outcome": fact.outcome},
    ev.PaymentReceived: _payment,
    ev.CaseClosed: lambda fact, _: {"outcome": fact.outcome, "references": list(fact.references)},
    ev.HandedOver: lambda fact, _: {"stage": fact.stage, "references": list(fact.references)},
}
