"""E-mail by SendGrid: the official SDK writes the body of mail/send, our transport carries it.

Owns the judgement of its answers. One person, one request: a batch would show addresses to each other and be refused
as a whole. Its events are read in sendgrid_webhooks.py.
"""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from email.charset import Charset

import msgspec
from msgspec import Struct
from sendgrid.helpers import mail as sdk  # type: ignore[import-untyped]  # the SDK ships no types
from sendgrid.helpers.mail.exceptions import ApiKeyIncludedException  # type: ignore[import-untyped]  # as above

from channels.contract import (
    Accepted,
    Adapter,
    CannotTell,
    Capabilities,
    Channel,
    EmailMessage,
    Evidence,
    InDoubt,
    Inquiry,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    Throttled,
    require_channel,
)
from channels.email.sendgrid_tables import FIELDS, STATUSES, field_of
from channels.errors import InvalidOptions
from channels.http_wire import Answer
from channels.provider import Clock, ProviderOptions
from channels.transport import HttpTransport, split_url, unanswered

_HOSTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
_TAKEN = frozenset({200, 202})
_USUAL_WAIT_SECONDS = 60.0
_LONGEST_WAIT_SECONDS = 3_600.0
_UTF8 = Charset("utf-8")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]+)?")
_KEY = re.compile(r"[!-~]{8,256}")


class SendGridSettings(Struct, frozen=True, kw_only=True):
    """What the adapter is given, checked."""

    api_key: str
    base_url: str = _HOSTS["global"]
    has_sandbox_mode: bool = False  # SendGrid checks the request, answers 200 and sends nothing
    timeout_seconds: float = 10.0


