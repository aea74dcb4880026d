"""Standard Webhooks: the published vector, rotation of secrets, and nothing believed that was not signed just now."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import InvalidOptions
from channels.standard_webhooks import sign, verify

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, no less").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the key of yesterday, of as many").decode()
BODY = b'{"type":"payment.received","data":{"reference":"P-1"}}'


def headers(*secrets: str, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    signatures = " ".join(sign(secret, "msg_1", at, body) for secret in secrets)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signatures}


def test_the_vector_of_the_reference_libraries() -> None:
    """The one that the libraries of the specification test themselves with."""
    secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at, body = datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(f"whsec_{secret}", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body) == signature


def test_any_live_secret_verifies_any_of_the_signatures() -> None:
    assert verify(headers(SECRET), BODY, [OLD_SECRET, SECRET], NOW)
    assert verify(headers(OLD_SECRET, SECRET), BODY, [SECRET], NOW)
    assert not verify(headers(OLD_SECRET), BODY, [SECRET], NOW)


@pytest.mark.parametrize("secrets", [(), ("",), ("whsec_",), ("whsec_not base64",), ("whsec_QQ==",), ("é",)])
def test_without_a_secret_nothing_is_believed(secrets: tuple[str, ...]) -> None:
    assert not verify(headers(SECRET), BODY, secrets, NOW)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_within_five_minutes_the_clock_may_differ(minutes: int) -> None:
    assert verify(headers(SECRET), BODY, [SECRET], NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_what_is_old_or_of_the_future_is_refused(seconds: int) -> None:
    assert not verify(headers(SECRET), BODY, [SECRET], NOW + timedelta(seconds=seconds))


def test_every_byte_flipped_is_refused() -> None:
    for place in range(len(BODY)):
        for bit in range(8):
            other = bytearray(BODY)
            other[place] ^= 1 << bit
            assert not verify(headers(SECRET), bytes(other), [SECRET], NOW)
    right = headers(SECRET)
    for name, text in right.items():
        for place in range(len(text)):
            other_text = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            assert not verify({**right, name: other_text}, BODY, [SECRET], NOW), (name, place)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("text", [None, "", " ", "v1,", "v1a,AAAA", "é", "-5", "1e9", "²", "9" * 40])
def test_a_header_that_lacks_or_is_odd_is_refused(name: str, text: str | None) -> None:
    right = headers(SECRET)
    odd = {key: value for key, value in right.items() if key != name} | ({name: text} if text is not None else {})
    assert not verify(odd, BODY, [SECRET], NOW)


def test_what_cannot_be_signed_is_said() -> None:
    with pytest.raises(InvalidOptions):
        sign("whsec_short", "msg_1", NOW, BODY)
    with pytest.raises(InvalidOptions):
        sign(SECRET, "a.b", NOW, BODY)


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.binary()
)
def test_nothing_that_a_stranger_sends_raises(odd: dict[str, str], body: bytes) -> None:
    assert not verify(odd, body, [SECRET], NOW)
