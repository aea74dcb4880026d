"""What a reading causes: certain words act, doubt asks a person, a stop is never missed (semantics C1, R10)."""

from datetime import date
from typing import Any

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Blocks, HoldKind, HoldScope
from orchestrator.domain.apply import apply_all
from orchestrator.domain.campaign import AgreementTerms, DeferralTerms, PromiseTerms
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.duration import Duration
from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.domain.reply_effects import MOST_WAITING, effects, needs_person
from orchestrator.domain.written_reply import Written
from tests.builders import a_case, a_debt, a_debtor, instant
from tests.domain import facts
from tests.domain.stories import live, said

NOW = "2026-03-10 09:00"
TERMS = AgreementTerms(deferral=DeferralTerms(longest=Duration.parse("30d")))
PHONE = "+33644631234"


def found(intent: Intent, confidence: int = 95, **changes: Any) -> Finding:
    if isinstance(changes.get("on"), str):
        changes["on"] = date.fromisoformat(changes["on"])
    return Finding(intent=intent, confidence=confidence, evidence=changes.pop("evidence", "so they wrote"), **changes)


def caused(
    *findings: Finding, case: Case | None = None, terms: AgreementTerms = TERMS, now: str = NOW, **changes: Any
) -> tuple[ev.Event, ...]:
    fields: dict[str, Any] = {"channel": "sms", "point": PHONE, "destination": PHONE, "words": "so they wrote"}
    written = Written(
        case=case or a_case(), name="reply:1", at=instant(now), by="debtor", reply_id="1", **{**fields, **changes}
    )
    return effects(written, Reading(findings=findings), terms)


def kinds(told: tuple[ev.Event, ...]) -> list[str]:
    return [ev.type_of(fact) for fact in told[1:]]


def heard(told: tuple[ev.Event, ...]) -> ev.ReplyReceived:
    assert isinstance(told[0], ev.ReplyReceived)
    return told[0]


def only(told: tuple[ev.Event, ...], kind: type) -> Any:
    (fact,) = [fact for fact in told if isinstance(fact, kind)]
    return fact


def held(told: tuple[ev.Event, ...]) -> list[HoldKind]:
    return [fact.hold.kind for fact in told if isinstance(fact, ev.HoldPlaced | ev.DisputeOpened | ev.HardshipDeclared)]


# ------------------------------------------------------------------------------------------------- stop


def test_a_stop_closes_the_channel_of_a_person_and_asks_nobody() -> None:
    told = caused(found(Intent.STOP))
    stopped = only(told, ev.OptedOut)
    assert (stopped.channel, stopped.point, heard(told).is_understood) == ("sms", "", True)
    assert kinds(told) == ["channel.opted_out"]


def test_a_firm_closes_the_address_that_wrote_and_the_one_that_was_written_to() -> None:
    firm = a_case(debtor=a_debtor(status=DebtorStatus.COMPANY))
    told = caused(
        found(Intent.STOP), case=firm, channel="email", point="ap@firm.example", destination="info@firm.example"
    )
    closed = [fact.point for fact in told if isinstance(fact, ev.OptedOut)]
    assert closed == ["ap@firm.example", "info@firm.example"]


def test_a_doubt_about_a_stop_is_a_stop_and_a_person_reads_it() -> None:
    told = caused(found(Intent.STOP, 40))
    assert kinds(told) == ["channel.opted_out", "task.opened"]
    assert needs_person(told)


def test_a_stop_acts_beside_everything_else() -> None:
    told = caused(found(Intent.DECEASED), found(Intent.STOP), found(Intent.PROMISE, on="2026-03-15"))
    assert "channel.opted_out" in kinds(told)
    assert "promise.made" not in kinds(told)


def test_a_start_opens_only_what_was_closed() -> None:
    start = found(Intent.STOP, is_resume=True)
    assert kinds(caused(start)) == []
    closed = a_case(facts=(facts.opted_out("sms", at="2026-03-01 08:00"),))
    told = caused(start, case=closed)
    assert (kinds(told), only(told, ev.OptedIn).point) == (["channel.opted_in"], "")


# --------------------------------------------------------------------------------------------- promises