class SendGrid:
    """Sends by `POST /v3/mail/send`. Threads share it. `clock` gives sense to the instant of a rate limit's end."""

    name = "sendgrid"
    channel = Channel.EMAIL
    capabilities = Capabilities(
        channel=Channel.EMAIL, confirms_delivery=True, echoes_attempt_id=True, leaves_machine=True
    )

    def __init__(self, settings: SendGridSettings, transport: HttpTransport, *, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self.url = f"{settings.base_url}/v3/mail/send"
        self._headers = {
            "Authorization": f"Bearer {settings.api_key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """One request, whatever becomes of it. SendGrid echoes the attempt id in each event."""
        require_channel(self, message)
        assert isinstance(message, EmailMessage)  # noqa: S101 - require_channel has just said so
        try:
            body = msgspec.json.encode(_mail(message, has_sandbox_mode=self._settings.has_sandbox_mode).get())
        except ApiKeyIncludedException:  # the SDK refuses a text that begins like a key
            return Rejected(reason_class=ReasonClass.CONTENT, code="api_key_in_text")
        exchanged = self._transport.exchange(
            "POST",
            self.url,
            self._headers,
            body,
            start_by=start_by,
            timeout_seconds=self._settings.timeout_seconds,
        )
        if isinstance(exchanged, Answer):
            return self._judged(exchanged, message)
        return unanswered(exchanged)

    def look_up(self, inquiry: Inquiry) -> Evidence:  # noqa: ARG002 - the contract's signature
        """Email Activity is sold apart and slow; an event tells, or a person looks."""
        return CannotTell("SendGrid's ledger is not part of every account")

    def _judged(self, answer: Answer, message: EmailMessage) -> Outcome:
        if answer.status in _TAKEN:
            provider_id = answer.headers.get("x-message-id", "")
            if _MESSAGE_ID.fullmatch(provider_id):
                return Accepted(provider_id)
            if answer.status == 200 and self._settings.has_sandbox_mode:
                return Accepted(f"sandbox-{message.attempt_id}")
            return InDoubt(f"answered {answer.status} without naming the message")
        if answer.status == 429:
            return Throttled(_wait(answer.headers, self._clock()))
        if not 400 <= answer.status < 500 or answer.status == 408:  # perhaps taken behind a proxy
            return InDoubt(f"answered {answer.status}")
        return _refusal(answer)


# ---------------------------------------------------------------- the body


def _mail(message: EmailMessage, *, has_sandbox_mode: bool) -> sdk.Mail:
    """Text before HTML, as SendGrid asks; nothing but the attempt id stays with SendGrid for long."""
    written = sdk.Mail()
    written.from_email = _address(message.from_address, message.from_name)
    written.subject = message.subject
    person = sdk.Personalization()
    person.add_to(_address(message.to_address, message.to_name))
    person.add_custom_arg(sdk.CustomArg("attempt_id", message.attempt_id))
    written.add_personalization(person)
    if message.reply_to:
        written.reply_to = _address(message.reply_to, "")
    written.add_content(sdk.Content("text/plain", message.text))
    written.add_content(sdk.Content("text/html", message.html))
    for name, text in message.headers.items():
        written.add_header(sdk.Header(name, text if text.isascii() else _UTF8.header_encode(text)))
    for attachment in message.attachments:
        content = base64.b64encode(attachment.content).decode("ascii")
        written.add_attachment(sdk.Attachment(content, attachment.file_name, attachment.media_type, "attachment"))
    written.tracking_settings = _no_tracking()
    if has_sandbox_mode:
        written.mail_settings = sdk.MailSettings(sandbox_mode=sdk.SandBoxMode(enable=True))
    return written


def _address(address: str, name: str) -> sdk.Email:
    """Set one by one: the SDK parses an address that is given without a name."""
    written = sdk.Email()
    written.email = address
    written.name = name or None
    return written


def _no_tracking() -> sdk.TrackingSettings:
    """No link rewritten, no picture added, no footer; what the account has set is not asked."""
    return sdk.TrackingSettings(
        click_tracking=sdk.ClickTracking(enable=False, enable_text=False),
        open_tracking=sdk.OpenTracking(enable=False),
        subscription_tracking=sdk.SubscriptionTracking(enable=False),
        ganalytics=sdk.Ganalytics(enable=False),
    )


# ---------------------------------------------------------------- judging answers


class _Error(Struct):
    field: str | None = None


class _Errors(Struct):
    errors: list[_Error]


def _refusal(answer: Answer) -> Rejected:
    """By status, then by the field named. SendGrid's sentence is not passed on: it may quote an address."""
    code = f"http_{answer.status}"
    known = STATUSES.get(answer.status)
    if known is not None:
        return Rejected(reason_class=known, code=code)
    field = next((field for field in _fields(answer.body) if field in FIELDS), "")
    return Rejected(reason_class=FIELDS.get(field, ReasonClass.UNKNOWN), code=f"{code} {field}".strip())


def _fields(body: bytes) -> list[str]:
    """The fields that the errors name; none when the body is a proxy's page."""
    try:
        given = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [field_of(error.field or "") for error in given]


def _wait(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until the rate limit's end: Retry-After in seconds, else X-RateLimit-Reset in seconds since 1970."""
    retry_after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if _NUMBER.fullmatch(retry_after):
        wait = float(retry_after)
    elif _NUMBER.fullmatch(reset):
        wait = float(reset) - now.timestamp()
    else:
        wait = _USUAL_WAIT_SECONDS
    return min(max(wait, 1.0), _LONGEST_WAIT_SECONDS)


# ---------------------------------------------------------------- how it is built


def build(_channel: Channel, options: ProviderOptions) -> Adapter:
    """What the registry calls. Raises InvalidOptions for a setting that is missing or unusable; never quotes one.

    Settings: `api_key`; optional `region` (`global`, `eu`: where the account's data stay), `base_url` instead of it,
    `sandbox_mode` (`on`, `off`), `timeout_seconds` (up to 10).
    """
    settings = options.settings
    if options.clock is None or not _KEY.fullmatch(settings.get("api_key", "")):
        raise InvalidOptions("options_missing", "SendGrid needs an api_key and a clock")
    region, mode = settings.get("region") or "global", settings.get("sandbox_mode") or "off"
    if region not in _HOSTS:
        raise InvalidOptions("region_unknown", "not a region of SendGrid", hint=", ".join(_HOSTS), where="region")
    if mode not in {"on", "off"}:
        raise InvalidOptions("sandbox_mode_unknown", "sandbox_mode is 'on' or 'off'", where="sandbox_mode")
    base_url = settings.get("base_url", "").rstrip("/") or _HOSTS[region]
    split_url(base_url)
    seconds = settings.get("timeout_seconds") or "10"
    if not _NUMBER.fullmatch(seconds) or not 0.05 <= float(seconds) <= 10:
        raise InvalidOptions("number_invalid", "not a number from 0.05 to 10", where="timeout_seconds")
    checked = SendGridSettings(
        api_key=settings["api_key"],
        base_url=base_url,
        has_sandbox_mode=mode == "on",
        timeout_seconds=float(seconds),
    )
    return SendGrid(checked, HttpTransport(), clock=options.clock)
