"""Whatever is posted, signed or not, is answered without a fault of ours, and whatever was kept can be taken up."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # the SDK ships no types

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.apply_inbox import apply_inbox
from orchestrator.storage import inbox
from orchestrator.storage.inbox import State
from tests.stubs.sendgrid_events import an_event
from tests.web import listening
from tests.web.listening import NOW, Ear, Post, an_ear, form_of, sendgrid, signed_partner

EXAMPLES = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "\x00", "\ud800", "\u202e", "SM1", "delivered", "9" * 400, "payment.received", "<m@x>", "1e999", "é" * 300]
)
_NAMES = st.sampled_from(
    ["MessageSid", "MessageStatus", "SmsStatus", "ErrorCode", "From", "To", "Body", "OptOutType", "headers", "from",
     "text", "html", "email", "envelope", "charsets", "subject", "attachment-info", "type", "data", "event",
     "sg_event_id", "sg_message_id", "timestamp", "status", "reason", "attempt_id"]
) | _TEXTS  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=10,
)
_FORMS = st.lists(st.tuples(_NAMES, _TEXTS), max_size=6).map(
    lambda pairs: urlencode([(name.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"))
                             for name, text in pairs]).encode()
)  # fmt: skip
_EVENTS = st.dictionaries(_NAMES, _VALUES, max_size=5).map(
    lambda more: {**an_event("bounce", attempt_id="a1", message_id="x"), **more}
)
_JSON = (st.lists(_EVENTS | _VALUES, max_size=4) | _VALUES | _EVENTS).map(lambda value: json.dumps(value).encode())
_BODIES = _FORMS | _JSON | st.binary(max_size=200)
_PATHS = ["twilio/status", "twilio/inbound", "sendgrid/events", "sendgrid/inbound", "partner/payments"]
_PARTS = st.dictionaries(_NAMES.filter(str.isidentifier), st.binary(max_size=80) | _FORMS | _JSON, max_size=6)


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ear]:
    with an_ear(tmp_path_factory.mktemp("home")) as made:
        yield made


def judged(ear: Ear, post: Post, expected: tuple[int, ...]) -> None:
    assert ear.hear(post) in expected


def _twilio(kind: str, body: bytes, query: str = "attempt=a1", media_type: str = listening.FORM) -> Post | None:
    """Whatever form, as Twilio would sign it; None for what it could not write."""
    target = f"/webhooks/twilio/{kind}?{query}"
    try:
        pairs = dict(listening.pairs_of(body))
    except ValueError:
        return None
    signature = RequestValidator(listening.TOKEN).compute_signature(listening.PUBLIC + target, pairs)
    return Post(target, {"content-type": media_type, "x-twilio-signature": signature}, body)


@EXAMPLES
@given(body=_BODIES, kind=st.sampled_from(["status", "inbound"]))
def test_forms_of_twilio(ear: Ear, body: bytes, kind: str) -> None:
    post = _twilio(kind, body)
    if post is not None:
        judged(ear, post, (200, 204, 401))


@EXAMPLES
@given(body=_BODIES)
def test_batches_of_sendgrid(ear: Ear, body: bytes) -> None:
    judged(ear, sendgrid(body), (204,))


@EXAMPLES
@given(parts=_PARTS, noise=st.binary(max_size=40), place=st.integers(0, 400))
def test_mails(ear: Ear, parts: dict[str, bytes], noise: bytes, place: int) -> None:
    content_type, body = form_of(parts, [("a.pdf", "application/pdf", b"%PDF")])
    judged(ear, sendgrid(body, kind="inbound", content_type=content_type), (204,))
    judged(ear, sendgrid(body[:place] + noise + body[place:], kind="inbound", content_type=content_type), (204,))


@EXAMPLES
@given(body=_BODIES, name=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=60))
def test_payments_of_a_partner(ear: Ear, body: bytes, name: str) -> None:
    judged(ear, signed_partner(body, name=name), (204,))


@EXAMPLES
@given(
    path=st.sampled_from(_PATHS),
    body=_BODIES,
    names=st.dictionaries(
        st.sampled_from(
            ["x-twilio-signature", "x-twilio-webhooks-signature-settings", "webhook-id", "webhook-timestamp",
             "webhook-signature", "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"]
        ),
        st.binary(max_size=40).filter(lambda text: not set(text) & set(b"\r\n\0")),
    ),
    media_type=st.sampled_from([listening.FORM, "application/json", "multipart/form-data; boundary=x", "é"]),
)  # fmt: skip
def test_what_strangers_post(ear: Ear, path: str, body: bytes, names: dict[str, bytes], media_type: str) -> None:
    headers = [(name.encode(), text.strip()) for name, text in names.items()]
    headers.append((b"content-type", media_type.encode()))
    answer = ear.client.post(f"/webhooks/{path}", content=body, headers=headers)
    assert answer.status_code in (401, 415)


def test_whatever_was_kept_is_taken_up(ear: Ear) -> None:
    """After the others of this file: everything that they posted is applied or parked, and nothing stays behind."""
    strategy = ear.deployment.strategy(is_rehearsal=True)
    try:
        while apply_inbox(ear.database, strategy, now=NOW, real_now=NOW).looked_at:
            pass
    except RelanceError as error:
        raise AssertionError(f"{error.code}") from error
    with ear.database.read() as conn:
        assert inbox.search(conn, state=State.WAITING, limit=9) == []
        parked = inbox.parked(conn, limit=100_000)
    assert {event.reason.partition(":")[0] for event in parked} & {"failed"} == set(), [
        event.reason for event in parked if event.reason.startswith("failed")
    ]
