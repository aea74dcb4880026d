"""`relance up` and a stand-in for Twilio, over HTTP: send, receipt, reply, and the next step that they cause (R5)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.domain.case import Case
from orchestrator.settings import read_settings, shipped
from orchestrator.storage import cases
from tests.cli.conftest import Terminal
from tests.flows.conftest import row
from tests.stubs.twilio_callbacks import CallbackPlan
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

PHONE = "+33644631234"
# Tuesday, ten in the morning in Paris; time runs on from there.
NOW = "2026-03-10T09:00:00+00:00"
LANES = f"""
lanes:
  - {{id: twilio, channel: sms, provider: twilio, cost: 0.06 EUR,
     settings: {{account_sid: {ACCOUNT_SID}, auth_token: {{env: TWILIO_AUTH_TOKEN}}}}}}
  - {{id: mail, channel: email, provider: sandbox}}
  - {{id: post, channel: letter, provider: sandbox}}
"""
# How long anything may take on the slowest machine; nothing waits longer than it must.
_PATIENCE_SECONDS = 90.0


class House:
    """A deployment that runs in a process of its own, and a provider that calls it."""

    def __init__(self, terminal: Terminal, stub: TwilioStub, url: str) -> None:
        self.terminal, self.stub, self.url = terminal, stub, url

    def case(self) -> Case:
        """The only case, as it stands now."""
        place = Deployment(read_settings(os.environ), environ=os.environ)
        try:
            with place.database.read() as conn:
                (page,) = cases.each(conn)
        finally:
            place.database.close()
        (stored,) = page
        return stored.case

    def until(self, is_so: Callable[[Case], bool], what: str) -> Case:
        """The case once it is so."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not is_so(case := self.case()):
            assert time.monotonic() < until, f"{what} never happened: {case}"
            time.sleep(0.1)
        return case

    def text(self, body: str) -> None:
        """The debtor writes; Twilio signs it and calls us."""
        given = {"Url": f"{self.url}/webhooks/twilio/inbound", "From": PHONE, "To": "38600", "Body": body}
        answer = httpx2.post(f"{self.stub.url}/_inbound", data=given, timeout=10)
        assert answer.status_code == 202


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def _house(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, callbacks: CallbackPlan) -> Iterator[House]:
    url = f"http://127.0.0.1:{_free_port()}"
    campaigns = terminal.home / "campaigns"
    shutil.copytree(shipped("campaigns"), campaigns)
    for path in (*campaigns.glob("*.yaml"), *campaigns.glob("creditors/*.yaml")):
        text = path.read_text("utf-8")
        for mode in ("observe", "confirm"):
            text = text.replace(f"\nmode: {mode}", "\nmode: automatic")
        path.write_text(text, "utf-8")
    with TwilioStub(callbacks=callbacks) as stub:
        for name, value in {
            "RELANCE_CAMPAIGNS": str(campaigns),
            "RELANCE_LANES": str(terminal.write("lanes.yaml", LANES)),
            "RELANCE_PUBLIC_URL": url,
            "RELANCE_TWILIO_BASE_URL": stub.url,
            "RELANCE_NOW": NOW,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        debts = terminal.debts(row(email="jeanne@example.org", phone=PHONE))
        for words in (("campaign", "release"), ("import", str(debts))):
            said = terminal.type(*words)
            assert said.code == 0, said.err or said.out
        with _up(url, terminal.home):
            yield House(terminal, stub, url)


@contextmanager
def _up(url: str, home: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "orchestrator.cli", "up", "--port", url.rpartition(":")[2]]
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=dict(os.environ))
        try:
            yield
            assert process.poll() is None, (home / "up.log").read_text("utf-8")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _statuses(case: Case) -> set[str]:
    return {receipt.status.value for receipt in case.receipts}


def test_a_text_is_sent_received_answered_and_obeyed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with _house(terminal, monkeypatch, CallbackPlan(words=("sent", "delivered"), repeat=1.0, reorder=1.0)) as house:
        sent = house.until(lambda case: bool(case.departures), "the first reminder")
        assert [d.channel for d in sent.departures] == ["sms"]
        house.until(lambda case: "delivered" in _statuses(case), "the receipt")

        house.text("je paierai 20 euros le 15")
        promised = house.until(lambda case: bool(case.promises), "the promise")
        assert (promised.promises[0].amount_cents, f"{promised.promises[0].due_on}") == (2000, "2026-03-15")

        house.text("STOP")
        house.until(lambda case: any(s.key == "sms:" and s.is_on for s in case.opt_outs), "the stop")
        assert [taken.form["To"] for taken in house.stub.taken if taken.attempt_id] == [PHONE]
        told = terminal.type("why", promised.id).out
        assert "réponse reçue par SMS : promesse de règlement" in told
        assert "opposition au canal SMS" in told
        assert terminal.type("webhooks", "list", "--state", "parked", "--json").out.strip() == "[]"


def test_a_number_that_is_dead_takes_the_next_channel_at_once(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _house(terminal, monkeypatch, CallbackPlan(words=("sent", "undelivered"), error_code="30005")) as house:
        done = house.until(lambda case: len(case.departures) == 2, "the e-mail after the text that failed")
        assert [d.channel for d in done.departures] == ["sms", "email"]
        assert [s.key for s in done.points if s.is_on] == [f"phone:{PHONE}"]
        (mail,) = (terminal.home / "outbox" / "email").rglob("*.eml")
        assert b"jeanne@example.org" in mail.read_bytes()
