"""An application that listens to Twilio, SendGrid and a partner, and requests signed as each of them does."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import FastAPI
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the SDK ships no types

from channels.standard_webhooks import sign
from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.storage import inbox
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import Event
from orchestrator.web.app import make_app
from tests.stubs.sendgrid_events import Signer

PUBLIC = "https://relance.acme.example"
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TOKEN, OLD_TOKEN = "hush-twilio-today", "hush-twilio-yesterday"
SIGNER, OLD_SIGNER = Signer(), Signer()
PARTNER = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, no less").decode()
OLD_PARTNER = "whsec_" + base64.b64encode(b"the key of yesterday, of as many").decode()
LANES = """
lanes:
  - id: sms
    channel: sms
    provider: twilio
    settings: {account_sid: AC00000000000000000000000000000000, auth_token: {env: TWILIO_AUTH_TOKEN}}
    webhook_secrets: [{env: TWILIO_AUTH_TOKEN}, {env: TWILIO_OLD_TOKEN}]
  - id: mail
    channel: email
    provider: sendgrid
    settings: {api_key: {env: SENDGRID_API_KEY}}
    webhook_secrets: [{env: SENDGRID_KEY}, {env: SENDGRID_OLD_KEY}]
"""
SECRETS = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_OLD_TOKEN": OLD_TOKEN,
    "SENDGRID_API_KEY": "SG.hush",
    "SENDGRID_KEY": SIGNER.public_key,
    "SENDGRID_OLD_KEY": OLD_SIGNER.public_key,
    "RELANCE_PARTNER_SECRETS": f"{PARTNER} {OLD_PARTNER}",
}
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class Post(msgspec.Struct, frozen=True):
    """One request: where, its headers, its bytes."""

    target: str
    headers: dict[str, str]
    body: bytes


def twilio(
    form: Mapping[str, str], *, kind: str = "status", query: str = "attempt=a1", token: str = TOKEN, algorithm: str = ""
) -> Post:
    """A form signed by Twilio's own library, with the account's token or a shared key."""
    target = f"/webhooks/twilio/{kind}" + (f"?{query}" if query else "")
    signature = RequestValidator(token).compute_signature(PUBLIC + target, dict(form), algorithm or None)
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    if algorithm:
        headers["x-twilio-webhooks-signature-settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return Post(target, headers, urlencode(form).encode())


def pairs_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form as Twilio signs them. Raises ValueError for what is none."""
    return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=400)


def status(sid: str = "SM1", word: str = "delivered", **more: str) -> Post:
    """A status callback of Twilio."""
    return twilio({"MessageSid": sid, "MessageStatus": word, "To": "+33644631234", **more})


def sms(sid: str = "SM9", text: str = "STOP", sender: str = "+33644631234") -> Post:
    """An SMS that somebody wrote."""
    form = {"MessageSid": sid, "From": sender, "To": "+33644639999", "Body": text}
    return twilio(form, kind="inbound", query="")


def sendgrid(body: bytes, *, kind: str = "events", content_type: str = "application/json", by: Signer = SIGNER) -> Post:
    """Bytes signed as SendGrid does."""
    return Post(f"/webhooks/sendgrid/{kind}", {"content-type": content_type, **by.headers(body)}, body)


def form_of(fields: Mapping[str, bytes | str], files: Sequence[tuple[str, str, bytes]] = ()) -> tuple[str, bytes]:
    """A multipart form: its content type and its bytes."""
    lines = []
    for name, text in fields.items():
        content = text.encode() if isinstance(text, str) else text
        lines.append(f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n")
    for number, (name, kind, content) in enumerate(files, 1):
        head = f'form-data; name="attachment{number}"; filename="{name}"\r\nContent-Type: {kind}'
        lines.append(f"--xYzZY\r\nContent-Disposition: {head}\r\n\r\n".encode() + content + b"\r\n")
    return 'multipart/form-data; boundary="xYzZY"', b"".join(lines) + b"--xYzZY--\r\n"


def mail(fields: Mapping[str, bytes | str], files: Sequence[tuple[str, str, bytes]] = (), by: Signer = SIGNER) -> Post:
    """A form of Inbound Parse."""
    content_type, body = form_of(fields, files)
    return sendgrid(body, kind="inbound", content_type=content_type, by=by)


def partner(
    data: Any, *, name: str = "msg_1", secret: str = PARTNER, at: datetime = NOW, kind: str = "payment.received"
) -> Post:
    """A Standard Webhook of a bank."""
    body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode()
    return signed_partner(body, name=name, secret=secret, at=at)


def signed_partner(body: bytes, *, name: str = "msg_1", secret: str = PARTNER, at: datetime = NOW) -> Post:
    """Bytes signed as a Standard Webhook."""
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, name, at, body),
    }
    return Post("/webhooks/partner/payments", headers, body)


class Ear:
    """The application, and what it kept."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.woken = 0
        self.app: FastAPI = make_app(deployment, clock=lambda: NOW, on_kept=self._wake)
        self.client = TestClient(self.app)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def database(self) -> Database:
        return self.deployment.database

    def hear(self, post: Post, **changes: Any) -> int:
        """The status of the answer."""
        return int(self.client.post(post.target, content=post.body, headers=post.headers, **changes).status_code)

    def kept(self) -> list[Event]:
        """Every event, the first one first."""
        with self.database.read() as conn:
            return inbox.search(conn, limit=100_000)[::-1]


@contextmanager
def an_ear(home: Path, database_url: str = "", lanes: str = LANES, **environ: str) -> Iterator[Ear]:
    """An application with a home of its own."""
    path = home / "lanes.yaml"
    path.write_text(lanes, encoding="utf-8")
    given = {
        "RELANCE_HOME": str(home),
        "RELANCE_DATABASE_URL": database_url,
        "RELANCE_LANES": str(path),
        "RELANCE_PUBLIC_URL": PUBLIC,
        **SECRETS,
        **environ,
    }
    made = Ear(Deployment(read_settings(given), environ=given))
    with made.client:
        yield made
    if "database" in vars(made.deployment):
        made.database.close()