def test_a_promise_within_the_limits_is_taken() -> None:
    """R14: an exact date and sum."""
    told = caused(found(Intent.PROMISE, on="2026-03-15", amount_cents=1500))
    made = only(told, ev.PromiseMade).promise
    assert (made.amount_cents, made.due_on, made.grace_days) == (1500, date(2026, 3, 15), 3)
    assert heard(told).is_understood


def test_a_promise_without_a_sum_is_of_all_that_is_due_and_never_of_more() -> None:
    assert only(caused(found(Intent.PROMISE, on="2026-03-15")), ev.PromiseMade).promise.amount_cents == 2000
    more = caused(found(Intent.PROMISE, on="2026-03-15", amount_cents=99_900))
    assert only(more, ev.PromiseMade).promise.amount_cents == 2000


@pytest.mark.parametrize(
    "finding, case",
    [
        (found(Intent.PROMISE), a_case()),
        (found(Intent.PROMISE, on="2026-03-09"), a_case()),
        (found(Intent.PROMISE, on="2026-03-26"), a_case()),
        (found(Intent.PROMISE, 79, on="2026-03-15"), a_case()),
        (found(Intent.PROMISE, on="2026-03-15"), a_case(a_debt(cents=0))),
    ],
    ids=["no date", "past", "too far", "unsure", "nothing owed"],
)
def test_any_other_promise_holds_the_case_and_is_for_a_person(finding: Finding, case: Case) -> None:
    told = caused(finding, case=case)
    assert (held(told), heard(told).is_understood) == ([HoldKind.UNREAD_REPLY], False)


def test_the_last_day_of_the_limit_is_in_it() -> None:
    assert "promise.made" in kinds(caused(found(Intent.PROMISE, on="2026-03-25")))


def test_a_third_promise_of_a_cycle_is_for_a_person() -> None:
    made = (
        facts.promised(500, due="2026-03-08", at="2026-03-06 08:00", pid="A"),
        facts.promised(500, due="2026-03-08", at="2026-03-07 08:00", pid="B"),
    )
    case = a_case(facts=(facts.entered(at="2026-03-05 08:00"), *made))
    assert "promise.made" not in kinds(caused(found(Intent.PROMISE, on="2026-03-15"), case=case))
    more = AgreementTerms(promise=PromiseTerms(at_most=3))
    assert "promise.made" in kinds(caused(found(Intent.PROMISE, on="2026-03-15"), case=case, terms=more))


def test_another_day_sets_the_first_promise_aside() -> None:
    case = a_case(facts=(facts.promised(2000, due="2026-03-12", at="2026-03-09 08:00"),))
    told = caused(found(Intent.PROMISE, on="2026-03-20"), case=case)
    assert (only(told, ev.HoldLifted).hold_id, kinds(told)) == ("PR-1", ["hold.lifted", "promise.made"])
    moved = apply_all(case, told)
    broken = [m for m in live(moved, start=NOW, days=20) if any("broken" in line for line in said([m]))]
    assert [m.at.date() for m in broken] == [date(2026, 3, 24)]


def test_a_promise_names_the_documents_that_it_names() -> None:
    two = a_case(a_debt("F-1"), a_debt("FA 2026/2", cents=3000))
    told = caused(found(Intent.PROMISE, on="2026-03-15", references=("fa2026-2",)), case=two, references=("F-1",))
    assert only(told, ev.PromiseMade).promise.references == ("FA 2026/2",)
    assert only(caused(found(Intent.PROMISE, on="2026-03-15"), case=two), ev.PromiseMade).promise.references == ()


# ------------------------------------------------------------------------------------ time, paid, dispute


def test_more_time_is_granted_inside_the_campaigns_limit_and_once() -> None:
    """R12."""
    told = caused(found(Intent.WANTS_TIME, on="2026-04-09"))
    assert (only(told, ev.HoldPlaced).hold.kind, only(told, ev.HoldPlaced).hold.until) == (
        HoldKind.DEFERRAL, date(2026, 4, 9),
    )  # fmt: skip
    assert held(caused(found(Intent.WANTS_TIME, on="2026-04-10"))) == [HoldKind.UNREAD_REPLY]
    again = a_case(facts=(facts.held(HoldKind.DEFERRAL, since="2026-02-01 08:00", until="2026-02-20"),))
    assert held(caused(found(Intent.WANTS_TIME, on="2026-04-01"), case=again)) == [HoldKind.UNREAD_REPLY]


