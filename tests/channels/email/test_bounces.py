"""Mail that came back tells which attempt, what became of it and why; any other mail tells nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import eml
from channels.contract import LADDERS, Channel, DeliveryStatus, ReasonClass
from channels.email.bounces import ACTIONS, parse_bounce
from tests.channels.builders import NOW, an_email

VERP = "bounce+01J2ATTEMPT@atelier.example"
FAILED = "Final-Recipient: rfc822; helene.prevost@client.example\nAction: failed\nStatus: 5.1.1\n"


def a_bounce(
    *recipients: str,
    to: str = VERP,
    returned: bytes = b"",
    returned_type: str = "message/rfc822",
    head: str = "",
    about: str = "",
) -> bytes:
    """A notification as a mail server writes it, the returned message at its end."""
    blocks = "\n".join(recipients)
    text = (
        f"{head}From: MAILER-DAEMON@mx.client.example\nTo: {to}\nDate: Wed, 15 Jul 2026 09:06:00 +0200\n"
        "Message-ID: <b1@mx.client.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"\n\n'
        "--=_b\nContent-Type: text/plain\n\nYour message could not be delivered.\n"
        f"--=_b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.client.example\n{about}\n{blocks}\n"
        f"--=_b\nContent-Type: {returned_type}\n\n"
    )
    return text.replace("\n", "\r\n").encode() + returned + b"\r\n--=_b--\r\n"


def test_a_failure_names_attempt_status_reason_and_instant() -> None:
    (receipt,) = parse_bounce(a_bounce(f"{FAILED}Last-Attempt-Date: Wed, 15 Jul 2026 09:05:40 +0200\n"))
    assert receipt.attempt_id == "01J2ATTEMPT"
    assert (receipt.status, receipt.word, receipt.code) == (DeliveryStatus.BOUNCED, "failed", "5.1.1")
    assert receipt.reason_class is ReasonClass.ADDRESS
    assert receipt.occurred_at == datetime(2026, 7, 15, 7, 5, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "action, status",
    [
        ("failed", DeliveryStatus.BOUNCED),
        ("delayed", DeliveryStatus.QUEUED),
        ("delivered", DeliveryStatus.DELIVERED),
        ("relayed", DeliveryStatus.SENT),
        ("expanded", DeliveryStatus.SENT),
        ("teleported", DeliveryStatus.UNKNOWN),
    ],
)
def test_an_action_has_its_status(action: str, status: DeliveryStatus) -> None:
    (receipt,) = parse_bounce(a_bounce(f"Action: {action.title()}\nStatus: 5.1.1\n"))
    assert (receipt.status, receipt.word) == (status, action)
    assert receipt.reason_class is (ReasonClass.ADDRESS if action == "failed" else None)
    assert ACTIONS.get(action, DeliveryStatus.UNKNOWN) is status
    assert status in LADDERS[Channel.EMAIL]


def test_every_action_of_the_table_is_tested() -> None:
    assert set(ACTIONS) == {"failed", "delayed", "delivered", "relayed", "expanded"}


@pytest.mark.parametrize(
    "status, code, reason",
    [
        ("5.1.1 (bad destination mailbox)", "5.1.1", ReasonClass.ADDRESS),
        ("5.7.1", "5.7.1", ReasonClass.BLOCKED),
        ("4.4.7", "4.4.7", ReasonClass.UNREACHABLE),
        ("", "", None),
    ],
)
def test_a_failure_says_why_when_it_is_said(status: str, code: str, reason: ReasonClass | None) -> None:
    (receipt,) = parse_bounce(a_bounce(f"Action: failed\nStatus: {status}\n"))
    assert (receipt.code, receipt.reason_class, receipt.status) == (code, reason, DeliveryStatus.BOUNCED)


def test_the_same_fact_has_the_same_key_and_another_fact_another() -> None:
    delayed = FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.1")
    keys = [parse_bounce(raw)[0].dedup_key for raw in (a_bounce(FAILED), a_bounce(FAILED), a_bounce(delayed))]
    assert keys[0] == keys[1] != keys[2]
    other = parse_bounce(a_bounce(FAILED, to="bounce+other@atelier.example"))[0].dedup_key
    assert other not in keys


def test_each_recipient_is_a_receipt() -> None:
    told = parse_bounce(a_bounce(FAILED, FAILED.replace("failed", "delayed")))
    assert [receipt.word for receipt in told] == ["failed", "delayed"]


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_address_it_came_back_to_may_stand_in_a_header_of_the_mailbox(name: str) -> None:
    (receipt,) = parse_bounce(a_bounce(FAILED, to="undisclosed-recipients:;", head=f"{name}: {VERP}\n"))
    assert receipt.attempt_id == "01J2ATTEMPT"


@pytest.mark.parametrize("returned_type", ["message/rfc822", "text/rfc822-headers"])
def test_without_its_address_the_returned_message_tells_the_attempt(returned_type: str) -> None:
    returned = eml.compose(an_email(attempt_id="from-inside"), sent_at=NOW)
    raw = a_bounce(FAILED, to="postmaster@atelier.example", returned=returned, returned_type=returned_type)
    assert parse_bounce(raw)[0].attempt_id == "from-inside"


def test_without_its_address_the_envelope_tells_the_attempt_before_the_returned_message() -> None:
    returned = eml.compose(an_email(attempt_id="from-inside"), sent_at=NOW)
    about = "Original-Envelope-Id: from-envelope\n"
    raw = a_bounce(FAILED, to="postmaster@atelier.example", returned=returned, about=about)
    assert parse_bounce(raw)[0].attempt_id == "from-envelope"
    assert parse_bounce(a_bounce(FAILED, about=about))[0].attempt_id == "01J2ATTEMPT"


@pytest.mark.parametrize("envelope_id", ["not one of ours", "QQ314159+2D", ""])
def test_an_envelope_of_others_tells_nothing(envelope_id: str) -> None:
    raw = a_bounce(FAILED, to="postmaster@atelier.example", about=f"Original-Envelope-Id: {envelope_id}\n")
    assert parse_bounce(raw)[0].attempt_id == ""


def test_a_bounce_of_which_nobody_knows_the_attempt_is_still_told() -> None:
    (receipt,) = parse_bounce(a_bounce(FAILED, to="postmaster@atelier.example"))
    assert (receipt.attempt_id, receipt.status) == ("", DeliveryStatus.BOUNCED)
    assert receipt.dedup_key == "bounce:<b1@mx.client.example>:failed:5.1.1"


@pytest.mark.parametrize(
    "raw",
    [
        eml.compose(an_email(to_address=VERP), sent_at=NOW),
        a_bounce(FAILED).replace(b"multipart/report", b"multipart/mixed"),
        a_bounce(),
        a_bounce("Final-Recipient: rfc822; x@client.example\n"),
        b"",
        b"Content-Type: multipart/report\r\n\r\nno boundary",
    ],
)
def test_any_other_mail_tells_nothing(raw: bytes) -> None:
    assert parse_bounce(raw) == []


@pytest.mark.parametrize(
    "date", ["yesterday", "Wed, 99 Jul 2026 09:05:40 +0200", "", "Wed, 15 Jul 2026 09:05:40 +9999"]
)
def test_a_date_that_is_none_is_left_to_the_notifications_own(date: str) -> None:
    (receipt,) = parse_bounce(a_bounce(f"{FAILED}Last-Attempt-Date: {date}\n"))
    assert receipt.occurred_at == datetime(2026, 7, 15, 7, 6, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["+0000", "-0000", "GMT", ""])
def test_an_instant_is_aware_whatever_zone_it_names(zone: str) -> None:
    (receipt,) = parse_bounce(a_bounce(f"{FAILED}Last-Attempt-Date: Wed, 15 Jul 2026 07:05:40 {zone}\n"))
    assert receipt.occurred_at is not None
    assert receipt.occurred_at.isoformat() == "2026-07-15T07:05:40+00:00"


@given(st.binary(max_size=300), st.integers(0, 700), st.integers(0, 40))
def test_no_bytes_make_it_raise(noise: bytes, place: int, length: int) -> None:
    parse_bounce(noise)
    whole = a_bounce(FAILED, returned=b"Message-ID: <x@y>\r\n\r\n")
    parse_bounce(whole[:place] + noise[:length] + whole[place + length :])
