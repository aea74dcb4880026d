"""`relance reply answer`, `done` and `place` as an agent types them."""

import json
from datetime import datetime

import pytest

from channels.contract import Channel, Inbound
from orchestrator.bootstrap import Deployment
from orchestrator.flows.record_replies import record_replies
from orchestrator.settings import read_settings
from tests.cli.conftest import Terminal, row

NOW = "2026-03-10T09:00:00+00:00"


@pytest.fixture
def desk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on Tuesday 10 March 2026, with a case of one document that follows no campaign."""
    monkeypatch.setenv("RELANCE_NOW", NOW)
    assert terminal.type("import", str(terminal.debts(row("F-1", due="2026-03-02")))).code == 0
    return terminal


def heard(text: str, sender: str = "+33644631234") -> str:
    place = Deployment(read_settings())
    inbound = Inbound(channel=Channel.SMS, dedup_key=text, sender=sender, to="38600", text=text)
    (recorded,) = record_replies(place.database, place.strategy(), [inbound], now=datetime.fromisoformat(NOW))
    return recorded.reply_id


def _state(desk: Terminal, reply_id: str) -> str:
    return str(json.loads(desk.type("reply", "show", reply_id, "--json").out)["reply"]["state"])


def test_check_tells_why_an_answer_may_not_leave_and_which_words_are_meant(desk: Terminal) -> None:
    reply_id = heard("c'est quoi ce truc ?")
    threat = "Payez ou un huissier viendra saisir vos meubles."
    said = desk.type("reply", "answer", reply_id, "--text", threat, "--check")
    assert said.code == 0, said.err
    assert "it may not leave: observed" in said.out
    assert "huissier" in said.out
    assert "1 SMS: " in said.out or "2 SMS: " in said.out
    refused = desk.type("reply", "answer", reply_id, "--text", "Merci de votre message.")
    assert refused.code == 1
    assert "observed" in refused.err
    assert _state(desk, reply_id) == "open"


def test_a_reply_that_was_read_waits_no_more(desk: Terminal) -> None:
    reply_id = heard("c'est quoi ce truc ?")
    assert desk.type("reply", "done", reply_id, "--by", "ann").code == 0
    assert _state(desk, reply_id) == "done"


def test_a_reply_of_nobody_is_given_its_case(desk: Terminal) -> None:
    reply_id = heard("je conteste cette facture", sender="+33644639999")
    assert desk.type("reply", "answer", reply_id, "--text", "Merci.").code == 1
    case_id = json.loads(desk.type("case", "show", "C-1", "--json").out)["id"]
    placed = desk.type("reply", "place", reply_id, case_id)
    assert placed.code == 0, placed.err
    assert f"of the case {case_id}" in placed.out
    assert "dispute" in desk.type("case", "show", "C-1").out
    assert desk.type("reply", "place", reply_id, case_id).code == 1


def test_an_unknown_reply_is_said(desk: Terminal) -> None:
    for typed in (("answer", "none", "--text", "x"), ("done", "none"), ("place", "none", "C")):
        assert desk.type("reply", *typed).code == 1