def test_where_no_deferral_is_allowed_a_person_decides() -> None:
    assert held(caused(found(Intent.WANTS_TIME, on="2026-03-20"), terms=AgreementTerms())) == [HoldKind.UNREAD_REPLY]


def test_already_paid_holds_just_the_debts_that_it_names() -> None:
    two = a_case(a_debt("F-1"), a_debt("F-2"))
    told = caused(found(Intent.ALREADY_PAID, references=("F-2",)), case=two, references=("F-1", "F-2"))
    hold = only(told, ev.HoldPlaced).hold
    assert (hold.references, hold.until) == (("F-2",), date(2026, 3, 17))


def test_a_cheque_has_ten_business_days() -> None:
    told = caused(found(Intent.ALREADY_PAID, evidence="chèque envoyé hier"))
    assert only(told, ev.HoldPlaced).hold.until == date(2026, 3, 24)


def test_a_dispute_of_a_part_holds_that_part() -> None:
    """R41."""
    told = caused(found(Intent.DISPUTE, amount_cents=700), references=("F-1",))
    hold = only(told, ev.DisputeOpened).hold
    assert (hold.amount_cents, hold.references) == (700, ("F-1",))


# --------------------------------------------------------------------------------------- people in trouble


def test_a_death_is_silence_for_every_account_whatever_the_confidence() -> None:
    for confidence in (30, 95):
        told = caused(found(Intent.DECEASED, confidence), found(Intent.PROMISE, on="2026-03-15"))
        hold = only(told, ev.HoldPlaced).hold
        assert (hold.kind, hold.blocks, hold.scope) == (HoldKind.DEATH, Blocks.ALL, HoldScope.PERSON)
        assert ("mark.added" in kinds(told)) is (confidence == 95)
        assert only(told, ev.TaskOpened).role == "manager"


def test_words_about_ending_ones_life_silence_every_machine_and_call_a_person_within_the_hour() -> None:
    """R32."""
    told = caused(found(Intent.DISTRESS, 50, is_danger=True), found(Intent.PROMISE, on="2026-03-15"))
    hold, task = only(told, ev.HoldPlaced).hold, only(told, ev.TaskOpened)
    assert (hold.kind, hold.blocks) == (HoldKind.SELF_HARM, Blocks.ALL)
    assert (task.kind, task.role, task.due_at) == ("distress", "manager", instant("2026-03-10 10:00"))
    assert "promise.made" not in kinds(told)


def test_distress_and_hardship_are_one_declaration() -> None:
    told = caused(found(Intent.DISTRESS), found(Intent.CANNOT_PAY))
    assert kinds(told) == ["mark.added", "hardship.declared"]


def test_over_indebtedness_is_a_hold_of_its_own() -> None:
    told = caused(found(Intent.CANNOT_PAY, evidence="j'ai un dossier de surendettement"))
    assert HoldKind.OVER_INDEBTEDNESS_CLAIMED in held(told)


def test_who_is_being_listened_to_is_not_answered_by_a_machine_twice() -> None:
    case = a_case(facts=(facts.in_hardship(at="2026-03-09 08:00"),))
    told = caused(found(Intent.CANNOT_PAY), case=case)
    assert ("hardship.declared" in kinds(told), heard(told).is_understood) == (False, False)


def test_a_wrong_number_is_left_alone_and_a_person_looks() -> None:
    told = caused(found(Intent.WRONG_PERSON), found(Intent.PROMISE, on="2026-03-15"))
    marked = only(told, ev.PointMarked)
    assert (marked.value, marked.fault) == (PHONE, "not_owned")
    assert only(told, ev.TaskOpened).kind == "wrong_person"
    assert "promise.made" not in kinds(told)


# -------------------------------------------------------------------------------------- work for a person


