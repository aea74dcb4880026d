"""What came in is applied once, in whatever order and however often it came; what cannot be is parked and told."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from channels.contract import Channel, DeliveryStatus, InDoubt, merge, strongest
from channels.email.inbound_mail import mail_key
from channels.email.stored_mail import stored_mail
from channels.sms.twilio_tables import STATUSES
from channels.sms.twilio_webhooks import stored_event
from orchestrator.domain.case import Case
from orchestrator.domain.errors import RelanceError
from orchestrator.flows.apply_inbox import Applied, apply_inbox
from orchestrator.flows.replay_events import replay_events, replay_parked
from orchestrator.storage import attempts, inbox, journal
from orchestrator.storage.attempts import Attempt, AttemptState
from orchestrator.storage.inbox import Arrival, Event, State
from orchestrator.storage.instants import to_micros
from tests.flows.conftest import TUESDAY, World, row
from tests.storage.query_plan import writes_of

PAYMENT = {"creditor": "acme-telecom", "reference": "P-1", "debtor_ref": "C-1", "amount": "10.00", "currency": "EUR",
           "received_on": "2026-03-10"}  # fmt: skip


def reminded(world: World, count: int = 1) -> list[Attempt]:
    """Debtors who have nothing in common, each with one SMS that left."""
    rows = [
        row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463{n:04}").replace("1 rue du Lac", f"{n} rue du Lac")
        for n in range(1, count + 1)
    ]
    world.load(*rows)
    world.advance()
    world.dispatch()
    found = left(world)
    assert len(found) == count
    return found


def left(world: World) -> list[Attempt]:
    with world.database.read() as conn:
        return attempts.of_messages(conn, [message.id for message in world.messages()])


def receipt(attempt_id: str, word: str, *, sid: str = "", code: str = "") -> Arrival:
    sid = sid or f"SM{attempt_id}"
    form = {"MessageSid": sid, "MessageStatus": word} | ({"ErrorCode": code} if code else {})
    return Arrival("twilio/status", f"{sid}:{word}", stored_event(form, attempt_id=attempt_id))


def payment(key: str = "msg_1", kind: str = "payment.received", **changes: Any) -> Arrival:
    return Arrival("partner/payments", key, json.dumps({"type": kind, "data": {**PAYMENT, **changes}}))


def put(world: World, *arrivals: Arrival) -> int:
    with world.database.begin() as conn:
        return inbox.put(conn, arrivals, now=TUESDAY)


def apply(world: World, now: datetime = TUESDAY) -> Applied:
    return apply_inbox(world.database, world.strategy(), now=now, real_now=now)


def heard(world: World, *arrivals: Arrival, now: datetime = TUESDAY) -> Applied:
    put(world, *arrivals)
    return apply(world, now)


def events(world: World, state: State | None = None) -> list[Event]:
    with world.database.read() as conn:
        return inbox.search(conn, state=state, limit=10_000)[::-1]


def shown(case: Case) -> DeliveryStatus:
    """The status of the only message of a case."""
    return strongest(Channel.SMS, (fact.status for fact in case.receipts))


def facts(world: World, kind: str) -> int:
    with world.database.read() as conn:
        return sum(line.type == kind for case in world.cases() for line in journal.read(conn, case.id))


# ------------------------------------------------------------------------------------------------ receipts


def test_a_receipt_is_applied_once(world: World) -> None:
    (attempt,) = reminded(world)
    assert heard(world, receipt(attempt.id, "delivered")) == Applied(applied=1)
    assert heard(world, receipt(attempt.id, "delivered")) == Applied()
    assert shown(world.case()) is DeliveryStatus.DELIVERED
    assert [(event.state, event.processed_at) for event in events(world)] == [(State.APPLIED, TUESDAY)]


def test_replayed_it_has_no_second_effect(world: World) -> None:
    (attempt,) = reminded(world)
    heard(world, receipt(attempt.id, "delivered"))
    assert replay_events(world.database, [events(world)[0].id]) == 1
    assert apply(world) == Applied(applied=1)
    assert facts(world, "delivery.reported") == 1


def test_it_settles_a_doubt(world: World) -> None:
    world.verdict = lambda _message: InDoubt("cut")
    (attempt,) = reminded(world)
    assert attempt.state is AttemptState.IN_DOUBT
    heard(world, receipt(attempt.id, "sent"))
    assert left(world)[0].state is AttemptState.ACCEPTED


def test_every_order_of_six_receipts_ends_in_one_state(world: World) -> None:
    """Duplicates, batches of any size: all 720 orders as facts, and twenty of them through the database."""
    words = ["queued", "sending", "sent", "delivered", "undelivered", "failed"]
    assert {_folded(order) for order in permutations(words)} == {DeliveryStatus.DELIVERED}
    chance = random.Random(20260310)
    told: list[Arrival] = []
    for attempt in reminded(world, 20):
        arrivals = [receipt(attempt.id, word) for word in (*words, *chance.sample(words, 2))]
        chance.shuffle(arrivals)
        told += arrivals
    while told:
        size = chance.choice((1, 3, 40, 80))
        heard(world, *told[:size])
        del told[:size]
    assert Counter(map(shown, world.cases())) == {DeliveryStatus.DELIVERED: 20}
    assert facts(world, "delivery.reported") == 20 * 6
    assert {event.state for event in events(world)} == {State.APPLIED}


def _folded(words: Sequence[str]) -> DeliveryStatus:
    status = DeliveryStatus.UNKNOWN
    for word in words:
        status = merge(Channel.SMS, status, STATUSES[word])
    return status


def test_a_word_of_tomorrow_proves_what_it_proves_and_is_shown(world: World) -> None:
    world.verdict = lambda _message: InDoubt("cut")
    (attempt,) = reminded(world)
    assert heard(world, receipt(attempt.id, "teleported")) == Applied(parked=1)
    (event,) = events(world, State.PARKED)
    assert (event.reason, event.retry_at) == ("unknown_word: teleported", None)
    assert left(world)[0].state is AttemptState.ACCEPTED
    assert shown(world.case()) is DeliveryStatus.UNKNOWN


# ----------------------------------------------------------------------------------------------- unmatched


def test_a_receipt_that_comes_before_its_message_is_tried_again(world: World) -> None:
    early = f"{1:032x}"  # the attempt that will be drawn
    assert heard(world, receipt(early, "delivered")) == Applied(parked=1)
    (event,) = events(world, State.PARKED)
    assert event.reason.startswith("unmatched")
    assert apply(world) == Applied()
    (attempt,) = reminded(world)
    assert attempt.id == early
    assert apply(world, TUESDAY + timedelta(seconds=4)) == Applied()
    assert apply(world, TUESDAY + timedelta(seconds=5)) == Applied(applied=1)
    assert shown(world.case()) is DeliveryStatus.DELIVERED


def test_it_is_tried_for_an_hour_and_seen_for_ever(world: World) -> None:
    put(world, receipt("nobody", "delivered"))
    tried, now = 0, TUESDAY
    while now < TUESDAY + timedelta(hours=3):
        tried += apply(world, now).parked
        assert len(events(world, State.PARKED)) == 1
        now += timedelta(seconds=15)
    (event,) = events(world)
    assert (tried, event.tries, event.retry_at) == (7, 7, None)
    assert event.processed_at is not None
    assert timedelta(minutes=60) < event.processed_at - TUESDAY < timedelta(minutes=75)
    assert replay_parked(world.database) == 1
    assert apply(world, now).parked == 1


# ---------------------------------------------------------------------------------------- one bad event


def test_one_bad_event_is_parked_alone_and_can_be_replayed(world: World) -> None:
    """A row of a case that cannot be read: the database's fault or ours, and nobody else's."""
    told = reminded(world, 8)
    bad = told[3].case_id
    (body,) = _each(world, "SELECT body FROM cases WHERE id = :id", id=bad)
    _run(world, "UPDATE cases SET body = '{' WHERE id = :id", id=bad)
    assert heard(world, *(receipt(attempt.id, "delivered") for attempt in told)) == Applied(applied=7, parked=1)
    (event,) = events(world, State.PARKED)
    assert event.reason.startswith("failed: ")
    assert told[3].id not in event.reason
    _run(world, "UPDATE cases SET body = :body WHERE id = :id", id=bad, body=body)
    assert Counter(map(shown, world.cases()))[DeliveryStatus.DELIVERED] == 7
    assert replay_events(world.database, [event.id]) == 1
    assert apply(world) == Applied(applied=1)
    assert Counter(map(shown, world.cases())) == {DeliveryStatus.DELIVERED: 8}


def _each(world: World, statement: str, **given: Any) -> list[Any]:
    with world.database.read() as conn:
        return list(conn.execute(text(statement), given).scalars())


def _run(world: World, statement: str, **given: Any) -> None:
    with world.database.begin() as conn:
        conn.execute(text(statement), given)


@pytest.mark.parametrize(
    "arrival, reason",
    [
        (Arrival("twilio/status", "k", "\nNothing=known"), "unreadable"),
        (Arrival("twilio/inbound", "k", "\nBody=STOP"), "unreadable"),
        (Arrival("sendgrid/events", "k", "[]"), "unreadable"),
        (Arrival("sendgrid/inbound", "k", "--x"), "unreadable"),
        (Arrival("nobody/status", "k", "x"), "unknown_source"),
        (Arrival("smtp/status", "k", "x"), "unknown_source"),
        (Arrival("mailbox/main", "k", "x"), "unreadable"),
        (Arrival("partner/payments", "k", "{"), "invalid_event"),
        (payment(kind="payment.imagined"), "unknown_type"),
        (payment(amount="ten"), "amount"),
        (payment(debtor_ref="nobody"), "debtor_unknown"),
        (payment(nonsense="1"), ""),
        (payment(reference="P\0"), ""),
    ],
)
def test_what_says_nothing_is_parked_with_its_reason(world: World, arrival: Arrival, reason: str) -> None:
    assert heard(world, arrival) == Applied(parked=1)
    (event,) = events(world, State.PARKED)
    assert reason in event.reason
    assert event.reason
    assert event.retry_at is None


def test_nothing_waiting_writes_nothing(world: World) -> None:
    assert writes_of(world.database, lambda: apply(world)) == []


# ------------------------------------------------------------------------------------------------ payments


def test_a_payment_is_recorded_once(world: World) -> None:
    world.load(row())
    assert heard(world, payment("one"), payment("two")) == Applied(applied=2)
    assert world.case().payments[0].amount_cents == 1000
    assert facts(world, "payment.received") == 1


def test_paid_and_taken_back_in_one_batch(world: World) -> None:
    world.load(row())
    assert heard(world, payment("one"), payment("two", reversed_on="2026-03-10")) == Applied(applied=2)
    assert (facts(world, "payment.received"), facts(world, "payment.reversed")) == (1, 1)


def test_a_refused_row_is_parked_with_its_code_and_the_others_go_on(world: World) -> None:
    world.load(row())
    told = (payment("one"), payment("two", amount="11.00"), payment("three", reference="P-2"))
    assert heard(world, *told) == Applied(applied=2, parked=1)
    (event,) = events(world, State.PARKED)
    assert event.key == "two"
    assert event.reason.startswith("payment_differs: this reference is of another payment")


# ------------------------------------------------------------------------------------------------- replies


def sms(sid: str, words: str) -> Arrival:
    form = {"MessageSid": sid, "From": "+33644630001", "To": "+33644639999", "Body": words}
    return Arrival("twilio/inbound", sid, stored_event(form))


def letter(body: str, **headers: str) -> Arrival:
    mail = EmailMessage()
    for name, words in {
        "From": "jeanne@client.example",
        "To": "x@acme.example",
        "Message-ID": "<m1>",
        **headers,
    }.items():
        mail[name] = words
    mail.set_content(body)
    return Arrival("mailbox/main", mail_key(mail.as_bytes()), stored_mail(mail.as_bytes()))


def test_a_stop_by_sms_is_obeyed_once(world: World) -> None:
    reminded(world)
    assert heard(world, sms("SM1", "STOP"), sms("SM2", "STOP")) == Applied(applied=2)
    assert [(switch.key.partition(":")[0], switch.is_on) for switch in world.case().opt_outs] == [("sms", True)]
    replay_events(world.database, [event.id for event in events(world)])
    assert apply(world) == Applied(applied=2)
    assert replies(world) == 2


def replies(world: World) -> int:
    return len(_each(world, "SELECT id FROM replies"))


def test_what_says_no_instant_was_written_when_it_reached_us(world: World) -> None:
    """It may have waited in the spool; a reply is read by the day on which it came."""
    reminded(world)
    came = TUESDAY - timedelta(hours=20)
    put(world, Arrival("twilio/inbound", "SM1", sms("SM1", "je paie demain").body, came))
    apply(world)
    assert _each(world, "SELECT received_at FROM replies") == [to_micros(came)]


def test_a_mail_of_a_mailbox_and_of_a_form_are_one_reply(world: World) -> None:
    attempt = reminded(world)[0]
    told = letter("Bonjour", **{"In-Reply-To": f"<{attempt.id}@acme.example>"})
    assert heard(world, told, Arrival("sendgrid/inbound", told.key, told.body)) == Applied(applied=2)
    assert replies(world) == 1


# ------------------------------------------------------------------------------------------- several workers


def test_workers_at_once_apply_each_event_once(world: World) -> None:
    told = [receipt(attempt.id, word) for attempt in reminded(world, 20) for word in ("sent", "delivered")]
    random.Random(7).shuffle(told)
    put(world, *told)

    troubles: set[str] = set()

    def work(_number: int) -> int:
        done = 0
        for _ in range(40):
            try:
                done += apply_inbox(world.database, world.strategy(), now=TUESDAY, real_now=TUESDAY, limit=7).applied
            except RelanceError as error:  # two that meet may ask one of them to come again
                troubles.add(error.code)
        return done

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == 40
    assert troubles <= {"database_locked", "case_changed"}
    assert facts(world, "delivery.reported") == 40
    assert {event.state for event in events(world)} == {State.APPLIED}
