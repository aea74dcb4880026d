"""The contract every adapter fulfils: messages in, outcomes out, delivery statuses and how they combine.

Owns the words shared by all providers. Owns no provider, no network and no idea of a debt.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Protocol, runtime_checkable

from msgspec import Struct

from channels import fields
from channels.errors import WrongChannel


class Channel(StrEnum):
    """A way to reach somebody. A registered letter is a service of LETTER, a call is never sent."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


# ---------------------------------------------------------------- messages


class LetterService(StrEnum):
    """How the post carries a letter."""

    SIMPLE = "simple"
    REGISTERED = "registered"


class SmsMessage(Struct, frozen=True, kw_only=True, tag_field="channel", tag="sms"):
    """One SMS: `to` in E.164, `sender` a number, short code or name, `text` as it is to be read.

    `attempt_id` is opaque and travels in everything the provider echoes back. `reference` is the sender's own
    name for the matter: it names files for people and is never given to a provider.
    """

    channel: ClassVar[Channel] = Channel.SMS
    attempt_id: str
    to: str
    sender: str
    text: str
    reference: str = ""

    def __post_init__(self) -> None:
        fields.check_attempt_id("SmsMessage", self.attempt_id)
        fields.check_number("SmsMessage.to", self.to)
        fields.check_text("SmsMessage.text", self.text)


class Attachment(Struct, frozen=True, kw_only=True):
    """A file of an e-mail; `media_type` such as `application/pdf`."""

    file_name: str
    media_type: str
    content: bytes

    def __post_init__(self) -> None:
        fields.check_header("Attachment.file_name", self.file_name)
        fields.check_media_type("Attachment.media_type", self.media_type)


class EmailMessage(Struct, frozen=True, kw_only=True, tag_field="channel", tag="email"):
    """One e-mail to one person, in HTML and plain text; `headers` are extra ones, such as List-Unsubscribe.

    Raises InvalidMessage for anything that could start another header (CR, LF, NUL, `=?`), and
    for a header in `headers` that this contract sets itself. Addresses are ASCII; names and subject are not.
    """

    channel: ClassVar[Channel] = Channel.EMAIL
    attempt_id: str
    to_address: str
    to_name: str = ""
    from_address: str
    from_name: str = ""
    reply_to: str = ""
    subject: str
    html: str
    text: str
    headers: dict[str, str] = {}
    attachments: tuple[Attachment, ...] = ()
    reference: str = ""

    def __post_init__(self) -> None:
        fields.check_attempt_id("EmailMessage", self.attempt_id)
        fields.check_address("EmailMessage.to_address", self.to_address)
        fields.check_address("EmailMessage.from_address", self.from_address)
        if self.reply_to:
            fields.check_address("EmailMessage.reply_to", self.reply_to)
        fields.check_header("EmailMessage.subject", self.subject)
        fields.check_header("EmailMessage.to_name", self.to_name)
        fields.check_header("EmailMessage.from_name", self.from_name)
        fields.check_text("EmailMessage.text", self.text)
        fields.check_text("EmailMessage.html", self.html)
        fields.check_extra_headers("EmailMessage.headers", self.headers)


class LetterMessage(Struct, frozen=True, kw_only=True, tag_field="channel", tag="letter"):
    """One letter: a finished PDF, the address lines it shows, and how the post carries it."""

    channel: ClassVar[Channel] = Channel.LETTER
    attempt_id: str
    pdf: bytes
    address_lines: tuple[str, ...]
    service: LetterService = LetterService.SIMPLE
    reference: str = ""

    def __post_init__(self) -> None:
        fields.check_attempt_id("LetterMessage", self.attempt_id)
        fields.check_pdf("LetterMessage.pdf", self.pdf)


Message = SmsMessage | EmailMessage | LetterMessage


# ---------------------------------------------------------------- outcomes of one call


class Transport(StrEnum):
    """What is known of the bytes of one call; an adapter turns it into an Outcome."""

    NOT_WRITTEN = "not_written"  # name, connection or TLS failed: safe to plan again
    ANSWERED = "answered"  # a complete answer was read
    UNKNOWN = "unknown"  # bytes left and no complete answer came: in doubt


