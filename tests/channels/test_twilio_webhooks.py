"""Is it Twilio, and what does it say: signatures as the official SDK makes them, with the traps, and every word."""

import base64
import hashlib
import hmac
import inspect
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the SDK ships no types
from twilio.rest.api.v2010.account.message import MessageInstance  # type: ignore[import-untyped]  # as above

from channels.contract import Channel, DeliveryStatus, Inbound, ReasonClass, Receipt
from channels.provider import Parsed, RawRequest
from channels.registry import webhooks
from channels.sms.twilio_tables import ERRORS, STATUSES, reason_of

TOKEN, OLD_TOKEN = "the token of today", "the token of yesterday"
URL = "https://relance.example/webhooks/twilio/status?attempt=01J2ATTEMPT"
STATUS, INBOUND = webhooks("twilio")["status"], webhooks("twilio")["inbound"]
FORM = [
    ("MessageSid", "SM1"),
    ("MessageStatus", "delivered"),
    ("To", "+33644631234"),
    ("From", "RELANCE"),
    ("ErrorMessage", ""),
    ("A field of tomorrow", "é&= 100 %"),
]


def signed(
    form: list[tuple[str, str]], *, url: str = URL, signed_url: str = URL, token: str = TOKEN, algorithm: str = ""
) -> RawRequest:
    """A webhook as Twilio sends it, signed by the official SDK."""
    signature = RequestValidator(token).compute_signature(signed_url, _Repeating(form), algorithm or None)
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    if algorithm:
        headers["x-twilio-webhooks-signature-settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return RawRequest(url=url, headers=headers, body=urlencode(form).encode())


class _Repeating(dict[str, str]):
    """A form whose names may repeat, in the shape that the SDK takes for one."""

    def __init__(self, form: list[tuple[str, str]]) -> None:
        super().__init__(form)
        self._form = form

    def getall(self, name: str) -> list[str]:
        return [text for each, text in self._form if each == name]


def changed(request: RawRequest, **fields: object) -> RawRequest:
    given = {name: getattr(request, name) for name in request.__struct_fields__}
    return RawRequest(**(given | fields))


# ------------------------------------------------------------------------------------- is it Twilio


def test_the_vector_of_the_manual_verifies() -> None:
    """https://www.twilio.com/docs/usage/security, computed here by hand as that page says."""
    text = "https://example.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+14158675310Digits1234"
    signature = base64.b64encode(hmac.new(b"12345", text.encode(), hashlib.sha1).digest()).decode()
    request = RawRequest(
        url="https://example.com/myapp.php?foo=1&bar=2",
        headers={"x-twilio-signature": signature},
        body=b"Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675310",
    )
    assert STATUS.verify(request, ("12345",))


def test_what_twilio_signed_verifies_with_fields_empty_and_unknown() -> None:
    assert STATUS.verify(signed(FORM), (TOKEN,))


@given(form=st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=8))
def test_any_form_that_the_sdk_signs_verifies(form: list[tuple[str, str]]) -> None:
    assert STATUS.verify(signed(form), (TOKEN,))


def test_a_name_that_repeats_verifies() -> None:
    assert STATUS.verify(signed([*FORM, ("Media", "b"), ("Media", "a"), ("Media", "b")]), (TOKEN,))


def test_while_tokens_are_changed_either_verifies() -> None:
    assert STATUS.verify(signed(FORM, token=OLD_TOKEN), (TOKEN, OLD_TOKEN))
    assert STATUS.verify(signed(FORM), (TOKEN, OLD_TOKEN))
    assert not STATUS.verify(signed(FORM, token=OLD_TOKEN), (TOKEN,))


def test_a_shared_key_signs_with_sha256() -> None:
    request = signed(FORM, algorithm="HMAC_SHA256")
    assert STATUS.verify(request, (TOKEN,))
    assert not STATUS.verify(changed(request, headers={**request.headers} | _settings("HMAC_SHA1")), (TOKEN,))
    of_today = signed(FORM)
    assert not STATUS.verify(changed(of_today, headers={**of_today.headers} | _settings("HMAC_MD5")), (TOKEN,))


def _settings(algorithm: str) -> dict[str, str]:
    return {"x-twilio-webhooks-signature-settings": f"key=k, algorithm={algorithm}"}