@pytest.mark.parametrize(
    "intent, kind",
    [
        (Intent.WANTS_PLAN, "plan_request"),
        (Intent.WANTS_CALL, "call_back"),
        (Intent.ASKS_INVOICE, "send_invoice"),
        (Intent.NOT_RECEIVED, "send_invoice"),
        (Intent.MISSING_ORDER_NUMBER, "order_number"),
        (Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE, "follow_up"),
        (Intent.WRITE_TO_SOMEONE_ELSE, "new_contact"),
    ],
)
def test_what_they_ask_is_a_task_and_demands_wait_for_it(intent: Intent, kind: str) -> None:
    told = caused(found(intent))
    assert (only(told, ev.TaskOpened).kind, held(told)) == (kind, [HoldKind.UNREAD_REPLY])
    case = apply_all(a_case(facts=(facts.entered(at="2026-03-05 08:00"),)), told)
    assert said(live(case, start=NOW, days=30)) == []


def test_two_ways_to_ask_for_the_invoice_are_one_task() -> None:
    told = caused(found(Intent.NOT_RECEIVED), found(Intent.ASKS_INVOICE))
    assert kinds(told) == ["task.opened", "hold.placed"]


@pytest.mark.parametrize("intent", [Intent.ABUSE, Intent.OTHER])
def test_what_no_machine_should_answer_goes_to_a_person(intent: Intent) -> None:
    told = caused(found(intent))
    assert (held(told), heard(told).is_understood) == ([HoldKind.UNREAD_REPLY], False)


@pytest.mark.parametrize("intent", [Intent.THANKS, Intent.TICKET_ACKNOWLEDGEMENT])
def test_thanks_change_nothing(intent: Intent) -> None:
    told = caused(found(intent))
    assert (kinds(told), heard(told).is_understood) == ([], True)


def test_who_is_away_is_left_alone_until_they_are_back() -> None:
    told = caused(found(Intent.OUT_OF_OFFICE, on="2026-03-20"))
    hold = only(told, ev.HoldPlaced).hold
    assert (hold.kind, hold.until) == (HoldKind.AWAY, date(2026, 3, 20))
    long = caused(found(Intent.OUT_OF_OFFICE, on="2026-12-31"))
    assert only(long, ev.HoldPlaced).hold.until == date(2026, 3, 31)
    assert kinds(caused(found(Intent.OUT_OF_OFFICE))) == []


def test_one_doubt_among_certain_words_is_read_and_the_rest_acts() -> None:
    told = caused(found(Intent.PROMISE, on="2026-03-15"), found(Intent.DISPUTE, 50))
    assert ("promise.made" in kinds(told), held(told)) == (True, [HoldKind.UNREAD_REPLY])


def test_of_a_closed_case_only_protection_acts_and_a_person_reads_the_rest() -> None:
    done = a_case(facts=(ev.CaseClosed(id="c", at=instant("2026-03-01 08:00"), outcome="uneconomic"),))
    assert done.state is CaseState.CLOSED
    told = caused(found(Intent.PROMISE, on="2026-03-15"), found(Intent.STOP), case=done)
    assert (kinds(told), heard(told).is_understood) == (["channel.opted_out"], False)


@pytest.mark.parametrize(
    "finding, kind, task",
    [
        (found(Intent.DISTRESS, 55, is_danger=True), HoldKind.SELF_HARM, "distress"),
        (found(Intent.DECEASED, 55), HoldKind.DEATH, "deceased"),
    ],
)
def test_a_flood_never_drowns_a_danger_or_a_death(finding: Finding, kind: HoldKind, task: str) -> None:
    """Twenty replies wait for a person: the first grave one silences and asks all the same, the next adds nothing."""
    waiting = tuple(
        facts.held(HoldKind.UNREAD_REPLY, since="2026-03-09 08:00", hid=f"unread:{number}")
        for number in range(MOST_WAITING)
    )
    flooded = a_case(facts=waiting)
    told = caused(finding, found(Intent.OTHER, 50), case=flooded)
    assert [fact.hold.kind for fact in told if isinstance(fact, ev.HoldPlaced)] == [kind]
    assert [fact.kind for fact in told if isinstance(fact, ev.TaskOpened)] == [task]
    again = caused(finding, case=apply_all(flooded, told))
    assert not [fact for fact in again if isinstance(fact, ev.HoldPlaced | ev.TaskOpened)]


def test_told_twice_every_fact_is_one() -> None:
    findings = [found(intent, on="2026-03-15") for intent in Intent if intent is not Intent.DECEASED]
    told = caused(*findings)
    assert len({fact.id for fact in told}) == len(told)
    once = apply_all(a_case(), told)
    assert apply_all(once, told) == once
