"""Endpoints that are told: signed, in order, at least once under one id; replayed, forgotten."""

import json
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from channels import boot_clock, standard_webhooks
from channels.contract import DeliveryStatus, InDoubt, Outcome, ReasonClass, Receipt, Rejected
from orchestrator.domain.campaign import Mode
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.interruption import Pause
from orchestrator.flows import manage_endpoints as manage
from orchestrator.flows.call_endpoint import Heard
from orchestrator.flows.endpoint_secret import OVERLAP, secret_of
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.flows.tell_endpoints import (
    TURN,
    Told,
    due_endpoints,
    forget_deliveries,
)
from orchestrator.storage import attempts, deliveries, endpoints
from orchestrator.storage.deliveries import DeliveryState
from tests.flows.conftest import TUESDAY
from tests.flows.endpoints.conftest import HOUR, KEY, Desk, Receiver, answering


def test_what_happened_arrives_signed_once_and_in_order(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(*range(30))
    assert due_endpoints(desk.world.database, now=desk.now, real_now=desk.now) == [endpoint.id]
    assert desk.tell(endpoint) == Told(20, 0)
    assert desk.tell(endpoint) == Told(10, 0)
    assert desk.tell(endpoint) == Told()
    assert receiver.refused == 0
    assert receiver.ids() == [each.id for each in desk.deliveries(endpoint)]
    assert receiver.payments() == [f"P-{n}" for n in range(30)]
    assert {each.state for each in desk.deliveries(endpoint)} == {DeliveryState.DONE}
    assert due_endpoints(desk.world.database, now=desk.now, real_now=desk.now) == []


def test_a_message_that_leaves_and_a_pause_are_told(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.world.advance()
    desk.world.dispatch()
    start_pause(desk.world.database, Pause(id="p-1", scope=ALWAYS, since=TUESDAY, reason="x", by="ann"))
    resume_pause(desk.world.database, desk.world.strategy(), "p-1", by="ann", now=TUESDAY + HOUR)
    desk.later(HOUR)
    desk.tell_all(endpoint)
    bodies = {str(body["type"]): body["data"] for _, body in receiver.got}
    assert set(bodies) >= {"message.sent", "pause.started", "pause.ended"}
    sent = bodies["message.sent"]
    assert isinstance(sent, dict)
    message = desk.world.messages()[0]
    assert (sent["message_id"], sent["step"], sent["channel"]) == (message.id, message.send.step, "sms")
    assert sent["debtor_ref"] == "C-1"


def test_in_observe_mode_nothing_leaves_and_nothing_is_told(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.world.advance(mode=Mode.OBSERVE)
    assert [each.event_type for each in desk.deliveries(endpoint)] == []


def test_an_observed_departure_is_in_the_journal_all_the_same(desk: Desk) -> None:
    """Otherwise the test above could not fail."""
    desk.world.advance(mode=Mode.OBSERVE)
    assert desk.world.case().departures


def test_after_a_rotation_both_secrets_sign_for_a_day(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    manage.rotate_endpoint(desk.world.database, endpoint.id, real_now=desk.now)
    old, new = (secret_of(KEY, endpoint.id, generation) for generation in (1, 2))
    for number, (secret, later, is_taken) in enumerate(
        [(old, HOUR, True), (new, HOUR, True), (new, OVERLAP, True), (old, HOUR, False)]
    ):
        receiver.secrets = (secret,)
        desk.later(later)
        desk.pay(number)
        assert desk.tell(endpoint) == (Told(1, 0) if is_taken else Told(0, 1))


def test_who_is_killed_between_call_and_record_tells_again_under_the_same_id(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(1)

    class Killed(BaseException):
        """The process ends."""

    def killed_after(*given: object) -> Heard:
        desk.call(*given)  # type: ignore[arg-type]  # as it was called
        raise Killed

    with suppress(Killed):
        desk.tell(endpoint, killed_after)
    assert desk.tell(endpoint) == Told(), "its turn is not over yet"
    desk.later(TURN)
    assert desk.tell(endpoint) == Told(1, 0)
    first, second = receiver.ids()
    assert first == second
    assert desk.tell(endpoint) == Told()


def test_two_that_look_at_once_tell_it_once(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(*range(10))
    threads = [threading.Thread(target=desk.tell, args=(endpoint,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.tell_all(endpoint)
    assert len(receiver.got) == 10


def test_a_turn_that_was_overrun_is_not_ended_by_who_had_it(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(1)

    def slow(*given: object) -> Heard:
        desk.later(TURN)
        with desk.world.database.begin() as conn:
            assert endpoints.take(conn, endpoint.id, real_now=desk.now, held_until=desk.now + TURN)
        return Heard(is_begun=False)

    desk.tell(endpoint, slow)
    with desk.world.database.begin() as conn:
        held_until = desk.now + 2 * TURN
        assert endpoints.take(conn, endpoint.id, real_now=desk.now, held_until=held_until) is None


def test_what_was_told_or_failed_is_told_again_under_its_id(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(1)
    desk.later(HOUR)
    desk.pay(2)
    desk.tell_all(endpoint)

    def replay(since: datetime | None, *, only_failed: bool = False) -> int:
        return manage.replay_deliveries(
            desk.world.database, endpoint.id, since=since, only_failed=only_failed, now=desk.now
        )

    assert replay(None, only_failed=True) == 0
    assert replay(desk.now) == 1
    desk.tell_all(endpoint)
    assert receiver.payments() == ["P-1", "P-2", "P-2"]
    assert len(set(receiver.ids())) == 2
    assert replay(TUESDAY) == 2
    desk.tell_all(endpoint)
    assert len(receiver.got) == 5
    with desk.world.database.begin() as conn:
        (first, _) = deliveries.latest(conn, endpoint.id, limit=9)
        deliveries.record(
            conn, [deliveries.Try(delivery=first, state=DeliveryState.FAILED, next_at=desk.now)], now=desk.now
        )
    assert replay(None, only_failed=True) == 1
    assert desk.deliveries(endpoint)[-1].tries == 0, "with all its tries before it"
    desk.tell_all(endpoint)
    assert receiver.ids()[-1] == first.id


def test_a_ping_goes_at_once_and_lets_what_waited_follow(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    receiver.answer = answering(503)
    desk.pay(1)
    desk.tell_all(endpoint)

    def ping() -> Heard:
        start_by = boot_clock.now() + 60
        return manage.ping_endpoint(desk.world.database, endpoint.id, desk.call, start_by=start_by, now=desk.now)

    assert ping().reason == "answered 503"
    receiver.answer = answering(204)
    assert ping().is_done
    assert receiver.got[-1][1]["type"] == "ping"
    assert desk.tell(endpoint) == Told(1, 0), "it does not wait for its backoff"


def test_what_is_older_than_thirty_days_is_forgotten(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(1)
    desk.later(timedelta(days=30))
    desk.pay(2)
    assert forget_deliveries(desk.world.database, now=desk.now) == 0
    assert forget_deliveries(desk.world.database, now=desk.now + HOUR) == 1
    assert len(desk.deliveries(endpoint)) == 1


def test_the_same_secret_for_the_same_key_and_another_for_each_endpoint_and_generation() -> None:
    made = {secret_of(KEY, name, generation) for name in ("ep-1", "ep-2") for generation in (1, 2)}
    assert len(made) == 4
    assert secret_of(KEY, "ep-1", 1) in made
    assert secret_of("another" * 9, "ep-1", 1) not in made
    assert all(standard_webhooks.key_of(each) is not None for each in made)


def test_an_endpoint_that_was_disabled_meanwhile_is_not_enabled_by_its_turn(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    desk.pay(1)

    def disabled_meanwhile(*given: object) -> Heard:
        manage.disable_endpoint(desk.world.database, endpoint.id, by="ann", now=desk.now)
        return Heard(is_done=True)

    desk.tell(endpoint, disabled_meanwhile)
    assert desk.endpoint(endpoint).disabled_at == desk.now
    assert desk.endpoint(endpoint) == replace(endpoint, disabled_at=desk.now, disabled_why="by ann")


def _dispatched(desk: Desk, outcome: Outcome) -> None:
    outcomes = [outcome]
    desk.world.verdict = lambda _: outcomes.pop(0) if outcomes else None
    desk.world.advance()
    desk.world.dispatch()


def test_a_message_that_its_provider_refuses_has_failed(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    _dispatched(desk, Rejected(reason_class=ReasonClass.ADDRESS, code="21211"))
    (told,) = desk.deliveries(endpoint)
    data = json.loads(told.body)["data"]
    assert (told.event_type, data["status"], data["reason"]) == ("message.failed", "refused", "address: 21211")
    assert data["message_id"] == desk.world.messages()[0].id


def test_a_message_in_doubt_is_told_once_it_is_known_to_have_left(desk: Desk, receiver: Receiver) -> None:
    endpoint = desk.add(receiver)
    _dispatched(desk, InDoubt(reason="no answer"))
    assert desk.deliveries(endpoint) == []
    message_id = desk.world.messages()[0].id
    with desk.world.database.read() as conn:
        (doubtful,) = attempts.of_messages(conn, [message_id])
    proof = Receipt(provider_id="x", status=DeliveryStatus.DELIVERED, dedup_key="d", attempt_id=doubtful.id)
    for _ in range(2):
        record_receipts(desk.world.database, [proof], now=desk.now, real_now=desk.now)
    told = [(each.event_type, json.loads(each.body)["data"]["message_id"]) for each in desk.deliveries(endpoint)]
    assert told == [("message.sent", message_id), ("message.delivered", message_id)]


def test_what_was_told_is_recorded_although_the_database_is_busy(desk: Desk, receiver: Receiver) -> None:
    """SQLite gives up after a second; then it would be told again."""
    endpoint = desk.add(receiver)
    desk.pay(1)
    busy, others = threading.Event(), list[threading.Thread]()

    def keep_busy() -> None:
        with desk.world.database.begin():
            busy.set()
            time.sleep(1.5)

    def call(*given: Any) -> Heard:
        heard = desk.call(*given)
        others.append(threading.Thread(target=keep_busy))
        others[0].start()
        assert busy.wait(30)
        return heard

    told = desk.tell(endpoint, call)
    others[0].join()
    assert told == Told(1, 0)
    assert [each.state for each in desk.deliveries(endpoint)] == [DeliveryState.DONE]
