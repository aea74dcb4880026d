"""The stand-in for Twilio, seen by the official SDK with its own HTTP client; its callbacks; its process."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec
import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # the SDK ships no types
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]  # as above
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from channels.contract import DeliveryStatus, Inbound, Receipt
from channels.http_wire import Answer
from channels.provider import RawRequest
from channels.registry import webhooks
from channels.transport import HttpTransport
from tests.stubs.http_stub import HttpStub, Reply, Request
from tests.stubs.twilio_callbacks import CallbackPlan
from tests.stubs.twilio_faults import Fault, Kind, Plan, always, by_chance, in_turn
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

TO = "+33644631234"
PUBLIC = "https://relance.example/webhooks/twilio"


@pytest.fixture
def stub() -> Iterator[TwilioStub]:
    with TwilioStub() as running:
        yield running


@pytest.fixture
def client(stub: TwilioStub) -> Iterator[Client]:
    """The official SDK as it comes, told only where the stub is."""
    http = TwilioHttpClient(timeout=2)
    made = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=http)
    made.api.base_url = stub.url
    yield made
    http.session.close()


# ------------------------------------------------------------------------------------- the SDK


def test_the_sdk_creates_a_message(client: Client, stub: TwilioStub) -> None:
    created = client.messages.create(to=TO, from_="RELANCE", body="Bonjour", status_callback=f"{PUBLIC}?attempt=a1")
    assert (created.sid, created.status, created.to, created.body) == (stub.taken[0].sid, "queued", TO, "Bonjour")
    assert abs(created.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    assert stub.attempts() == Counter({"a1": 1})


def test_the_sdk_lists_page_by_page_newest_first(client: Client, stub: TwilioStub) -> None:
    for number in range(7):
        client.messages.create(to=TO if number else "+33644639999", messaging_service_sid="MG1", body=f"n{number}")
    bodies = [each.body for each in client.messages.list(to=TO, page_size=3)]
    assert bodies == ["n6", "n5", "n4", "n3", "n2", "n1"]


def test_a_list_by_date_leaves_out_what_waits(client: Client, stub: TwilioStub) -> None:
    client.messages.create(to=TO, from_="X", body="waits")
    since = datetime.now(UTC) - timedelta(days=1)
    assert client.messages.list(to=TO, date_sent_after=since) == []
    stub.taken[0].status, stub.taken[0].sent_at = "sent", stub.taken[0].made_at
    assert len(client.messages.list(to=TO, date_sent_after=since)) == 1


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"from_": "X"}, 21602),
        ({"body": "x"}, 21603),
        ({"body": "x" * 1_601, "from_": "X"}, 21617),
        ({"body": "x", "from_": "X", "status_callback": "https://a_b.example/"}, 21609),
        ({"body": "x", "from_": "X", "validity_period": 36_001}, 20001),
    ],
)
def test_what_twilio_refuses_the_stub_refuses(
    client: Client, stub: TwilioStub, fields: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=TO, **fields)
    assert refused.value.code == code
    assert stub.taken == []


def test_a_wrong_token_is_refused(stub: TwilioStub) -> None:
    http = TwilioHttpClient()
    stranger = Client(ACCOUNT_SID, "wrong", http_client=http)
    stranger.api.base_url = stub.url
    with pytest.raises(TwilioRestException) as refused:
        stranger.messages.create(to=TO, from_="X", body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    http.session.close()


def test_the_sdk_sees_a_fault_as_a_fault(client: Client, stub: TwilioStub) -> None:
    stub.plan = in_turn(Fault(Kind.REFUSE, code=21610), Fault(Kind.THROTTLE), Fault(Kind.BREAK))
    seen = []
    for _ in range(3):
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to=TO, from_="X", body="x")
        seen.append((refused.value.status, refused.value.code))
    assert seen == [(400, 21610), (429, 20429), (503, 503)]
    client.messages.create(to=TO, from_="X", body="x")
    assert len(stub.taken) == 1


def test_chance_is_the_same_for_the_same_seed_and_near_what_was_asked() -> None:
    def kinds(plan: Plan) -> list[Kind]:
        return [plan(number).kind for number in range(2_000)]

    chances = {Fault(Kind.SILENT): 0.1, Fault(Kind.BREAK): 0.3}
    assert kinds(by_chance(3, chances)) == kinds(by_chance(3, chances)) != kinds(by_chance(4, chances))
    counted = Counter(kinds(by_chance(3, chances)))
    assert 150 < counted[Kind.SILENT] < 250
    assert 500 < counted[Kind.BREAK] < 700


# ------------------------------------------------------------------------------------- callbacks


class Listener:
    """A place that callbacks reach; refuses the first `deaf` of them."""

    def __init__(self, *, expect: int, deaf: int = 0) -> None:
        self.heard: list[RawRequest] = []
        self.is_complete = threading.Event()
        self._expect, self._deaf = expect, deaf
        self.http = HttpStub(self._hear)

    def _hear(self, request: Request) -> Reply:
        if self._deaf:
            self._deaf -= 1
            return Reply(503)
        url = f"{PUBLIC.partition('/webhooks')[0]}{request.target}"
        self.heard.append(RawRequest(url=url, headers=request.headers, body=request.body))
        if len(self.heard) >= self._expect:
            self.is_complete.set()
        return Reply(204)


def words_after_sending(listener: Listener, plan: CallbackPlan, *, messages: int = 1) -> list[Receipt]:
    """What the webhook module makes of the callbacks that follow these messages."""
    with listener.http, TwilioStub(callbacks=msgspec.structs.replace(plan, deliver_to=listener.http.url)) as stub:
        transport = HttpTransport()
        for number in range(messages):
            form = {
                "To": TO,
                "From": "X",
                "Body": "x",
                "StatusCallback": f"{PUBLIC}?attempt=a{number}#rc=5&rp=ct,rt,5xx",
            }
            create(transport, stub, form)
        assert listener.is_complete.wait(5), f"{len(listener.heard)} callbacks"
        transport.close()
    status = webhooks("twilio")["status"]
    assert all(status.verify(each, (AUTH_TOKEN,)) for each in listener.heard)
    facts = [fact for each in listener.heard for fact in status.parse(each).facts]
    return [fact for fact in facts if isinstance(fact, Receipt)]


def create(transport: HttpTransport, stub: TwilioStub, form: dict[str, str]) -> Answer:
    headers = {"Authorization": stub.authorization}
    url = f"{stub.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    answer = transport.exchange("POST", url, headers, urlencode(form).encode())
    assert isinstance(answer, Answer)
    assert answer.status == 201
    return answer


def test_callbacks_are_signed_and_carry_our_attempt() -> None:
    receipts = words_after_sending(Listener(expect=2), CallbackPlan(delay_seconds=0.005))
    assert [(each.attempt_id, each.status) for each in receipts] == [
        ("a0", DeliveryStatus.SENT),
        ("a0", DeliveryStatus.DELIVERED),
    ]


def test_callbacks_repeat_and_come_in_disorder() -> None:
    plan = CallbackPlan(words=("queued", "sent", "delivered"), repeat=1.0, reorder=1.0, delay_seconds=0.002)
    receipts = words_after_sending(Listener(expect=18), plan, messages=3)
    assert set(Counter(each.dedup_key for each in receipts).values()) == {2}
    in_order = ["queued", "sent", "delivered"] * 2
    words = [[each.word for each in receipts if each.attempt_id == f"a{number}"] for number in range(3)]
    assert any(each != in_order for each in words)


def test_callbacks_get_lost() -> None:
    receipts = words_after_sending(Listener(expect=1), CallbackPlan(lose=0.6, seed=1, delay_seconds=0.001), messages=20)
    assert 1 <= len(receipts) < 35


def test_a_callback_that_was_not_heard_comes_again() -> None:
    receipts = words_after_sending(Listener(expect=1, deaf=1), CallbackPlan(words=("failed",), error_code="30006"))
    assert [(each.word, each.code) for each in receipts] == [("failed", "30006")]


def test_a_person_answers() -> None:
    listener = Listener(expect=1)
    with listener.http, TwilioStub(callbacks=CallbackPlan(deliver_to=listener.http.url)) as stub:
        transport = HttpTransport()
        form = {"Url": f"{PUBLIC}/inbound", "From": TO, "To": "+33644639999", "Body": "STOP", "OptOutType": "STOP"}
        transport.exchange("POST", f"{stub.url}/_inbound", {}, urlencode(form).encode())
        assert listener.is_complete.wait(5)
        transport.close()
    inbound = webhooks("twilio")["inbound"]
    assert inbound.verify(listener.heard[0], (AUTH_TOKEN,))
    (fact,) = inbound.parse(listener.heard[0]).facts
    assert isinstance(fact, Inbound)
    assert (fact.sender, fact.text, fact.opt_out_type) == (TO, "STOP", "STOP")


# ------------------------------------------------------------------------------------- its process


def test_it_runs_as_a_process_of_its_own_and_shows_its_ledger() -> None:
    command = [sys.executable, "-m", "tests.stubs.twilio_stub", "--fault", "garble=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        transport = HttpTransport()
        form = urlencode({"To": TO, "From": "X", "Body": "x", "StatusCallback": f"{PUBLIC}?attempt=a1"}).encode()
        headers = {"Authorization": TwilioStub(plan=always(Fault())).authorization}
        transport.exchange("POST", f"{url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", headers, form)
        shown = transport.exchange("GET", f"{url}/_ledger", {})
        transport.close()
        process.terminate()
    assert isinstance(shown, Answer)
    ledger = msgspec.json.decode(shown.body)
    assert [each["attempt_id"] for each in ledger["taken"]] == ["a1"]
    assert ledger["requests"] == {"garble": 1}
