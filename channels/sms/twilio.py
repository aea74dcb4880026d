"""SMS by Twilio: the official SDK writes the request and reads the answer, our transport carries it.

Owns the judgement of its answers. Settings are in twilio_settings.py, webhooks in twilio_webhooks.py.
"""

import base64
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from twilio.http import HttpClient  # type: ignore[import-untyped]  # the SDK ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]  # as above
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from channels.contract import (
    Absent,
    Accepted,
    Adapter,
    CannotTell,
    Capabilities,
    Channel,
    Evidence,
    Found,
    InDoubt,
    Inquiry,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    SmsMessage,
    Throttled,
    require_channel,
)
from channels.errors import ChannelError, InvalidOptions
from channels.http_wire import Answer
from channels.ledger import LedgerAway, Told
from channels.provider import ProviderOptions
from channels.sms.twilio_ledger import events_of
from channels.sms.twilio_settings import TwilioSettings, checked
from channels.sms.twilio_tables import ERRORS, THROTTLES
from channels.transport import HttpTransport, NotWritten, Unknown, unanswered

# Its INFO lines quote phone numbers.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

# Retry a callback that met no connection, no answer in time, or a fault of ours: at most 5 times in 15 seconds.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides; a fragment is not part of what is signed.
RETRY_CALLBACKS = "#rc=5&rp=ct,rt,5xx"
_PAGE = 200  # messages; a page stays well below what the transport reads
_LEDGER_LIMIT = 2_000  # messages to one number; more than anybody is sent
_CLOCKS_DIFFER = timedelta(hours=1)
_LONGEST_WAIT_SECONDS = 3_600.0
_REFUSED_TO_ALL = frozenset({401, 403, 404, 407})
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
_NO_ENVIRONMENT = {"TWILIO_REGION": ""}  # an empty one would make the SDK read the process's own


class Twilio:
    """Sends by `messages.create`, looks up by `messages.list`. Threads share it: each call has its own SDK client."""

    name = "twilio"
    channel = Channel.SMS
    capabilities = Capabilities(
        channel=Channel.SMS, confirms_delivery=True, echoes_attempt_id=True, leaves_machine=True, has_ledger=True
    )

    def __init__(self, settings: TwilioSettings, transport: HttpTransport) -> None:
        self._settings = settings
        self._transport = transport
        credentials = f"{settings.user}:{settings.password}".encode()
        self._authorization = f"Basic {base64.b64encode(credentials).decode()}"
        glue = "&" if "?" in settings.callback_url else "?"
        self._callback = f"{settings.callback_url}{glue}attempt="
        service = settings.messaging_service_sid
        self._service = {"messaging_service_sid": service} if service else {}

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """One request, whatever becomes of it. The attempt id travels in the callback's URL, which Twilio signs."""
        require_channel(self, message)
        assert isinstance(message, SmsMessage)  # noqa: S101 - require_channel has just said so
        call = _Call(self._transport, self._settings, self._authorization, start_by=start_by)
        try:
            created = call.client().messages.create(
                to=message.to,
                body=message.text,
                status_callback=f"{self._callback}{message.attempt_id}{RETRY_CALLBACKS}",
                validity_period=self._settings.validity_seconds,
                smart_encoded=False,  # gsm7.py has done it, and the preview shows it
                **(self._service or {"from_": message.sender}),
            )
        except _Unanswered as error:
            return unanswered(error.exchanged)
        except ChannelError:
            raise
        except Exception as error:  # noqa: BLE001 - bytes have left: what the SDK cannot read is in doubt, not an error
            if call.answer is not None and not 200 <= call.answer.status < 300:
                return _refusal(call.answer)
            return InDoubt(f"the answer cannot be read: {type(error).__name__}")
        if not isinstance(created.sid, str) or not created.sid:
            return InDoubt("the answer names no message")
        return Accepted(created.sid)

    def look_up(self, inquiry: Inquiry) -> Evidence:
        """Reads every message that Twilio holds for that number and looks for the marker.

        Not filtered by date: Twilio filters by the instant of sending, which a message in its queue has not, and to
        take it for absent would send it twice. A text that was erased since could be the one asked for.
        """
        if not inquiry.marker:
            return CannotTell("no text to look for")
        call = _Call(self._transport, self._settings, self._authorization)
        try:
            held = call.client().messages.list(to=inquiry.to, page_size=_PAGE, limit=_LEDGER_LIMIT + 1)
            mine = [each.sid for each in held if inquiry.marker in (each.body or "")]
            has_erased = any(not each.body and _may_be_since(each.date_created, inquiry.since) for each in held)
        except _Unanswered as error:
            return CannotTell(error.exchanged.reason)
        except Exception as error:  # noqa: BLE001 - a ledger that cannot be read proves nothing, whatever the reason
            status = call.answer.status if call.answer else 0
            return CannotTell(f"the ledger cannot be read: {type(error).__name__}, answered {status}")
        if mine:
            return Found(str(mine[0]))
        if len(held) > _LEDGER_LIMIT:
            return CannotTell("the ledger is too long to be read whole")
        return CannotTell("a text of that time was erased") if has_erased else Absent()

    def told_since(self, since: datetime) -> Iterator[tuple[Told, ...]]:
        """What the account's messages of that time tell, both ways, as their webhooks would have."""
        call = _Call(self._transport, self._settings, self._authorization)
        try:
            yield from events_of(call.client().messages.stream(date_sent_after=since, page_size=_PAGE), since)
        except _Unanswered as error:
            raise LedgerAway("ledger_away", error.exchanged.reason) from None
        except Exception as error:  # noqa: BLE001 - whatever the SDK cannot read, the list is not whole
            status = call.answer.status if call.answer else 0
            raise LedgerAway("ledger_away", f"{type(error).__name__}, answered {status}") from None


