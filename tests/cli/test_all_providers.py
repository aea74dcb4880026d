"""One lanes file with every provider: the sample portfolio leaves by each, typed as an operator does.

Twilio, SendGrid, an SMTP server and a print folder; each stand-in keeps a ledger of its own.
"""

import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from os import environ
from pathlib import Path

import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings, shipped
from orchestrator.storage import attempts
from orchestrator.storage.attempts import AttemptState
from tests.cli.conftest import Terminal
from tests.stubs.sendgrid_stub import API_KEY, SendGridStub
from tests.stubs.smtp_stub import SmtpStub, serving
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

# A Tuesday morning in Paris, some weeks after the first due dates of the sample.
NOW = datetime(2026, 2, 17, 9, tzinfo=UTC)
LANES = """
lanes:
  - {{id: twilio, channel: sms, provider: twilio, cost: 0.06 EUR,
     settings: {{account_sid: {sid}, auth_token: {{env: TWILIO_AUTH_TOKEN}}}}}}
  - {{id: sendgrid, channel: email, provider: sendgrid, creditors: [acme-telecom],
     settings: {{api_key: {{env: SENDGRID_API_KEY}}}}}}
  - {{id: smtp, channel: email, provider: smtp, settings: {{host: 127.0.0.1, port: {port}, security: none}}}}
  - {{id: print, channel: letter, provider: print_folder, settings: {{folder: "{folder}", sides: one}},
     uses: [letter, registered], cost: {{letter: 1.35 EUR, registered: 5.74 EUR}}}}
"""


@pytest.fixture
def campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped campaigns and creditors, trusted to send."""
    folder = tmp_path / "campaigns"
    shutil.copytree(shipped("campaigns"), folder)
    for path in (*folder.glob("*.yaml"), *folder.glob("creditors/*.yaml")):
        text = path.read_text("utf-8")
        path.write_text(
            text.replace("\nmode: observe", "\nmode: automatic").replace("\nmode: confirm", "\nmode: automatic")
        )
    monkeypatch.setenv("RELANCE_CAMPAIGNS", str(folder))
    return folder


def test_a_portfolio_leaves_by_every_provider(
    terminal: Terminal, campaigns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A print folder is no lane for a staging database: its letters could reach people. So the machine's clock is set.
    monkeypatch.setattr(Deployment, "now", lambda _: NOW)
    prints = terminal.home / "print"
    prints.mkdir()
    with ExitStack() as stack:
        twilio, sendgrid = stack.enter_context(TwilioStub()), stack.enter_context(SendGridStub())
        smtp = stack.enter_context(serving(SmtpStub()))
        lanes = terminal.write("lanes.yaml", LANES.format(sid=ACCOUNT_SID, port=smtp.port, folder=prints))
        for name, value in {
            "RELANCE_LANES": str(lanes),
            "RELANCE_PUBLIC_URL": "https://relance.acme.example",
            "RELANCE_TWILIO_BASE_URL": twilio.url,
            "RELANCE_SENDGRID_BASE_URL": sendgrid.url,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "SENDGRID_API_KEY": API_KEY,
        }.items():
            monkeypatch.setenv(name, value)
        for words in (
            ("import", str(campaigns / "sample" / "debts.csv")),
            ("campaign", "release"),
            ("advance",),
        ):
            said = terminal.type(*words)
            assert said.code == 0, said.err or said.out
        left = _left_by_lane(terminal)
        assert min(left[lane] for lane in ("twilio", "sendgrid", "smtp", "print")) > 0, left
        assert sum(twilio.attempts().values()) == len(twilio.attempts()) == left["twilio"]
        assert sum(sendgrid.attempts().values()) == len(sendgrid.attempts()) == left["sendgrid"]
        assert sum(smtp.ledger().values()) == len(smtp.ledger()) == left["smtp"]
        assert len(list(prints.rglob("*.pdf"))) == left["print"]


def _left_by_lane(terminal: Terminal) -> dict[str, int]:
    """Attempts that their provider accepted, by lane; none may be in doubt or refused."""
    place = Deployment(read_settings(environ), environ=environ)
    with place.database.read() as conn:
        every = attempts.count_by_lane(conn, since=NOW.replace(year=2000))
    place.database.close()
    assert {state for _, state, _ in every} == {AttemptState.ACCEPTED.value}, every
    return {lane: count for lane, _, count in every}
