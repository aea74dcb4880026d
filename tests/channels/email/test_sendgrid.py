"""Sending by SendGrid: the suite, what travels, how each answer is judged, and what is taken once."""

import base64
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from channels import boot_clock
from channels.contract import (
    Accepted,
    Adapter,
    Attachment,
    Channel,
    InDoubt,
    Outcome,
    ReasonClass,
    Rejected,
    Throttled,
)
from channels.email.sendgrid import SendGrid
from channels.email.sendgrid_tables import FIELDS, STATUSES
from channels.errors import InvalidOptions
from channels.provider import ProviderOptions
from channels.registry import adapter
from tests.channels.builders import NOW, an_email, now
from tests.channels.conformance import AdapterConformance, Rig
from tests.stubs.http_stub import Reply
from tests.stubs.sendgrid_stub import API_KEY, SendGridStub
from tests.stubs.twilio_faults import TAKEN, Fault, Kind, always, by_chance


@pytest.fixture(scope="module")
def server() -> Iterator[SendGridStub]:
    with SendGridStub() as running:
        yield running


@pytest.fixture
def stub(server: SendGridStub) -> SendGridStub:
    """The stub of this file, as new."""
    server.reset()
    return server


def sendgrid(stub: SendGridStub, **settings: str) -> Adapter:
    given = {"api_key": API_KEY, "base_url": stub.url, "timeout_seconds": "5"} | settings
    return adapter("sendgrid", Channel.EMAIL, ProviderOptions(settings=given, clock=now))


class TestSendGrid(AdapterConformance):
    """SendGrid fulfils the contract."""

    provider = "sendgrid"

    @pytest.fixture
    def rig(self, stub: SendGridStub) -> Rig:
        def answer_with(outcome: Outcome) -> None:
            kinds = {"Rejected": Kind.REFUSE, "Throttled": Kind.THROTTLE, "InDoubt": Kind.CUT_AFTER}
            stub.plan = always(Fault(kinds[type(outcome).__name__]))

        return Rig(sendgrid(stub), answer_with, lambda: len(stub.taken))


# ---------------------------------------------------------------- what travels


def sent(stub: SendGridStub, **fields: Any) -> dict[str, Any]:
    """The body of the request that carries that e-mail."""
    assert isinstance(sendgrid(stub).send(an_email(**fields)), Accepted)
    return stub.taken[-1].mail


def test_the_request_says_what_was_asked_and_no_more(stub: SendGridStub) -> None:
    assert sent(stub, headers={"List-Unsubscribe": "<https://relance.example/u/1>"}) == {
        "from": {"email": "comptabilite@atelier.example", "name": "Atelier Noël"},
        "reply_to": {"email": "reponses@atelier.example"},
        "subject": "Votre facture F-12 arrive à échéance",
        "personalizations": [
            {
                "to": [{"email": "helene.prevost@client.example", "name": "Hélène Prévost"}],
                "custom_args": {"attempt_id": "01J2ATTEMPT"},
            }
        ],
        "content": [
            {"type": "text/plain", "value": "Il reste 1 234,56 € à régler.\n"},
            {"type": "text/html", "value": "<p>Il reste <b>1 234,56 €</b> à régler.</p>\n"},
        ],
        "headers": {"List-Unsubscribe": "<https://relance.example/u/1>"},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }
    (request,) = stub.heard
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {API_KEY}"


def test_nothing_that_stays_with_sendgrid_names_a_case_or_a_person(stub: SendGridStub) -> None:
    kept_long = json.dumps([sent(stub).get(name) for name in ("categories", "custom_args", "asm", "batch_id")])
    assert kept_long == "[null, null, null, null]"
    assert set(stub.taken[0].mail["personalizations"][0]) == {"to", "custom_args"}
    assert b"reference" not in stub.heard[0].body


