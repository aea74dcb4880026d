"""Direct debits that came back: what each class of SEPA codes causes, once, on both databases."""

from datetime import date

import pytest

from orchestrator.domain.account import account_of, holds_in_force
from orchestrator.domain.debt import Payment
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.sepa_codes import SEPA_CODES, RejectClass, meaning_of
from orchestrator.flows.record_payments import record_payments
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.storage import tasks
from tests.flows.conftest import TUESDAY, World, row

RECEIVED = Payment("P-1", 4200, date(2026, 3, 5), ("F-1",))


def _come_back(world: World, code: str, *references: str) -> None:
    """The debit is received, then comes back with a code; the bank's file names no document."""
    back = Payment("P-1", 4200, date(2026, 3, 5), references, date(2026, 3, 10), code)
    for line, payment in enumerate((RECEIVED, back, back), start=1):
        told = PaymentRow(line=line, creditor="acme-telecom", payment=payment, currency="EUR", debtor_ref="C-1")
        record_payments(world.database, [told], now=TUESDAY, by="bank")


def _open_kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return sorted(task.kind for task in tasks.search(conn, tasks.Filter(), limit=50))


@pytest.mark.parametrize("code", ["AM04", "AC04", "MD01", "MS03", "XX99", ""])
def test_most_codes_are_looked_at_by_a_person(world: World, code: str) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    _come_back(world, code)
    world.advance()
    assert "payment_rejected" in _open_kinds(world)
    assert world.case().holds == ()
    assert world.case().reversals[0].reversal_code == code


@pytest.mark.parametrize("code", ["MD06", "MS02", "SL01"])
def test_a_debit_that_the_debtor_refused_is_a_dispute_of_its_documents(world: World, code: str) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    _come_back(world, code)
    (hold,) = world.case().holds
    assert (hold.kind.value, hold.references, hold.reason) == ("dispute", ("F-1",), "direct_debit_refused")
    case = world.case()
    account = account_of(case, holds_in_force(case, TUESDAY, place_of_debtor(case)), TUESDAY.date())
    assert account.overdue_cents == 1000
    world.advance()
    assert _open_kinds(world) == ["answer_dispute"]


def test_a_death_silences_the_case_and_asks_a_manager(world: World) -> None:
    world.load(row(email="jeanne.dupont@example.org"))
    _come_back(world, "MD07")
    assert world.case().has_mark("deceased")
    (hold,) = world.case().holds
    assert (hold.kind.value, hold.scope.value, hold.blocks.value) == ("death", "person", "all")
    world.advance()
    assert world.messages() == []
    with world.database.read() as conn:
        (asked,) = tasks.search(conn, tasks.Filter(kind="deceased"), limit=5)
    assert asked.role == "manager"
    assert "payment_rejected" not in _open_kinds(world)


def test_every_code_means_something_in_both_languages() -> None:
    assert {code.kind for code in SEPA_CODES.values()} == set(RejectClass)
    for code, known in SEPA_CODES.items():
        assert known.fr != known.en
        assert meaning_of(code, "fr") == f"{code} ({known.fr})"
    assert meaning_of("XX99", "en") == "XX99"
