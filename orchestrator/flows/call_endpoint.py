"""One call of an endpoint: signed, at most ten seconds, no redirect followed, the answer's body ignored."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from channels import standard_webhooks
from channels.errors import InvalidOptions
from channels.http_wire import Answer
from channels.transport import FORBIDDEN, START_BY, HttpTransport, NotWritten, Unknown

TIMEOUT_SECONDS = 10.0
# An endpoint that asks for more time than that is asked again all the same.
_LONGEST_WAIT = timedelta(hours=24)


class Heard(msgspec.Struct, frozen=True):
    """What a call came to. `reason` is a word or two of ours; `wait` is what the endpoint asked for.

    Not begun: the call was left out, and says nothing of the endpoint.
    """

    is_done: bool = False
    is_begun: bool = True
    is_gone: bool = False
    reason: str = ""
    wait: timedelta | None = None


NOT_BEGUN = Heard(is_begun=False)


def call_endpoint(
    transport: HttpTransport,
    url: str,
    *,
    secrets: tuple[str, ...],
    delivery_id: str,
    body: bytes,
    real_now: datetime,
    start_by: float | None = None,
) -> Heard:
    """Posts the body once, signed at `real_now` with every secret given."""
    try:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Relance",
            standard_webhooks.ID: delivery_id,
            standard_webhooks.TIMESTAMP: str(int(real_now.timestamp())),
            standard_webhooks.SIGNATURE: " ".join(
                standard_webhooks.sign(secret, delivery_id, real_now, body) for secret in secrets
            ),
        }
        outcome = transport.exchange("POST", url, headers, body, start_by=start_by, timeout_seconds=TIMEOUT_SECONDS)
    except InvalidOptions as error:
        return Heard(reason=error.code)
    match outcome:
        case Answer(status=status) if 200 <= status < 300:
            return Heard(is_done=True, reason=f"answered {status}")
        case Answer(status=status, headers=said):
            wait = _wait(said.get("retry-after", ""), real_now) if status in (429, 503) else None
            return Heard(is_gone=status == 410, reason=f"answered {status}", wait=wait)
        case NotWritten(reason=reason) if reason == START_BY:
            return NOT_BEGUN
        case NotWritten(reason=reason, detail=detail):
            return Heard(reason=_REASONS.get(reason, "no connection") + (f" ({detail})" if detail else ""))
        case Unknown(reason=reason):
            return Heard(reason=reason)


_REASONS = {
    FORBIDDEN: "the address is of a private network",
    "name": "the name is not known",
    "tls": "no encryption",
    "time_out": "no complete answer in time",
}


def _wait(text: str, real_now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, in seconds or as a date; None when it says nothing that can be used."""
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(aware - real_now, timedelta()), _LONGEST_WAIT)
