"""My day: one list, people at risk first, then what is worth doing first; nothing of another's creditor."""

from datetime import date, timedelta

import pytest

from orchestrator.domain import acts
from orchestrator.domain.campaign import Mode
from orchestrator.domain.events import DebtWithdrawn, Marked
from orchestrator.domain.reply_order import Risk
from orchestrator.domain.who import Who
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.my_day import WEIGHED, my_day
from orchestrator.flows.record_facts import record_facts
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_record_replies import a_text, hear, reminded
from tests.flows.workday.conftest import ANNE, ask, day, kinds, line

SOON = TUESDAY + timedelta(hours=4)
WEDNESDAY = TUESDAY + timedelta(days=1)


def act(world: World, ref: str, done: acts.Act, *, name: str = "a", at: object = None) -> str:
    (case,) = [case for case in world.cases() if case.debtor.ref == ref]
    act_on_case(
        world.database, world.strategy(), case.id, done, by="anne", role="agent", now=TUESDAY, name=f"act:{name}"
    )
    return case.id


def three(world: World) -> dict[str, str]:
    """20, 200 and 2,000 EUR."""
    amounts = {"C-1": "20,00", "C-2": "200,00", "C-3": "2000,00"}
    rows = [
        row(f"F-{ref}", debtor=ref, amount=cents, phone=f"+3364463123{n}")
        for n, (ref, cents) in enumerate(amounts.items())
    ]
    world.load(*rows)
    return {case.debtor.ref: case.id for case in world.cases()}


def test_more_money_comes_first_when_all_else_is_equal(staffed: World) -> None:
    ids = three(staffed)
    for case_id in ids.values():
        ask(staffed, case_id, "call", due_at=SOON)
    assert [each.case_id for each in day(staffed, ANNE).lines] == [ids["C-3"], ids["C-2"], ids["C-1"]]


def test_a_person_at_risk_comes_before_any_amount(staffed: World) -> None:
    ids = three(staffed)
    for case_id in ids.values():
        ask(staffed, case_id, "call", due_at=SOON)
    record_facts(staffed.database, [(ids["C-1"], Marked(id="m", at=TUESDAY, mark="vulnerable"))], now=TUESDAY)
    first = day(staffed, ANNE).lines[0]
    assert (first.case_id, first.care) == (ids["C-1"], "vulnerable")


def test_what_is_late_comes_before_what_has_time(staffed: World) -> None:
    ids = three(staffed)
    ask(staffed, ids["C-2"], "call", due_at=TUESDAY - timedelta(days=3))
    ask(staffed, ids["C-3"], "call", due_at=TUESDAY + timedelta(days=30), subject="far")
    ask(staffed, ids["C-1"], "call", due_at=TUESDAY + timedelta(days=30), subject="far")
    found = day(staffed, ANNE)
    # 200 EUR x 4 is less than 2,000 EUR x 1: the amount still weighs more.
    assert [each.case_id for each in found.lines] == [ids["C-3"], ids["C-2"], ids["C-1"]]
    assert [each.rank.urgency for each in found.lines] == [10, 40, 10]


def test_a_promise_shows_on_its_day_and_once_it_is_broken(staffed: World) -> None:
    staffed.load(row())
    act(staffed, "C-1", acts.MakePromise(on=date(2026, 3, 11), amount_cents=1500, grace_days=0))
    assert kinds(day(staffed, ANNE)) == []
    due = line(day(staffed, ANNE, WEDNESDAY), "promise")
    assert (due.amount_cents, due.due_on) == (1500, date(2026, 3, 11))
    thursday = TUESDAY + timedelta(days=2)
    staffed.advance(thursday)
    broken = line(day(staffed, ANNE, thursday), "broken")
    assert broken.rank.days_left == -1
    assert "promise" not in kinds(day(staffed, ANNE, thursday))
    assert kinds(day(staffed, ANNE, thursday + timedelta(days=1))) == ["broken"]
    assert "broken" not in kinds(day(staffed, ANNE, thursday + timedelta(days=7)))


def test_a_dispute_shows_once_it_is_old_unless_its_task_does(staffed: World) -> None:
    staffed.load(row())
    act(staffed, "C-1", acts.OpenDispute(reason=acts.DisputeReason.PRICE))
    assert "dispute" not in kinds(day(staffed, ANNE, TUESDAY + timedelta(days=9)))
    assert "dispute" in kinds(day(staffed, ANNE, TUESDAY + timedelta(days=10)))
    ask(staffed, staffed.case().id, "answer_dispute", due_at=SOON)
    assert kinds(day(staffed, ANNE, TUESDAY + timedelta(days=10))) == ["answer_dispute"]


