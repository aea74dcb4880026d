"""Advance: what is due is decided once, stored with its reasons, and costs nothing when nothing is due (R17, R40)."""

from datetime import UTC, datetime, timedelta

from orchestrator.domain.campaign import Mode
from orchestrator.domain.debt import Payment
from orchestrator.domain.decision import Ask, Close, Send, Verdict, Wait
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage import cases, tasks
from tests.flows.conftest import TUESDAY, World, row


def test_a_case_enters_the_campaign_of_its_audience(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2", amount="1200,00", phone="+33644631299"))
    world.advance()
    assert {case.campaign for case in world.cases()} == {"b2c-small", "b2c-large"}


def test_every_decision_is_journalled_with_reasons(world: World) -> None:
    world.load(row())
    world.advance()
    decisions = world.decisions()
    assert decisions
    assert all(decision.reasons for decision in decisions)
    assert any(isinstance(decision.act, Send) for decision in decisions)


def test_an_unchanged_wait_is_not_journalled_again(world: World) -> None:
    world.load(row(due="2026-04-20"))
    world.advance()
    before = len(world.decisions())
    with world.database.begin() as conn:
        cases.wake(conn, [world.case().id], at=TUESDAY)
    assert world.advance().judged == 1
    assert len(world.decisions()) == before


def test_in_observe_mode_nothing_is_planned_and_everything_is_noted(world: World) -> None:
    world.load(row())
    done = world.advance(mode=Mode.OBSERVE)
    assert (done.planned, done.observed) == (0, 1)
    assert world.messages() == []
    assert world.dispatch().left == 0


def test_after_observation_the_person_hears_a_first_word_again(world: World) -> None:
    world.load(row())
    world.advance(mode=Mode.OBSERVE)
    later = TUESDAY + timedelta(days=14)
    with world.database.begin() as conn:
        cases.wake(conn, [world.case().id], at=later)
    world.advance(now=later)
    (message,) = world.messages()
    assert message.send.step == "reminder-1"
    assert message.send.cycle == 2


def test_in_confirm_mode_a_person_says_yes_first(world: World) -> None:
    world.load(row())
    assert world.advance(mode=Mode.CONFIRM).planned == 0
    with world.database.read() as conn:
        (task,) = tasks.search(conn, tasks.Filter(), limit=5)
    answer_task(world.database, task.id, answer="approve", by="claire", role="agent", now=TUESDAY)
    assert world.advance(mode=Mode.CONFIRM).planned == 1


def test_a_stale_ledger_holds_every_demand(world: World) -> None:
    """Semantics A3: no demand leaves on a ledger older than two business days."""
    world.load(row())
    later = TUESDAY + timedelta(days=7)
    strategy = world.strategy()
    from_old = world.advance_without_ledger(strategy, later)
    assert from_old.planned == 0
    last = world.decisions()[-1]
    assert isinstance(last.act, Wait)
    assert any(reason.verdict is Verdict.BLOCK for reason in last.reasons)


def test_a_paid_case_is_thanked_and_closed(world: World) -> None:
    world.load(row())
    world.advance()
    world.dispatch()
    later = TUESDAY + timedelta(days=2)
    paid = Payment("P-1", 4200, later.date(), ("F-1",))
    world.record(PaymentReceived(id="paid", at=later, payment=paid), now=later)
    world.advance(now=later)
    world.dispatch(now=later)
    assert [m.send.template for m in world.messages()] == ["reminder", "thanks"]
    assert world.case().outcome == "paid"
    assert isinstance(world.decisions()[-1].act, Close | Wait)


def test_a_case_without_campaign_becomes_a_task_once(world: World) -> None:
    world.load(row(amount="3,00"))
    world.advance()
    world.advance(now=TUESDAY + timedelta(days=2))
    asked = [decision.act for decision in world.decisions() if isinstance(decision.act, Ask)]
    assert [act.task for act in asked] == ["no_campaign"]


def test_a_debt_that_is_not_due_yet_waits_for_its_day(world: World) -> None:
    world.load(row(due="2026-04-20"))
    world.advance()
    with world.database.read() as conn:
        due_at = cases.next_due_at(conn)
    assert due_at is not None
    assert datetime(2026, 4, 10, tzinfo=UTC) < due_at <= datetime(2026, 4, 26, tzinfo=UTC)
