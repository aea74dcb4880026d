"""What happened while nobody listened is asked for, kept once, and only what is ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Adapter, Channel, DeliveryStatus
from channels.ledger import LedgerAway, Told
from channels.provider import ProviderOptions, RawEvent
from channels.registry import adapter
from channels.sandbox import Sandbox
from orchestrator.domain.events import DeliveryReported, OptedOut
from orchestrator.domain.lane import Lane
from orchestrator.flows import repair_gaps as flow
from orchestrator.flows.apply_inbox import apply_inbox
from orchestrator.flows.repair_gaps import EVERY, is_due, repair_gaps, telling
from orchestrator.storage import attempts, inbox, journal
from orchestrator.storage.database import Database
from orchestrator.storage.inbox import Arrival
from tests.flows.conftest import TUESDAY, World, row
from tests.stubs.twilio_stub import TwilioStub
from tests.stubs.twilio_wiring import twilio_settings

LANE = Lane(id="twilio-fr", channel=Channel.SMS, provider="twilio")
NOW = datetime.now(UTC)


@pytest.fixture
def database(ready_url: str) -> Iterator[Database]:
    made = Database(ready_url)
    yield made
    made.close()


@pytest.fixture
def stub() -> Iterator[TwilioStub]:
    with TwilioStub() as running:
        yield running


def twilio(stub: TwilioStub) -> Adapter:
    return adapter("twilio", Channel.SMS, ProviderOptions(settings=twilio_settings(stub)))


def kept(database: Database) -> list[tuple[str, str]]:
    with database.read() as conn:
        return [(event.source, event.key) for event in inbox.search(conn, limit=100)[::-1]]


def test_what_a_person_wrote_is_kept_once_also_when_the_webhook_brought_it(
    database: Database, stub: TwilioStub
) -> None:
    first = stub.receive(sender="+33644631234", to="+33644630000", text="STOP")
    with database.begin() as conn:
        inbox.put(conn, [Arrival("twilio/inbound", first.sid, "as the webhook had it")], now=NOW)
    second = stub.receive(sender="+33644631234", to="+33644630000", text="START")
    assert repair_gaps(database, LANE, twilio(stub), real_now=NOW).new == 1
    assert repair_gaps(database, LANE, twilio(stub), real_now=NOW).new == 0
    assert kept(database) == [("twilio/inbound", first.sid), ("twilio/inbound", second.sid)]


def test_what_people_wrote_is_kept_in_the_order_in_which_they_wrote(database: Database, stub: TwilioStub) -> None:
    written = [stub.receive(sender="+33644631234", to="+33644630000", text=word) for word in ("STOP", "START", "STOP")]
    for number, each in enumerate(written):
        each.sent_at = NOW.timestamp() - 60 + number
    repair_gaps(database, LANE, twilio(stub), real_now=NOW)
    assert [key for _, key in kept(database)] == [each.sid for each in written]


def test_messages_that_others_sent_by_the_account_are_not_kept(database: Database, stub: TwilioStub) -> None:
    stub.deliver(stub.take({"To": "+33644631234", "From": "+33644630000", "Body": "Bonjour"}))
    assert repair_gaps(database, LANE, twilio(stub), real_now=NOW).new == 0


class Books:
    """A provider's books that note what they are asked; the calls of an adapter are not needed."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[datetime] = []
        self.fails = fails

    def told_since(self, since: datetime) -> Iterator[tuple[Told, ...]]:
        self.asked.append(since)
        yield (Told(kind="inbound", event=RawEvent("SM1", "\nMessageSid=SM1"), provider_id="SM1", at=NOW),)
        if self.fails:
            raise LedgerAway("ledger_away", "no answer")


def ask(database: Database, books: Books, now: datetime) -> flow.Repaired:
    return repair_gaps(database, LANE, books, real_now=now)  # type: ignore[arg-type]  # no other method is called


def test_the_whole_time_of_an_absence_is_asked_for_with_an_hour_before_it(database: Database) -> None:
    books = Books()
    ask(database, books, NOW)
    ask(database, books, NOW + EVERY)
    ask(database, books, NOW + timedelta(hours=8))
    ask(database, books, NOW + timedelta(hours=25))
    ask(database, books, NOW + timedelta(days=90))
    hour = timedelta(hours=1)
    assert books.asked == [
        NOW - timedelta(days=1),
        NOW - hour,
        NOW + EVERY - hour,
        NOW + timedelta(hours=25) - timedelta(days=3),  # once a day, for what is told late
        NOW + timedelta(days=60),
    ]


def test_books_that_break_off_are_asked_again_for_the_same_time_and_what_they_told_is_kept(database: Database) -> None:
    books = Books()
    ask(database, books, NOW)
    books.fails = True
    later = NOW + timedelta(hours=2)
    assert ask(database, books, later).away == ("twilio-fr",)
    books.fails = False
    ask(database, books, later + EVERY)
    assert books.asked[-1] == books.asked[-2] == NOW - timedelta(hours=1)
    assert kept(database) == [("twilio/inbound", "SM1")]


def test_it_is_time_every_quarter_of_an_hour_and_at_a_start(database: Database) -> None:
    def due(after: timedelta, *, is_start: bool = False) -> bool:
        with database.read() as conn:
            return is_due(conn, LANE, is_start=is_start, real_now=NOW + after)

    assert due(timedelta(0))
    ask(database, Books(), NOW)
    assert not due(timedelta(minutes=14))
    assert due(EVERY)
    assert due(timedelta(minutes=3), is_start=True)
    assert not due(timedelta(minutes=1), is_start=True)


def test_only_lanes_whose_provider_keeps_books_are_asked(stub: TwilioStub, tmp_path: Path) -> None:
    other = Lane(id="sandbox-sms", channel=Channel.SMS, provider="sandbox")
    sandbox = Sandbox(Channel.SMS, tmp_path, clock=lambda: NOW)
    assert telling((LANE, other), {"twilio-fr": twilio(stub), "sandbox-sms": sandbox}) == (LANE,)


# ---------------------------------------------------------------- the whole way


def test_what_happened_while_nobody_listened_counts_once_nobody_having_called(world: World, stub: TwilioStub) -> None:
    world.load(row())
    world.advance()
    world.dispatch()
    (message,) = world.messages()
    with world.database.read() as conn:
        (attempt,) = attempts.of_messages(conn, [message.id])
    # The provider has it; then we are away, it is delivered, and the person writes.
    taken = stub.take({"To": attempt.destination, "From": "+33644630000", "Body": "Bonjour"})
    taken.sid = str(attempt.provider_id)
    stub.deliver(taken)
    stub.receive(sender=attempt.destination, to="+33644630000", text="STOP")

    for _ in range(2):
        repair_gaps(world.database, LANE, twilio(stub), real_now=NOW)
        apply_inbox(world.database, world.strategy(), now=TUESDAY + timedelta(hours=1), real_now=NOW)

    with world.database.read() as conn:
        found = inbox.search(conn, limit=10)
        facts = [line.fact for line in journal.read(conn, world.case().id)]
    assert {(event.source, event.state) for event in found} == {
        ("twilio/status", inbox.State.APPLIED),
        ("twilio/inbound", inbox.State.APPLIED),
    }
    delivered = [fact for fact in facts if isinstance(fact, DeliveryReported)]
    assert [fact.status for fact in delivered] == [DeliveryStatus.DELIVERED]
    assert [fact.channel for fact in facts if isinstance(fact, OptedOut)] == [Channel.SMS]
