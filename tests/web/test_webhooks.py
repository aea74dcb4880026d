"""Webhooks over HTTP: only what is signed is kept, once, and answered when it is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Message

from channels.provider import RawRequest
from orchestrator.web.webhooks.intake import Intake, Patience
from tests.stubs.sendgrid_events import Signer, a_body, an_event
from tests.web import listening
from tests.web.listening import Ear, Post, an_ear, mail, partner, sendgrid, sms, status, twilio

PAYMENT = {"creditor": "acme-telecom", "reference": "P-1", "debtor_ref": "C-1", "amount": "10.00", "currency": "EUR",
           "received_on": "2026-03-10"}  # fmt: skip
RAW = b"From: Jeanne <jeanne@client.example>\r\nMessage-ID: <m1@client.example>\r\n\r\nd\xe9j\xe0 pay\xe9\0\r\n"


def events(*words: str) -> Post:
    told = [an_event(word, attempt_id="a1", message_id="14c5d75ce93", email="j@client.example") for word in words]
    return sendgrid(a_body(told))


@pytest.fixture
def ear(tmp_path: Path, ready_url: str) -> Iterator[Ear]:
    """On each database."""
    (tmp_path / "home").mkdir()
    with an_ear(tmp_path / "home", ready_url) as made:
        yield made


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ear]:
    """One for what keeps nothing."""
    with an_ear(tmp_path_factory.mktemp("home")) as made:
        yield made


# ------------------------------------------------------------------------------------------- what is kept


def test_each_provider_is_heard_and_answered_as_it_wants(ear: Ear) -> None:
    answers = {
        post.target.partition("?")[0]: ear.client.post(post.target, content=post.body, headers=post.headers)
        for post in (status(), sms(), events("delivered"), mail({"email": RAW}), partner(PAYMENT))
    }
    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/webhooks/twilio/status": 204,
        "/webhooks/twilio/inbound": 200,
        "/webhooks/sendgrid/events": 204,
        "/webhooks/sendgrid/inbound": 204,
        "/webhooks/partner/payments": 204,
    }
    assert answers["/webhooks/twilio/inbound"].text.endswith("<Response/>")
    assert answers["/webhooks/twilio/inbound"].headers["content-type"].startswith("text/xml")
    assert [event.source for event in ear.kept()] == [path.removeprefix("/webhooks/") for path in answers]
    assert ear.woken == 5


def test_an_event_is_kept_once_however_often_it_is_posted(ear: Ear) -> None:
    """R: SendGrid told one event 46 times in 29 hours."""
    posts = (status(), sms(), events("delivered", "bounce"), mail({"email": RAW}), partner([PAYMENT, PAYMENT]))
    for post in posts * 46:
        assert ear.hear(post) in (200, 204)
    assert len(ear.kept()) == 1 + 1 + 2 + 1 + 2


def test_events_have_permanent_keys(ear: Ear) -> None:
    for post in (status("SM1", "sent"), sms("SM2"), partner(PAYMENT, name="one"), partner([PAYMENT] * 2, name="two")):
        ear.hear(post)
    assert [event.key for event in ear.kept()] == ["SM1:sent", "SM2", "one", "two:1", "two:2"]


def test_what_proves_nothing_is_not_kept(ear: Ear) -> None:
    assert ear.hear(events("open", "click")) == 204
    assert ear.kept() == []


@pytest.mark.parametrize("algorithm", ["", "HMAC_SHA1", "HMAC_SHA256"])
@pytest.mark.parametrize("token", [listening.TOKEN, listening.OLD_TOKEN])
def test_both_schemes_of_twilio_and_both_live_secrets_verify(door: Ear, algorithm: str, token: str) -> None:
    form = {"MessageSid": f"SM{algorithm}{token}", "MessageStatus": "sent", "Body": "", "Tomorrow": "é&= 100 %"}
    assert door.hear(twilio(form, algorithm=algorithm, token=token)) == 204


def test_while_secrets_are_changed_the_old_ones_verify(door: Ear) -> None:
    assert door.hear(sendgrid(a_body([]), by=listening.OLD_SIGNER)) == 204
    assert door.hear(partner([], secret=listening.OLD_PARTNER)) == 204


def test_what_cannot_be_read_is_kept_whole(ear: Ear) -> None:
    """It was signed: a person looks at it, nobody loses it."""
    unreadable = (
        twilio({"Nothing": "known"}),
        sendgrid(b"no json\0\xff"),
        sendgrid(b"--nothing", kind="inbound", content_type="multipart/form-data; boundary=x"),
        listening.signed_partner(b"\xff"),
    )
    for post in unreadable:
        assert ear.hear(post) == 204
    assert len(ear.kept()) == len(unreadable)


# ---------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("path", ["nobody/status", "twilio/nothing", "twilio", "smtp/status", "", "twilio/status/x"])
def test_where_nobody_listens_is_no_address(door: Ear, path: str) -> None:
    assert door.hear(Post(f"/webhooks/{path}", {}, b"")) == 404


def test_without_a_secret_nobody_listens(tmp_path: Path) -> None:
    lanes = "lanes:\n  - {id: mail, channel: email, provider: sendgrid, settings: {api_key: {env: SENDGRID_API_KEY}}}\n"
    with an_ear(tmp_path, lanes=lanes, RELANCE_PARTNER_SECRETS="") as ear:
        for post in (status(), sms(), events("delivered"), mail({"email": RAW}), partner(PAYMENT)):
            assert ear.hear(post) == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_webhooks_are_posted(door: Ear, method: str) -> None:
    answer = door.client.request(method, "/webhooks/twilio/status")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("post", [status(), events("delivered"), mail({"email": RAW}), partner(PAYMENT)])
@pytest.mark.parametrize("media_type", ["", "text/plain", "application/xml"])
def test_other_media_types_are_not_read(door: Ear, post: Post, media_type: str) -> None:
    assert door.hear(Post(post.target, {**post.headers, "content-type": media_type}, post.body)) == 415


SIGNATURES = ("x-twilio-signature", "x-twilio-email-event-webhook-signature", "webhook-signature")
SIZES = [("twilio/status", 256 * 1024), ("sendgrid/events", 2 * 1024 * 1024), ("partner/payments", 256 * 1024)]


@pytest.mark.parametrize("path, size", SIZES)
@pytest.mark.parametrize("is_declared", [True, False])
def test_a_body_beyond_the_cap_is_refused_while_it_is_read(door: Ear, path: str, size: int, is_declared: bool) -> None:
    media_type = listening.FORM if path.startswith("twilio") else "application/json"
    body = b"x" * (size + 1)
    content = body if is_declared else iter([body[:size], body[size:]])
    headers = {"content-type": media_type} | dict.fromkeys(SIGNATURES, "AAAA")
    answer = door.client.post(f"/webhooks/{path}", content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize("post", [status(), sms(), events("delivered"), mail({"email": RAW}), partner(PAYMENT)])
def test_without_a_signature_nothing_is_believed(ear: Ear, post: Post) -> None:
    unsigned = {"content-type": post.headers["content-type"]}
    assert ear.hear(Post(post.target, unsigned, post.body)) == 401
    for name in post.headers:
        if name != "content-type":
            assert ear.hear(Post(post.target, {**post.headers, name: "AAAA"}, post.body)) == 401
    assert ear.kept() == []
    assert sum(ear.app.state.listening.counts.all().values()) == len(post.headers)


def test_the_signature_covers_the_address_of_our_settings(door: Ear) -> None:
    post = status("SM77")
    for headers in ({"host": "evil.example"}, {"x-forwarded-host": "evil.example"}, {"x-forwarded-proto": "http"}):
        assert door.hear(Post(post.target, {**post.headers, **headers}, post.body)) == 204
    assert door.hear(Post(post.target + "&more=1", post.headers, post.body)) == 401
    assert door.hear(Post("/webhooks/twilio/inbound", post.headers, post.body)) == 401


def flipped(post: Post) -> Iterator[Post]:
    """Each bit of the body, and each character of what is signed beside it, changed by itself."""
    for place in range(len(post.body)):
        for bit in range(8):
            body = bytearray(post.body)
            body[place] ^= 1 << bit
            yield Post(post.target, post.headers, bytes(body))
    signed = [name for name in post.headers if "signature" in name or name.startswith("webhook-")]
    for name in signed:
        if "settings" in name:
            continue
        text = post.headers[name]
        for place in range(len(text)):
            changed = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
            yield Post(post.target, {**post.headers, name: changed}, post.body)


SIGNED = [
    twilio({"MessageSid": "SM1", "MessageStatus": "sent"}),
    twilio({"MessageSid": "SM1", "MessageStatus": "sent"}, algorithm="HMAC_SHA256"),
    events("delivered"),
    mail({"email": b"Message-ID: <m>\r\n\r\nx"}),
    partner({"reference": "P-1"}),
]


@pytest.mark.parametrize("post", SIGNED, ids=["twilio", "twilio shared key", "sendgrid", "inbound mail", "partner"])
def test_every_byte_of_a_signed_request_flipped_is_refused(door: Ear, post: Post) -> None:
    """By the webhook's own judge, which the address asks; a form may write one byte in two ways, and say the same."""
    found = door.app.state.listening.door(post.target.partition("?")[0])
    url = listening.PUBLIC + post.target
    judge = found.webhook.verify
    assert judge(RawRequest(url=url, headers=post.headers, body=post.body), found.secrets)
    for other in flipped(post):
        request = RawRequest(url=url, headers=other.headers, body=other.body)
        assert not judge(request, found.secrets), (other.headers, other.body)


