"""A stand-in for Twilio's Messages API: takes, lists and calls back, and keeps its own ledger of what it took.

As a process of its own: `python -m tests.stubs.twilio_stub --port 4010 --fault silent=0.01 --callbacks`.
"""

import argparse
import asyncio
import base64
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping
from email.utils import formatdate
from typing import Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec

from tests.stubs.http_stub import HttpStub, Reply, Request
from tests.stubs.twilio_callbacks import CallbackPlan, Callbacks
from tests.stubs.twilio_faults import TAKEN, Fault, Kind, Plan, by_chance, no_fault

ACCOUNT_SID = "AC" + "5" * 32
AUTH_TOKEN = "an-invented-token"
_STATUS_OF_CODE = {20003: 401, 20404: 404, 20429: 429}
_VALID_CALLBACK = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^ ]*")  # Twilio refuses a host with an underscore
_UNSENT = frozenset({"accepted", "scheduled", "queued"})
_encode = msgspec.json.Encoder().encode


class Taken(msgspec.Struct):
    """A message that the stub took; `form` is what was posted, `made_at` and `sent_at` seconds since 1970."""

    sid: str
    attempt_id: str
    form: dict[str, str]
    made_at: float
    status: str
    sent_at: float | None = None
    direction: str = "outbound-api"


class TwilioStub:
    """Serves between `with` and its end. `requests` counts creates by kind of fault, `taken` is the ledger."""

    def __init__(
        self,
        *,
        plan: Plan = no_fault,
        list_plan: Plan = no_fault,
        callbacks: CallbackPlan | None = None,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
    ) -> None:
        self.reset(plan, list_plan)
        self.http = HttpStub(self._answer, at_head=self._at_head)
        self.callbacks = Callbacks(callbacks or CallbackPlan(), account_sid=account_sid, auth_token=auth_token)
        self._calls_back = callbacks is not None
        self.authorization = "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"

    def reset(self, plan: Plan = no_fault, list_plan: Plan = no_fault) -> None:
        """Forgets all that was taken, and counts from 0 again."""
        self.plan, self.list_plan = plan, list_plan
        self.taken: list[Taken] = []
        self.created_body: bytes | None = None  # answered to every create instead of the message
        self.listed_body: bytes | None = None  # the same for lists
        self.requests: Counter[Kind] = Counter()
        self._creates = self._lists = 0

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
        return Counter(each.attempt_id for each in self.taken if each.direction != "inbound")

    def receive(self, *, sender: str, to: str, text: str) -> Taken:
        """Enters in the ledger what a person wrote, without telling anybody."""
        form = {"From": sender, "To": to, "Body": text}
        taken = Taken(f"SM{time.time_ns():032x}", "", form, time.time(), "received", time.time(), "inbound")
        self.taken.append(taken)
        return taken

    def deliver(self, taken: Taken, word: str = "delivered") -> None:
        """What becomes of a message, without telling anybody."""
        taken.status, taken.sent_at = word, time.time()

    def _at_head(self, request: Request) -> bool:
        if request.target.startswith(self._messages):
            if request.method == "POST":
                request.note = self.plan(self._creates)
                self._creates += 1
                self.requests[request.note.kind] += 1
            else:
                request.note = self.list_plan(self._lists)
                self._lists += 1
            return bool(request.note.kind is Kind.CUT_EARLY)
        return False

    def _answer(self, request: Request) -> Reply | None:
        match request.method, request.path:
            case "GET", "/_ledger":
                return self._ledger()
            case "POST", "/_inbound":
                return self._send_inbound(dict(parse_qsl(request.body.decode())))
            case _ if request.headers.get("authorization") != self.authorization:
                return _refusal(20003)
            case "POST", self._messages:
                return self._create(request)
            case "GET", self._messages:
                return self._faulty(request.note, self._list(parse_qs(request.query)))
            case _:
                return _refusal(20404)

    # ------------------------------------------------------------------------------------ create

    def _create(self, request: Request) -> Reply | None:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        fault: Fault = request.note
        refused = _fault_of(form)
        if refused:
            return _refusal(refused)
        if fault.kind not in TAKEN:
            return self._faulty(fault, Reply())
        taken = self.take(form)
        return self._faulty(
            fault, Reply(201, _encode(_resource(taken)) if self.created_body is None else self.created_body)
        )

    def take(self, form: dict[str, str]) -> Taken:
        """Enters a message in the ledger as if it had been posted."""
        callback = form.get("StatusCallback", "")
        attempt_id = dict(parse_qsl(urlsplit(callback).query)).get("attempt", "")
        sid = f"SM{len(self.taken) + 1:032x}"
        status = "accepted" if form.get("MessagingServiceSid") else "queued"
        taken = Taken(sid, attempt_id, form, time.time(), status)
        self.taken.append(taken)
        if self._calls_back and callback:
            self.callbacks.follow(sid, form["To"], form.get("From", ""), callback)
        return taken

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
                reply.body = b"<html>" + reply.body[:20]
            case Kind.THROTTLE:
                return _refusal(20429, ("Retry-After", f"{fault.seconds:g}"))
            case Kind.BREAK:
                page = b"<html><h1>503 Service Temporarily Unavailable</h1></html>"
                return Reply(fault.status or 503, page, (("Content-Type", "text/html"),))
            case Kind.REFUSE:
                reply = _refusal(fault.code)
                reply.status = fault.status or reply.status
        return reply

    # ------------------------------------------------------------------------------------ list, ledger

    def _list(self, query: Mapping[str, list[str]]) -> Reply:
        """Newest first. A filter by date leaves out what was not sent yet, the harshest reading of the manual."""
        first = {name: texts[0] for name, texts in query.items()}
        size, page = min(int(first.get("PageSize", "50")), 1_000), int(first.get("Page", "0"))
        found = [each for each in reversed(self.taken) if first.get("To") in (None, each.form["To"])]
        for name in ("DateSent", "DateSent>", "DateSent<"):
            if name in first:
                found = [each for each in found if each.sent_at is not None and each.status not in _UNSENT]
        shown = found[page * size : (page + 1) * size]
        more = {"To": first.get("To", ""), "PageSize": size, "Page": page + 1}
        following = f"{self._messages}?{urlencode(more)}" if (page + 1) * size < len(found) else None
        content = {"messages": [_resource(each) for each in shown], "page": page, "page_size": size}
        content |= {"next_page_uri": following, "uri": self._messages}
        return Reply(200, _encode(content) if self.listed_body is None else self.listed_body)

    def _ledger(self) -> Reply:
        content = {
            "taken": [
                {"sid": each.sid, "attempt_id": each.attempt_id, "to": each.form["To"], "made_at": each.made_at}
                for each in self.taken
                if each.direction != "inbound"
            ],
            "requests": {str(kind): count for kind, count in self.requests.items()},
            "callbacks": {"told": self.callbacks.told, "given_up": self.callbacks.given_up},
        }
        return Reply(200, _encode(content))

    def _send_inbound(self, given: dict[str, str]) -> Reply:
        """Posts a person's message to `Url`; the other fields travel as they are (From, To, Body, OptOutType)."""
        url = given.pop("Url")
        sid = self.receive(sender=given.get("From", ""), to=given.get("To", ""), text=given.get("Body", "")).sid
        self.callbacks.post(url, {"MessageSid": sid, "SmsSid": sid, "NumMedia": "0", "Body": ""} | given)
        return Reply(202, b"{}")


