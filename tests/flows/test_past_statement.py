"""The statement of a past day: what stood then by what is known now, with nothing to pay by it (R48)."""

from datetime import date, timedelta

import pytest

from orchestrator.domain.debt import Payment
from orchestrator.domain.errors import InputError
from orchestrator.domain.events import DebtPresumedSettled, DebtWithdrawn, PaymentReceived, PaymentReversed
from orchestrator.flows.account_statement import StatedAccounts, account_statement
from orchestrator.flows.reverse_import import reverse_import
from tests.flows.conftest import TUESDAY, World, row

LATER = TUESDAY + timedelta(days=30)  # 9 April


def on(world: World, day: str) -> StatedAccounts:
    return account_statement(
        world.database, world.strategy(), world.case().id, now=LATER, on=date.fromisoformat(day) if day else None
    )


def balances(world: World, *days: str) -> list[int]:
    return [on(world, day).accounts[0].balance_cents for day in days]


def paid(number: str, cents: int, day: str) -> PaymentReceived:
    """Told on the last day, whenever it came in."""
    return PaymentReceived(id=number, at=LATER, payment=Payment(number, cents, date.fromisoformat(day), ("F-1",)))


def test_a_payment_counts_from_the_day_it_was_received_though_it_was_told_later(world: World) -> None:
    world.load(row("F-1"), row("F-2", amount="7,50"))
    world.record(paid("P-1", 2_000, "2026-03-12"), paid("P-2", 500, "2026-03-20"), now=LATER)
    back = PaymentReversed(id="back", at=LATER, payment_id="P-2", on=date(2026, 3, 25), code="AM04")
    world.record(back, now=LATER)
    assert balances(world, "2026-03-11", "2026-03-12", "2026-03-20", "2026-03-24", "2026-03-25", "") == [
        4_950, 2_950, 2_450, 2_450, 2_950, 2_950,
    ]  # fmt: skip


def test_before_the_first_ledger_figure_a_document_stands_as_issued_and_before_its_issue_not_at_all(
    world: World,
) -> None:
    world.load(row("F-1").replace("42,00;42,00", "42,00;30,00"))
    assert balances(world, "2026-01-14", "2026-01-15", "2026-03-09", "2026-03-10") == [0, 4_200, 4_200, 3_000]
    assert on(world, "2026-01-14").accounts[0].movements == ()


def test_a_ledger_figure_counts_from_its_own_day(world: World) -> None:
    world.load(row("F-1"))
    world.load(row("F-1").replace("42,00;42,00", "42,00;10,00"), now=TUESDAY + timedelta(days=6))
    assert balances(world, "2026-03-15", "2026-03-16", "") == [4_200, 1_000, 1_000]


def test_an_import_that_was_undone_never_was(world: World) -> None:
    world.load(row("F-1"))
    wrong = world.load(row("F-1").replace("42,00;42,00", "42,00;9,00"), now=TUESDAY + timedelta(days=6))
    reverse_import(world.database, wrong.import_id, now=TUESDAY + timedelta(days=8), by="ann")
    assert balances(world, "2026-03-15", "2026-03-17", "") == [4_200, 4_200, 4_200]


def test_a_payment_and_a_disappearance_of_an_undone_import_never_were(world: World) -> None:
    world.load(row("F-1"), row("F-2", amount="7,50"))
    gone = DebtPresumedSettled(id="gone", at=TUESDAY + timedelta(days=1), reference="F-2")
    back = DebtWithdrawn(id="undo:2", at=TUESDAY + timedelta(days=5), reference="F-2", back_to=world.case().debts[1])
    undone = PaymentReversed(id="undo:1", at=LATER, payment_id="P-1", on=LATER.date(), code="import_reversed")
    world.record(paid("P-1", 2_000, "2026-03-12"), undone, gone, back, now=LATER)
    assert balances(world, "2026-03-13") == [4_950]
    (account,) = on(world, "2026-03-13").accounts
    assert account.held == ()
    assert "payment" not in {movement.kind for movement in account.movements}


def test_movements_agree_with_the_balance_of_that_day_and_nothing_is_asked_for_by_it(world: World) -> None:
    world.load(row("F-1"), row("F-2", amount="7,50"))
    world.record(paid("P-1", 2_000, "2026-03-12"), now=LATER)
    (account,) = on(world, "2026-03-12").accounts
    assert account.movements[-1].balance_cents == account.balance_cents == 2_950
    assert (account.as_of, account.known_on) == (date(2026, 3, 12), date(2026, 4, 9))
    assert on(world, "2026-04-09").accounts == on(world, "").accounts


def test_a_day_to_come_is_refused(world: World) -> None:
    world.load(row("F-1"))
    with pytest.raises(InputError) as refused:
        on(world, "2026-04-10")
    assert refused.value.code == "date_to_come"
