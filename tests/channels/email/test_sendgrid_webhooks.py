"""SendGrid's events: only signed bytes are believed, and each event says what the table says."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook  # type: ignore[import-untyped]  # the SDK ships no types

from channels.contract import LADDERS, Channel, DeliveryStatus, InDoubt, ReasonClass, Receipt, strongest
from channels.email.sendgrid_tables import CLASSIFICATIONS, DECISIONS, DROPS, EVENTS, NO_EVIDENCE
from channels.provider import Parsed, ProviderOptions, RawRequest
from channels.registry import adapter, webhooks
from tests.channels.builders import an_email, now
from tests.stubs.http_stub import HttpStub, Reply, Request
from tests.stubs.sendgrid_events import EventPlan, Signer, a_body, an_event
from tests.stubs.sendgrid_stub import API_KEY, SendGridStub
from tests.stubs.twilio_faults import Fault, Kind, always

SIGNER, OTHER = Signer(), Signer()
HOOK = webhooks("sendgrid")["events"]
URL = "https://relance.example/webhooks/sendgrid/events"
MESSAGE_ID = "14c5d75ce93.dfd.64b469"


def event(word: str, **more: Any) -> dict[str, Any]:
    return an_event(word, attempt_id="01J2ATTEMPT", message_id=MESSAGE_ID, email="helene@client.example", **more)


def request_of(body: bytes, **headers: str) -> RawRequest:
    return RawRequest(url=URL, headers=SIGNER.headers(body) | headers, body=body)


def parsed(*events: dict[str, Any]) -> Parsed:
    return HOOK.parse(request_of(a_body(events)))


def receipt(word: str, **more: Any) -> Receipt:
    (fact,) = parsed(event(word, **more)).facts
    assert isinstance(fact, Receipt)
    return fact


# ---------------------------------------------------------------- is it SendGrid


def test_a_signed_batch_is_believed_by_any_of_the_keys() -> None:
    request = request_of(a_body([event("delivered")]))
    assert HOOK.verify(request, (SIGNER.public_key,))
    assert HOOK.verify(request, (OTHER.public_key, SIGNER.public_key))
    pem = f"-----BEGIN PUBLIC KEY-----\n{SIGNER.public_key}\n-----END PUBLIC KEY-----\n"
    assert HOOK.verify(request, (pem,))


@pytest.mark.parametrize("secrets", [(), ("",), (OTHER.public_key,), ("not a key",), ("AAAA",), ("é",)])
def test_without_the_key_nothing_is_believed(secrets: tuple[str, ...]) -> None:
    assert not HOOK.verify(request_of(a_body([event("delivered")])), secrets)


def test_the_sdk_believes_what_the_stand_in_signs() -> None:
    body = a_body([event("delivered")])
    signature, timestamp = SIGNER.headers(body).values()
    assert EventWebhook(SIGNER.public_key).verify_signature(body.decode(), signature, timestamp)
    assert not EventWebhook(OTHER.public_key).verify_signature(body.decode(), signature, timestamp)


def test_a_key_of_another_curve_is_no_key() -> None:
    signer, body = Signer(ec.SECP384R1()), a_body([event("delivered")])
    assert not HOOK.verify(RawRequest(url=URL, headers=signer.headers(body), body=body), (signer.public_key,))


def test_a_byte_more_or_less_or_other_is_not_what_was_signed() -> None:
    body = a_body([event("delivered")])
    headers = SIGNER.headers(body)
    changed = [body.removesuffix(b"\r\n"), body + b" ", body.replace(b"delivered", b"bounce"), b""]
    for other in changed:
        assert not HOOK.verify(RawRequest(url=URL, headers=headers, body=other), (SIGNER.public_key,))


@pytest.mark.parametrize(
    "header, text",
    [
        ("timestamp", "1784099401"),
        ("timestamp", ""),
        ("timestamp", "é"),
        ("signature", ""),
        ("signature", "é"),
        ("signature", "!!!"),
        ("signature", "AAAA"),
    ],
)
def test_a_header_that_is_missing_or_other_is_not_believed(header: str, text: str) -> None:
    request = request_of(a_body([]), **{f"x-twilio-email-event-webhook-{header}": text})
    assert not HOOK.verify(request, (SIGNER.public_key,))


def test_a_request_without_headers_is_not_believed() -> None:
    assert not HOOK.verify(RawRequest(url=URL, headers={}, body=b"[]"), (SIGNER.public_key,))


# ---------------------------------------------------------------- what does it say


def test_an_event_names_attempt_message_status_and_instant_and_nobody() -> None:
    told = receipt("delivered", response="250 OK helene@client.example", timestamp=1784099400)
    assert told == Receipt(
        dedup_key=event("delivered")["sg_event_id"],
        status=DeliveryStatus.DELIVERED,
        attempt_id="01J2ATTEMPT",
        provider_id=MESSAGE_ID,
        word="delivered",
        occurred_at=datetime(2026, 7, 15, 7, 10, tzinfo=UTC),
    )
    assert "helene" not in repr(told)


EXPECTED_EVENTS = {
    "processed": "queued",
    "deferred": "queued",
    "delivered": "delivered",
    "bounce": "bounced",
    "blocked": "failed",
    "dropped": "failed",
    "spamreport": "complained",
}


@pytest.mark.parametrize("word", EVENTS)
def test_an_event_has_its_status(word: str) -> None:
    told = receipt("bounce", type="blocked") if word == "blocked" else receipt(word)
    assert (told.status, told.word) == (EXPECTED_EVENTS[word], word)
    assert told.status in LADDERS[Channel.EMAIL]
    assert set(EXPECTED_EVENTS) == set(EVENTS)


def test_only_a_bounce_is_blocked() -> None:
    assert receipt("delivered", type="blocked").status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    "word, reason",
    [
        ("unsubscribe", ReasonClass.OPTED_OUT),
        ("group_unsubscribe", ReasonClass.OPTED_OUT),
        ("group_resubscribe", None),
        ("spamreport", ReasonClass.OPTED_OUT),
    ],
)
def test_a_decision_of_a_person_is_told(word: str, reason: ReasonClass | None) -> None:
    assert receipt(word).reason_class is reason
    assert word in DECISIONS
    assert len(DECISIONS) == 4


@pytest.mark.parametrize("word", sorted(NO_EVIDENCE))
def test_an_opening_or_a_click_is_no_evidence(word: str) -> None:
    assert parsed(event(word), event("delivered")).facts == (receipt("delivered"),)
    assert {"open", "click"} == NO_EVIDENCE


def test_a_word_that_no_table_has_is_unknown() -> None:
    assert receipt("teleported").status is DeliveryStatus.UNKNOWN


EXPECTED_CLASSIFICATIONS = {
    "invalid address": "address",
    "mailbox unavailable": "unreachable",
    "content": "blocked",
    "reputation": "blocked",
    "frequency or volume too high": "unreachable",
    "technical failure": "unreachable",
}


@pytest.mark.parametrize("classification", CLASSIFICATIONS)
def test_a_bounce_has_the_reason_of_its_classification(classification: str) -> None:
    told = receipt("bounce", bounce_classification=classification.title(), status="9.9.9")
    assert told.reason_class == EXPECTED_CLASSIFICATIONS[classification]
    assert set(EXPECTED_CLASSIFICATIONS) == set(CLASSIFICATIONS)


@pytest.mark.parametrize(
    "more, reason, code",
    [
        ({"status": "5.1.1", "bounce_classification": "Unclassified"}, "address", "5.1.1"),
        ({"status": "5.7.1", "type": "blocked"}, "blocked", "5.7.1"),
        ({"status": "4.2.2", "type": "blocked"}, "unreachable", "4.2.2"),
        ({"status": "", "bounce_classification": None}, "unknown", ""),
        ({}, "unknown", ""),
        ({"status": "500 helene@client.example"}, "unknown", ""),
    ],
)
def test_an_unclassified_bounce_has_the_reason_of_its_code(more: dict[str, str], reason: str, code: str) -> None:
    told = receipt("bounce", **more)
    assert (told.reason_class, told.code) == (reason, code)


EXPECTED_DROPS = {
    "bounced address": "address",
    "invalid smtpapi header": "config",
    "invalid": "address",
    "unsubscribed address": "opted_out",
    "spam reporting address": "opted_out",
    "spam content": "content",
    "recipient list over package quota": "config",
}


@pytest.mark.parametrize("reason", DROPS)
def test_a_drop_has_the_reason_it_gives(reason: str) -> None:
    assert receipt("dropped", reason=f"{reason.title()} (since yesterday)").reason_class == EXPECTED_DROPS[reason]
    assert set(EXPECTED_DROPS) == set(DROPS)


def test_a_drop_for_another_reason_is_unknown() -> None:
    assert receipt("dropped", reason="Because").reason_class is ReasonClass.UNKNOWN
    assert receipt("dropped").reason_class is ReasonClass.UNKNOWN


@pytest.mark.parametrize(
    "given, provider_id",
    [
        ("14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", "14c5d75ce93.dfd.64b469"),
        ("MB2zVZ2hQJ2dvOmPKtfXww.recvd-7c6b-1-65A0-2.0", "MB2zVZ2hQJ2dvOmPKtfXww"),
        ("MB2zVZ2hQJ2dvOmPKtfXww", "MB2zVZ2hQJ2dvOmPKtfXww"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_provider_id_is_that_of_the_answer_to_the_call(given: str | None, provider_id: str) -> None:
    assert receipt("bounce", sg_message_id=given).provider_id == provider_id


@pytest.mark.parametrize("attempt_id", [None, "", "../x", "a" * 65])
def test_mail_of_others_by_the_same_account_names_no_attempt(attempt_id: str | None) -> None:
    told = parsed(event("delivered") | {"attempt_id": attempt_id})
    assert [fact.attempt_id for fact in told.facts if isinstance(fact, Receipt)] == [""]


def test_the_same_event_told_twice_has_the_same_key_with_or_without_its_id() -> None:
    for more in ({}, {"sg_event_id": ""}, {"sg_event_id": None}):
        assert receipt("bounce", **more).dedup_key == receipt("bounce", **more).dedup_key
    assert receipt("bounce", sg_event_id="").dedup_key != receipt("delivered", sg_event_id="").dedup_key


@pytest.mark.parametrize("timestamp", [None, 1e300, -1e300, 10**30])
def test_an_instant_that_is_none_is_left_out(timestamp: float | None) -> None:
    assert receipt("delivered", timestamp=timestamp).occurred_at is None


@pytest.mark.parametrize("bad", [3, None, [], {}, {"event": 5}, {"event": "bounce", "timestamp": "noon"}, "x"])
def test_one_event_that_cannot_be_read_does_not_lose_the_others(bad: Any) -> None:
    body = json.dumps([event("processed"), bad, event("delivered")]).encode()
    told = HOOK.parse(request_of(body))
    assert [fact.status for fact in told.facts if isinstance(fact, Receipt)] == ["queued", "delivered"]
    assert told.faults == ("this is no event of SendGrid",)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"\xff", b"[" * 100_000, b"[1, 2"])
def test_what_is_no_batch_is_one_fault(body: bytes) -> None:
    assert HOOK.parse(request_of(body)) == Parsed(faults=("this is no event of SendGrid",))


@given(st.binary(max_size=120), st.integers(0, 300), st.integers(0, 30))
def test_no_bytes_make_it_raise(noise: bytes, place: int, length: int) -> None:
    body = a_body([event("bounce", status="5.1.1")])
    HOOK.parse(request_of(body[:place] + noise[:length] + body[place + length :]))
    HOOK.verify(RawRequest(url=URL, headers={"x-twilio-email-event-webhook-signature": noise.hex()}, body=noise), ("",))


def test_events_early_late_and_twice_show_one_status() -> None:
    told = parsed(event("delivered"), event("bounce"), event("processed"), event("delivered"))
    facts = [fact.status for fact in told.facts if isinstance(fact, Receipt)]
    assert strongest(Channel.EMAIL, facts) is DeliveryStatus.BOUNCED
    assert len({fact.dedup_key for fact in told.facts}) == 3


def test_the_first_event_settles_a_doubt_however_badly_events_travel() -> None:
    """The answer to the call is cut; the stub's signed events still name the attempt."""
    heard: list[Request] = []
    all_told = threading.Event()

    def listen(request: Request) -> Reply:
        heard.append(request)
        if len(heard) == 20:
            all_told.set()
        return Reply(204)

    with HttpStub(listen) as intake:
        plan = EventPlan(url=f"{intake.url}/webhooks/sendgrid/events", delay_seconds=0, repeat=0.5, reorder=0.5)
        with SendGridStub(plan=always(Fault(Kind.CUT_AFTER)), events=plan) as stub:
            settings = {"api_key": API_KEY, "base_url": stub.url}
            mail = adapter("sendgrid", Channel.EMAIL, ProviderOptions(settings=settings, clock=now))
            names = [f"a{number}" for number in range(20)]
            outcomes = [mail.send(an_email(attempt_id=name)) for name in names]
            assert all_told.wait(5)
    assert {type(outcome) for outcome in outcomes} == {InDoubt}
    requests = [RawRequest(url=URL, headers=each.headers, body=each.body) for each in heard]
    assert all(HOOK.verify(request, (stub.signer.public_key,)) for request in requests)
    facts = [fact for request in requests for fact in HOOK.parse(request).facts if isinstance(fact, Receipt)]
    assert {fact.attempt_id for fact in facts} == set(names)
    assert len({fact.dedup_key for fact in facts}) == 40 < len(facts)
    assert {fact.provider_id for fact in facts} == {taken.message_id for taken in stub.taken}
