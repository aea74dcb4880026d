"""Twilio's words and codes in ours. Twilio warns that codes change: a code or word that is not here is UNKNOWN."""

from collections.abc import Mapping
from types import MappingProxyType

from channels.contract import DeliveryStatus, ReasonClass

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values; `receiving` and `received` are
# words of messages to us. What was delivered in part is not known to have been read.
STATUSES: Mapping[str, DeliveryStatus] = MappingProxyType(
    {
        "accepted": DeliveryStatus.QUEUED,
        "scheduled": DeliveryStatus.QUEUED,
        "queued": DeliveryStatus.QUEUED,
        "sending": DeliveryStatus.QUEUED,
        "sent": DeliveryStatus.SENT,
        "partially_delivered": DeliveryStatus.SENT,
        "delivered": DeliveryStatus.DELIVERED,
        "read": DeliveryStatus.DELIVERED,
        "undelivered": DeliveryStatus.UNDELIVERED,
        "failed": DeliveryStatus.FAILED,
        "canceled": DeliveryStatus.FAILED,
    }
)

# Never processed: seconds to wait when the answer does not say. 21611: the sender's queue holds ten hours already.
THROTTLES: Mapping[int, float] = MappingProxyType({20429: 1.0, 21611: 600.0})

# https://www.twilio.com/docs/api/errors, in the answer to a call (2....) or in a callback (3....).
ERRORS: Mapping[int, ReasonClass] = MappingProxyType(
    {
        21211: ReasonClass.ADDRESS,  # not a number
        21217: ReasonClass.ADDRESS,  # not a number that can exist
        21614: ReasonClass.ADDRESS,  # cannot receive SMS: a French landline
        21635: ReasonClass.ADDRESS,  # a landline
        30005: ReasonClass.ADDRESS,  # unknown to the operator
        30006: ReasonClass.ADDRESS,  # landline or unreachable operator
        30001: ReasonClass.UNREACHABLE,  # waited too long in Twilio's queue
        30003: ReasonClass.UNREACHABLE,  # handset off or out of reach
        30008: ReasonClass.UNREACHABLE,  # the operator does not say why
        30022: ReasonClass.UNREACHABLE,  # more than the sender may send
        30036: ReasonClass.UNREACHABLE,  # validity period over
        21610: ReasonClass.OPTED_OUT,  # this person wrote STOP
        30004: ReasonClass.BLOCKED,  # by operator or person: perhaps a STOP
        30007: ReasonClass.BLOCKED,  # taken for spam
        30450: ReasonClass.BLOCKED,
        63014: ReasonClass.BLOCKED,
        # A setting of ours, but of one number or country: it says nothing against the next message.
        21408: ReasonClass.BLOCKED,  # country not allowed in the account
        21608: ReasonClass.BLOCKED,  # a trial account writes to numbers it has verified
        21612: ReasonClass.BLOCKED,  # this sender cannot reach that number
        21602: ReasonClass.CONTENT,  # no text
        21617: ReasonClass.CONTENT,  # over 1,600 characters
        20003: ReasonClass.CONFIG,  # credentials
        20005: ReasonClass.CONFIG,  # account not active, or without money
        20404: ReasonClass.CONFIG,  # no such account
        21212: ReasonClass.CONFIG,  # sender is no number
        21601: ReasonClass.CONFIG,  # sender cannot send SMS
        21603: ReasonClass.CONFIG,  # no sender
        21606: ReasonClass.CONFIG,  # sender is not the account's
        21609: ReasonClass.CONFIG,  # callback URL
        21703: ReasonClass.CONFIG,  # the messaging service has no sender
        21705: ReasonClass.CONFIG,  # no such messaging service
        30002: ReasonClass.CONFIG,  # account suspended
        30034: ReasonClass.CONFIG,  # sender not registered (United States)
        35114: ReasonClass.CONFIG,  # 35114 to 35118: scheduling, which is not used
        35115: ReasonClass.CONFIG,
        35117: ReasonClass.CONFIG,
        35118: ReasonClass.CONFIG,
    }
)


def reason_of(code: str) -> ReasonClass | None:
    """The class of a code told in a callback; None when none was told."""
    if not code or code == "0":
        return None
    known = ERRORS.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 10 else None
    return known or ReasonClass.UNKNOWN
