"""`relance case …` and `relance reply …` as an agent types them: each act says in a line what happens next."""

import json
from datetime import UTC, datetime

import pytest

from channels.contract import Channel, Inbound
from orchestrator.bootstrap import Deployment
from orchestrator.flows.record_replies import record_replies
from orchestrator.settings import read_settings
from tests.cli.conftest import Terminal, row
from tests.flows.conftest import HEADER

NOW = "2026-03-10T09:00:00+00:00"


@pytest.fixture
def desk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on Tuesday 10 March 2026, with a case of two documents, 42 and 10 EUR."""
    monkeypatch.setenv("RELANCE_NOW", NOW)
    path = terminal.debts(row("F-1", due="2026-03-02"), row("F-2", due="2026-03-02", amount="10,00"))
    assert terminal.type("import", str(path)).code == 0
    return terminal


def _shown(desk: Terminal) -> dict[str, object]:
    found: dict[str, object] = json.loads(desk.type("case", "show", "C-1", "--json").out)
    return found


def test_a_promise_says_how_long_it_holds_and_when_it_is_followed_up(desk: Terminal) -> None:
    said = desk.type("case", "promise", "C-1", "2026-03-20", "--amount", "20 EUR", "--by", "ann")
    assert said.code == 0, said.err
    assert "held until Friday 20 March 2026 plus 3 days of grace; follow-up from Tuesday 24 March 2026" in said.out
    assert "promise of 20.00 EUR by 2026-03-20" in desk.type("case", "show", "C-1").out
    assert "ann" in desk.type("why", "C-1", "--json").out


@pytest.mark.parametrize(
    "typed, says",
    [
        (("defer", "C-1", "2026-03-31"), "no demand until Tuesday 31 March 2026"),
        (("paid", "C-1", "--document", "F-1", "--amount", "42,00"), "F-1 held until Tuesday 17 March 2026"),
        (("paid", "C-1", "--cheque", "--words", "cheque 77"), "F-1, F-2 held until Tuesday 24 March 2026"),
        (
            ("dispute", "C-1", "--document", "F-1", "--amount", "12,00", "--reason", "price", "--owner", "sales"),
            "a part of F-1 held until the dispute is answered",
        ),
        (("hold", "C-1", "veto", "--until", "2026-03-31"), "no demand until 2026-03-31"),
        (("hold", "C-1", "death", "--source", "notary"), "no message until somebody lifts it"),
        (("hardship", "C-1", "--words", "lost her job"), "the voice listens"),
        (("mark", "C-1", "good_payer"), "marked good_payer"),
        (("point", "C-1", "phone", "+33644631234", "--fault", "not_owned"), "not used any more"),
        (("contact", "C-1", "phone", "06 44 63 12 40"), "imports keep it"),
        (("contact", "C-1", "post", "--line", "2 rue du Lac", "--postcode", "75002", "--city", "Paris"), "added"),
        (("close", "C-1", "written_off", "--words", "too old", "--role", "manager"), "a new debt opens it again"),
        (("stop", "C-1", "sms"), "nothing more by sms"),
        (("note", "C-1", "called, will send the form"), "noted"),
        (("call", "C-1", "voicemail"), "counts in the caps"),
    ],
)
def test_each_act_says_what_happens_next(desk: Terminal, typed: tuple[str, ...], says: str) -> None:
    said = desk.type("case", *typed)
    assert said.code == 0, said.err
    assert says in said.out


def test_a_dispute_is_answered_by_the_id_that_it_was_given(desk: Terminal) -> None:
    opened = desk.type("case", "dispute", "C-1", "--document", "F-1", "--words", "not mine")
    (hold_id,) = _ids(desk, "holds")
    assert f"answer-dispute {_shown(desk)['id']} {hold_id} upheld" in opened.out
    upheld = desk.type("case", "answer-dispute", "C-1", hold_id, "upheld")
    assert "task asks for the credit note by Tuesday 24 March 2026" in upheld.out
    again = desk.type("case", "answer-dispute", "C-1", hold_id, "rejected")
    assert again.code == 1
    assert "this hold is over" in again.err


def _ids(desk: Terminal, name: str) -> list[str]:
    found = _shown(desk)[name]
    assert isinstance(found, list)
    return [str(each["id"]) for each in found]


def test_why_tells_the_part_the_reason_and_the_owner(desk: Terminal) -> None:
    desk.type(
        "case", "dispute", "C-1", "--document", "F-1", "--amount", "12,00", "--reason", "price", "--owner", "sales"
    )
    desk.type("case", "note", "C-1", "line one\nline two\x1b[2J")
    story = desk.type("why", "C-1", "--language", "en").out
    assert "no longer demanded (€12.00, price, sales)" in story
    assert "note: line one line two [2J" in story


def test_what_was_placed_is_lifted(desk: Terminal) -> None:
    desk.type("case", "hold", "C-1", "veto", "--reason", "sales asked")
    (hold_id,) = _ids(desk, "holds")
    assert hold_id in desk.type("case", "show", "C-1").out
    assert desk.type("case", "lift", "C-1", hold_id, "--why", "settled").code == 0
    assert hold_id not in desk.type("case", "show", "C-1").out
    desk.type("case", "mark", "C-1", "vulnerable")
    assert desk.type("case", "unmark", "C-1", "vulnerable").code == 1
    assert desk.type("case", "unmark", "C-1", "vulnerable", "--role", "manager").code == 0
    desk.type("case", "stop", "C-1", "sms")
    assert "stopped: sms" in desk.type("case", "show", "C-1").out
    assert "open again" in desk.type("case", "start", "C-1", "sms").out


@pytest.mark.parametrize(
    "typed, code, says",
    [
        (("promise", "C-1", "20/03/2026"), 2, "2026-03-20"),
        (("promise", "C-1", "2026-03-09"), 1, "this day is over"),
        (("promise", "C-1", "2026-12-31"), 1, "ask a manager"),
        (("promise", "C-1", "2026-03-20", "--amount", "20 CHF"), 1, "this case is in EUR"),
        (("promise", "C-1", "2026-03-20", "--amount", "20,001"), 1, "amount"),
        (("paid", "C-1", "--document", "F-9"), 1, "not of this case"),
        (("hold", "C-1", "promise"), 2, "promise"),
        (("note", "C-9", "x"), 1, "no case has this reference"),
        (("unmark", "C-1", "vulnerable"), 1, "no such mark"),
    ],
)
def test_what_is_refused_says_what_to_do(desk: Terminal, typed: tuple[str, ...], code: int, says: str) -> None:
    said = desk.type("case", *typed)
    assert said.code == code, (said.out, said.err)
    assert says in said.err


def test_an_act_of_the_same_name_is_done_once(desk: Terminal) -> None:
    for _ in range(2):
        assert desk.type("case", "promise", "C-1", "2026-03-20", "--once", "call-77").code == 0
    assert len(_ids(desk, "promises")) == 1


def test_cases_are_listed(desk: Terminal) -> None:
    assert "52.00 EUR" in desk.type("case", "list", "--creditor", "acme-telecom").out
    assert "no case" in desk.type("case", "list", "--state", "closed").out
    assert len(json.loads(desk.type("case", "list", "--json").out)) == 1


def test_what_is_owed_is_the_same_sum_in_the_list_the_case_and_why(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interest that a contract sets is owed beside its debt, wherever it is said."""
    monkeypatch.setenv("RELANCE_NOW", NOW)
    columns = f"{HEADER};interest_amount;interest_basis"
    assert terminal.type("campaign", "release", "b2c-small").code == 0
    path = terminal.write("lines.csv", columns, f"{row('F-1', due='2026-03-02')};3,00;contract_interest")
    assert terminal.type("import", str(path)).code == 0
    assert terminal.type("advance").code == 0
    shown = (terminal.type("case", "list"), terminal.type("case", "show", "C-1"), terminal.type("why", "C-1"))
    assert [("45.00" in said.out or "45,00" in said.out) for said in shown] == [True, True, True], shown


def test_replies_are_listed_and_shown(desk: Terminal) -> None:
    assert "no reply" in desk.type("reply", "list").out
    place = Deployment(read_settings({"RELANCE_HOME": str(desk.home)}))
    text = "Je conteste cette facture\x1b[2J"
    told = Inbound(channel=Channel.SMS, dedup_key="m", sender="+33644631234", to="+33600000000", text=text)
    (done,) = record_replies(place.database, place.strategy(), [told], now=datetime(2026, 3, 10, 9, tzinfo=UTC))
    place.database.close()
    listed = desk.type("reply", "list", "--channel", "sms")
    assert done.reply_id in listed.out
    assert "dispute" in listed.out
    shown = desk.type("reply", "show", done.reply_id)
    assert "| Je conteste cette facture" in shown.out
    assert "\x1b[2J" not in shown.out
    assert desk.type("reply", "show", "none").code == 1
    assert json.loads(desk.type("reply", "show", done.reply_id, "--json").out)["reply"]["id"] == done.reply_id
