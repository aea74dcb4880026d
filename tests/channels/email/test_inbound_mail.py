"""What a mail says: who answers what, its text in any charset, its files made harmless, its bounces as receipts."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel, DeliveryStatus, Inbound, ReasonClass, Receipt
from channels.email.inbound_mail import ATTACHMENTS_BYTES, mail_key, read_mail
from channels.email.mail_files import safe_name
from tests.channels.email.mails import ATTEMPT, OURS, QMAIL_BOUNCE, a_reply, plain
from tests.channels.email.test_bounces import FAILED, a_bounce


def read(raw: bytes) -> Inbound:
    """The one Inbound of a mail."""
    (fact,) = read_mail(raw).facts
    assert isinstance(fact, Inbound)
    return fact


def test_a_reply_tells_who_wrote_what_to_whom_and_when() -> None:
    said = read(a_reply())
    assert said.channel is Channel.EMAIL
    assert (said.sender, said.sender_name) == ("helene.prevost@client.example", "Hélène Prévost")
    assert (said.to, said.subject) == ("reponses@atelier.example", "Re: Votre facture F-12 arrive à échéance")
    assert said.text == "Bonjour,\n\nJe paierai vendredi.\n\nHélène Prévost"
    assert said.occurred_at == datetime(2026, 7, 15, 8, 12, tzinfo=UTC)
    assert said.provider_id == "<reply-1@mail.client.example>"
    assert not said.is_automatic


# ---------------------------------------------------------------- which message it answers


def test_the_thread_stands_nearest_first_and_names_the_attempt() -> None:
    said = read(a_reply())
    assert said.thread == (OURS, "<first@atelier.example>")
    assert said.attempt_id == ATTEMPT


def test_an_id_of_the_domain_written_to_comes_before_a_nearer_one_of_another_program() -> None:
    foreign = "<AM0PR08MB1234@outlook.example>"
    said = read(
        a_reply(extra=(), answers=f"{OURS} {foreign}".split()[0]).replace(
            f"In-Reply-To: {OURS}".encode(), f"In-Reply-To: {foreign}".encode()
        )
    )
    assert said.thread[0] == foreign
    assert said.attempt_id == ATTEMPT


def test_a_reply_to_another_domain_than_the_senders_still_names_its_attempt() -> None:
    assert read(a_reply(to="recouvrement@groupe.example")).attempt_id == ATTEMPT


@pytest.mark.parametrize("name", ["To", "Delivered-To", "Cc"])
@pytest.mark.parametrize("word", ["reply", "bounce", "Reply"])
def test_an_address_of_the_attempt_comes_before_the_thread(name: str, word: str) -> None:
    address = f"{word}+another-one@atelier.example"
    to = address if name == "To" else "reponses@atelier.example"
    said = read(a_reply(to=to, extra=() if name == "To" else ((name, address),)))
    assert (said.attempt_id, said.to) == ("another-one", address)


def test_a_mail_that_answers_nothing_names_no_attempt() -> None:
    said = read(a_reply(answers=""))
    assert (said.attempt_id, said.thread) == ("", ())


# ---------------------------------------------------------------- its key


def test_the_same_mail_delivered_twice_has_one_key() -> None:
    assert mail_key(a_reply()) == mail_key(b"Delivered-To: other@atelier.example\r\n" + a_reply())
    assert mail_key(a_reply()) == read(a_reply()).dedup_key


def test_mails_of_a_program_that_gives_one_id_to_all_are_not_one() -> None:
    other = a_reply().replace(b"10:12:00", b"10:13:00")
    assert mail_key(a_reply()) != mail_key(other)


def test_without_an_id_the_bytes_are_the_key_and_a_long_id_is_shortened() -> None:
    keys = {mail_key(a_reply(message_id="")), mail_key(a_reply("Autre chose.\n", message_id=""))}
    assert len(keys) == 2
    assert len(mail_key(b"Message-ID: <" + b"x" * 5_000 + b"@y>\r\n\r\n")) < 100


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "charset, octets",
    [
        ("utf-8", "réglé à Noël, 12 €".encode()),
        ("iso-8859-1", "réglé à Noël, 12 €".encode("cp1252")),
        ("us-ascii", "réglé à Noël, 12 €".encode()),
        ("us-ascii", "réglé à Noël, 12 €".encode("cp1252")),
        ("iso-8859-15", "réglé à Noël, 12 €".encode("iso-8859-15")),
        ("x-nobody-knows", "réglé à Noël, 12 €".encode()),
        ("punycode", "réglé à Noël, 12 €".encode()),
        ("hex", "réglé à Noël, 12 €".encode()),
        ("utf-8", "réglé à Noël, 12 €".encode("cp1252")),
        ("", "réglé à Noël, 12 €".encode()),
    ],
)
def test_a_text_is_read_whatever_charset_it_claims(charset: str, octets: bytes) -> None:
    claim = f"Content-Type: text/plain; charset={charset}" if charset else "X-Nothing: y"
    assert read(plain(f"From: a@b.example\n{claim}", octets)).text == "réglé à Noël, 12 €"


@pytest.mark.parametrize("codec", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "rot13"])
def test_a_codec_that_is_no_charset_reads_nothing_into_a_text(codec: str) -> None:
    said = read(
        plain(f"From: a@b.example\nContent-Type: text/plain; charset={codec}", b"Bcher-kva \\u00e9 xn--bcher-kva")
    )
    assert said.text == "Bcher-kva \\u00e9 xn--bcher-kva"


def test_what_no_charset_explains_is_replaced() -> None:
    said = read(plain("From: a@b.example\nContent-Type: text/plain; charset=utf-8", b"avant \x81\x00 apr\xe8s"))
    assert said.text == "avant \ufffd\ufffd après"


@pytest.mark.parametrize(
    "subject, shown",
    [
        ("=?iso-8859-1?Q?R=E9gl=E9?=", "Réglé"),
        ("=?utf-8?B?UsOpZ2zDqQ==?= =?utf-8?Q?_hier?=", "Réglé hier"),
        ("=?x-none?Q?R=C3=A9gl=C3=A9?=", "Réglé"),
        ("=?utf-8?B?a?=", "=?utf-8?B?a?="),
        ("=?utf-8?Q?a=0ABcc:_b@c.example?=", "a Bcc: b@c.example"),
        ("Réglé", "Réglé"),
    ],
)
def test_a_subject_is_decoded_and_stays_one_line(subject: str, shown: str) -> None:
    assert read(plain(f"From: a@b.example\nSubject: {subject}", b"x")).subject == shown


def test_html_alone_is_told_as_text_too_with_quotations_marked() -> None:
    html = (
        "<html><head><style>p {color: red}</style><title>x</title></head><body><p>Bonjour&nbsp;!</p>"
        "<!-- rien --><div>J'ai pay&eacute; <b>hier</b>.<br>Cordialement</div>"
        "<blockquote><p>Il reste 12 €</p></blockquote><script>alert(1)</script></body></html>"
    )
    said = read(a_reply("", html=html))
    assert said.text == "Bonjour !\n\nJ'ai payé hier.\nCordialement\n\n> Il reste 12 €"
    assert "<b>hier</b>" in said.html


def test_plain_text_comes_before_html() -> None:
    said = read(a_reply("Je paie.\n", html="<p>Je <i>paie</i>.</p>"))
    assert (said.text, said.html.strip()) == ("Je paie.", "<p>Je <i>paie</i>.</p>")


# ---------------------------------------------------------------- files


def test_files_are_kept_with_their_bytes() -> None:
    said = read(a_reply(files=(("avis de virement.pdf", "application/pdf", b"%PDF-1.7 x"),)))
    (file,) = said.attachments
    assert (file.file_name, file.media_type, file.content) == ("avis de virement.pdf", "application/pdf", b"%PDF-1.7 x")


@pytest.mark.parametrize(
    "given, safe",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\h\\preuve.pdf", "preuve.pdf"),
        ("a\r\nBcc: x.pdf", "a_Bcc_ x.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        (".htaccess", "htaccess"),
        ("..", ""),
        ("=?utf-8?Q?x?=", "_utf-8_Q_x_="),
        ("é" * 400 + ".pdf", "é" * 139 + ".pdf"),
    ],
)
def test_a_file_name_cannot_lead_anywhere(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_a_file_without_a_usable_name_or_type_is_kept() -> None:
    raw = a_reply(files=(("..", "application/pdf", b"%PDF-"), ("x.weird", "weird/UP!PER", b"?")))
    names = [(file.file_name, file.media_type) for file in read(raw).attachments]
    assert names == [("attachment-1.pdf", "application/pdf"), ("x.weird", "application/octet-stream")]


def test_a_logo_of_a_signature_is_left_out_and_a_photograph_kept() -> None:
    def picture(size: int) -> bytes:
        head = "From: a@b.example\nContent-Type: multipart/related; boundary=b"
        inside = f"--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\n\r\n{'x' * size}\r\n--b--\r\n"
        return plain(head, inside.encode())

    assert read(picture(500)).attachments == ()
    assert len(read(picture(50_000)).attachments) == 1


def test_a_mail_inside_the_mail_is_a_file() -> None:
    inner = b"From: c@d.example\r\nSubject: inside\r\n\r\nQuoted."
    head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b"
    raw = plain(
        head, b"--b\r\n\r\nSee below.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    )
    said = read(raw)
    assert said.text == "See below."
    assert [(file.file_name, b"Subject: inside" in file.content) for file in said.attachments] == [
        ("attachment-1.eml", True)
    ]


def test_files_beyond_the_limit_are_left_out_and_told() -> None:
    big = b"\x00" * (ATTACHMENTS_BYTES // 2 + 1)
    parsed = read_mail(a_reply(files=(("a.bin", "application/zip", big), ("b.bin", "application/zip", big))))
    (said,) = parsed.facts
    assert isinstance(said, Inbound)
    assert [file.file_name for file in said.attachments] == ["a.bin"]
    assert parsed.faults == ("an attachment beyond 20 MB or 50 files was left out",)


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; x"),
        ("X-Autoreply", "yes"),
        ("Precedence", "bulk"),
        ("Precedence", "Auto_Reply"),
        ("X-Auto-Response-Suppress", "All"),
        ("Return-Path", "<>"),
    ],
)
def test_what_a_machine_wrote_is_told_so(header: tuple[str, str]) -> None:
    assert read(a_reply(extra=(header,))).is_automatic


def test_an_absence_is_known_by_its_subject_where_no_header_says_it() -> None:
    assert read(a_reply(subject="Réponse automatique : Votre facture")).is_automatic
    assert not read(a_reply(subject="Re: Réponse automatique ?")).is_automatic


@pytest.mark.parametrize("header", [("Auto-Submitted", "no"), ("Precedence", "list"), ("Return-Path", "<a@b.example>")])
def test_what_a_person_wrote_through_a_shared_mailbox_is_no_machines(header: tuple[str, str]) -> None:
    assert not read(a_reply(extra=(header,))).is_automatic


# ---------------------------------------------------------------- bounces


def test_a_bounce_is_receipts_and_no_reply() -> None:
    (receipt,) = read_mail(a_bounce(FAILED)).facts
    assert isinstance(receipt, Receipt)
    assert (receipt.attempt_id, receipt.status) == ("01J2ATTEMPT", DeliveryStatus.BOUNCED)


def test_a_bounce_in_free_text_names_attempt_and_reason() -> None:
    (receipt,) = read_mail(QMAIL_BOUNCE).facts
    assert isinstance(receipt, Receipt)
    assert (receipt.attempt_id, receipt.status, receipt.code) == (ATTEMPT, DeliveryStatus.BOUNCED, "5.1.1")
    assert receipt.reason_class is ReasonClass.ADDRESS


@pytest.mark.parametrize(
    "was, becomes",
    [
        (b"MAILER-DAEMON@", b"helene.prevost@"),  # a person who forwards it
        (b"550 5.1.1 no such user", b"450 4.2.2 mailbox full"),
        (b"550 5.1.1 no such user", b"connected to 5.1.1.9"),
        (b"550 5.1.1 no such user", b"version 15.1.1"),
        (OURS.encode(), b"<a.name.with.dots@other.example>"),  # not ours
        (b"Subject: failure notice", b"Subject: absent\r\nX-Was: 5.1.1"),
    ],
)
def test_free_text_is_taken_for_a_bounce_only_when_all_of_it_says_so(was: bytes, becomes: bytes) -> None:
    raw = QMAIL_BOUNCE.replace(was, becomes)
    if b"X-Was" in becomes:
        raw = raw.replace(b"550 5.1.1", b"refused")
    assert isinstance(read_mail(raw).facts[0], Inbound)


def test_a_code_in_the_copy_of_our_message_is_no_failure() -> None:
    raw = QMAIL_BOUNCE.replace(b"550 5.1.1 no such user", b"later").replace(b"Bonjour\n", b"facture 5.1.1\n")
    assert isinstance(read_mail(raw).facts[0], Inbound)


def test_a_report_of_abuse_is_a_complaint() -> None:
    raw = plain(
        "From: fbl@mx.client.example\nTo: abuse@atelier.example\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        b"--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: " + OURS.encode() + b"\r\n\r\nBonjour\r\n--b--\r\n",
    )
    (receipt,) = read_mail(raw).facts
    assert isinstance(receipt, Receipt)
    assert (receipt.attempt_id, receipt.status) == (ATTEMPT, DeliveryStatus.COMPLAINED)


# ---------------------------------------------------------------- anything at all

HOSTILE = {
    "nested parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(3_000)
    ),
    "nested mails": b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\n" * 1_000_000,
    "many blocks": b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: Message/Delivery-Status\n\n"
    + b"Action: failed\n\n" * 200_000,
    "many parameters": b"Content-Type: multipart/mixed" + b";" * 1_000_000 + b"\r\n\r\nx",
    "many comments": b"From: " + b"(" * 100_000 + b"a@b.example\r\n\r\nx",
    "many words": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\r\n\r\nx",
    "many tags": b"Content-Type: text/html\r\n\r\n" + b"<<<!--<![<a <" * 300_000,
    "empty lines": b"From: a@b.example\r\n\r\n" + b"\n" * 20_000_000,
    "old date": b"From: a@b.example\r\nDate: Mon, 01 Jan 0001 00:00:00 +2359\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_costs_more_than_some_seconds_of_the_processor(name: str) -> None:
    began = time.process_time()
    assert read_mail(HOSTILE[name]).facts
    assert time.process_time() - began < 60  # unbounded, each takes minutes or all the memory


def test_a_mail_that_is_too_much_is_told_by_its_head() -> None:
    parsed = read_mail(a_reply() + b"\nContent-Type: multipart/x" * 200)
    (said,) = parsed.facts
    assert isinstance(said, Inbound)
    assert (said.sender, said.attempt_id, said.text) == ("helene.prevost@client.example", ATTEMPT, "")
    assert parsed.faults


_LINES = st.sampled_from(
    (
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/report; boundary=b",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: text/plain; charset=\xff",
        b"Content-Type: text/plain; charset=punycode",
        b"Content-Type: text/html; charset*=x'y'z",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=x",
        b"From: <<<@@>, (((",
        b"Message-ID: <a@b>",
        b"Action: failed",
        b"Date: 99",
        b"=?x?b?=?=",
        b"begin 666 x",
        b"\xff\x00",
        b"--b",
        b"--b--",
        b"",
    )
)


@given(st.lists(_LINES | st.binary(max_size=20), max_size=40))
def test_no_bytes_make_it_raise(lines: list[bytes]) -> None:
    raw = b"\r\n".join(lines)
    facts = read_mail(raw).facts
    assert facts
    for fact in facts:
        assert fact.dedup_key
        if isinstance(fact, Inbound):
            words = (fact.sender, fact.sender_name, fact.to, fact.subject, fact.text, fact.html, *fact.thread)
            assert not any("\x00" in each for each in words)
            "".join(words).encode()  # no lone surrogate


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 40))
def test_no_change_of_a_good_mail_makes_it_raise(noise: bytes, place: int, length: int) -> None:
    whole = a_reply(html="<p>x</p>", files=(("a.pdf", "application/pdf", b"%PDF-"),))
    parsed = read_mail(whole[:place] + noise[:length] + whole[place + length :])
    assert not any("cannot be read" in fault for fault in parsed.faults)