def test_attachments_and_one_click_unsubscription_travel(stub: SendGridStub) -> None:
    file = Attachment(file_name="Relevé.pdf", media_type="application/pdf", content=bytes(range(256)))
    one_click = {"List-Unsubscribe": "<https://x.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = sent(stub, attachments=(file,), headers=one_click)
    assert mail["headers"] == one_click
    (attached,) = mail["attachments"]
    assert base64.b64decode(attached.pop("content")) == file.content
    assert attached == {"filename": "Relevé.pdf", "type": "application/pdf", "disposition": "attachment"}


def test_a_header_with_accents_travels_as_one_encoded_word(stub: SendGridStub) -> None:
    assert sent(stub, headers={"X-Note": "é" * 100})["headers"]["X-Note"].startswith("=?utf-8?b?w6nDqcOp")


def test_a_person_without_a_name_is_only_an_address(stub: SendGridStub) -> None:
    mail = sent(stub, to_name="", to_address="o'neil+x@client.example", reply_to="")
    assert mail["personalizations"][0]["to"] == [{"email": "o'neil+x@client.example"}]
    assert "reply_to" not in mail


def test_a_text_that_begins_like_a_key_is_refused_before_a_byte(stub: SendGridStub) -> None:
    outcome = sendgrid(stub).send(an_email(text="SG.abc.def is not for you"))
    assert outcome == Rejected(reason_class=ReasonClass.CONTENT, code="api_key_in_text")
    assert stub.heard == []


def test_neither_the_sdk_nor_we_log_a_key_or_an_address(stub: SendGridStub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sent(stub)
    assert API_KEY not in caplog.text
    assert "helene" not in caplog.text


# ---------------------------------------------------------------- how an answer is judged


def answered(stub: SendGridStub, reply: Reply, **settings: str) -> Outcome:
    stub.answer = reply
    return sendgrid(stub, **settings).send(an_email())


def errors(*fields: str | None) -> bytes:
    return json.dumps({"errors": [{"message": "no", "field": field, "help": None} for field in fields]}).encode()


@pytest.mark.parametrize("status", [200, 202])
def test_an_answer_that_names_the_message_is_an_acceptance(stub: SendGridStub, status: int) -> None:
    assert answered(stub, Reply(status, b"", (("X-Message-Id", "14c5d75ce93.dfd.64b469"),))) == Accepted(
        "14c5d75ce93.dfd.64b469"
    )


@pytest.mark.parametrize("headers", [(), (("X-Message-Id", ""),), (("X-Message-Id", "<script>"),)])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_answer_that_names_none_is_a_doubt(
    stub: SendGridStub, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    assert isinstance(answered(stub, Reply(status, b"", headers)), InDoubt)


def test_in_sandbox_mode_a_message_is_checked_and_not_taken(stub: SendGridStub) -> None:
    assert sendgrid(stub, sandbox_mode="on").send(an_email()) == Accepted("sandbox-01J2ATTEMPT")
    assert json.loads(stub.heard[0].body)["mail_settings"] == {"sandbox_mode": {"enable": True}}
    assert stub.taken == []


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [errors(None), b"<html>", b"", b"\xff"])
def test_a_refusal_has_the_class_of_its_status(stub: SendGridStub, status: int, body: bytes) -> None:
    expected = {
        401: "config",
        403: "config",
        404: "config",
        405: "config",
        406: "config",
        413: "content",
        415: "config",
    }
    outcome = answered(stub, Reply(status, body))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (expected[status], f"http_{status}")
    assert set(expected) == set(STATUSES)


EXPECTED_FIELDS = {
    **dict.fromkeys(["personalizations.to", "personalizations.to.email"], "address"),
    **dict.fromkeys(["from", "from.email", "from.name", "reply_to", "reply_to.email"], "config"),
    **dict.fromkeys(["personalizations.to.name", "subject", "content", "content.value", "content.type"], "content"),
    **dict.fromkeys(
        ["headers", "attachments", *(f"attachments.{x}" for x in ("content", "filename", "type"))], "content"
    ),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_400_has_the_class_of_the_field_it_names(stub: SendGridStub, field: str) -> None:
    outcome = answered(stub, Reply(400, errors(field)))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (EXPECTED_FIELDS[field], f"http_400 {field}")
    assert set(EXPECTED_FIELDS) == set(FIELDS)


@pytest.mark.parametrize(
    "body, reason_class, code",
    [
        (errors("personalizations.0.to.0.email"), "address", "http_400 personalizations.to.email"),
        (errors("personalizations[0].to[0].email"), "address", "http_400 personalizations.to.email"),
        (errors("content.1.value"), "content", "http_400 content.value"),
        (errors("helene.prevost@client.example"), "unknown", "http_400"),
        (errors(None, "subject"), "content", "http_400 subject"),
        (errors(), "unknown", "http_400"),
        (b"<html>", "unknown", "http_400"),
        (b"[" * 5000, "unknown", "http_400"),
        (b'{"errors": "no"}', "unknown", "http_400"),
    ],
)
def test_a_400_that_names_no_field_we_know_is_parked(
    stub: SendGridStub, body: bytes, reason_class: str, code: str
) -> None:
    outcome = answered(stub, Reply(400, body))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (reason_class, code)


@pytest.mark.parametrize("status", [301, 302, 408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [b"", b"<html>", errors(None)])
def test_an_answer_behind_which_the_message_may_be_is_a_doubt(stub: SendGridStub, status: int, body: bytes) -> None:
    assert isinstance(answered(stub, Reply(status, body)), InDoubt)


RESET = str(int((NOW + timedelta(seconds=90)).timestamp()))


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ((("Retry-After", "7"),), 7),
        ((("X-RateLimit-Reset", RESET),), 90),
        ((("Retry-After", "7"), ("X-RateLimit-Reset", RESET)), 7),
        ((("X-RateLimit-Reset", "1000"),), 1),
        ((("X-RateLimit-Reset", "99999999999"),), 3600),
        ((("Retry-After", "Wed, 15 Jul 2026 09:05:40 GMT"),), 60),
        ((("X-RateLimit-Reset", "soon"),), 60),
        ((), 60),
    ],
)
def test_too_fast_is_a_change_of_schedule(
    stub: SendGridStub, headers: tuple[tuple[str, str], ...], seconds: float
) -> None:
    outcome = answered(stub, Reply(429, b"", headers))
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after_seconds == pytest.approx(seconds, abs=1)


# ---------------------------------------------------------------- cuts, threads, start_by


@pytest.mark.parametrize(
    "kind, outcome, copies",
    [
        (Kind.ACCEPT, Accepted, 1),
        (Kind.LATE, Accepted, 1),
        (Kind.SILENT, InDoubt, 1),
        (Kind.CUT_AFTER, InDoubt, 1),
        (Kind.CUT_MID, InDoubt, 1),
        (Kind.GARBLE, InDoubt, 1),
        (Kind.CUT_EARLY, InDoubt, 0),
        (Kind.THROTTLE, Throttled, 0),
        (Kind.BREAK, InDoubt, 0),
        (Kind.REFUSE, Rejected, 0),
    ],
)
def test_whatever_happens_to_the_connection_a_message_is_asked_for_once(
    stub: SendGridStub, kind: Kind, outcome: type, copies: int
) -> None:
    stub.plan = always(Fault(kind, seconds=0.02))
    assert isinstance(sendgrid(stub, timeout_seconds="0.2").send(an_email()), outcome)
    assert sum(stub.requests.values()) == 1
    assert len(stub.taken) == copies


def test_a_server_that_is_not_there_is_not_written(stub: SendGridStub) -> None:
    outcome = sendgrid(stub, base_url="http://127.0.0.1:9").send(an_email())
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class is ReasonClass.NOT_WRITTEN


def test_eight_threads_agree_with_the_ledger_whatever_fails(stub: SendGridStub) -> None:
    chances = {Fault(Kind.CUT_AFTER): 0.05, Fault(Kind.CUT_EARLY): 0.05, Fault(Kind.BREAK): 0.05}
    stub.plan = by_chance(7, chances | {Fault(Kind.THROTTLE): 0.05, Fault(Kind.REFUSE): 0.05})
    mail = sendgrid(stub)
    emails = [an_email(attempt_id=f"a{number}") for number in range(8 * 200)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = dict(zip([each.attempt_id for each in emails], threads.map(mail.send, emails), strict=True))
    attempts = stub.attempts()
    accepted = {name for name, outcome in outcomes.items() if isinstance(outcome, Accepted)}
    doubtful = {name for name, outcome in outcomes.items() if isinstance(outcome, InDoubt)}
    assert set(attempts.values()) == {1}
    assert accepted <= set(attempts) <= accepted | doubtful
    assert len(accepted) == stub.requests[Kind.ACCEPT] > 1000
    assert len(attempts) == sum(stub.requests[kind] for kind in TAKEN)
    provider_ids = {each.attempt_id: each.message_id for each in stub.taken}
    assert all(outcomes[name] == Accepted(provider_ids[name]) for name in accepted)


def test_past_start_by_not_even_a_connection_is_opened(stub: SendGridStub) -> None:
    assert sendgrid(stub).send(an_email(), start_by=boot_clock.now() - 1) == boot_clock.TOO_LATE
    assert stub.heard == []


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "settings, code",
    [
        ({"api_key": ""}, "options_missing"),
        ({"api_key": "SG.key\r\nX: y"}, "options_missing"),
        ({"region": "moon"}, "region_unknown"),
        ({"sandbox_mode": "maybe"}, "sandbox_mode_unknown"),
        ({"base_url": "http://api.sendgrid.example"}, "url_not_encrypted"),
        ({"timeout_seconds": "0"}, "number_invalid"),
        ({"timeout_seconds": "fast"}, "number_invalid"),
        ({"timeout_seconds": "11"}, "number_invalid"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_refused(stub: SendGridStub, settings: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidOptions) as raised:
        sendgrid(stub, **settings)
    assert raised.value.code == code
    assert API_KEY not in str(raised.value)


@pytest.mark.parametrize(
    "region, url",
    [("", "https://api.sendgrid.com"), ("eu", "https://api.eu.sendgrid.com"), ("global", "https://api.sendgrid.com")],
)
def test_the_region_says_where_the_mail_is_kept(stub: SendGridStub, region: str, url: str) -> None:
    built = sendgrid(stub, base_url="", region=region)
    assert isinstance(built, SendGrid)
    assert built.url == f"{url}/v3/mail/send"
