"""The `tests:` block of a campaign becomes typed structs that a walker can play."""

from datetime import date

import msgspec
import pytest

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Use
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind, PaymentMethod
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.money import Money
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.campaign_tests import (
    ApprovalExpected,
    CampaignTest,
    CloseExpected,
    Expectation,
    Given,
    HandOverExpected,
    Happening,
    NoneUntil,
    StepExpected,
    TaskExpected,
)
from orchestrator.intake.campaigns.words import EVENTS, TEST_EVENTS
from tests.intake.campaigns.campaign_fixtures import EXAMPLE, SHIPPED, edited, load, load_text

_SECOND_GIVEN = "  - given: {debtor: individual, balance: 42 EUR, due: 2026-03-02, phone: yes}\n"
_WHEN = "{on: 2026-03-08, event: promise.made, for: 2026-03-20}"
_EXPECT = "[{step: reminder-1}, {none_until: 2026-03-23}]"


def the_second_test(*edits: tuple[str, str]) -> CampaignTest:
    return load_text(edited(*edits)).tests[1]


def happening(line: str) -> Happening:
    (found,) = the_second_test((_WHEN, line)).when
    return found


def expectation(line: str) -> Expectation:
    (found,) = the_second_test((_EXPECT, f"[{line}]")).expect
    return found


def test_the_example_reads_as_two_sentences() -> None:
    first, second = load(EXAMPLE).tests
    owes = Given(
        status=DebtorStatus.CONSUMER, balance=Money(4200), due_on=date(2026, 3, 2), has_phone=True, has_email=False
    )
    assert first.given == owes
    assert first.when == ()
    assert first.expect == (
        StepExpected(step="reminder-1", channel=Use.SMS, voice=Voice.COURTEOUS, on=date(2026, 3, 7)),
    )
    assert second.when == (Happening(on=date(2026, 3, 8), event="promise.made", for_on=date(2026, 3, 20)),)
    assert second.expect == (StepExpected(step="reminder-1"), NoneUntil(until=date(2026, 3, 23)))


def test_what_a_test_does_not_say_is_a_consumer_of_paris_with_a_postal_address_alone() -> None:
    """Semantics C4: a test without postcode lives at 75001."""
    given = the_second_test((", phone: yes}\n", "}\n")).given
    assert (given.has_phone, given.has_email, given.has_post, given.postcode) == (False, False, True, "75001")
    assert (given.debt_kind, given.marks, given.imported_on, given.party) == ("invoice", frozenset(), None, "")


def test_a_test_may_say_everything_about_the_case() -> None:
    said = (
        "  - given: {status: sole_trader, balance: 1200.50 EUR, due: 2026-03-02, imported: 2026-04-01, phone: no, "
        'email: yes, post: no, postcode: "01000", party: third_party, language: en, sector: hotels, solvency: frail, '
        "debt_kind: instalment, claim_kind: telecom, payment_method: direct_debit, marks: [good_payer, key_account], "
        "promises_broken: 1, promises_kept: 2, title: yes}\n"
    )
    assert the_second_test((_SECOND_GIVEN, said)).given == Given(
        status=DebtorStatus.SOLE_TRADER, balance=Money(120050), due_on=date(2026, 3, 2),
        imported_on=date(2026, 4, 1), has_email=True, has_post=False, has_title=True, postcode="01000",
        party="third_party", language="en", sector="hotels", solvency="frail", debt_kind="instalment",
        claim_kind=ClaimKind.TELECOM, payment_method=PaymentMethod.DIRECT_DEBIT,
        marks=frozenset({"good_payer", "key_account"}), promises_broken=1, promises_kept=2,
    )  # fmt: skip


@pytest.mark.parametrize("debtor, status", [("individual", DebtorStatus.CONSUMER), ("business", DebtorStatus.COMPANY)])
def test_a_debtor_stands_for_the_usual_status(debtor: str, status: DebtorStatus) -> None:
    said = _SECOND_GIVEN.replace("individual", debtor)
    assert the_second_test((_SECOND_GIVEN, said)).given.status is status


