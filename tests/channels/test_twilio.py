"""Twilio's adapter against its stand-in: the suite, what travels, how each answer is judged, threads, the ledger."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import pytest
from msgspec.structs import replace

from channels import boot_clock
from channels.contract import (
    Absent,
    Accepted,
    Adapter,
    CannotTell,
    Channel,
    Found,
    InDoubt,
    Inquiry,
    Outcome,
    ReasonClass,
    Rejected,
    Throttled,
)
from channels.errors import InvalidOptions, UnsupportedChannel
from channels.provider import ProviderOptions
from channels.registry import adapter
from channels.sms.twilio_settings import checked
from channels.sms.twilio_tables import ERRORS, THROTTLES
from tests.channels.builders import an_sms
from tests.channels.conformance import AdapterConformance, Rig
from tests.stubs.raw_server import playing
from tests.stubs.twilio_faults import TAKEN, Fault, Kind, always, by_chance
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub
from tests.stubs.twilio_wiring import CALLBACK_URL, twilio_settings


@pytest.fixture(scope="module")
def server() -> Iterator[TwilioStub]:
    with TwilioStub() as running:
        yield running


@pytest.fixture
def stub(server: TwilioStub) -> TwilioStub:
    """The stub of this file, as new."""
    server.reset()
    return server


def an_adapter(stub: TwilioStub, **settings: str) -> Adapter:
    return adapter("twilio", Channel.SMS, ProviderOptions(settings=twilio_settings(stub, **settings)))


def asked(**fields: str) -> Inquiry:
    """About the message of `an_sms`."""
    sms = an_sms()
    usual = Inquiry(attempt_id=sms.attempt_id, to=sms.to, marker="F-12", since=datetime.now(UTC) - timedelta(minutes=1))
    return replace(usual, **fields)


class TestTwilio(AdapterConformance):
    """Twilio fulfils the contract."""

    provider = "twilio"

    @pytest.fixture
    def rig(self, stub: TwilioStub) -> Rig:
        def answer_with(outcome: Outcome) -> None:
            kinds = {"Rejected": Kind.REFUSE, "Throttled": Kind.THROTTLE, "InDoubt": Kind.CUT_AFTER}
            stub.plan = always(Fault(kinds[type(outcome).__name__]))

        return Rig(an_adapter(stub), answer_with, lambda: len(stub.taken))


# ------------------------------------------------------------------------------------- what travels


def test_the_request_says_what_was_asked_and_no_more(stub: TwilioStub) -> None:
    an_adapter(stub).send(an_sms(text="Réglez ici : https://relance.example/d/a1"))
    assert stub.taken[0].form == {
        "To": "+33644631234",
        "From": "RELANCE",
        "Body": "Réglez ici : https://relance.example/d/a1",
        "StatusCallback": f"{CALLBACK_URL}?attempt=01J2ATTEMPT#rc=5&rp=ct,rt,5xx",
        "ValidityPeriod": "240",
        "SmartEncoded": "false",
    }


def test_a_messaging_service_takes_the_place_of_the_sender(stub: TwilioStub) -> None:
    service = "MG" + "7" * 32
    an_adapter(stub, messaging_service_sid=service, validity_period="36000").send(an_sms())
    form = stub.taken[0].form
    assert "From" not in form
    assert (form["MessagingServiceSid"], form["ValidityPeriod"]) == (service, "36000")


def test_the_attempt_joins_a_query_that_the_callback_already_has(stub: TwilioStub) -> None:
    an_adapter(stub, callback_url=f"{CALLBACK_URL}?tenant=3").send(an_sms())
    assert urlsplit(stub.taken[0].form["StatusCallback"]).query == "tenant=3&attempt=01J2ATTEMPT"
    assert stub.taken[0].attempt_id == "01J2ATTEMPT"


def test_an_api_key_signs_in_for_the_account(stub: TwilioStub) -> None:
    outcome = an_adapter(stub, api_key_sid="SK" + "9" * 32, api_key_secret="another secret").send(an_sms())
    assert isinstance(outcome, Rejected)  # the stub knows the account's token only, and the URL names the account
    assert (outcome.reason_class, outcome.code) == (ReasonClass.CONFIG, "20003")


def test_the_sdk_does_not_log_what_quotes_numbers() -> None:
    assert not logging.getLogger("twilio.http_client").isEnabledFor(logging.INFO)


# ------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("code, reason_class", ERRORS.items())
def test_each_known_code_is_a_definite_refusal(stub: TwilioStub, code: int, reason_class: ReasonClass) -> None:
    stub.plan = always(Fault(Kind.REFUSE, code=code))
    outcome = an_adapter(stub).send(an_sms())
    page = f"https://www.twilio.com/docs/api/errors/{code}"
    assert outcome == Rejected(reason_class=reason_class, code=str(code), detail=page)


@pytest.mark.parametrize("code, seconds", THROTTLES.items())
def test_each_code_of_too_fast_asks_to_come_back(stub: TwilioStub, code: int, seconds: float) -> None:
    stub.plan = always(Fault(Kind.REFUSE, code=code))
    assert an_adapter(stub).send(an_sms()) == Throttled(seconds)


@pytest.mark.parametrize("given, waits", [(30, 30.0), (0.5, 0.5), (90_000, 3_600.0)])
def test_retry_after_is_what_the_answer_says_up_to_an_hour(stub: TwilioStub, given: float, waits: float) -> None:
    stub.plan = always(Fault(Kind.THROTTLE, seconds=given))
    assert an_adapter(stub).send(an_sms()) == Throttled(waits)


def test_an_unknown_code_is_parked(stub: TwilioStub) -> None:
    stub.plan = always(Fault(Kind.REFUSE, code=29999))
    outcome = an_adapter(stub).send(an_sms())
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (ReasonClass.UNKNOWN, "29999")


@pytest.mark.parametrize(
    "status, reason_class",
    [(401, "config"), (403, "config"), (404, "config"), (400, "unknown"), (413, "unknown")],
)
def test_a_refusal_without_a_code_names_its_status(stub: TwilioStub, status: int, reason_class: str) -> None:
    stub.plan = always(Fault(Kind.BREAK, status=status))
    assert an_adapter(stub).send(an_sms()) == Rejected(reason_class=ReasonClass(reason_class), code=f"http_{status}")


@pytest.mark.parametrize("status", [301, 307, 408, 500, 502, 503, 504])
def test_an_answer_of_somebody_in_between_is_in_doubt(stub: TwilioStub, status: int) -> None:
    stub.plan = always(Fault(Kind.BREAK, status=status))
    assert isinstance(an_adapter(stub).send(an_sms()), InDoubt)


def test_a_fault_of_twilio_without_a_known_code_is_in_doubt(stub: TwilioStub) -> None:
    stub.plan = always(Fault(Kind.REFUSE, code=20500, status=500))
    assert isinstance(an_adapter(stub).send(an_sms()), InDoubt)


def test_a_known_code_is_definite_whatever_the_status(stub: TwilioStub) -> None:
    stub.plan = always(Fault(Kind.REFUSE, code=21610, status=500))
    outcome = an_adapter(stub).send(an_sms())
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class is ReasonClass.OPTED_OUT


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"queued"', b"7", b"{}", b'{"sid": 7}', b'{"sid": ""}', b"\xff{"]
)
def test_an_answer_of_success_that_names_no_message_is_in_doubt(stub: TwilioStub, body: bytes) -> None:
    stub.created_body = body
    assert isinstance(an_adapter(stub).send(an_sms()), InDoubt)
    assert len(stub.taken) == 1


@pytest.mark.parametrize("body", [b'{"date_created": 5, "sid": "SM1"}', b'{"date_sent": "Mon, 99 Foo", "sid": "SM1"}'])
def test_a_date_that_the_sdk_cannot_read_raises_nothing(stub: TwilioStub, body: bytes) -> None:
    stub.created_body = body
    assert isinstance(an_adapter(stub).send(an_sms()), Accepted | InDoubt)


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LATE, Kind.CUT_AFTER, Kind.CUT_MID, Kind.GARBLE, Kind.CUT_EARLY])
def test_bytes_that_left_without_a_whole_answer_are_in_doubt(stub: TwilioStub, kind: Kind) -> None:
    stub.plan = always(Fault(kind, seconds=1))
    assert isinstance(an_adapter(stub, timeout_seconds="0.1").send(an_sms()), InDoubt)
    assert stub.requests == {kind: 1}
    assert len(stub.taken) == (kind in TAKEN)


def test_nobody_listening_is_not_written() -> None:
    with TwilioStub() as stub:
        twilio = an_adapter(stub)
    outcome = twilio.send(an_sms())
    assert outcome == Rejected(reason_class=ReasonClass.NOT_WRITTEN, code="connect", detail="ConnectionRefusedError")


def test_start_by_is_looked_at_again_when_the_connection_is_there(stub: TwilioStub) -> None:
    twilio = an_adapter(stub)
    assert isinstance(twilio.send(an_sms()), Accepted)
    assert twilio.send(an_sms(), start_by=boot_clock.now() - 0.001) == boot_clock.TOO_LATE
    assert len(stub.taken) == 1


# ------------------------------------------------------------------------------------- threads


def test_threads_send_each_message_once_and_get_their_own_answer(stub: TwilioStub) -> None:
    twilio = an_adapter(stub)
    messages = [an_sms(attempt_id=f"a{number}", to=f"+3364463{number:04}") for number in range(2_000)]
    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(twilio.send, messages))
    ledger = {each.attempt_id: Accepted(each.sid) for each in stub.taken}
    assert ledger == dict(zip((message.attempt_id for message in messages), outcomes, strict=True))
    assert len(stub.taken) == 2_000


def test_under_faults_the_ledger_holds_what_was_accepted_or_is_in_doubt_and_nothing_twice() -> None:
    chances = {Fault(kind, seconds=0.3): 0.05 for kind in Kind if kind not in (Kind.ACCEPT, Kind.LATE)}
    with TwilioStub(plan=by_chance(7, chances)) as stub:
        twilio = an_adapter(stub, timeout_seconds="0.1")
        with ThreadPoolExecutor(16) as threads:
            outcomes = list(threads.map(twilio.send, [an_sms(attempt_id=f"a{number}") for number in range(400)]))
        attempts = stub.attempts()
        assert max(attempts.values()) == 1
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, Accepted):
                assert attempts[f"a{number}"] == 1
            elif not isinstance(outcome, InDoubt):
                assert attempts[f"a{number}"] == 0
        assert sum(stub.requests.values()) <= 400  # what a busy machine had no time to write was never seen


# ------------------------------------------------------------------------------------- the ledger


def test_a_message_that_waits_in_the_queue_is_found(stub: TwilioStub) -> None:
    """It has no instant of sending yet: a filter by that instant would prove it absent."""
    accepted = an_adapter(stub).send(an_sms())
    assert isinstance(accepted, Accepted)
    assert stub.taken[0].sent_at is None
    assert an_adapter(stub).look_up(asked()) == Found(accepted.provider_id)


def test_what_was_taken_without_an_answer_is_found(stub: TwilioStub) -> None:
    stub.plan = always(Fault(Kind.CUT_AFTER))
    twilio = an_adapter(stub)
    assert isinstance(twilio.send(an_sms()), InDoubt)
    assert twilio.look_up(asked()) == Found(stub.taken[0].sid)


def test_a_message_to_somebody_else_is_not_ours(stub: TwilioStub) -> None:
    an_adapter(stub).send(an_sms(to="+33644631235"))
    assert an_adapter(stub).look_up(asked()) == Absent()


def test_the_ledger_is_read_to_its_last_page(stub: TwilioStub) -> None:
    twilio = an_adapter(stub)
    first = twilio.send(an_sms(text="https://relance.example/d/first"))
    for number in range(450):
        stub.take({"To": an_sms().to, "Body": f"another {number}", "From": "X"})
    assert isinstance(first, Accepted)
    assert twilio.look_up(asked(marker="https://relance.example/d/first")) == Found(first.provider_id)
    assert twilio.look_up(asked(marker="https://relance.example/d/none")) == Absent()


def test_a_ledger_too_long_to_be_read_whole_proves_nothing(stub: TwilioStub) -> None:
    for number in range(2_001):
        stub.take({"To": an_sms().to, "Body": f"another {number}", "From": "X"})
    assert isinstance(an_adapter(stub).look_up(asked()), CannotTell)


def test_an_erased_text_of_that_time_proves_nothing(stub: TwilioStub) -> None:
    stub.take({"To": an_sms().to, "Body": "", "From": "X"})
    assert isinstance(an_adapter(stub).look_up(asked()), CannotTell)
    stub.taken[0].made_at -= 1_800  # by Twilio's clock, which need not be ours
    assert isinstance(an_adapter(stub).look_up(asked()), CannotTell)
    stub.taken[0].made_at -= 5_400
    assert an_adapter(stub).look_up(asked()) == Absent()


def test_an_empty_marker_is_in_every_text_and_proves_nothing(stub: TwilioStub) -> None:
    an_adapter(stub).send(an_sms())
    assert isinstance(an_adapter(stub).look_up(asked(marker="")), CannotTell)


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.CUT_MID, Kind.GARBLE, Kind.THROTTLE, Kind.BREAK, Kind.REFUSE])
def test_a_ledger_that_cannot_be_read_proves_nothing(stub: TwilioStub, kind: Kind) -> None:
    stub.list_plan = always(Fault(kind, code=20003))
    evidence = an_adapter(stub, timeout_seconds="0.1").look_up(asked())
    assert isinstance(evidence, CannotTell)
    assert an_sms().to not in evidence.reason


def test_a_second_page_that_fails_proves_nothing(stub: TwilioStub) -> None:
    for number in range(250):
        stub.take({"To": an_sms().to, "Body": f"another {number}", "From": "X"})
    stub.list_plan = lambda number: Fault(Kind.BREAK) if number else Fault()
    assert isinstance(an_adapter(stub).look_up(asked()), CannotTell)


def test_the_credentials_do_not_follow_a_page_to_another_server(stub: TwilioStub) -> None:
    with playing(lambda connection: connection.say(b"")) as stranger:
        page = {"messages": [], "meta": {"key": "messages", "next_page_url": f"{stranger.url}/more"}}
        stub.listed_body = msgspec.json.encode(page)
        assert an_adapter(stub).look_up(asked()) == CannotTell("foreign_url")
        assert stranger.connections == 0


# ------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize("name", ["account_sid", "auth_token", "callback_url"])
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with TwilioStub() as stub, pytest.raises(InvalidOptions, match=name):
        an_adapter(stub, **{name: ""})


@pytest.mark.parametrize(
    "name, text",
    [
        ("account_sid", "AC12"),
        ("account_sid", "SM" + "5" * 32),
        ("messaging_service_sid", "MG1234"),
        ("api_key_sid", ACCOUNT_SID),
        ("callback_url", "https://relance_host.example/x"),
        ("callback_url", "https://relance.example/x#rc=2"),
        ("callback_url", "http://relance.example/x"),
        ("callback_url", "relance.example/x"),
        ("base_url", "http://api.twilio.example"),
        ("base_url", "https://user:secret@api.twilio.example"),
        ("validity_period", "5"),
        ("validity_period", "36001"),
        ("validity_period", "4m"),
        ("timeout_seconds", "0.01"),
        ("timeout_seconds", "11"),
        ("timeout_seconds", "61"),
    ],
)
def test_an_unusable_setting_is_refused_without_quoting_it(name: str, text: str) -> None:
    given = {"account_sid": ACCOUNT_SID, "auth_token": "secret", "api_key_secret": "secret"}
    options = ProviderOptions(settings=given | {"callback_url": CALLBACK_URL} | {name: text})
    with pytest.raises(InvalidOptions) as refused:
        adapter("twilio", Channel.SMS, options)
    assert f" {text}" not in f" {refused.value}"


def test_variables_of_the_sdk_move_nothing(stub: TwilioStub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin", "TWILIO_ACCOUNT_SID": "ACx"}.items():
        monkeypatch.setenv(name, text)
    assert isinstance(an_adapter(stub).send(an_sms()), Accepted)


def test_no_secret_is_shown(stub: TwilioStub) -> None:
    options = ProviderOptions(settings=twilio_settings(stub))
    assert "auth_token" in repr(options)
    shown = repr(options) + repr(checked(options.settings)) + repr(vars(an_adapter(stub))["_settings"])
    assert AUTH_TOKEN not in shown


def test_twilio_sends_sms_only(stub: TwilioStub) -> None:
    with pytest.raises(UnsupportedChannel):
        adapter("twilio", Channel.EMAIL, ProviderOptions(settings=twilio_settings(stub)))
