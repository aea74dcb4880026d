"""The event webhook of the SendGrid stub: batches signed with a key made for the run, and as unreliable as asked."""

import asyncio
import base64
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

Event = Mapping[str, Any]


class Signer:
    """A key pair; `public_key` as SendGrid's console shows it. SendGrid's curve is P-256."""

    def __init__(self, curve: ec.EllipticCurve | None = None) -> None:
        self._key = ec.generate_private_key(curve or ec.SECP256R1())
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(der).decode("ascii")

    def headers(self, body: bytes, *, timestamp: str = "1784099400") -> dict[str, str]:
        """The two headers of a signed batch, names in lower case."""
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode("ascii"),
            "x-twilio-email-event-webhook-timestamp": timestamp,
        }


class EventPlan(Struct, frozen=True, kw_only=True):
    """Where the events of a message are told, which, and how badly they travel. Chances are 0 to 1, seeded."""

    url: str
    words: tuple[str, ...] = ("processed", "delivered")
    delay_seconds: float = 0.01
    lose: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    seed: int = 0


def an_event(word: str, *, attempt_id: str, message_id: str, email: str = "", **more: Any) -> dict[str, Any]:
    """One event as SendGrid writes it, our custom argument among its own fields."""
    return {
        "email": email,
        "timestamp": 1784099400,
        "smtp-id": f"<{message_id}@geopod-ismtpd-1>",
        "event": word,
        "sg_event_id": base64.b64encode(f"{word}-{message_id}".encode()).decode("ascii"),
        "sg_message_id": f"{message_id}.recvd-5f54b5d587-n8v9j-1-65A0C7B4-2.0",
        "attempt_id": attempt_id,
        **more,
    }


def a_body(events: Sequence[Event]) -> bytes:
    """A batch as SendGrid writes it, its last line end included, which is signed as well."""
    return msgspec.json.encode(events) + b"\r\n"


class EventCallbacks:
    """Posts batches of events; `told` counts those that were answered 2xx."""

    def __init__(self, plan: EventPlan, signer: Signer) -> None:
        self._plan = plan
        self._signer = signer
        self._tasks: set[asyncio.Task[None]] = set()
        self.told = 0

    def follow(self, *, attempt_id: str, message_id: str, email: str) -> None:
        """Schedules the events of one message, all in one batch."""
        chance = random.Random(f"{self._plan.seed}/{message_id}")
        words = [word for word in self._plan.words if chance.random() >= self._plan.lose]
        words += [word for word in words if chance.random() < self._plan.repeat]
        if chance.random() < self._plan.reorder:
            chance.shuffle(words)
        events = [an_event(word, attempt_id=attempt_id, message_id=message_id, email=email) for word in words]
        if events:
            task = asyncio.create_task(self._deliver(a_body(events)), name="stub-events")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, body: bytes) -> None:
        await asyncio.sleep(self._plan.delay_seconds)
        address = urlsplit(self._plan.url)
        signed = self._signer.headers(body, timestamp=str(int(time.time())))
        lines = [f"POST {address.path} HTTP/1.1", f"Host: {address.netloc}", "Content-Type: application/json"]
        lines += [f"{name}: {text}" for name, text in signed.items()]
        lines += [f"Content-Length: {len(body)}", "Connection: close"]
        try:
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
        except OSError:
            return
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            line = await asyncio.wait_for(reader.readline(), 15)
            self.told += line[9:10] == b"2"
        except (OSError, TimeoutError):
            pass
        finally:
            writer.close()
