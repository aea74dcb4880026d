"""The figures of a rehearsed portfolio agree to the cent with the account, the imports and the report."""

import shutil
from collections import Counter
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from orchestrator.flows.cash_outlook import cash_outlook, total
from orchestrator.flows.project_figures import project_all
from orchestrator.flows.report_results import report_results
from orchestrator.flows.show_account import show_account
from orchestrator.simulator.report import reconcile
from orchestrator.storage import aged_reads, care_reads, result_reads
from orchestrator.storage.aged_reads import Age
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.result_reads import Where
from tests.simulator.runs import Played

EVERYTHING = Where()


@pytest.fixture(scope="module")
def counted(sixty_days: Played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The rehearsal of sixty days, its figures counted in a copy."""
    path = tmp_path_factory.mktemp("counted") / "relance.db"
    with sixty_days.database.begin() as conn:
        conn.exec_driver_sql("SELECT 1")
    shutil.copyfile(sixty_days.database.address.removeprefix("sqlite:///"), path)
    database = Database(f"sqlite:///{path}")
    done = project_all(database, sixty_days.strategy, now=sixty_days.until, is_anew=True)
    assert done.failed == 0
    yield Played(**{name: getattr(sixty_days, name) for name in sixty_days.__struct_fields__} | {"database": database})
    database.close()


@pytest.fixture
def conn(counted: Played) -> Iterator[Connection]:
    """A look at it."""
    with counted.database.read() as found:
        yield found


def test_the_aged_balance_is_the_account_of_every_case(counted: Played, conn: Connection) -> None:
    accounts = [show_account(case, counted.strategy, now=counted.until) for case in counted.cases()]
    today = counted.until.date()
    for by in aged_reads.AGED_BY:
        sums = total(aged_reads.aged_balance(conn, EVERYTHING, today=today, by=by))
        assert sums.balance_cents == sum(account.balance_cents for account in accounts)
        assert sums.held_cents == sum(p.held_cents for account in accounts for p in account.positions)
        assert sums.ages.get(Age.CREDIT, 0) == -sum(account.credit_cents for account in accounts)
        late = {Age.NOT_DUE: 0, Age.D30: 1, Age.D60: 31, Age.D90: 61, Age.OLDER: 91}
        for age, least in late.items():
            most = min((days for days in late.values() if days > least), default=10**6)
            assert sums.ages.get(age, 0) == sum(
                p.open_cents
                for account in accounts
                for p in account.positions
                if least <= max((today - p.debt.due_on).days, 0) < most
            )


def test_the_aged_balance_is_what_the_imports_brought_less_what_came_in(counted: Played, conn: Connection) -> None:
    (ledger,) = reconcile(counted.database, now=counted.until)
    sums = total(aged_reads.aged_balance(conn, EVERYTHING, today=counted.until.date(), by="creditor"))
    assert ledger.is_balanced
    assert sums.balance_cents == ledger.imported_cents + ledger.adjusted_cents - ledger.received_cents


def test_the_cases_and_documents_of_the_balance_add_up_to_it(counted: Played, conn: Connection) -> None:
    today = counted.until.date()
    sums = total(aged_reads.aged_balance(conn, EVERYTHING, today=today, by="creditor"))
    for age in Age:
        documents = aged_reads.aged_documents(conn, EVERYTHING, today=today, age=age, limit=10_000)
        assert sum(item.open_cents for item in documents) == sums.ages.get(age, 0)
    debtors = aged_reads.aged_debtors(conn, EVERYTHING, today=today, limit=10_000)
    assert all(row.balance_cents == case.balance_cents for case, row in debtors)
    assert sum(item.balance_cents for item in aged_reads.state_sums(conn, EVERYTHING)) == sums.balance_cents


def test_results_agree_with_the_report(counted: Played, conn: Connection) -> None:
    report = report_results(counted.database, now=counted.until)
    (all_,) = result_reads.results(conn, EVERYTHING)
    totals = report.totals
    assert (all_.left, all_.cost_cents, all_.recovered_cents) == (totals.left, totals.cost_cents, totals.received_cents)
    assert (all_.promised, all_.kept, all_.broken) == (
        totals.promises_made, totals.promises_kept, totals.promises_broken,
    )  # fmt: skip
    assert (all_.disputes, all_.opt_outs) == (totals.disputes, totals.opt_outs)
    assert totals.left > 100
    assert totals.promises_made > 5


def test_results_by_step_agree_with_the_report_step_by_step(counted: Played, conn: Connection) -> None:
    told: Counter[tuple[str, str, str]] = Counter()
    for row in report_results(counted.database, now=counted.until).steps:
        told[row.campaign, row.step, "left"] += row.left
        told[row.campaign, row.step, "undelivered"] += row.undelivered
        told[row.campaign, row.step, "payments"] += row.payments
        told[row.campaign, row.step, "recovered"] += row.recovered_cents
    found: Counter[tuple[str, str, str]] = Counter()
    for item in result_reads.results(conn, EVERYTHING, by="step"):
        if item.by[1]:  # what was paid before anything left is put down to no step
            campaign, step = item.by
            found[campaign, step, "left"] += item.left
            found[campaign, step, "undelivered"] += item.undelivered
            found[campaign, step, "payments"] += item.payments
            found[campaign, step, "recovered"] += item.recovered_cents
    assert +found == +told


@pytest.mark.parametrize("by", [name for name in result_reads.BREAKDOWNS if name != "all"])
def test_every_breakdown_adds_up_to_the_whole(conn: Connection, by: str) -> None:
    (whole,) = result_reads.results(conn, EVERYTHING)
    parts = result_reads.results(conn, EVERYTHING, by=by)
    for name in whole.__struct_fields__[1:]:
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


def test_a_period_and_the_rest_add_up_to_the_whole(counted: Played, conn: Connection) -> None:
    middle = counted.until.date().replace(day=1)
    days = sorted(item.day for item in result_reads.money_by_day(conn, EVERYTHING))
    first = result_reads.results(conn, replace(EVERYTHING, to_on=middle))[0]
    second = result_reads.results(conn, replace(EVERYTHING, from_on=middle))[0]
    on_it = result_reads.results(conn, replace(EVERYTHING, from_on=middle, to_on=middle))[0]
    whole = result_reads.results(conn, EVERYTHING)[0]
    assert first.recovered_cents + second.recovered_cents - on_it.recovered_cents == whole.recovered_cents
    assert days[0] < middle < days[-1]


def test_one_creditor_sees_its_own_and_the_creditors_together_everything(counted: Played, conn: Connection) -> None:
    creditors = sorted({case.creditor for case in counted.cases()})
    (whole,) = result_reads.results(conn, EVERYTHING)
    alone = [result_reads.results(conn, Where(creditors=frozenset({one})))[0] for one in creditors]
    assert sum(one.recovered_cents for one in alone) == whole.recovered_cents
    assert result_reads.results(conn, Where(creditors=frozenset()))[0].left == 0
    nobody = Where(creditors=frozenset())
    today = counted.until.date()
    assert aged_reads.aged_balance(conn, nobody, today=today, by="creditor") == []
    assert aged_reads.aged_debtors(conn, nobody, today=today, limit=9) == []
    assert aged_reads.aged_documents(conn, nobody, today=today, age=Age.OLDER, limit=9) == []
    assert care_reads.wrong_list(conn, nobody, limit=9) == []
    assert care_reads.coverage(conn, nobody, late_before=counted.until).open_cases == 0
    assert result_reads.payers(conn, nobody, by="status") == []
    assert result_reads.first_reminders(conn, nobody, by="channel", today=today) == []
    assert cash_outlook(conn, nobody, today=today).open_cents == 0


def test_nobody_is_forgotten_in_a_rehearsal(counted: Played, conn: Connection) -> None:
    found = care_reads.coverage(conn, EVERYTHING, late_before=counted.until)
    cases = counted.cases()
    assert found.open_cases == sum(1 for case in cases if case.state.value == "open")
    assert (found.forgotten, care_reads.forgotten(conn, EVERYTHING, limit=9)) == (0, [])


def test_wrong_reminders_are_listed_as_they_are_counted(conn: Connection) -> None:
    counts = {item.why: item.messages for item in care_reads.wrong_counts(conn, EVERYTHING)}
    listed = Counter(item.why for item in care_reads.wrong_list(conn, EVERYTHING, limit=10_000))
    assert counts == dict(listed)
    certain = {
        (item.case_id, item.left_at)
        for item in care_reads.wrong_list(conn, EVERYTHING, limit=10_000)
        if item.why != "paid_same_day"
    }
    assert result_reads.results(conn, EVERYTHING)[0].wrong == len(certain)