class _Unanswered(Exception):
    def __init__(self, exchanged: NotWritten | Unknown) -> None:
        super().__init__(exchanged.reason)
        self.exchanged = exchanged


class _Call(HttpClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's HTTP client for one call. `answer` is the last one read, with the headers that the SDK drops."""

    def __init__(
        self, transport: HttpTransport, settings: TwilioSettings, authorization: str, *, start_by: float | None = None
    ) -> None:
        self._transport, self._settings, self._authorization = transport, settings, authorization
        self._start_by = start_by
        self.answer: Answer | None = None

    def client(self) -> Any:
        """An SDK client that sends through here; it costs 8 µs and shares nothing with other threads."""
        given = self._settings
        client = Client(
            given.user, given.password, given.account_sid, http_client=self, environment=_NO_ENVIRONMENT
        )  # no region, no edge: base_url says all
        client.api.base_url = given.base_url
        return client

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: dict[str, str] | None = None,
        **_ignored: object,  # credentials, time-out and redirects are ours
    ) -> Response:
        """Raises _Unanswered when there is no complete answer."""
        if not uri.startswith(f"{self._settings.base_url}/"):  # the next page of a list is named by the server
            raise _Unanswered(NotWritten("foreign_url"))
        url = f"{uri}?{urlencode(params)}" if params else uri
        exchanged = self._transport.exchange(
            method,
            url,
            {**(headers or {}), "Authorization": self._authorization},
            urlencode(data).encode() if data else b"",
            start_by=self._start_by,
            timeout_seconds=self._settings.timeout_seconds,
        )
        if not isinstance(exchanged, Answer):
            raise _Unanswered(exchanged)
        self.answer = exchanged
        return Response(exchanged.status, exchanged.body.decode("utf-8", "replace"), exchanged.headers)


def _may_be_since(created_at: datetime | None, since: datetime) -> bool:
    return created_at is None or created_at >= since - _CLOCKS_DIFFER


# ---------------------------------------------------------------- judging answers


class _ErrorBody(msgspec.Struct):
    code: int


def _refusal(answer: Answer) -> Outcome:
    """What an answer outside 2xx means. Twilio's own sentence is not passed on: it quotes the number."""
    code, status = _code_of(answer.body), answer.status
    if status == 429 or code in THROTTLES:
        return Throttled(_retry_after(answer.headers, THROTTLES.get(code, 1.0)))
    reason_class = ERRORS.get(code)
    if reason_class is None:
        if not 400 <= status < 500 or status == 408:  # a proxy's page, a redirect: perhaps taken behind it
            return InDoubt(f"answered {status} without a code that is known")
        is_for_all = not code and status in _REFUSED_TO_ALL
        reason_class = ReasonClass.CONFIG if is_for_all else ReasonClass.UNKNOWN
    if not code:
        return Rejected(reason_class=reason_class, code=f"http_{status}")
    page = f"https://www.twilio.com/docs/api/errors/{code}"
    return Rejected(reason_class=reason_class, code=str(code), detail=page)


def _code_of(body: bytes) -> int:
    try:
        return msgspec.json.decode(body, type=_ErrorBody, strict=False).code
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds; the form with a date would need a clock, and counts as not given."""
    given = headers.get("retry-after", "")
    return min(float(given), _LONGEST_WAIT_SECONDS) if _SECONDS.fullmatch(given) else otherwise


def build(channel: Channel, options: ProviderOptions) -> Adapter:
    """What the registry calls. Raises InvalidOptions for a setting that is missing or unusable; never quotes one."""
    if channel is not Channel.SMS:
        raise InvalidOptions("channel_unsupported", "Twilio sends SMS")
    return Twilio(checked(options.settings), HttpTransport())
