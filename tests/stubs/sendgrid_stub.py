"""A stand-in for SendGrid's mail/send: takes, tells events, fails on demand, and keeps a ledger of what it took."""

import base64
import re
from collections import Counter
from typing import Any, Self

import msgspec

from tests.stubs.http_stub import HttpStub, Reply, Request
from tests.stubs.sendgrid_events import EventCallbacks, EventPlan, Signer
from tests.stubs.twilio_faults import TAKEN, Fault, Kind, Plan, no_fault

API_KEY = "SG.an-invented-key"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_HTML = (("Content-Type", "text/html"),)


class Taken(msgspec.Struct):
    """A message that the stub took."""

    message_id: str
    attempt_id: str
    mail: dict[str, Any]


class SendGridStub:
    """Serves between `with` and its end. `requests` counts sends by kind of fault, `taken` is the ledger."""

    def __init__(self, *, plan: Plan = no_fault, events: EventPlan | None = None) -> None:
        self.signer = Signer()
        self.http = HttpStub(self._answer, at_head=self._at_head)
        self.callbacks = EventCallbacks(events, self.signer) if events else None
        self.reset(plan)

    def reset(self, plan: Plan = no_fault) -> None:
        """Forgets all that was taken, and counts from 0 again."""
        self.plan = plan
        self.answer: Reply | None = None  # given to every send instead of the usual one; nothing is taken
        self.taken: list[Taken] = []
        self.heard: list[Request] = []
        self.requests: Counter[Kind] = Counter()
        self._number = 0

    @property
    def url(self) -> str:
        return self.http.url

    def __enter__(self) -> Self:
        self.http.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.http.__exit__(*error)

    def attempts(self) -> Counter[str]:
        """How often each attempt was taken: anything above 1 is a message sent twice."""
        return Counter(each.attempt_id for each in self.taken)

    def _at_head(self, request: Request) -> bool:
        request.note = self.plan(self._number)
        self._number += 1
        self.requests[request.note.kind] += 1
        return bool(request.note.kind is Kind.CUT_EARLY)

    def _answer(self, request: Request) -> Reply | None:
        self.heard.append(request)
        if self.answer is not None:
            return self.answer
        if (request.method, request.target) != ("POST", "/v3/mail/send"):
            return _refusal(404, "not found")
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return _refusal(401, "The provided authorization grant is invalid, expired, or revoked")
        return self._send(request)

    def _send(self, request: Request) -> Reply | None:
        fault: Fault = request.note
        mail = msgspec.json.decode(request.body)
        field = _fault_of(mail)
        if field:
            return _refusal(400, "not acceptable", field)
        if fault.kind not in TAKEN:
            return self._faulty(fault, Reply())
        is_checked_only = mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable", False)
        if is_checked_only:
            return Reply(200, b"", ())
        message_id = self._take(mail)
        return self._faulty(fault, Reply(202, b"", (("X-Message-Id", message_id),)))

    def _take(self, mail: dict[str, Any]) -> str:
        person = mail["personalizations"][0]
        attempt_id = person.get("custom_args", {}).get("attempt_id", "")
        message_id = base64.urlsafe_b64encode(f"taken-{len(self.taken):010}".encode()).decode("ascii").rstrip("=")
        self.taken.append(Taken(message_id, attempt_id, mail))
        if self.callbacks:
            self.callbacks.follow(attempt_id=attempt_id, message_id=message_id, email=person["to"][0]["email"])
        return message_id

    def _faulty(self, fault: Fault, reply: Reply) -> Reply | None:
        """The answer as the fault leaves it."""
        match fault.kind:
            case Kind.SILENT:
                return None
            case Kind.LATE:
                reply.delay_seconds = fault.seconds
            case Kind.CUT_AFTER:
                reply.cut_after = 0
            case Kind.CUT_MID:
                reply.cut_after = len(reply.as_bytes()) // 2
            case Kind.GARBLE:
                return Reply(202, b"<html>", _HTML)
            case Kind.THROTTLE:
                refused = _refusal(429, "too many requests")
                refused.headers += (("Retry-After", f"{fault.seconds:g}"),)
                return refused
            case Kind.BREAK:
                return Reply(fault.status or 503, b"<html><h1>503 Service Temporarily Unavailable</h1></html>", _HTML)
            case Kind.REFUSE:
                return _refusal(
                    fault.status or 400, "Does not contain a valid address.", "personalizations.0.to.0.email"
                )
        return reply


def _fault_of(mail: dict[str, Any]) -> str:
    """The field for which SendGrid would refuse the message; empty for none."""
    for number, person in enumerate(mail.get("personalizations", ())):
        if not _ADDRESS.fullmatch(person.get("to", [{}])[0].get("email", "")):
            return f"personalizations.{number}.to.0.email"
    if not mail.get("personalizations"):
        return "personalizations"
    if not mail.get("from", {}).get("email"):
        return "from.email"
    if not mail.get("subject"):
        return "subject"
    contents = mail.get("content", [])
    kinds = [content["type"] for content in contents]
    if not kinds or kinds != sorted(kinds, reverse=True):  # text/plain before text/html
        return "content"
    empty = [number for number, content in enumerate(contents) if not content["value"]]
    return f"content.{empty[0]}.value" if empty else ""


def _refusal(status: int, sentence: str, field: str | None = None) -> Reply:
    return Reply(status, msgspec.json.encode({"errors": [{"message": sentence, "field": field, "help": None}]}))
