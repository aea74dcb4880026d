"""The figures of cases follow them: by the journal, by the calendar, by the round; twice is once, anew is the same."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope, Promise
from orchestrator.domain.count_case import Figures
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import (
    DeliveryReported,
    DisputeOpened,
    DisputeResolved,
    HoldPlaced,
    Marked,
    PaymentReceived,
    PaymentReversed,
    PromiseKept,
    PromiseMade,
)
from orchestrator.flows.project_figures import Projected, _Counting, project_all, project_figures
from orchestrator.flows.record_facts import record_facts
from orchestrator.storage import cases, figures, journal
from orchestrator.storage.figures_tables import (
    TABLES,
    age_figures,
    aged_figures,
    case_figures,
    case_shares,
    day_figures,
    debt_figures,
    expected_figures,
    figure_marks,
    first_figures,
    stock_figures,
    wrong_reminders,
)
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_record_replies import a_text, hear, reminded

LATER = TUESDAY + timedelta(days=1)
_SMS = Channel.SMS
_SUMS = (day_figures, age_figures, aged_figures, stock_figures, first_figures)


def _project(world: World, now: datetime = TUESDAY) -> Projected:
    return project_figures(world.database, world.strategy(), now=now)


def _rows(world: World, table: Any) -> list[dict[str, Any]]:
    with world.database.read() as conn:
        found = [dict(item._mapping) for item in conn.execute(select(table))]
    if table in _SUMS:
        keys = {column.name for column in table.primary_key}
        found = [item for item in found if any(value for name, value in item.items() if name not in keys)]
    return sorted(found, key=repr)


def _everything(world: World) -> dict[str, list[dict[str, Any]]]:
    return {table.name: _rows(world, table) for table in TABLES if table is not figure_marks}


def _row(world: World) -> dict[str, Any]:
    (only,) = _rows(world, case_figures)
    return only


def _sum(world: World, measure: str, **by: Any) -> int:
    rows = _rows(world, day_figures)
    return sum(item[measure] for item in rows if all(item[name] == value for name, value in by.items()))


def _counted(world: World) -> list[Figures]:
    """What would be stored of every case as it is now."""
    counting = _Counting(world.database, world.strategy(), TUESDAY)
    return counting.count([case.id for case in world.cases()])


def _paid(number: str, cents: int, on: date, *references: str) -> PaymentReceived:
    return PaymentReceived(id=number, at=TUESDAY, payment=Payment(number, cents, on, references))


def test_a_new_portfolio_is_counted_from_nothing(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00", due="2026-04-01"), row("C-1", amount="-5,00", document="credit_note"))
    assert _project(world).stored == 1
    found = _row(world)
    assert (found["balance_cents"], found["overdue_cents"], found["open_debts"]) == (4700, 3700, 2)
    assert (found["name"], found["department"], found["status"]) == ("Jeanne Dupont", "75", "consumer")
    assert found["name_folded"] == "jeanne dupont"
    assert sorted((item["reference"], item["open_cents"]) for item in _rows(world, debt_figures)) == [
        ("C-1", -500), ("F-1", 4200), ("F-2", 1000),
    ]  # fmt: skip
    assert _sum(world, "invoiced_cents", day="2026-01-15") == 4700
    assert sorted((item["due_on"], item["kind"], item["open_cents"]) for item in _rows(world, aged_figures)) == [
        ("", "credit", -500), ("2026-03-02", "open", 4200), ("2026-04-01", "open", 1000),
    ]  # fmt: skip


def test_what_did_not_change_is_not_counted_again(world: World) -> None:
    world.load(row())
    assert _project(world).stored == 1
    assert _project(world).stored == 0


def test_a_fact_changes_the_figures_and_their_sums(world: World) -> None:
    world.load(row())
    world.advance()
    world.dispatch()
    _project(world)
    assert _sum(world, "left_count", campaign="b2c-small", step="reminder-1", channel="sms") == 1
    world.record(_paid("P-1", 1200, date(2026, 3, 11), "F-1"), now=LATER)
    _project(world, LATER)
    assert _row(world)["balance_cents"] == 3000
    assert _sum(world, "recovered_cents", campaign="b2c-small", step="reminder-1", day="2026-03-11") == 1200
    world.record(PaymentReversed(id="back", at=LATER, payment_id="P-1", on=date(2026, 3, 12)), now=LATER)
    _project(world, LATER)
    assert _row(world)["balance_cents"] == 4200
    assert _sum(world, "recovered_cents") == 0


def test_figures_made_step_by_step_are_those_made_at_once(world: World) -> None:
    _live(world)
    step_by_step = _everything(world)
    assert len(step_by_step["wrong_reminders"]) == 3
    project_all(world.database, world.strategy(), now=LATER, is_anew=True)
    assert _everything(world) == step_by_step
    project_all(world.database, world.strategy(), now=LATER)
    assert _everything(world) == step_by_step


def _live(world: World) -> None:
    """Some days of two cases, counted after each thing that happens."""
    other = row("F-2", debtor="C-2", phone="+33644631235", due="2026-03-03").replace("Dupont", "Martin")
    world.load(row(), other)
    first, second = sorted(world.cases(), key=lambda case: case.debtor.ref)
    _project(world)
    world.advance()
    world.dispatch()
    _project(world)
    left = {item.case_id: item.id for item in world.messages()}
    dispute = Hold(id="h-1", kind=HoldKind.DISPUTE, since=LATER, scope=HoldScope.DEBTS, references=("F-2",))
    promise = Promise(id="p-1", amount_cents=2000, due_on=date(2026, 3, 20), grace_days=2, made_at=LATER)
    returned = DeliveryStatus.RETURNED
    for case_id, fact in (
        (first.id, _paid("P-1", 1000, date(2026, 3, 9), "F-1")),
        (first.id, PromiseMade(id="p", at=LATER, promise=promise)),
        (second.id, DisputeOpened(id="d", at=LATER, hold=dispute)),
        (second.id, DisputeResolved(id="r", at=LATER, hold_id="h-1", outcome="upheld")),
        (
            second.id,
            DeliveryReported(id="x", at=LATER, message_id=left[second.id], channel=Channel.SMS, status=returned),
        ),
        (first.id, PromiseKept(id="k", at=LATER, promise_id="p-1")),
    ):
        record_facts(world.database, [(case_id, fact)], now=LATER)
        _project(world, LATER)


def test_the_day_changes_figures_without_any_fact(world: World) -> None:
    world.load(row(due="2026-03-20"))
    _project(world)
    assert _row(world)["overdue_cents"] == 0
    # Due on the 20th in Paris: overdue from the first instant of the 21st there, which is an hour before UTC's.
    before, after = datetime(2026, 3, 20, 22, 59, tzinfo=UTC), datetime(2026, 3, 20, 23, 0, tzinfo=UTC)
    assert _project(world, before).stored == 0
    assert _project(world, after).stored == 1
    assert (_row(world)["overdue_cents"], _row(world)["oldest_due_on"]) == (4200, "2026-03-20")
    assert _project(world, after).stored == 0


def test_the_end_of_a_hold_changes_figures_without_any_fact(world: World) -> None:
    world.load(row())
    hold = Hold(
        id="h",
        kind=HoldKind.DISPUTE,
        since=TUESDAY,
        scope=HoldScope.DEBTS,
        references=("F-1",),
        until=date(2026, 3, 12),
    )
    world.record(HoldPlaced(id="h", at=TUESDAY, hold=hold), now=TUESDAY)
    _project(world)
    found = _row(world)
    assert (found["overdue_cents"], found["hold_kind"], found["hold_until"]) == (0, "dispute", "2026-03-12")
    assert [item["held_cents"] for item in _rows(world, debt_figures)] == [4200]
    assert _project(world, datetime(2026, 3, 12, 22, 59, tzinfo=UTC)).stored == 0
    assert _project(world, datetime(2026, 3, 12, 23, 0, tzinfo=UTC)).stored == 1
    assert (_row(world)["overdue_cents"], _row(world)["hold_kind"]) == (4200, "")


def test_a_line_committed_late_is_found(world: World) -> None:
    """Its number is lower than where the mark stands already."""
    world.load(row())
    _project(world)
    world.record(Marked(id="m", at=LATER, mark="vulnerable"), now=LATER)
    with world.database.begin() as conn:
        last = journal.last_seq(conn)
        figures.lock_mark(conn, now=LATER)
        figures.move_mark(conn, seq=last, swept_to="z", now=LATER)
    assert _project(world, LATER).stored == 1
    assert _row(world)["is_vulnerable"]


def test_a_change_that_no_line_tells_is_found_by_the_round(world: World) -> None:
    world.load(row())
    _project(world)
    with world.database.begin() as conn:
        figures.lock_mark(conn, now=LATER)
        figures.move_mark(conn, seq=journal.last_seq(conn) + 100_000, swept_to="", now=LATER)
        cases.wake(conn, [world.case().id], at=LATER)
    assert _project(world, LATER).stored == 1


def test_the_round_goes_on_where_it_stood_and_begins_again(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    _project(world)
    ids = sorted(case.id for case in world.cases())
    with world.database.begin() as conn:
        figures.lock_mark(conn, now=LATER)
        figures.move_mark(conn, seq=journal.last_seq(conn) + 100_000, swept_to=ids[0], now=LATER)
        cases.wake(conn, ids, at=LATER)
    assert _project(world, LATER).stored == 1
    assert _project(world, LATER).stored == 1
    assert _project(world, LATER).stored == 0


def test_older_figures_never_replace_newer_ones(world: World) -> None:
    world.load(row())
    _project(world)
    stale = _counted(world)
    world.record(_paid("P-1", 1200, date(2026, 3, 11), "F-1"), now=LATER)
    _project(world, LATER)
    with world.database.begin() as conn:
        assert figures.store(conn, stale) == 0
    assert _row(world)["balance_cents"] == 3000
    assert _sum(world, "recovered_cents") == 1200


def test_what_the_time_does_not_suffice_for_is_done_the_next_time(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    stopped = project_figures(world.database, world.strategy(), now=TUESDAY, is_over=lambda: True)
    assert (stopped.stored, stopped.is_done) == (0, False)
    assert _project(world).stored == 2


def test_another_formula_begins_anew(world: World) -> None:
    world.load(row())
    _project(world)
    with world.database.begin() as conn:
        conn.execute(figure_marks.update().values(formula=0))
        conn.execute(case_figures.update().values(balance_cents=1))
        assert figures.mark(conn) is None
    assert _project(world).stored == 1
    assert _row(world)["balance_cents"] == 4200
    assert _sum(world, "invoiced_cents") == 4200


def test_what_is_expected_is_kept_by_its_day(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    promise = Promise(id="p", amount_cents=9_999_00, due_on=date(2026, 3, 20), grace_days=2, made_at=TUESDAY)
    world.record(PromiseMade(id="p", at=TUESDAY, promise=promise), now=TUESDAY)
    _project(world)
    (found,) = _rows(world, expected_figures)
    # Nobody will pay more than is open.
    assert (found["kind"], found["expected_on"], found["cents"]) == ("promise", "2026-03-20", 5200)
    assert _row(world)["promise_on"] == "2026-03-20"


def test_every_case_has_its_shares(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    _project(world)
    assert len(_rows(world, case_shares)) == 2
    assert _rows(world, wrong_reminders) == []


def test_a_written_complaint_is_no_answered_message_but_a_figure_of_its_own(world: World) -> None:
    reminded(world)
    hear(world, a_text("Je porte plainte contre vous pour ces menaces", key="SM1"), now=TUESDAY)
    _project(world)
    assert (_sum(world, "complaints", channel="sms"), _sum(world, "replied")) == (1, 0)
    hear(world, a_text("je vous rappelle demain", key="SM2"), now=TUESDAY)
    _project(world)
    assert (_sum(world, "complaints", channel="sms"), _sum(world, "replied")) == (1, 1)