class ReasonClass(StrEnum):
    """Why a provider refused, by what can be done about it."""

    NOT_WRITTEN = "not_written"  # nothing left this machine: the only class that may be tried again unchanged
    ADDRESS = "address"  # number or address bad: mark it, use another
    UNREACHABLE = "unreachable"  # for now
    OPTED_OUT = "opted_out"  # never again on this channel
    BLOCKED = "blocked"  # filtered: a person looks, nobody rewords and retries
    CONTENT = "content"
    CONFIG = "config"  # account, credentials, sender: stop the lane
    UNKNOWN = "unknown"  # park it


class Accepted(Struct, frozen=True, tag_field="outcome", tag="accepted"):
    """The provider took the message; `provider_id` is its own name for it."""

    provider_id: str


class Rejected(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="rejected"):
    """A definite refusal. `code` is the provider's, `detail` a sentence without personal data."""

    reason_class: ReasonClass
    code: str
    detail: str = ""


class Throttled(Struct, frozen=True, tag_field="outcome", tag="throttled"):
    """Not taken, come back later: a change of schedule, not a failure."""

    retry_after_seconds: float


class InDoubt(Struct, frozen=True, tag_field="outcome", tag="in_doubt"):
    """Perhaps taken, perhaps not. Never sent again without evidence."""

    reason: str


Outcome = Accepted | Rejected | Throttled | InDoubt


# ---------------------------------------------------------------- delivery


class DeliveryStatus(StrEnum):
    """What became of an accepted message. A word of a provider that is in no table is UNKNOWN."""

    UNKNOWN = "unknown"
    QUEUED = "queued"
    SENT = "sent"
    PRINTED = "printed"
    POSTED = "posted"
    PRESENTED = "presented"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    LOST = "lost"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    RETURNED = "returned"
    UNCLAIMED = "unclaimed"
    REFUSED = "refused"
    UNKNOWN_ADDRESS = "unknown_address"
    COMPLAINED = "complained"


def _ladder(words: str) -> Mapping[DeliveryStatus, int]:
    return MappingProxyType({DeliveryStatus(word): rank for rank, word in enumerate(words.split(" < "))})


# One chain per channel, weakest first; drawn in README.md. A later proof of failure outranks an earlier
# delivery by e-mail and post (a late bounce, a returned letter); for SMS a handset's receipt outranks all.
# The reasons for which the post returns a letter outrank the bare word, for they say what to do next.
LADDERS: Mapping[Channel, Mapping[DeliveryStatus, int]] = MappingProxyType(
    {
        Channel.SMS: _ladder("unknown < queued < sent < failed < undelivered < delivered"),
        Channel.EMAIL: _ladder("unknown < queued < sent < failed < delivered < bounced < complained"),
        Channel.LETTER: _ladder(
            "unknown < queued < printed < posted < presented < failed < lost < delivered"
            " < returned < unclaimed < refused < unknown_address < complained"
        ),
    }
)
_PASSING = frozenset(["unknown", "queued", "sent", "printed", "posted", "presented"])


def strongest(channel: Channel, facts: Iterable[DeliveryStatus]) -> DeliveryStatus:
    """The status to show for a grow-only set of facts, whatever their order and however often repeated.

    A fact that the channel cannot have (a printed SMS) counts as UNKNOWN; so does no fact at all.
    """
    ladder = LADDERS[channel]
    possible = (fact for fact in facts if fact in ladder)
    return max(possible, key=ladder.__getitem__, default=DeliveryStatus.UNKNOWN)


def merge(channel: Channel, shown: DeliveryStatus, fact: DeliveryStatus) -> DeliveryStatus:
    """The status shown once `fact` is known too; folding it over the facts gives `strongest`."""
    return strongest(channel, (shown, fact))


def is_terminal(status: DeliveryStatus) -> bool:
    """Whether the message's way is over; a stronger terminal fact may still come."""
    return status not in _PASSING


def canonical(table: Mapping[str, DeliveryStatus], word: str) -> DeliveryStatus:
    """A provider's word by that provider's table; UNKNOWN when it is not there, and nothing raised."""
    return table.get(word, DeliveryStatus.UNKNOWN)


# ---------------------------------------------------------------- adapters


