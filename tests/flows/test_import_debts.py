"""Imports: idempotent, guarded, undone whole (R36, R37; semantics A2, A3)."""

from datetime import timedelta

import pytest

from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.situation import Situation
from orchestrator.flows.reverse_import import reverse_import
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import cases
from tests.flows.conftest import TUESDAY, World, row

NEXT_DAY = TUESDAY + timedelta(days=1)


def balance(world: World, debtor: str = "C-1") -> int:
    with world.database.read() as conn:
        (stored,) = cases.search(conn, cases.Filter(debtor_ref=debtor), limit=2)
        context = contexts(conn, world.strategy(), [stored], now=NEXT_DAY)[stored.case.id]
    return Situation(stored.case, None, context, NEXT_DAY).account.balance_cents


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    first = world.load(row("F-1"), row("F-2"))
    again = world.load(row("F-1"), row("F-2"), now=NEXT_DAY)
    assert (first.new_cases, again.new_cases, again.changed_cases, again.unchanged_cases) == (1, 0, 0, 1)
    assert balance(world) == 8400


def test_a_new_figure_replaces_the_old_one(world: World) -> None:
    world.load(row("F-1", amount="42,00"))
    world.load(row("F-1", amount="12,00"), now=NEXT_DAY)
    assert balance(world) == 1200


def test_credits_are_netted_with_what_is_owed(world: World) -> None:
    world.load(row("F-1", amount="42,00"), row("A-1", amount="-10,00", document="credit_note"))
    assert balance(world) == 3200


def test_totals_agree_to_the_cent(world: World) -> None:
    result = world.load(row("F-1", amount="42,01"), row("F-2", debtor="C-2", amount="0,99"))
    assert result.totals == {"EUR": 4300}


def test_what_a_snapshot_no_longer_names_is_held_not_thanked(world: World) -> None:
    names = [row(f"F-{n}", debtor=f"C-{n}") for n in range(1, 11)]
    world.load(*names, mode="snapshot")
    result = world.load(*names[1:], mode="snapshot", now=NEXT_DAY)
    assert result.presumed_settled == 1
    world.advance(now=NEXT_DAY)
    gone = next(case for case in world.cases() if case.debtor.ref == "C-1")
    assert gone.debts[0].is_presumed_settled
    assert gone.in_hand is None
    assert not [m for m in world.messages() if m.case_id == gone.id]


def test_a_snapshot_that_loses_too_much_waits_for_a_person(world: World) -> None:
    names = [row(f"F-{n}", debtor=f"C-{n}") for n in range(1, 11)]
    world.load(*names, mode="snapshot")
    result = world.load(*names[:7], mode="snapshot", now=NEXT_DAY)
    assert "3 of 10" in result.waiting
    assert not any(case.debts[0].is_presumed_settled for case in world.cases())
    approved = world.load(*names[:7], mode="snapshot", now=NEXT_DAY + timedelta(minutes=1), approved=True)
    assert approved.presumed_settled == 3


def test_an_undone_import_puts_every_debt_back(world: World) -> None:
    world.load(row("F-1", amount="42,00"))
    wrong = world.load(row("F-1", amount="99,00"), row("F-2", amount="50,00"), now=NEXT_DAY)
    assert balance(world) == 14900
    undone = reverse_import(world.database, wrong.import_id, by="claire", now=NEXT_DAY)
    assert undone.left == ()
    assert balance(world) == 4200


def test_an_undone_import_names_the_messages_that_left_because_of_it(world: World) -> None:
    result = world.load(row())
    world.advance()
    world.dispatch()
    undone = reverse_import(world.database, result.import_id, by="claire", now=NEXT_DAY)
    assert [message.send.step for message in undone.left] == ["reminder-1"]
    assert balance(world) == 0


def test_an_import_is_undone_once_and_an_unknown_one_never(world: World) -> None:
    result = world.load(row())
    reverse_import(world.database, result.import_id, by="claire", now=NEXT_DAY)
    with pytest.raises(Conflict):
        reverse_import(world.database, result.import_id, by="claire", now=NEXT_DAY)
    with pytest.raises(NotFound):
        reverse_import(world.database, "nothing", by="claire", now=NEXT_DAY)


def test_an_undone_import_leaves_what_a_snapshot_before_it_presumed_settled(world: World) -> None:
    names = [row(f"F-{n}", debtor=f"C-{n}") for n in range(1, 11)]
    world.load(*names, mode="snapshot")
    world.load(*names[1:], mode="snapshot", now=NEXT_DAY)
    again = world.load(names[0], now=NEXT_DAY + timedelta(hours=1))
    reverse_import(world.database, again.import_id, by="test", now=NEXT_DAY + timedelta(hours=2))
    gone = next(case for case in world.cases() if case.debtor.ref == "C-1")
    assert [debt.is_presumed_settled for debt in gone.debts] == [True]