@pytest.mark.parametrize("secrets", [(), ("",), ("", "another")])
def test_without_the_token_nothing_verifies(secrets: tuple[str, ...]) -> None:
    assert not STATUS.verify(signed(FORM), secrets)
    assert not STATUS.verify(signed(FORM, token=""), secrets)


@pytest.mark.parametrize(
    "fields",
    [
        {"url": URL + "0"},
        {"url": URL.replace("attempt=", "Attempt=")},
        {"url": URL.replace("https", "http")},
        {"url": URL.replace("relance.", "other.")},
        {"body": b"MessageSid=SM1&MessageStatus=failed"},
        {"body": urlencode([*FORM, ("More", "1")]).encode()},
        {"body": urlencode(FORM[:-1]).encode()},
        {"body": b""},
        {"body": b"\xff\xfe"},
        {"body": b"a=%ff"},
        {"body": b"&".join([b"a=1"] * 500)},
        {"body": b"a=" + b"x" * 300_000},
        {"headers": {}},
        {"headers": {"x-twilio-signature": ""}},
        {"headers": {"x-twilio-signature": "not base64 é \ud800"}},
        {"headers": {"x-twilio-signature": "x" * 28}},
    ],
    ids=repr,
)
def test_what_was_changed_on_the_way_does_not_verify_and_raises_nothing(fields: dict[str, object]) -> None:
    request = signed(FORM)
    assert not STATUS.verify(changed(request, **fields), (TOKEN,))


def test_a_body_longer_than_any_webhook_is_not_even_read() -> None:
    assert STATUS.verify(signed([("Body", "x" * 200_000)]), (TOKEN,))
    assert not STATUS.verify(signed([("Body", "x" * 300_000)]), (TOKEN,))


@pytest.mark.parametrize(
    "called, signed_as",
    [
        ("https://relance.example/x?a=1", "https://relance.example:443/x?a=1"),
        ("https://relance.example:443/x?a=1", "https://relance.example/x?a=1"),
        ("https://relance.example:8443/x?a=1", "https://relance.example/x?a=1"),
        ("http://[::1]:8000/x", "http://[::1]/x"),
        ("http://[::1]/x", "http://[::1]:80/x"),
        ("https://user:word@relance.example:443/x", "https://user:word@relance.example/x"),
        ("https://relance.example/x#rc=5&rp=all", "https://relance.example/x"),
        ("https://relance.example/x?", "https://relance.example:443/x?"),
    ],
)
def test_the_port_may_be_signed_or_not(called: str, signed_as: str) -> None:
    assert STATUS.verify(signed(FORM, url=called, signed_url=signed_as), (TOKEN,))


@pytest.mark.parametrize("url", ["https://relance.example:99999/x", "https://[::1/x", "x", ""])
def test_a_url_that_cannot_be_taken_apart_raises_nothing(url: str) -> None:
    assert not STATUS.verify(signed(FORM, url=url), (TOKEN,))


def test_json_is_signed_by_its_hash_in_the_url() -> None:
    body = b'{"MessageSid": "SM1"}'
    url = f"https://relance.example/x?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    headers = {"x-twilio-signature": signature, "content-type": "application/json"}
    request = RawRequest(url=url, headers=headers, body=body)
    assert STATUS.verify(request, (TOKEN,))
    assert not STATUS.verify(changed(request, body=b'{"MessageSid": "SM2"}'), (TOKEN,))


def test_json_without_its_hash_does_not_verify() -> None:
    """Otherwise a stranger could put any body under the signature of an empty form."""
    signature = RequestValidator(TOKEN).compute_signature(URL, {})
    headers = {"x-twilio-signature": signature, "content-type": "application/json"}
    assert not STATUS.verify(RawRequest(url=URL, headers=headers, body=b'{"MessageSid": "SM1"}'), (TOKEN,))


def test_who_receives_webhooks_does_not_load_the_sdk() -> None:
    call = "import sys; from channels.registry import webhooks; webhooks('twilio'); print('twilio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", call], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


# ------------------------------------------------------------------------------------- statuses


def told(**form: str) -> RawRequest:
    usual = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    return RawRequest(url=URL, headers={}, body=urlencode(usual | form).encode())


def test_a_status_is_a_receipt_with_our_attempt() -> None:
    receipt = Receipt(
        dedup_key="SM1:undelivered",
        status=DeliveryStatus.UNDELIVERED,
        attempt_id="01J2ATTEMPT",
        provider_id="SM1",
        word="undelivered",
        code="30003",
        reason_class=ReasonClass.UNREACHABLE,
    )
    assert STATUS.parse(told(MessageStatus="undelivered", ErrorCode="30003")) == Parsed((receipt,))


