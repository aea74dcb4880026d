"""Sending for real: `python -m tests.bench.sending`. PostgreSQL with durable commits and a provider's stand-in.

Messages planned by the shipped campaigns go by Twilio's adapter to a stand-in in its own process on this machine; then
two receipts for each, as its webhooks tell them, are parsed and applied. The reference makes the same calls and two row
updates for each message, with nothing decided, worded or counted.
"""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from msgspec.structs import replace
from sqlalchemy import text

from channels.contract import Adapter, Channel, Receipt, SmsMessage
from channels.provider import ProviderOptions, RawRequest
from channels.registry import adapter, webhooks
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Limits
from orchestrator.domain.contact import Debtor
from orchestrator.domain.lane import Lane
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch_lane
from orchestrator.flows.outgoing import Post
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import attempts
from orchestrator.storage.database import Database
from orchestrator.worker.collector import calm_collector
from tests.bench.measure import Spent, say, spent
from tests.bench.portfolios import NOW, databases, fill, fresh_ledger, shipped
from tests.builders import a_debtor
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN

COUNT = 6_000
BARE_COUNT = 1_000
THREADS = 4
LANE = Lane(id="bench", channel=Channel.SMS, provider="twilio", concurrency=THREADS)
SETTINGS = {
    "account_sid": ACCOUNT_SID,
    "auth_token": AUTH_TOKEN,
    "sender": "RELANCE",
    "callback_url": "http://127.0.0.1:9/webhooks/twilio/status",
}


def main() -> None:
    """Send, then apply the receipts, on each database."""
    deployment, strategy = in_force()
    with databases() as found:
        for name, database in found.items():
            with stand_in() as url:
                _measure(name, database, deployment, strategy, adapter_at(url))


def _measure(name: str, database: Database, deployment: Deployment, strategy: Strategy, sms: Adapter) -> None:
    plan(database, strategy)
    reference = bare(database, sms)  # and the provider's library is loaded by now
    deployment.texts.book("fr")
    calm_collector()
    post = replace(deployment.sandbox_post(), lanes=(LANE,), adapters={LANE.id: sms})
    with spent() as sending:
        sent = send_all(database, strategy, post)
    say(f"{name}: planned to accepted ({sent})", sent, sending, reference, "bare calls and updates", unit="messages",
        reference_count=BARE_COUNT)  # fmt: skip
    with spent() as receiving:
        told = receive(database)
    say(f"{name}: two receipts each, parsed and applied", told, receiving, reference, "the same", unit="messages",
        reference_count=BARE_COUNT)  # fmt: skip
    cpu, wall = sending.cpu + receiving.cpu, sending.wall + receiving.wall
    print(f"  {name}: planned to receipt applied: {sent / wall:,.0f} messages/s, {cpu / sent * 1e3:,.2f} ms CPU each")


def in_force() -> tuple[Deployment, Strategy]:
    """The shipped campaigns on our one lane. What is measured is the machine: campaigns have no rate of their own."""
    deployment, strategy = shipped()
    unbound = tuple(replace(campaign, limits=Limits()) for campaign in strategy.campaigns)
    return deployment, replace(strategy, lanes=(LANE,), campaigns=unbound)


def plan(database: Database, strategy: Strategy, count: int = COUNT) -> None:
    """Cases that a phone alone reaches, each decided to be sent one SMS."""
    fill(database, count, debtor=by_phone_only())
    fresh_ledger(database)
    advance_all(database, strategy, now=NOW)


def by_phone_only() -> Debtor:
    """A debtor who has a phone and nothing else."""
    person = a_debtor().people[0]
    phones = tuple(point for point in person.points if point.kind.value == "phone")
    return replace(a_debtor(), people=(replace(person, points=phones),))


def send_all(database: Database, strategy: Strategy, post: Post) -> int:
    """Rounds until nothing is due; how many left."""
    sent = 0
    with ThreadPoolExecutor(THREADS) as calls:
        while True:
            done = dispatch_lane(database, strategy, post, LANE, now=NOW, real_now=NOW, executor=calls)
            sent += done.left
            if not done.moved:
                return sent


def receive(database: Database, *, share: int = 0, of: int = 1) -> int:
    """Each attempt was sent and delivered; a batch of webhooks is parsed and applied at once. One share of several."""
    hook = webhooks("twilio")["status"]
    with database.read() as conn:
        every = attempts.accepted_since(conn, since=NOW.replace(year=2000))
    left = [item for item in every if int(item.id, 16) % of == share]
    batch: list[Receipt] = []
    for item in left:
        for word in ("sent", "delivered"):
            body = urlencode({"MessageSid": item.provider_id or "", "MessageStatus": word, "AccountSid": "AC0"})
            url = f"http://127.0.0.1:9/webhooks/twilio/status?attempt={item.id}"
            batch += _receipts(hook.parse(RawRequest(method="POST", url=url, headers={}, body=body.encode())).facts)
        if len(batch) >= 400:
            record_receipts(database, batch, now=NOW, real_now=NOW)
            batch = []
    record_receipts(database, batch, now=NOW, real_now=NOW)
    return len(left)


def _receipts(facts: object) -> list[Receipt]:
    return [fact for fact in facts if isinstance(fact, Receipt)] if isinstance(facts, tuple | list) else []


def bare(database: Database, sms: Adapter, table: str = "bare") -> Spent:
    """1,000 calls, and for each two updates of a row in batches of 200: the least that any sender does."""
    messages = [_an_sms(number) for number in range(BARE_COUNT)]
    with database.begin() as conn:
        conn.execute(text(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, state TEXT)"))
        conn.execute(text(f"INSERT INTO {table} VALUES (:id, 'planned')"), [{"id": n} for n in range(BARE_COUNT)])
    calling, accepted = (
        text(f"UPDATE {table} SET state = '{state}' WHERE id = :id") for state in ("calling", "accepted")
    )
    with spent() as taken, ThreadPoolExecutor(THREADS) as calls:
        for start in range(0, BARE_COUNT, 200):
            rows = [{"id": number} for number in range(start, start + 200)]
            with database.begin() as conn:
                conn.execute(calling, rows)
            list(calls.map(sms.send, messages[start : start + 200]))
            with database.begin() as conn:
                conn.execute(accepted, rows)
    return taken


def _an_sms(number: int) -> SmsMessage:
    return SmsMessage(attempt_id=f"bare{number}", to="+33644631234", sender="RELANCE", text=f"F-12 {number}")


def adapter_at(url: str) -> Adapter:
    """Twilio's adapter, calling the stand-in."""
    return adapter("twilio", Channel.SMS, ProviderOptions(settings={**SETTINGS, "base_url": url}))


@contextlib.contextmanager
def stand_in() -> Iterator[str]:
    """Twilio's stand-in in its own process; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.stubs.twilio_stub", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # it says its address, which is known
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(5)


if __name__ == "__main__":
    main()
