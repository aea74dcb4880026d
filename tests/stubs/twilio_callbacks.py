"""The webhooks of the Twilio stub: signed, and as unreliable as asked: repeated, reordered, late or lost.

The signature is computed by the official SDK, which is not the code under test.
"""

import asyncio
import random
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import Struct
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the SDK ships no types

_RETRY_SECONDS = 0.2


class CallbackPlan(Struct, frozen=True, kw_only=True):
    """Which statuses follow an accepted message, and how badly they travel. Chances are 0 to 1, seeded.

    `deliver_to` is the server that really listens, when callback URLs name a public host.
    """

    words: tuple[str, ...] = ("sent", "delivered")
    error_code: str = ""  # told with `failed` and `undelivered`
    delay_seconds: float = 0.01
    lose: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    seed: int = 0
    deliver_to: str = ""


class Callbacks:
    """Posts status callbacks and inbound messages; `told` counts the deliveries that were answered below 500."""

    def __init__(self, plan: CallbackPlan, *, account_sid: str, auth_token: str) -> None:
        self._plan = plan
        self._account_sid = account_sid
        self._validator = RequestValidator(auth_token)
        self._tasks: set[asyncio.Task[None]] = set()
        self.told = 0
        self.given_up = 0

    def follow(self, sid: str, to: str, sender: str, url: str) -> None:
        """Schedules the callbacks of one message."""
        chance = random.Random(f"{self._plan.seed}/{sid}")
        words = [word for word in self._plan.words if chance.random() >= self._plan.lose]
        words += [word for word in words if chance.random() < self._plan.repeat]
        if chance.random() < self._plan.reorder:
            chance.shuffle(words)
        for place, word in enumerate(words, start=1):
            form = {
                "MessageSid": sid, "SmsSid": sid, "MessageStatus": word, "SmsStatus": word, "To": to, "From": sender,
                "AccountSid": self._account_sid, "ApiVersion": "2010-04-01",
            }  # fmt: skip
            if self._plan.error_code and word in ("failed", "undelivered"):
                form["ErrorCode"] = self._plan.error_code
            self.post(url, form, delay_seconds=self._plan.delay_seconds * place)

    def post(self, url: str, form: dict[str, str], *, delay_seconds: float = 0.0) -> None:
        """Schedules one webhook, signed over `url` without its fragment, which says how often to retry."""
        task = asyncio.create_task(self._deliver(url, form, delay_seconds), name="stub-callback")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, url: str, form: dict[str, str], delay_seconds: float) -> None:
        await asyncio.sleep(delay_seconds)
        url, _, overrides = url.partition("#")
        retries = int(dict(parse_qsl(overrides)).get("rc", "1"))
        for attempt in range(retries + 1):
            if attempt:
                await asyncio.sleep(_RETRY_SECONDS * attempt)
            if await self._is_heard(url, form):
                self.told += 1
                return
        self.given_up += 1

    async def _is_heard(self, url: str, form: dict[str, str]) -> bool:
        body = urlencode(form).encode()
        address = urlsplit(self._plan.deliver_to or url)
        target = url.partition("://")[2].partition("/")[2]
        signature = self._validator.compute_signature(url, form)
        head = (
            f"POST /{target} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nX-Twilio-Signature: {signature}\r\n"
            f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nI-Twilio-Idempotency-Token: 0\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        try:
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
        except OSError:
            return False
        try:
            writer.write(head.encode() + body)
            line = await asyncio.wait_for(reader.readline(), 15)
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
        return line[9:10] in (b"2", b"3", b"4")
