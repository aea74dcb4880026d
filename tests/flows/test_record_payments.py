"""Payments pushed several times, at once and to several cases: each counts once, on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from msgspec.structs import replace

from orchestrator.domain.debt import Payment
from orchestrator.domain.errors import Conflict
from orchestrator.flows.answer_once import Answer, Claim, claim, keep
from orchestrator.flows.record_payments import Outcome, record_payments
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.storage import journal, payments
from tests.flows.conftest import TUESDAY, World, row

PAID = PaymentRow(
    line=1,
    creditor="acme-telecom",
    payment=Payment("P-1", 1000, date(2026, 3, 9), ("F-1",)),
    currency="EUR",
    debtor_ref="C-1",
)


def _record(world: World, *rows: PaymentRow) -> list[Outcome]:
    return [result.outcome for result in record_payments(world.database, rows, now=TUESDAY, by="test")]


def _events(world: World, kind: str) -> int:
    with world.database.read() as conn:
        return sum(line.type == kind for line in journal.read(conn, world.case().id))


def test_a_payment_is_one_fact_however_often_it_is_told(world: World) -> None:
    world.load(row())
    assert [_record(world, PAID)[0] for _ in range(3)] == [Outcome.STORED, Outcome.KNOWN, Outcome.KNOWN]
    assert _events(world, "payment.received") == 1


def test_it_goes_back_once(world: World) -> None:
    world.load(row())
    back = replace(PAID, payment=replace(PAID.payment, reversed_on=date(2026, 3, 10), reversal_code="AM04"))
    assert [_record(world, each)[0] for each in (PAID, back, back)] == ["stored", "reversed", "known"]
    assert (_events(world, "payment.received"), _events(world, "payment.reversed")) == (1, 1)


def test_a_refused_row_does_not_stop_the_others(world: World) -> None:
    world.load(row())
    other = replace(PAID, line=2, debtor_ref="nobody", payment=replace(PAID.payment, id="P-2"))
    assert _record(world, other, PAID) == ["stored", "refused"]


def test_told_at_once_of_two_debtors_it_is_of_one(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235"))
    rows = [replace(PAID, debtor_ref=ref, payment=replace(PAID.payment, references=())) for ref in ("C-1", "C-2")]

    def tell(number: int) -> str:
        try:
            (told,) = record_payments(world.database, [rows[number % 2]], now=TUESDAY, by="test")
        except Conflict as refused:
            return refused.code
        return told.outcome.value

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(tell, range(8)))
    assert sum(len(case.payments) for case in world.cases()) == 1
    assert outcomes.count("stored") == 1
    assert set(outcomes) <= {"stored", "known", "payment_raced"}


def test_a_reference_that_another_is_taking_is_waited_for(world: World) -> None:
    """PostgreSQL reads it as free until the other commits; SQLite has one writer and reads it afterwards."""
    world.load(row())
    taken = payments.Taken(creditor="acme-telecom", reference="P-1", case_id=world.case().id, digest="other")
    with ThreadPoolExecutor(1) as pool:
        with world.database.begin() as conn:
            payments.take(conn, [taken], now=TUESDAY)
            told = pool.submit(record_payments, world.database, [PAID], now=TUESDAY, by="test")
            time.sleep(0.15)  # long enough to have asked what is taken, and to wait for the answer
            assert not told.done()
        if world.database.name == "sqlite":
            assert told.result()[0].code == "payment_differs"
        else:
            with pytest.raises(Conflict, match="another request"):
                told.result()
    assert _events(world, "payment.received") == 0


def test_one_of_many_requests_under_a_key_is_the_first(world: World) -> None:
    wanted = Claim(caller="a", route="POST /x", key="k", request_hash="1")

    def ask(_: int) -> str:
        try:
            found = claim(world.database, wanted, now=TUESDAY)
        except Conflict as refused:
            return refused.code
        return "first" if found is None else "again"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(ask, range(8)))
    assert (said.count("first"), said.count("idempotency_at_work")) == (1, 7)
    keep(world.database, wanted, Answer(200, "{}"))
    assert ask(0) == "again"