def test_a_flipped_request_is_refused_over_http(door: Ear) -> None:
    for post in SIGNED:
        for place in range(0, len(post.body), 7):
            body = bytearray(post.body)
            body[place] ^= 0x10
            assert door.hear(Post(post.target, post.headers, bytes(body))) == 401
    assert door.hear(sendgrid(a_body([]), by=Signer())) == 401


# ------------------------------------------------------------------------------------------ what is counted


def test_what_became_of_webhooks_is_in_the_metrics(tmp_path: Path) -> None:
    with an_ear(tmp_path) as ear:
        ear.hear(status())
        ear.hear(Post(status().target, {"content-type": listening.FORM}, b""))
        text = "\n".join(ear.app.state.meter.text().decode().splitlines())
    assert 'relance_webhook_requests_total{outcome="kept",source="twilio/status"} 1.0' in text
    assert 'relance_webhook_requests_total{outcome="bad_signature",source="twilio/status"} 1.0' in text
    assert 'relance_inbox_waiting{source="twilio/status"} 1.0' in text
    assert "relance_spooled_bytes 0.0" in text


# --------------------------------------------------------------------------------------- floods and slow ones


def called(ear: Ear, patience: Patience, posts: list[Post], *, ends: bool) -> list[int]:
    """The answers to requests made at once by the application itself; bodies that do not end stop halfway."""
    ear.app.state.listening.patience = patience
    intake = Intake(ear.app, ear.app.state.listening)

    async def one(post: Post) -> int:
        first = post.body[:9] if len(post.body) < 1_000 else post.body[:-9]
        waiting = [{"type": "http.request", "body": first, "more_body": not ends}]
        said: list[int] = []

        async def receive() -> Message:
            return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            said.append(message.get("status", 0))

        path, _, query = post.target.partition("?")
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in post.headers.items()],
        }
        await intake(scope, receive, send)
        return said[0]

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*map(one, posts))

    return asyncio.run(all_of_them())


