"""Duties of the law as tasks: asked once, kept when the case ends, done once (FR-3P-06, FR-3P-07)."""

from datetime import date, timedelta

from orchestrator.domain.case import CaseState
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage import tasks
from tests.flows.conftest import TUESDAY, World, row

A_DAY = timedelta(days=1)
WEDNESDAY = TUESDAY + A_DAY


def _owed_to_the_creditor_of_a_collector() -> str:
    return row(amount="84,00").replace("acme-telecom", "syndic-lilas")


def _paid(world: World, cents: int, name: str) -> None:
    payment = Payment(name, cents, date(2026, 3, 11), ("F-1",))
    world.record(PaymentReceived(id=f"paid:{name}", at=WEDNESDAY, payment=payment), now=WEDNESDAY)
    world.advance(WEDNESDAY)


def _open(world: World) -> dict[str, str]:
    """Open duties, and the day they are due."""
    with world.database.read() as conn:
        found = tasks.search(conn, tasks.Filter(), limit=50)
    return {
        task.kind: f"{task.due_at:%m-%d}"
        for task in found
        if task.state is tasks.TaskState.OPEN and task.cause.startswith("duty:")
    }


def test_a_part_payment_to_a_collector_is_receipted_paid_over_and_told(world: World) -> None:
    world.load(_owed_to_the_creditor_of_a_collector())
    world.advance()
    assert _open(world) == {}
    _paid(world, 2000, "P-1")
    assert _open(world) == {"send_receipt": "03-14", "pay_over": "04-10", "notify_creditor": "03-13"}


def test_duties_outlive_the_case_and_are_asked_once(world: World) -> None:
    world.load(_owed_to_the_creditor_of_a_collector())
    _paid(world, 8400, "P-1")
    world.advance(WEDNESDAY + A_DAY)
    assert world.case().state is CaseState.CLOSED
    assert set(_open(world)) == {"send_receipt", "pay_over", "notify_creditor"}
    for kind in ("send_receipt", "pay_over", "notify_creditor"):
        name = f"{world.case().id}:{kind}:P-1"
        answer_task(world.database, name, answer="done", by="claire", role="agent", now=WEDNESDAY + A_DAY)
    world.advance(WEDNESDAY + 2 * A_DAY)
    assert _open(world) == {}


def test_a_creditor_that_collects_for_itself_has_no_such_duty(world: World) -> None:
    world.load(row(amount="84,00"))
    _paid(world, 2000, "P-1")
    assert _open(world) == {}


def test_as_many_duties_as_payments_do_not_pass_for_a_case_that_goes_in_circles(world: World) -> None:
    world.load(_owed_to_the_creditor_of_a_collector())
    world.advance()
    payments = [Payment(f"P-{n}", 100, date(2026, 3, 11), ("F-1",)) for n in range(20)]
    facts = [PaymentReceived(id=f"paid:{each.id}", at=WEDNESDAY, payment=each) for each in payments]
    world.record(*facts, now=WEDNESDAY)
    world.advance(WEDNESDAY)
    with world.database.read() as conn:
        found = tasks.search(conn, tasks.Filter(), limit=200)
    kinds = [task.kind for task in found]
    assert (kinds.count("send_receipt"), kinds.count("pay_over"), kinds.count("stuck")) == (20, 20, 0)
