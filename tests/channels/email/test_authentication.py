"""What the receiving server found of a mail's origin, in its words and in SendGrid's; others' words count nothing."""

import pytest

from channels.contract import Inbound
from channels.email.inbound_mail import read_mail
from tests.channels.email.test_sendgrid_inbound import FIELDS, HEADERS, HOOK, form, inbound, parsed, request

SERVER = "mx.acme.example"


def said(*results: str, sender: str = "jeanne@client.example") -> bool | None:
    """What is known of a mail that came with these results, the topmost first."""
    lines = "".join(f"Authentication-Results: {each}\r\n" for each in results)
    (fact,) = read_mail(f"{lines}From: Jeanne <{sender}>\r\nMessage-ID: <m>\r\n\r\nx".encode()).facts
    assert isinstance(fact, Inbound)
    return fact.is_authenticated


@pytest.mark.parametrize(
    "results, expected",
    [
        ("", None),
        ("none", None),
        ("dmarc=pass (p=none dis=none) header.from=client.example", True),
        ("dmarc=fail (p=reject; sp=reject) header.from=client.example", False),
        ("DMARC = Fail", False),
        ("spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; dmarc=fail", False),
        ("spf=fail smtp.mailfrom=liste@autre.example; dkim=pass header.d=client.example; dmarc=pass", True),
        ("spf=fail (client.example: 192.0.2.1 is not allowed) smtp.mailfrom=client.example", False),
        ("spf=softfail smtp.mailfrom=client.example; dkim=none; dmarc=none", False),
        ("spf=fail; dkim=pass header.d=autre.example", None),
        ("spf=pass smtp.mailfrom=bounce@mail.client.example", True),
        ("spf=pass smtp.mailfrom=evil.example", None),
        ("spf=pass smtp.mailfrom=notclient.example", None),
        ("dkim=fail header.d=client.example", False),
        ("dkim=fail header.d=liste.example; spf=neutral", None),
        ('dkim=pass header.i="@client.example" header.s=s1', True),
        ("dmarc=temperror; spf=temperror", None),
        ("dmarc=bestguesspass", None),
        ("x(dmarc=pass)=1", None),
    ],
)
def test_the_results_of_the_receiving_server(results: str, expected: bool | None) -> None:
    assert said(f"{SERVER};\r\n {results}") is expected
    assert said(f"{SERVER} 1; {results}", f"{SERVER}; dmarc={'fail' if expected else 'pass'}") is expected


def test_nothing_said_is_nothing_known() -> None:
    assert said() is None
    assert said("") is None
    assert said("(" * 30_000) is None
    assert said("m; dmarc=fail", sender="") is False


def test_sendgrid_tells_it_beside_the_mail_whether_raw_or_taken_apart() -> None:
    raw: dict[str, str | bytes] = {"email": HEADERS.encode() + b"\r\nx", "envelope": FIELDS["envelope"]}
    words: tuple[tuple[dict[str, str | bytes], bool | None], ...] = (
        ({}, None),
        ({"SPF": "none", "dkim": "none"}, None),
        ({"SPF": "pass", "dkim": "none"}, True),
        ({"SPF": "softfail", "dkim": "none"}, False),
        ({"SPF": "fail", "dkim": "{@client.example : pass}"}, True),
        ({"SPF": "fail", "dkim": "{@evil.example : pass, @client.example : fail}"}, None),
        ({"SPF": "none", "dkim": "{@client.example : fail}"}, False),
        ({"SPF": "fail\r\nX: y", "dkim": "{@a\n: pass"}, None),
    )
    for fields in (FIELDS, raw):
        for told, expected in words:
            found = inbound(parsed({**fields, **told}))
            assert found.is_authenticated is expected, told
            assert found.attempt_id == "01J2ATTEMPT"


def test_what_sendgrid_says_comes_before_what_the_mail_says() -> None:
    forged = "Authentication-Results: mx.acme.example; dmarc=pass\r\n" + HEADERS
    raw: dict[str, str | bytes] = {"email": forged.encode() + b"\r\nx", "SPF": "fail", "envelope": FIELDS["envelope"]}
    assert inbound(parsed(raw)).is_authenticated is False
    assert inbound(parsed({**FIELDS, "headers": forged, "SPF": "fail"})).is_authenticated is False


def test_the_key_of_a_mail_is_the_same_with_it() -> None:
    raw = {"email": b"From: j@client.example\r\n\r\nno message id"}
    (one,), (other,) = HOOK.split(request(form(raw))), HOOK.split(request(form({**raw, "SPF": "fail"})))
    assert one.key == other.key


def test_a_mail_of_which_files_were_left_out_says_both() -> None:
    files = [(f"{number}.bin", "application/octet-stream", b"x" * 11_000_000) for number in range(2)]
    told = parsed({**FIELDS, "SPF": "fail"}, files)
    assert inbound(told).is_authenticated is False
    assert any("left out" in fault for fault in told.faults)
