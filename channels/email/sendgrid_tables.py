"""SendGrid's words in ours. A word that is not here is UNKNOWN.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event and
https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from channels.contract import DeliveryStatus, ReasonClass

EVENTS: Mapping[str, DeliveryStatus] = MappingProxyType(
    {
        "processed": DeliveryStatus.QUEUED,
        "deferred": DeliveryStatus.QUEUED,  # SendGrid tries again for 72 hours
        "delivered": DeliveryStatus.DELIVERED,  # the receiving server took it
        "bounce": DeliveryStatus.BOUNCED,
        "blocked": DeliveryStatus.FAILED,  # an event `bounce` of type `blocked`: refused this time
        "dropped": DeliveryStatus.FAILED,  # never sent
        "spamreport": DeliveryStatus.COMPLAINED,
    }
)
# A person, a preview or a scanner opened it or followed a link. Proves nothing, and we ask not to be told.
NO_EVIDENCE = frozenset({"open", "click"})
# What a person decided. Says nothing of the delivery, so the status stays UNKNOWN.
DECISIONS: Mapping[str, ReasonClass | None] = MappingProxyType(
    {
        "unsubscribe": ReasonClass.OPTED_OUT,
        "group_unsubscribe": ReasonClass.OPTED_OUT,
        "group_resubscribe": None,
        "spamreport": ReasonClass.OPTED_OUT,
    }
)
# `bounce_classification`; `Unclassified` is left to the status code.
CLASSIFICATIONS: Mapping[str, ReasonClass] = MappingProxyType(
    {
        "invalid address": ReasonClass.ADDRESS,
        "mailbox unavailable": ReasonClass.UNREACHABLE,
        "content": ReasonClass.BLOCKED,
        "reputation": ReasonClass.BLOCKED,
        "frequency or volume too high": ReasonClass.UNREACHABLE,
        "technical failure": ReasonClass.UNREACHABLE,
    }
)
# The `reason` of `dropped`, by how it begins.
DROPS: Mapping[str, ReasonClass] = MappingProxyType(
    {
        "bounced address": ReasonClass.ADDRESS,
        "invalid smtpapi header": ReasonClass.CONFIG,
        "invalid": ReasonClass.ADDRESS,
        "unsubscribed address": ReasonClass.OPTED_OUT,
        "spam reporting address": ReasonClass.OPTED_OUT,
        "spam content": ReasonClass.CONTENT,
        "recipient list over package quota": ReasonClass.CONFIG,
    }
)
# An answer to mail/send: by its status, and for 400 by the field that it names first, its indices left out.
STATUSES: Mapping[int, ReasonClass] = MappingProxyType(
    {
        401: ReasonClass.CONFIG,  # the key, or the account's credits
        403: ReasonClass.CONFIG,  # a sender that is not verified, a key that may not send
        404: ReasonClass.CONFIG,
        405: ReasonClass.CONFIG,
        406: ReasonClass.CONFIG,
        413: ReasonClass.CONTENT,  # over 30 MB
        415: ReasonClass.CONFIG,
    }
)
FIELDS: Mapping[str, ReasonClass] = MappingProxyType(
    {
        "personalizations.to": ReasonClass.ADDRESS,
        "personalizations.to.email": ReasonClass.ADDRESS,
        "personalizations.to.name": ReasonClass.CONTENT,
        "from": ReasonClass.CONFIG,
        "from.email": ReasonClass.CONFIG,
        "from.name": ReasonClass.CONFIG,
        "reply_to": ReasonClass.CONFIG,
        "reply_to.email": ReasonClass.CONFIG,
        "subject": ReasonClass.CONTENT,
        "content": ReasonClass.CONTENT,
        "content.value": ReasonClass.CONTENT,
        "content.type": ReasonClass.CONTENT,
        "headers": ReasonClass.CONTENT,
        "attachments": ReasonClass.CONTENT,
        "attachments.content": ReasonClass.CONTENT,
        "attachments.filename": ReasonClass.CONTENT,
        "attachments.type": ReasonClass.CONTENT,
    }
)
_INDEX = re.compile(r"\.?\[?\b[0-9]+\b\]?")


def field_of(given: str) -> str:
    """`personalizations.0.to.0.email` and `personalizations[0].to[0].email` as `personalizations.to.email`."""
    return _INDEX.sub("", given)


def reason_of_drop(reason: str) -> ReasonClass:
    """By how the sentence begins; the longer row is asked first."""
    said = reason.strip().lower()
    rows = sorted(DROPS, key=len, reverse=True)
    return next((DROPS[row] for row in rows if said.startswith(row)), ReasonClass.UNKNOWN)
