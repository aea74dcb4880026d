"""The sandbox provider: writes what it would send into a folder, one file a message. Nothing leaves it.

Owns the outbox's layout. Has no clock of its own and no idea of what happens to a message afterwards.
"""

import re
import unicodedata
from datetime import datetime
from pathlib import Path

from channels import boot_clock, eml
from channels.contract import (
    Absent,
    Accepted,
    Adapter,
    Capabilities,
    Channel,
    EmailMessage,
    Evidence,
    Found,
    Inquiry,
    LetterMessage,
    LetterService,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    SmsMessage,
    require_channel,
)
from channels.errors import InvalidOptions
from channels.gsm7 import segments
from channels.provider import Clock, ProviderOptions, Verdict

_SUFFIX = {Channel.SMS: "txt", Channel.EMAIL: "eml", Channel.LETTER: "pdf"}
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9_]+")
_REFERENCE_LENGTH = 60  # with an attempt id of 64 the name stays under every file system's 255


class Sandbox:
    """Writes `outbox/<channel>/<yyyy-mm-dd>/<HHMM>-<reference>-<attempt_id>.{txt,eml,pdf}`.

    `clock` gives the aware instant of sending; folder, file name and Date header are in the zone it gives.
    `verdict`, asked first, scripts the answer: what is not Accepted is not written; None means as usual.
    `confirms_delivery` is for a simulator that will report deliveries itself.

    Same message and same instant: same file, same bytes. Raises InvalidOptions for a clock without zone.
    """

    name = "sandbox"

    def __init__(
        self,
        channel: Channel,
        outbox: Path,
        *,
        clock: Clock,
        verdict: Verdict | None = None,
        confirms_delivery: bool = False,
    ) -> None:
        self.channel = channel
        self.outbox = outbox
        self._clock = clock
        self._verdict = verdict
        self.capabilities = Capabilities(
            channel=channel,
            confirms_delivery=confirms_delivery,
            echoes_attempt_id=confirms_delivery,
            leaves_machine=False,
            has_ledger=True,
            letter_services=frozenset(LetterService) if channel is Channel.LETTER else frozenset(),
        )

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """Accepted once the file has its final name; Rejected as not written when the folder refuses it."""
        require_channel(self, message)
        if boot_clock.is_past(start_by):
            return boot_clock.TOO_LATE
        verdict = self._verdict(message) if self._verdict else None
        if verdict is not None and not isinstance(verdict, Accepted):
            return verdict
        sent_at = self._clock()
        if sent_at.utcoffset() is None:
            raise InvalidOptions("clock_naive", "the sandbox's clock gives an instant without time zone")
        content = _bytes_of(message, sent_at)
        try:
            _write_whole(self.path(message, sent_at=sent_at), content)
        except OSError as error:
            code = type(error).__name__
            return Rejected(reason_class=ReasonClass.NOT_WRITTEN, code=code, detail=error.strerror or "")
        return verdict or Accepted(f"sandbox-{message.attempt_id}")

    def look_up(self, inquiry: Inquiry) -> Evidence:
        """The outbox is the ledger: a file of that attempt is there, or it is not."""
        name = f"*-{inquiry.attempt_id}.{_SUFFIX[self.channel]}"
        is_there = any((self.outbox / self.channel).glob(f"*/{name}"))
        return Found(f"sandbox-{inquiry.attempt_id}") if is_there else Absent()

    def path(self, message: Message, *, sent_at: datetime) -> Path:
        """Where the message is written when it is sent at `sent_at`."""
        parts = (f"{sent_at:%H%M}", _safe(message.reference), message.attempt_id)
        name = "-".join(part for part in parts if part)
        return self.outbox / self.channel / f"{sent_at:%Y-%m-%d}" / f"{name}.{_SUFFIX[self.channel]}"


def _safe(reference: str) -> str:
    """Letters, digits, `_` and single `-`, so that no reference leaves the folder or hides its file."""
    plain = unicodedata.normalize("NFKD", reference).encode("ascii", "ignore").decode()
    return _UNSAFE_IN_NAME.sub("-", plain)[:_REFERENCE_LENGTH].strip("-")


def _bytes_of(message: Message, sent_at: datetime) -> bytes:
    match message:
        case SmsMessage():
            return _sms_text(message, sent_at).encode()
        case EmailMessage():
            return eml.compose(message, sent_at=sent_at)
        case LetterMessage():
            return message.pdf


def _sms_text(message: SmsMessage, sent_at: datetime) -> str:
    count = segments(message.text)
    return (
        f"To: {message.to}\nFrom: {message.sender}\nDate: {sent_at.isoformat(timespec='seconds')}\n"
        f"Segments: {count.segments} ({count.encoding}, {count.units} units)\n\n{message.text}\n"
    )


def _write_whole(path: Path, content: bytes) -> None:
    """Under another name first: whoever watches the folder never sees half a message."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def build(channel: Channel, options: ProviderOptions) -> Adapter:
    """What the registry calls. Raises InvalidOptions without an outbox or a clock."""
    if options.outbox is None or options.clock is None:
        raise InvalidOptions("options_missing", "the sandbox needs an outbox folder and a clock")
    return Sandbox(channel, options.outbox, clock=options.clock, verdict=options.verdict)