class Capabilities(Struct, frozen=True, kw_only=True):
    """What a provider can do on one channel; what it cannot express is refused, never approximated."""

    channel: Channel
    confirms_delivery: bool  # says later whether the message arrived; without it silence means nothing
    echoes_attempt_id: bool  # its receipts carry our attempt id, so that a first receipt settles a doubt
    leaves_machine: bool  # False for the sandbox and for nobody else
    letter_services: frozenset[LetterService] = frozenset()
    has_ledger: bool = False  # `look_up` can prove that an attempt is absent
    can_cancel: bool = False  # an accepted message may still be taken back for a while


class Receipt(Struct, frozen=True, kw_only=True):
    """What a provider says later of one message, by webhook or by its ledger.

    `attempt_id` is what the provider echoed (empty when it echoes nothing), `word` its own word for the status,
    `code` its error code. `dedup_key` is the same for the same fact however often it is told. `occurred_at` is the
    provider's instant (aware UTC), None when it says none.
    """

    dedup_key: str
    status: DeliveryStatus
    attempt_id: str = ""
    provider_id: str = ""
    word: str = ""
    code: str = ""
    reason_class: ReasonClass | None = None
    occurred_at: datetime | None = None


class Inbound(Struct, frozen=True, kw_only=True):
    """What a person wrote to us, as the provider brought it. Holds personal data: stored, never logged.

    `sender` and `to` are numbers or addresses as the provider writes them. `opt_out_type` is the provider's own
    reading of the text (STOP, START, HELP), empty when it has none: never a reason not to read `text` ourselves.
    `attempt_id` is the message answered, where its address or thread tells; `thread` the Message-IDs answered, the
    nearest first; `is_automatic` what a machine wrote (RFC 3834). `is_authenticated` says of a mail whether it is from
    the domain that it names, None where nobody has looked, as for an SMS.
    """

    channel: Channel
    dedup_key: str
    sender: str
    to: str
    text: str
    subject: str = ""
    html: str = ""
    sender_name: str = ""
    provider_id: str = ""
    opt_out_type: str = ""
    attempt_id: str = ""
    thread: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    is_automatic: bool = False
    is_authenticated: bool | None = None
    occurred_at: datetime | None = None


class Inquiry(Struct, frozen=True, kw_only=True):
    """What is asked of a provider's ledger about an attempt in doubt.

    `marker` is a text of the message that no other attempt has (its link), `since` the aware instant of the call.
    """

    attempt_id: str
    to: str
    marker: str
    since: datetime


class Found(Struct, frozen=True, tag_field="evidence", tag="found"):
    """The ledger holds the attempt."""

    provider_id: str


class Absent(Struct, frozen=True, tag_field="evidence", tag="absent"):
    """The ledger was read whole for the time asked, and does not hold the attempt."""


class CannotTell(Struct, frozen=True, tag_field="evidence", tag="cannot_tell"):
    """No ledger, or it could not be read. Proves nothing."""

    reason: str


Evidence = Found | Absent | CannotTell


@runtime_checkable
class Adapter(Protocol):
    """One provider on one channel. `send` answers for every failure of the provider or the network.

    It raises only for faults of the caller (WrongChannel, an unusable clock). It never retries by itself.
    `start_by` is an instant of `boot_clock.now()`; past it, not a byte is written and the answer is Rejected as not
    written, code `start_by`. Adapters are called from several threads at once.
    """

    @property
    def name(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome: ...

    def look_up(self, inquiry: Inquiry) -> Evidence: ...


class Cancellation(StrEnum):
    """What came of asking for a letter back."""

    CANCELLED = "cancelled"  # now or before: it is in no batch and never will be
    TOO_LATE = "too_late"  # its batch is closed
    ABSENT = "absent"  # it was never held
    BUSY = "busy"  # a batch is being closed: ask again


@runtime_checkable
class Cancels(Protocol):
    """An adapter that can take back what it accepted, for a while. Both raise OSError where it cannot be asked.

    `held` names the attempts that `cancel` may still stop, or has stopped; asking for any other changes nothing.
    """

    def held(self) -> frozenset[str]: ...

    def cancel(self, attempt_id: str) -> Cancellation: ...


def require_channel(adapter: Adapter, message: Message) -> None:
    """Raises WrongChannel unless the message is one of the adapter's channel."""
    if message.channel is not adapter.channel:
        raise WrongChannel(
            "wrong_channel",
            f"adapter {adapter.name!r} sends {adapter.channel}, this message is {message.channel}",
            hint="choose the lane by message.channel",
        )
