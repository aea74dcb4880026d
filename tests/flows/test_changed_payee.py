"""A document whose payee changes in the ledger is asked for once, for whoever is owed now (R46)."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Purpose
from orchestrator.domain.case import Case
from orchestrator.flows.import_debts import ImportResult, import_debts
from orchestrator.flows.reverse_import import reverse_import
from orchestrator.intake.ledger.debts import read_debts
from orchestrator.intake.tables.mapping import Mode
from tests.domain import facts
from tests.flows.conftest import HEADER, TUESDAY, World, mapping_of, row

NEXT_DAY = TUESDAY + timedelta(days=1)
FACTOR = "Factor Exemple SA"


def load(world: World, payee: str, *, now: datetime = TUESDAY, mode: str = "movements") -> ImportResult:
    """Imports one document that is owed to that payee."""
    path = world.folder / "debts.csv"
    path.write_text(f"{HEADER}\n{row()}\n", encoding="utf-8")
    mapping = mapping_of(world.deployment.settings.campaigns, mode)
    file = read_debts(path, mapping, today=now.date(), creditors=world.deployment.rules.creditors)
    assert file.mode is Mode(mode)
    file = replace(file, rows=tuple(replace(each, payee=payee) for each in file.rows))
    return import_debts(world.database, file, now=now, by="test")[0]


def asking(world: World) -> list[Case]:
    """The cases that ask for the document."""
    return [case for case in world.cases() for debt in case.debts if not debt.is_presumed_settled]


@pytest.mark.parametrize("mode", ["movements", "snapshot"])
@pytest.mark.parametrize("before, after", [("", FACTOR), (FACTOR, ""), (FACTOR, "Banque Exemple")])
def test_a_document_that_is_owed_to_another_now_is_asked_for_once(
    world: World, mode: str, before: str, after: str
) -> None:
    load(world, before, mode=mode)
    load(world, after, mode=mode, now=NEXT_DAY)
    assert [case.payee for case in asking(world)] == [after]


def test_what_was_planned_for_the_former_payee_does_not_leave(world: World) -> None:
    load(world, "")
    world.advance()
    assert world.messages()
    load(world, FACTOR, now=TUESDAY + timedelta(minutes=1))
    world.advance_without_ledger(world.strategy(), TUESDAY + timedelta(minutes=2))
    world.dispatch(now=TUESDAY + timedelta(minutes=2))
    assert not [message for message in world.messages() if message.left_at and message.case_id == _case(world, "").id]


def _case(world: World, payee: str) -> Case:
    return next(case for case in world.cases() if case.payee == payee)


def test_a_payee_that_is_only_spelt_otherwise_is_the_same_account(world: World) -> None:
    load(world, FACTOR)
    load(world, "FACTOR  exemple SA", now=NEXT_DAY)
    assert [case.payee for case in world.cases()] == [FACTOR]


def test_an_older_ledger_does_not_bring_the_former_payee_back(world: World) -> None:
    load(world, FACTOR, now=NEXT_DAY)
    load(world, "", now=TUESDAY)
    assert [case.payee for case in asking(world)] == [FACTOR]


def test_back_again_and_undone_it_is_asked_for_by_whom_it_was(world: World) -> None:
    load(world, "")
    away = load(world, FACTOR, now=NEXT_DAY)
    reverse_import(world.database, away.import_id, by="test", now=NEXT_DAY + timedelta(minutes=1))
    assert [case.payee for case in asking(world)] == [""]
    load(world, FACTOR, now=NEXT_DAY + timedelta(hours=1))
    load(world, "", now=NEXT_DAY + timedelta(hours=2))
    assert [case.payee for case in asking(world)] == [""]


def test_undoing_the_way_back_asks_for_the_payee_before_it_alone(world: World) -> None:
    load(world, "")
    load(world, FACTOR, now=NEXT_DAY)
    back = load(world, "", now=NEXT_DAY + timedelta(hours=1))
    reverse_import(world.database, back.import_id, by="test", now=NEXT_DAY + timedelta(hours=2))
    assert [case.payee for case in asking(world)] == [FACTOR]


def test_what_is_disputed_stays_disputed_for_the_new_payee(world: World) -> None:
    load(world, "")
    world.record(facts.disputed("F-1", at="2026-03-10 10:00"), now=TUESDAY)
    load(world, FACTOR, now=NEXT_DAY)
    (hold,) = _case(world, FACTOR).holds
    assert (hold.kind, hold.references) == (HoldKind.DISPUTE, ("F-1",))
    world.advance_without_ledger(world.strategy(), NEXT_DAY)
    world.dispatch(now=NEXT_DAY)
    assert not [m for m in world.messages() if m.left_at and m.send.purpose is Purpose.DEMAND]