_ON = date(2026, 3, 8)
_HAPPENINGS = [
    ("event: promise.made, for: 2026-03-20, amount: 20 EUR",
     Happening(on=_ON, event="promise.made", for_on=date(2026, 3, 20), amount=Money(2000))),
    ("event: payment.full", Happening(on=_ON, event="payment.full")),
    ("event: payment.partial, amount: 20 EUR", Happening(on=_ON, event="payment.partial", amount=Money(2000))),
    ("event: payment.rejected, code: AM04", Happening(on=_ON, event="payment.rejected", code="AM04")),
    ("event: dispute.opened", Happening(on=_ON, event="dispute.opened")),
    ("event: dispute.resolved, outcome: upheld",
     Happening(on=_ON, event="dispute.resolved", outcome="upheld")),
    ("event: hardship.declared", Happening(on=_ON, event="hardship.declared")),
    ("event: delivery.failed, channel: sms", Happening(on=_ON, event="delivery.failed", channel=Use.SMS)),
    ("event: reply.received", Happening(on=_ON, event="reply.received")),
    ("event: deferral.granted, until: 2026-04-01",
     Happening(on=_ON, event="deferral.granted", until_on=date(2026, 4, 1))),
    ("event: plan.agreed, instalments: 3, first_on: 2026-03-15, every: 1 month",
     Happening(on=_ON, event="plan.agreed", instalments=3, first_on=date(2026, 3, 15),
               every=Duration(1, Unit.MONTH))),
    ("event: already_paid.claimed", Happening(on=_ON, event="already_paid.claimed")),
    ("event: opted_out, channel: sms", Happening(on=_ON, event="opted_out", channel=Use.SMS)),
    ("event: approval.given, step: formal-notice",
     Happening(on=_ON, event="approval.given", step="formal-notice")),
    ("event: approval.refused, step: formal-notice",
     Happening(on=_ON, event="approval.refused", step="formal-notice")),
    ("event: call.made, step: reminder-1, outcome: no_answer",
     Happening(on=_ON, event="call.made", step="reminder-1", outcome="no_answer")),
    ("event: mark.added, mark: vulnerable", Happening(on=_ON, event="mark.added", mark="vulnerable")),
    ("event: hold.placed, hold: insolvency, until: 2026-06-01",
     Happening(on=_ON, event="hold.placed", hold=HoldKind.INSOLVENCY, until_on=date(2026, 6, 1))),
]  # fmt: skip


@pytest.mark.parametrize("line, expected", _HAPPENINGS)
def test_each_event_is_read_with_its_parameters(line: str, expected: Happening) -> None:
    assert happening(f"{{on: 2026-03-08, {line}}}") == expected


def test_every_event_that_a_person_causes_is_shown_above() -> None:
    shown = {expected.event for _, expected in _HAPPENINGS}
    assert shown == {name for name, word in TEST_EVENTS.items() if not word.follows}


@pytest.mark.parametrize(
    "line, expected",
    [
        ("{step: promise.broken, voice: factual}", StepExpected(step="promise.broken", voice=Voice.FACTUAL)),
        ("{task: call_back, by: agent, on: 2026-03-09}",
         TaskExpected(task="call_back", by="agent", on=date(2026, 3, 9))),
        ("{approve: formal-notice, by: manager}", ApprovalExpected(step="formal-notice", by="manager")),
        ("{close: paid}", CloseExpected(outcome="paid")),
        ("{hand_over: pre_litigation, on: 2026-06-01}",
         HandOverExpected(stage="pre_litigation", on=date(2026, 6, 1))),
    ],
)  # fmt: skip
def test_each_expectation_has_its_struct(line: str, expected: Expectation) -> None:
    assert expectation(line) == expected


def test_a_test_knows_its_place_and_the_place_of_each_expectation() -> None:
    test = the_second_test()
    assert test.where == "c.yaml:99:5"
    assert test.expect_where == ("c.yaml:101:14", "c.yaml:101:34")


def test_a_title_stands_for_the_number_of_a_test() -> None:
    assert the_second_test().title == "tests[1]"
    named = _SECOND_GIVEN.replace("given", "title: Une promesse\n    given")
    assert the_second_test((_SECOND_GIVEN, named)).title == "Une promesse"


def test_only_events_of_a_campaign_may_be_reacted_to() -> None:
    assert set(EVENTS) < set(TEST_EVENTS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_tests_cover_a_channel_and_what_goes_wrong(path: object) -> None:
    tests = [test for shipped in SHIPPED if shipped == path for test in load(shipped).tests]
    assert any(isinstance(e, StepExpected) and e.channel for test in tests for e in test.expect)
    assert any(each.event == "promise.made" for test in tests for each in test.when)
    sad = {"hardship.declared", "dispute.opened", "already_paid.claimed"}
    assert any(each.event in sad for test in tests for each in test.when) or any(
        isinstance(e, ApprovalExpected) for test in tests for e in test.expect
    )


def test_a_test_survives_json() -> None:
    for test in load(EXAMPLE).tests:
        assert msgspec.json.decode(msgspec.json.encode(test), type=CampaignTest) == test


def test_a_promise_may_be_for_the_same_day() -> None:
    assert happening("{on: 2026-03-08, event: promise.made, for: 2026-03-08}").for_on == date(2026, 3, 8)