def test_nobody_reachable_shows(staffed: World) -> None:
    staffed.load(row(phone="").replace("1 rue du Lac", ""))
    assert kinds(day(staffed, ANNE)) == ["unreachable"]


def test_a_closed_case_has_no_days(staffed: World) -> None:
    staffed.load(row(phone="").replace("1 rue du Lac", ""))
    staffed.record(DebtWithdrawn(id="w", at=TUESDAY, reference="F-1"), now=TUESDAY)
    assert kinds(day(staffed, ANNE)) == []


def test_tasks_above_a_role_are_not_in_its_list(staffed: World) -> None:
    ids = three(staffed)
    ask(staffed, ids["C-1"], "claim_expires", due_at=SOON, role="manager")
    assert kinds(day(staffed, ANNE)) == []
    assert kinds(day(staffed, Who("marc", "manager"))) == ["claim_expires"]


def test_an_answered_task_is_gone_at_once(staffed: World) -> None:
    ids = three(staffed)
    task_id = ask(staffed, ids["C-1"], "read_reply", due_at=SOON)
    assert kinds(day(staffed, ANNE)) == ["read_reply"]
    answer_task(staffed.database, task_id, answer="done", by="anne", role="agent", now=TUESDAY)
    assert not my_day(staffed.database, ANNE, now=TUESDAY).lines


def test_nothing_of_another_creditor_is_seen(staffed: World) -> None:
    ids = three(staffed)
    ask(staffed, ids["C-1"], "read_reply", due_at=SOON)
    act(staffed, "C-2", acts.MakePromise(on=date(2026, 3, 10), amount_cents=1500))
    for creditors, expected in ((frozenset({"another"}), 0), (frozenset({"acme-telecom"}), 2), (None, 2)):
        found = day(staffed, Who("anne", "agent", creditors))
        assert len(found.lines) == expected
        assert found.unassigned_cases == (3 if expected else 0)


@pytest.mark.parametrize("text, risk", [("Vous êtes des voleurs.", Risk.DISPUTE), ("bonjour", Risk.ORDINARY)])
def test_a_reply_that_waits_stands_above_any_money(staffed: World, text: str, risk: Risk) -> None:
    ids = two_debtors(staffed)
    ask(staffed, ids["C-2"], "call", due_at=TUESDAY - timedelta(days=3))
    (heard,) = hear(staffed, a_text(text))
    staffed.advance()
    first, *others = day(staffed, ANNE).lines
    assert (first.kind, first.case_id) == ("read_reply", ids["C-1"])
    assert "call" in [each.kind for each in others]
    assert (first.rank.risk, first.rank.is_unread) == (risk, True)
    assert first.reply_id == (heard.reply_id if risk is Risk.DISPUTE else "")


def two_debtors(world: World) -> dict[str, str]:
    """20 EUR of whoever answers, and 900,000 EUR."""
    large = row("F-2", debtor="C-2", amount="900000,00", phone="+33644631239")
    reminded(world, row("F-1", debtor="C-1", amount="20,00"), large)
    return {case.debtor.ref: case.id for case in world.cases()}


def test_the_gravest_reply_is_weighed_however_many_fall_due_before_it(staffed: World) -> None:
    ids = two_debtors(staffed)
    (heard,) = hear(staffed, a_text("Vous êtes des voleurs."))
    staffed.advance()
    for number in range(WEIGHED):
        ask(staffed, ids["C-2"], "read_reply", due_at=TUESDAY - timedelta(days=9), subject=f"s{number}")
    found = day(staffed, ANNE)
    assert (found.lines[0].case_id, found.lines[0].reply_id) == (ids["C-1"], heard.reply_id)
    assert found.counts["read_reply"] == WEIGHED + 1


def test_approvals_show_as_one_line_for_each_campaign_and_step(staffed: World) -> None:
    three(staffed)
    staffed.advance(mode=Mode.CONFIRM)
    found = day(staffed, ANNE)
    batches = {each.campaign: (each.count, each.amount_cents) for each in found.lines if each.kind == "batch"}
    assert batches == {"b2c-small": (2, 22_000), "b2c-large": (1, 200_000)}
    assert found.counts["batch"] == 3
    assert not staffed.messages()
