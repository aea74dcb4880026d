"""Mailboxes of a deployment: what `relance check` tells of them, the command, and a worker that reads one."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from orchestrator.checks import check
from orchestrator.cli import cli
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.storage import inbox
from orchestrator.worker.engine import Engine
from orchestrator.worker.gatherer import Gatherer
from tests.channels.email.mails import a_reply
from tests.deployment.conftest import SECRETS, Site
from tests.stubs.dovecot import PASSWORD, USER, Dovecot
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

SANDBOX = "lanes:\n  - {id: sms, channel: sms, provider: sandbox}\n"
BOX = """
mailboxes:
  - mailbox: replies
    host: 127.0.0.1
    port: %d
    security: none
    username: %s
    password: {env: IMAP_PASSWORD}
    folder: %s
"""


class Post:
    """A folder of this test's own, declared in a lanes file."""

    def __init__(self, server: Dovecot, site: Site) -> None:
        self.server, self.site = server, site
        self.folder = f"t{uuid4().hex[:12]}"
        server.make_anew(self.folder)
        self.lanes = site.lanes(SANDBOX + BOX % (server.port, USER, self.folder))

    def run(self, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
        for name, value in {"RELANCE_HOME": str(self.site.folder), "RELANCE_LANES": self.lanes}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
        return CliRunner().invoke(cli, ["mailbox", *words])


@pytest.fixture
def post(dovecot: Dovecot, site: Site) -> Post:
    return Post(dovecot, site)


# ---------------------------------------------------------------- the check


def told(site: Site, text: str, **environ: str) -> dict[str, str]:
    place = site.deployment(LANES=site.lanes(text))
    place.environ = {**SECRETS, **environ}
    return {fault.id: fault.severity for fault in check(place) if "mailbox" in fault.where + fault.id}


@pytest.mark.parametrize(
    "fields, found",
    [
        ("password: {env: IMAP_PASSWORD}", {}),
        ("password: {env: NOT_SET}", {"mailbox_secret_missing": "error"}),
        ("token_file: /nowhere/token", {"mailbox_token_missing": "error"}),
        ("password: {env: IMAP_PASSWORD}\n    ca_file: /nowhere", {"mailbox_unusable": "error"}),
    ],
)
def test_what_a_mailbox_lacks_is_told_by_the_check(site: Site, fields: str, found: dict[str, str]) -> None:
    text = f"{SANDBOX}mailboxes:\n  - mailbox: replies\n    host: imap.acme.example\n    username: a\n    {fields}\n"
    assert told(site, text) == found


def test_mail_by_smtp_without_a_mailbox_for_what_comes_back_is_told(site: Site) -> None:
    smtp = "lanes:\n  - {id: m, channel: email, provider: smtp, settings: {host: smtp.acme.example}}\n"
    assert told(site, smtp) == {"no_mailbox": "warning"}


# ---------------------------------------------------------------- by hand


def test_a_mailbox_is_tested_read_and_listed_by_hand(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.server.deliver(a_reply(), folder=post.folder)
    listed = post.run(monkeypatch, "list")
    assert "never read" in listed.output
    assert "1 mails in" in post.run(monkeypatch, "test", "replies").output
    assert post.server.seen(post.folder) == [False]
    assert "1 mails looked at, 1 kept" in post.run(monkeypatch, "read", "replies").output
    assert post.server.seen(post.folder) == [True]
    assert "UTC" in post.run(monkeypatch, "list").output


def test_an_unknown_name_and_a_refusal_are_errors(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(post.run(monkeypatch, "test", "replis").exception, NotFound)
    post.lanes = post.site.lanes(SANDBOX + BOX % (post.server.port, USER, "nowhere"))
    refused = post.run(monkeypatch, "read", "replies").exception
    assert isinstance(refused, InputError)
    assert refused.code == "mailbox_refused"


def test_a_folder_to_move_to_that_is_not_there_is_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.lanes = post.site.lanes(SANDBOX + BOX % (post.server.port, USER, post.folder) + "    move_to: nowhere\n")
    refused = post.run(monkeypatch, "test", "replies").exception
    assert "move_to" in str(refused)


# ---------------------------------------------------------------- by a worker


@pytest.fixture
def engine(post: Post) -> Iterator[Engine]:
    place = post.site.deployment(LANES=post.lanes)
    place.environ = {**place.environ, "IMAP_PASSWORD": PASSWORD}
    made = Engine(place)
    yield made
    made.stop()


def waiting(engine: Engine) -> int:
    with engine.place.database.read() as conn:
        return sum(inbox.count(conn).waiting.values())


def test_a_worker_keeps_what_is_new_and_wakes_who_applies_it(post: Post, engine: Engine) -> None:
    post.server.deliver(a_reply(), folder=post.folder)
    assert engine.gatherer.mailbox_ids == ("replies",)
    assert engine.gatherer.read_mailbox("replies") == 1
    assert engine.came_in.is_set()
    assert waiting(engine) == 1
    assert engine.gatherer.read_mailbox("no-such") == 0


def test_a_server_that_is_away_is_counted_and_the_process_stays_ready(
    post: Post, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    place = site.deployment(LANES=site.lanes(SANDBOX + BOX % (1, USER, "INBOX")))
    engine = Engine(place)
    assert engine.gatherer.read_mailbox("replies") == 0
    assert engine.pulse.failures() == {"mailbox replies": 1}
    assert engine.pulse.late() == ()
    assert "mailbox replies cannot be read" in caplog.text
    assert USER not in caplog.text.replace("mailbox replies", "")
    engine.stop()


def test_on_a_shifted_clock_mailboxes_elsewhere_are_left_alone(site: Site) -> None:
    elsewhere = SANDBOX + (BOX % (993, USER, "INBOX")).replace("127.0.0.1", "imap.acme.example")
    lanes = site.lanes(elsewhere.replace("security: none", "security: tls"))
    place = site.deployment(LANES=lanes, NOW="2026-03-10T09:00:00+01:00")
    engine = Engine(place)
    assert engine.gatherer.mailbox_ids == ()
    assert [fault.id for fault in check(place) if "mailbox" in fault.where] == ["mailbox_staging"]
    engine.stop()


def test_a_process_that_starts_asks_twilio_for_what_it_missed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gatherer, "_is_ours", lambda *_given: True)  # else another process might have it
    text = "lanes:\n  - {id: sms, channel: sms, provider: twilio, settings: {account_sid: %s, auth_token: {env: T}}}\n"
    with TwilioStub() as stub:
        place = site.deployment(LANES=site.lanes(text % ACCOUNT_SID), TWILIO_BASE_URL=stub.url)
        place.environ = {**place.environ, "T": AUTH_TOKEN}
        stub.receive(sender="+33644631234", to="+33644630000", text="STOP")
        engine = Engine(place)
        assert engine.gatherer.repair() == 1
        stub.receive(sender="+33644631234", to="+33644630000", text="START")
        assert engine.gatherer.repair() == 0  # a quarter of an hour is not over
        engine.stop()