def test_a_body_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    with an_ear(tmp_path) as ear:
        patience = Patience(body=0.1, large_body=0.2)
        assert called(ear, patience, [status(), events("delivered"), mail({"email": RAW})], ends=False) == [408] * 3
        assert ear.kept() == []


LARGE = mail({"email": RAW + b"x" * 70_000})


def test_a_flood_of_one_source_waits_for_itself_only(tmp_path: Path) -> None:
    """As many large ones as there are places never end; one more is told to come back, and another source is served."""
    with an_ear(tmp_path) as ear:
        places = ear.app.state.listening.door("/webhooks/sendgrid/inbound").webhook.at_once
        flood = [LARGE] * (places + 1)
        told = called(ear, Patience(body=1.0, large_body=1.0, room=0.1), [*flood, partner(PAYMENT)], ends=False)
        assert sorted(told[: places + 1]) == [408] * places + [503]
        assert ear.hear(partner(PAYMENT)) == 204


def test_dripping_connections_take_no_place_from_anybody(tmp_path: Path) -> None:
    """However many: who has not sent much waits beside the places, for as long as they like."""
    with an_ear(tmp_path) as ear:
        patience = Patience(body=1.0, large_body=1.0, room=0.1)
        assert called(ear, patience, [mail({"email": RAW})] * 20, ends=False) == [408] * 20


def test_who_stops_sending_loses_the_place_long_before_the_end(tmp_path: Path) -> None:
    """The next one has it, although it waits for less than a body may take."""
    with an_ear(tmp_path) as ear:
        places = ear.app.state.listening.door("/webhooks/sendgrid/inbound").webhook.at_once
        patience = Patience(large_body=600.0, room=300.0, lag=0.1)
        assert called(ear, patience, [LARGE] * (places + 1), ends=False) == [408] * (places + 1)


@pytest.mark.parametrize("post", [status(), sms(), events("delivered"), LARGE, partner(PAYMENT)])
def test_what_has_no_signature_is_refused_before_a_byte_of_it_is_read(door: Ear, post: Post) -> None:
    unsigned = Post(post.target, {"content-type": post.headers["content-type"]}, post.body)
    assert called(door, Patience(body=600.0, large_body=600.0), [unsigned], ends=False) == [401]


def test_a_caller_who_has_gone_is_not_answered(tmp_path: Path) -> None:
    with an_ear(tmp_path) as ear:
        intake = Intake(ear.app, ear.app.state.listening)
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        headers = [(b"content-type", b"application/json"), (b"webhook-signature", b"v1,AAAA")]
        path = "/webhooks/partner/payments"
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
        asyncio.run(intake(scope, receive, send))
        assert said == []