@pytest.mark.parametrize("word, status", STATUSES.items())
def test_each_word_has_its_status(word: str, status: DeliveryStatus) -> None:
    receipt = the_receipt(told(MessageStatus=word))
    assert (receipt.status, receipt.word, receipt.dedup_key) == (status, word, f"SM1:{word}")


def test_every_word_of_the_sdk_for_a_message_of_ours_is_in_the_table() -> None:
    words = {text for name, text in inspect.getmembers(MessageInstance.Status) if not name.startswith("_")}
    assert words == set(STATUSES) | {"receiving", "received"}


def test_a_word_of_tomorrow_is_unknown() -> None:
    receipt = the_receipt(told(MessageStatus="teleported"))
    assert (receipt.status, receipt.word) == (DeliveryStatus.UNKNOWN, "teleported")


@pytest.mark.parametrize("code, reason_class", [*((str(code), kind) for code, kind in ERRORS.items()), ("0", None)])
def test_each_code_has_its_class(code: str, reason_class: ReasonClass | None) -> None:
    assert reason_of(code) is reason_class


@pytest.mark.parametrize("code", ["39999", "-1", "x", "³", "9" * 5_000])
def test_a_code_that_the_table_lacks_is_unknown(code: str) -> None:
    assert reason_of(code) is ReasonClass.UNKNOWN


def test_a_callback_without_our_attempt_is_told_by_its_message() -> None:
    for url in (URL.partition("?")[0], f"{URL}%00", URL.partition("=")[0]):
        parsed = STATUS.parse(changed(told(), url=url))
        assert [(fact.attempt_id, fact.provider_id) for fact in parsed.facts if isinstance(fact, Receipt)] == [
            ("", "SM1")
        ]
        assert len(parsed.faults) == 1


@pytest.mark.parametrize(
    "body", [b"", b"MessageSid=SM1", b"MessageStatus=sent", b"\xff", b"MessageSid=&MessageStatus="]
)
def test_a_callback_that_says_nothing_is_a_fault_without_data(body: bytes) -> None:
    parsed = STATUS.parse(RawRequest(url=URL, headers={}, body=body))
    assert parsed.facts == ()
    assert len(parsed.faults) == 1


def test_statuses_are_answered_with_nothing() -> None:
    assert (STATUS.reply.status, STATUS.reply.body) == (204, b"")


def the_receipt(request: RawRequest) -> Receipt:
    (fact,) = STATUS.parse(request).facts
    assert isinstance(fact, Receipt)
    return fact


# ------------------------------------------------------------------------------------- inbound


def test_what_a_person_wrote_is_brought_as_it_is() -> None:
    form = {"MessageSid": "SM2", "From": "+33644631234", "To": "+33644639999", "Body": "Stop, déjà payé"}
    form["OptOutType"] = "STOP"
    request = RawRequest(url="https://relance.example/in", headers={}, body=urlencode(form).encode())
    inbound = Inbound(
        channel=Channel.SMS,
        dedup_key="SM2",
        sender="+33644631234",
        to="+33644639999",
        text="Stop, déjà payé",
        provider_id="SM2",
        opt_out_type="STOP",
    )
    assert INBOUND.parse(request) == Parsed((inbound,))


def test_an_empty_message_is_one() -> None:
    request = RawRequest(url="https://relance.example/in", headers={}, body=b"MessageSid=SM2&From=%2B33644631234&Body=")
    (fact,) = INBOUND.parse(request).facts
    assert isinstance(fact, Inbound)
    assert (fact.text, fact.opt_out_type) == ("", "")


@pytest.mark.parametrize("body", [b"", b"MessageSid=SM2&Body=STOP", b"From=x&Body=STOP", b"\xff"])
def test_an_inbound_message_of_nobody_is_a_fault_without_data(body: bytes) -> None:
    parsed = INBOUND.parse(RawRequest(url=URL, headers={}, body=body))
    assert parsed.facts == ()
    assert len(parsed.faults) == 1
    assert "STOP" not in parsed.faults[0]


def test_inbound_messages_are_answered_with_an_empty_reply() -> None:
    assert (INBOUND.reply.status, INBOUND.reply.media_type) == (200, "text/xml")
    assert INBOUND.reply.body.endswith(b"<Response/>")
