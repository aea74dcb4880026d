"""The page behind a message's link: every way out works once and for all, and tells nobody anything (semantics D8)."""

import json
import re
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.events import (
    CaseClosed,
    DebtRecorded,
    DisputeOpened,
    Event,
    HoldPlaced,
    OptedIn,
    OptedOut,
    ReplyReceived,
)
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.record_wish import LINK_LIVES, MOST_A_DAY
from orchestrator.storage import attempts, cases
from tests.web.conftest import Office
from tests.web.links import CANARIES, Link, a_link

ACTIONS = ("stop", "paid", "disagree", "call")
WORDS = {"words": "La box n'est jamais arrivée.\nVoir mon courrier."}
CALL = {"phone": "+33 6 44 63 12 34", "hours": "après 18 h"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def _record(link: Link, *facts: Event) -> None:
    record_facts(link.office.database, [(link.case_id, fact) for fact in facts], now=link.office.now)


def _advanced(link: Link) -> None:
    """As after its case was looked at: nothing is due."""
    with link.office.database.begin() as conn:
        stored = cases.load(conn, [link.case_id])[0]
        cases.save(conn, [cases.Change(stored.case, None, stored.version)], now=link.office.now)


# ------------------------------------------------------------------------------------------------ looking


def test_the_page_says_who_writes_and_offers_every_way_out(office: Office) -> None:
    link = a_link(office)
    page = link.get()
    assert page.status == 200
    assert "Acme Télécom" in page.text
    assert link.case_id in page.text
    for action in ACTIONS:
        assert f'<form method="post" action="{link.token}/{action}"' in page.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(office: Office, method: str) -> None:
    link = a_link(office)
    before = link.stored
    for action in ("", *ACTIONS):
        for purpose in ({}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch", "X-Moz": "prefetch"}):
            for _ in range(2):
                assert link.get(action, method, headers=purpose).status == 200
    assert link.stored == before
    assert link.told() == []
    assert link.tasks() == []


@pytest.mark.parametrize("action", ACTIONS)
def test_the_address_of_an_action_opens_its_form_first(office: Office, action: str) -> None:
    page = a_link(office).get(action).text
    first = re.search(r'<details open>.*?<form method="post" action="(\w+)"', page)
    assert first is not None
    assert first[1] == action
    assert page.count("<details open>") == 1
    assert page.index("<details open>") == page.index("<details")


def test_the_page_loads_nothing_and_keeps_nothing(office: Office) -> None:
    page = a_link(office).get()
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'; frame-ancestors 'none'; base-uri 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    where = '<a class="go" rel="noreferrer" href="https://pay.acme.example/'
    shown = page.text.replace(where, "", 1)
    assert shown != page.text
    assert re.findall(r"<script|\ssrc=|<link|@import|url\(|\sstyle=|\son\w+=|https?://", shown) == []


def test_every_field_has_a_label_and_one_heading_leads(office: Office) -> None:
    page = a_link(office).get().text
    assert page.count("<h1>") == 1
    for field in re.findall(r'<(?:input|textarea) id="(\w+)"', page):
        assert f'<label for="{field}">' in page
    for note in re.findall(r'aria-describedby="([\w-]+)"', page):
        assert page.count(f'id="{note}"') == 1
    assert '<label class="tick"><input type="checkbox"' in page


# ---------------------------------------------------------------------------------------------- languages


@pytest.mark.parametrize("language, words", [("fr", "J’ai déjà payé"), ("en", "I have already paid")])
def test_the_page_speaks_the_language_of_the_debtor(office: Office, language: str, words: str) -> None:
    link = a_link(office, language=language)
    for page in (link.get(), link.post("paid")):
        assert f'<html lang="{language}">' in page.text
    assert words in link.get().text


def test_another_language_can_be_asked_for_and_stays(office: Office) -> None:
    link = a_link(office)
    page = link.get("", params={"lang": "en"}).text
    assert '<html lang="en">' in page
    assert f'action="{link.token}/paid?lang=en"' in page
    assert '<html lang="en">' in link.post("paid", params={"lang": "en"}).text
    assert '<html lang="fr">' in link.get("", params={"lang": "tlh<script>"}).text


def test_a_language_without_words_falls_back_on_the_creditors(office: Office) -> None:
    assert '<html lang="fr">' in a_link(office, language="de").get().text


def test_a_third_party_says_who_it_is_and_that_it_is_amicable(office: Office) -> None:
    link = a_link(office, creditor="syndic-lilas")
    for page in (link.get().text, link.post("call").text):
        assert "Recouvrement Rhône, chargé du recouvrement amiable pour Syndic des Lilas" in page
        assert "démarche amiable" in page
        assert "+33\u00a04\u00a065\u00a071\u00a000\u00a031" in page
    assert "amicable" not in a_link(office, language="en").get().text
    assert "amicable" in a_link(office, creditor="syndic-lilas", language="en").get().text


# ------------------------------------------------------------------------------------------------ telling


@pytest.mark.parametrize(
    "action, form", [("stop", {}), ("paid", {}), ("paid", {"cheque": "yes"}), ("disagree", WORDS), ("call", CALL)]
)
def test_a_wish_is_recorded_once_and_wakes_the_case(office: Office, action: str, form: dict[str, str]) -> None:
    link = a_link(office)
    first = link.post(action, form)
    assert first.status == 200
    assert "C’est noté" in first.text
    after, told = link.stored, link.told()
    assert len(told) == 1
    assert after.due_at == office.now
    again = link.post(action, form)
    assert again.text == first.text
    assert (link.stored, link.told()) == (after, told)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_a_stop_closes_the_channel_of_its_message(office: Office, channel: Channel) -> None:
    link = a_link(office, channel=channel)
    link.post("stop")
    assert [(switch.key, switch.is_on) for switch in link.case.opt_outs] == [(f"{channel}:", True)]


def test_the_stop_of_a_firms_contact_closes_its_address_only(office: Office) -> None:
    link = a_link(office, status=DebtorStatus.COMPANY, email="compta@quetzalberg.example")
    link.post("stop")
    assert [switch.key for switch in link.case.opt_outs] == ["email:compta@quetzalberg.example"]


def test_from_a_letter_one_leaves_both_other_channels(office: Office) -> None:
    link = a_link(office, channel=Channel.LETTER)
    assert "Ne recevoir ni e-mail ni SMS" in link.get().text
    link.post("stop")
    assert {switch.key for switch in link.case.opt_outs} == {"email:", "sms:"}
    firm = a_link(office, channel=Channel.LETTER, status=DebtorStatus.COMPANY, email="a@q.example")
    firm.post("stop")
    assert {switch.key for switch in firm.case.opt_outs} == {"email:a@q.example", "sms:+33644631299"}


def test_a_stop_counts_again_after_the_channel_was_opened_again(office: Office) -> None:
    link = a_link(office)
    link.post("stop")
    office.later(hours=1)
    _record(link, OptedIn(id="start", at=office.now, by="ann", channel=Channel.EMAIL))
    assert [switch.is_on for switch in link.case.opt_outs] == [False]
    office.later(hours=1)
    link.post("stop")
    assert [switch.is_on for switch in link.case.opt_outs] == [True]
    assert len([fact for fact in link.told() if isinstance(fact, OptedOut)]) == 2


@pytest.mark.parametrize("form, until", [({}, date(2026, 3, 17)), ({"cheque": "yes"}, date(2026, 3, 24))])
def test_what_is_said_to_be_paid_is_held_for_some_business_days(
    office: Office, form: dict[str, str], until: date
) -> None:
    link = a_link(office)
    link.post("paid", form)
    (hold,) = link.case.holds
    assert (hold.kind, hold.until) == (HoldKind.ALREADY_PAID, until)
    assert [reference[:9] for reference in hold.references] == ["FA-CANARY"]
    assert [pending.event for pending in link.case.pending] == ["already_paid.claimed"]


def test_a_cheque_mentioned_later_is_waited_for_longer(office: Office) -> None:
    link = a_link(office)
    link.post("paid")
    link.post("paid", {"cheque": "yes"})
    assert [hold.until for hold in link.case.holds] == [date(2026, 3, 17), date(2026, 3, 24)]
    other = a_link(office, case=link.case, references=link.case.holds[0].references)
    other.post("paid")
    assert len(link.case.holds) == 2
    assert len([fact for fact in link.told() if isinstance(fact, HoldPlaced)]) == 3


def test_paid_with_nothing_open_goes_to_a_person(office: Office) -> None:
    link = a_link(office)
    settled = (replace(debt, open_cents=0, as_of=office.now.date()) for debt in link.case.debts)
    _record(link, *(DebtRecorded(id=f"settled:{d.reference}", at=office.now, by="erp", debt=d) for d in settled))
    link.post("paid")
    (fact,) = link.told()
    assert isinstance(fact, ReplyReceived)
    assert (fact.reading, link.case.holds) == ("already_paid", ())


def test_a_disagreement_holds_its_debts_and_keeps_its_words(office: Office) -> None:
    link = a_link(office)
    link.post("disagree", WORDS)
    (fact,) = link.told()
    assert isinstance(fact, DisputeOpened)
    assert fact.reason == WORDS["words"]
    (hold,) = link.case.holds
    assert (hold.kind, hold.until) == (HoldKind.DISPUTE, None)
    assert [pending.event for pending in link.case.pending] == ["dispute.opened"]
    assert hold.review_on is not None


def test_more_words_about_the_same_are_kept_and_read(office: Office) -> None:
    link = a_link(office)
    link.post("disagree")
    link.post("disagree", WORDS)
    assert len(link.case.holds) == 1
    assert [fact.reason for fact in link.told() if isinstance(fact, DisputeOpened)] == ["", WORDS["words"]]
    assert {pending.event for pending in link.case.pending} == {"dispute.opened", "reply.received"}


def test_words_are_capped_and_lose_what_nobody_sees(office: Office) -> None:
    link = a_link(office)
    link.post("disagree", {"words": "a\x00b\u202ec\r\n" + "é" * 2_000})
    (fact,) = link.told()
    assert isinstance(fact, DisputeOpened)
    assert len(fact.reason) == 1_000
    assert fact.reason.startswith("a b c\néé")


def test_a_call_is_a_task_with_what_was_written(office: Office) -> None:
    link = a_link(office)
    link.post("call", CALL)
    (task,) = link.tasks()
    assert (task.kind, task.role) == ("call_back", "agent")
    assert task.cause == "debtor: +33 6 44 63 12 34 / après 18 h"
    assert [open_task.kind for open_task in link.case.tasks] == ["call_back"]
    answer = office.post(f"/api/v1/tasks/{task.id}/done")
    assert answer.status == 200, answer.body
    assert link.case.tasks == ()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_whoever_asks_why_reads_what_they_wrote(office: Office, language: str) -> None:
    link = a_link(office)
    link.post("disagree", {"words": "La box\n\x1b[2J[bold]jamais"})
    link.post("call", CALL)
    told = office.get(f"/api/v1/cases/{link.case_id}/why?language={language}").body
    told = json.dumps(told, ensure_ascii=False)
    for words in ("La box [2J[bold]jamais", "+33 6 44 63 12 34 / après 18 h"):
        assert words in told
    assert "debtor:" not in told


@pytest.mark.parametrize("action", ACTIONS)
def test_after_the_case_closed_a_wish_is_still_heard(office: Office, action: str) -> None:
    link = a_link(office)
    _record(link, CaseClosed(id="closed", at=office.now, by="ann", outcome="given_up"))
    _advanced(link)
    assert link.get().status == 200
    assert link.post(action, WORDS).status == 200
    assert len(link.told()) == 1
    assert link.stored.due_at == office.now


def test_one_message_is_used_at_most_so_often_a_day(office: Office) -> None:
    link, before = a_link(office), office.now
    for number in range(MOST_A_DAY):
        assert link.post("disagree", {"words": f"reason {number}"}).status == 200
    refused = link.post("disagree", {"words": "one more"})
    assert refused.status == 429
    assert "demain" in refused.text
    assert link.post("disagree", {"words": "reason 3"}).status == 200  # known: nothing is stored
    assert link.post("stop").status == 200
    assert link.case.opt_outs
    office.later(days=1, minutes=1)
    try:
        assert link.post("disagree", {"words": "one more"}).status == 200
    finally:
        office.now = before


# ---------------------------------------------------------------------------------------------- one click


@pytest.mark.parametrize("is_multipart", [True, False])
def test_one_click_as_mail_programs_do_it(office: Office, is_multipart: bool) -> None:
    """RFC 8058: a POST without cookie, referrer or origin; no redirection; 200."""
    link = a_link(office)
    given = {"files": {"List-Unsubscribe": (None, "One-Click")}} if is_multipart else {"data": ONE_CLICK}
    said = office.client.post(f"{link.path}/stop", follow_redirects=False, **given)
    assert said.status_code == 200
    assert said.headers["content-type"].startswith("text/plain")
    assert said.text.startswith("Nous ne vous écrirons plus par e-mail.")
    assert [switch.key for switch in link.case.opt_outs] == ["email:"]
    assert office.client.post(f"{link.path}/stop", **given).text == said.text
    assert len(link.told()) == 1


def test_a_stop_without_any_body_is_a_stop(office: Office) -> None:
    link = a_link(office)
    assert office.client.post(f"{link.path}/stop").status_code == 200
    assert link.case.opt_outs


# ------------------------------------------------------------------------------------------- wrong tokens

WRONG = [
    "",
    "x",
    "0" * 22,
    "z" * 22,
    "0" * 5000,
    "a/b/c",
    "..%2f..",
    "%00",
    "é" * 20,
    "' OR 1=1 --",
    "a" * 15,
    "{token}",
]


def test_every_wrong_token_meets_one_and_the_same_page(office: Office) -> None:
    link = a_link(office)
    known = link.token
    seen = set()
    for token in (*WRONG, known.swapcase() + "0", f"{known}x", f"{known}/nothing", f"{known}/stop/now", known[:-1]):
        for said in (office.client.get(f"/d/{token}"), office.client.post(f"/d/{token}/stop", data=ONE_CLICK)):
            headers = {k: v for k, v in said.headers.items() if k != "date"}
            seen.add((said.status_code, said.text, str(sorted(headers.items()))))
    assert len(seen) == 1
    ((status, page, _),) = seen
    assert status == 404
    assert page.index('lang="fr"') < page.index('lang="en"')  # the deployment's language leads
    assert link.case.opt_outs == ()


def test_a_very_old_link_is_like_one_that_never_was(office: Office) -> None:
    old = a_link(office, started_at=office.now - LINK_LIVES - timedelta(days=1))
    assert old.get().text == office.client.get("/d/" + "0" * 22).text
    assert old.post("stop").status == 404
    assert old.case.opt_outs == ()
    assert a_link(office, started_at=office.now - LINK_LIVES + timedelta(days=1)).get().status == 200


def test_a_token_is_looked_up_by_an_index(office: Office) -> None:
    with office.database.read() as conn:
        assert attempts.by_token(conn, "unknown") is None
        plan = conn.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM attempts WHERE token = 'x'").all()
    assert "USING INDEX" in str(plan)


# --------------------------------------------------------------------------------------------- no secrets


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("creditor", ["acme-telecom", "syndic-lilas"])
def test_no_answer_holds_anything_of_the_debtor_or_the_debt(office: Office, channel: Channel, creditor: str) -> None:
    link = a_link(office, channel=channel, creditor=creditor)
    said = [link.get(action, params={"lang": lang}) for action in ("", *ACTIONS) for lang in ("fr", "en")]
    form = {"words": "my secret words", "phone": "+33 6 99", "hours": "my secret hours"}
    said += [link.post(action, form) for action in ACTIONS for _ in range(2)]
    said += [link.post("stop", ONE_CLICK), link.get("nothing")]
    everything = " ".join(f"{each.text} {dict(each.headers)}" for each in said)
    for canary in (*CANARIES, "my secret", "€", "EUR", link.attempt_id):
        assert canary not in everything, canary