def _fault_of(form: Mapping[str, str]) -> int:
    """Twilio's code for a form that it would refuse, 0 for none."""
    if not form.get("To"):
        return 21604
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603
    if not form.get("Body"):
        return 21602
    if len(form["Body"]) > 1_600:
        return 21617
    if not _VALID_CALLBACK.fullmatch(form.get("StatusCallback", "https://none.example/")):
        return 21609
    return 0 if 1 <= int(form.get("ValidityPeriod", "36000")) <= 36_000 else 20001


def _refusal(code: int, *headers: tuple[str, str]) -> Reply:
    """Twilio's error body. Its message quotes the number, as the real one does."""
    status = _STATUS_OF_CODE.get(code, 400)
    content = {"code": code, "message": "The 'To' number +33644631234 is not right", "status": status}
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Reply(status, _encode(content | {"more_info": more}), (("Content-Type", "application/json"), *headers))


def _resource(taken: Taken) -> dict[str, object]:
    form = taken.form
    return {
        "sid": taken.sid,
        "account_sid": ACCOUNT_SID,
        "to": form["To"],
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "body": form["Body"],
        "status": taken.status,
        "direction": taken.direction,
        "num_segments": "0" if form.get("MessagingServiceSid") else "1",
        "num_media": "0",
        "date_created": formatdate(taken.made_at),
        "date_updated": formatdate(taken.made_at),
        "date_sent": formatdate(taken.sent_at) if taken.sent_at else None,
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{taken.sid}.json",
        "subresource_uris": {},
    }


# ---------------------------------------------------------------------------------------------- process


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="KIND=CHANCE", help="of " + ", ".join(Kind))
    parser.add_argument("--seconds", type=float, default=1.0, help="of late answers and Retry-After")
    parser.add_argument("--callbacks", action="store_true")
    parser.add_argument("--words", default="sent,delivered")
    parser.add_argument("--deliver-to", default="", help="the server that listens, such as http://127.0.0.1:8000")
    for name, default in (("delay", 0.05), ("lose", 0.0), ("repeat", 0.0), ("reorder", 0.0)):
        parser.add_argument(f"--{name}", type=float, default=default)
    return parser.parse_args()


async def _serve(given: argparse.Namespace) -> None:
    pairs = [each.partition("=") for each in given.fault]
    chances = {Fault(Kind(kind), seconds=given.seconds): float(chance) for kind, _, chance in pairs}
    callbacks = CallbackPlan(
        words=tuple(given.words.split(",")),
        delay_seconds=given.delay,
        lose=given.lose,
        repeat=given.repeat,
        reorder=given.reorder,
        seed=given.seed,
        deliver_to=given.deliver_to,
    )
    stub = TwilioStub(plan=by_chance(given.seed, chances), callbacks=callbacks if given.callbacks else None)
    server = await stub.http.listen(given.port)
    sys.stdout.write(f"{stub.url}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
