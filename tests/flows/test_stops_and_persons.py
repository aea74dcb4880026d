"""What must hold however late, from wherever and by whomever it is said: stops in order, deaths in every case."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from channels.contract import DeliveryStatus, Receipt
from channels.letter.status_csv import DECEASED
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import DisputeResolved, NoteAdded
from orchestrator.domain.meter import Meter
from orchestrator.domain.reply import Intent
from orchestrator.domain.reply_effects import MOST_WAITING
from orchestrator.flows.answer_task import answer_task
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.record_payments import record_payments
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.flows.record_wish import Kind, Wish, find_way_out, record_wish
from orchestrator.intake.ledger.payments import PaymentRow
from orchestrator.storage import attempts, cases, meters, persons, replies, tasks
from orchestrator.storage.attempts import Attempt
from tests.domain import facts
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_record_replies import MAIL, a_mail, a_text, days, hear, left_since, reminded

MINUTE = timedelta(minutes=1)


def is_closed(case: Case, key: str = "sms:") -> bool:
    return any(switch.key == key and switch.is_on for switch in case.opt_outs)


def open_tasks(world: World) -> list[tasks.Task]:
    with world.database.read() as conn:
        return tasks.search(conn, tasks.Filter(), limit=50)


# ------------------------------------------------------------------------------------------ stop and start


def test_a_start_that_was_written_before_the_stop_and_comes_after_it_opens_nothing(world: World) -> None:
    """As when a provider's books are asked for what no webhook brought."""
    reminded(world)
    hear(world, a_text("STOP", key="first"), now=days(0, 1))
    hear(world, a_text("STOP", key="second"), now=days(0, 3))
    hear(world, a_text("START", key="late", occurred_at=days(0, 2)), now=days(0, 4))
    assert is_closed(world.case())
    world.advance(now=days(0, 4))
    assert [task.kind for task in open_tasks(world)] == ["read_reply"]


def test_a_start_after_the_stop_opens_even_what_another_case_closed(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    hear(world, a_text("STOP", key="stop"))
    closed = [case for case in world.cases() if is_closed(case)]
    assert len(closed) == 2
    hear(world, a_text("START", key="start", occurred_at=TUESDAY + MINUTE), now=TUESDAY + 2 * MINUTE)
    assert not any(map(is_closed, world.cases()))


def test_a_stop_from_the_number_that_was_written_to_is_obeyed_although_it_is_theirs_no_more(world: World) -> None:
    reminded(world)
    world.load(row(phone="+33644635678"), now=days(0, 1))
    assert hear(world, a_text("STOP"), now=days(0, 2))[0].case_id == world.case().id
    assert is_closed(world.case())


# ------------------------------------------------------------------------------------------------- whose it is


def in_two_currencies(world: World) -> Attempt:
    """One debtor with two cases, one of which was written to."""
    world.load(row("F-1", email=MAIL, phone=""), row("F-2", email=MAIL, phone="").replace(";EUR;", ";USD;"))
    world.advance()
    world.dispatch()
    written_to = next(case for case in world.cases() if case.departures)
    with world.database.read() as conn:
        return attempts.load(conn, [written_to.departures[0].attempt_id])[0]


def are_silent(world: World) -> bool:
    found = [{hold.kind.value for hold in case.holds} for case in world.cases()]
    assert len(found) == 2
    return all("death" in kinds for kinds in found)


def test_a_death_told_from_an_address_that_nobody_knows_silences_every_case_of_the_debtor(world: World) -> None:
    attempt = in_two_currencies(world)
    hear(world, a_mail("Madame Dupont est décédée", sender="frere@famille.example", attempt_id=attempt.id))
    assert are_silent(world)


def test_who_answers_for_another_is_silenced_by_a_stop_but_is_no_wrong_person(world: World) -> None:
    """A mail was passed on to somebody who is our debtor too."""
    other = row("F-2", debtor="C-2", email="paul@example.org", phone="").replace("Jeanne Dupont", "Paul Martin")
    world.load(row("F-1", email=MAIL, phone=""), other.replace("1 rue du Lac", "2 rue du Lac"))
    world.advance()
    world.dispatch()
    jeanne, paul = sorted(world.cases(), key=lambda case: case.debtor.ref)
    attempt_id = jeanne.departures[0].attempt_id
    not_me = a_mail("Vous vous trompez de personne", key="<1@x>", sender="paul@example.org", attempt_id=attempt_id)
    hear(world, not_me)
    jeanne, paul = sorted(world.cases(), key=lambda case: case.debtor.ref)
    assert (len(jeanne.points), paul.points) == (2, ())
    hear(world, a_mail("STOP", key="<2@x>", sender="paul@example.org", attempt_id=attempt_id), now=days(0, 1))
    assert all(is_closed(case, "email:") for case in world.cases())


def test_a_death_written_beside_a_wish_silences_every_case_of_the_debtor(world: World) -> None:
    way = find_way_out(world.database, in_two_currencies(world).token, real_now=TUESDAY)
    assert way is not None
    wish = Wish(kind=Kind.DISAGREE, words="Ma mère Jeanne Dupont est décédée")
    record_wish(world.database, way, wish, now=days(0, 1))
    assert are_silent(world)


def test_a_death_told_by_the_post_silences_every_case_of_the_debtor(world: World) -> None:
    attempt = in_two_currencies(world)
    with world.database.begin() as conn:
        conn.execute(text("update attempts set channel = 'letter'"))
    back = Receipt(dedup_key="P-1", status=DeliveryStatus.RETURNED, attempt_id=attempt.id, code=DECEASED)
    record_receipts(world.database, [back], now=TUESDAY, real_now=TUESDAY)
    assert are_silent(world)


def test_a_death_told_after_the_reversal_itself_is_obeyed_once(world: World) -> None:
    world.load(row())
    for line, code in enumerate(("", "MD07", "MD07"), start=1):
        paid = Payment("P-1", 4200, date(2026, 3, 5), (), date(2026, 3, 10), code)
        told = PaymentRow(line=line, creditor="acme-telecom", payment=paid, currency="EUR", debtor_ref="C-1")
        record_payments(world.database, [told], now=days(0, line), by="bank")
    assert world.case().has_mark("deceased")
    assert [task.kind for task in open_tasks(world)] == ["deceased"]


# --------------------------------------------------------------------------------- promises and what is unread


def test_what_came_before_a_promise_does_not_keep_it(world: World) -> None:
    reminded(world)
    world.record(facts.paid(2100, "F-1", on="2026-03-10"), now=days(0, 1))
    hear(world, a_text("je paierai les 21 euros restants le 15"), now=days(0, 3))
    world.advance(now=days(0, 4))
    assert world.case().promise_ends == ()
    world.record(facts.paid(2100, "F-1", on="2026-03-13", pid="P-2"), now=days(3, 1))
    world.advance(now=days(3, 1))
    assert [switch.value for switch in world.case().promise_ends] == ["kept"]


def test_a_promise_of_one_document_does_not_move_that_of_another(world: World) -> None:
    reminded(world, row("F-1234"), row("F-5678"))
    hear(world, a_text("je paierai la facture F-1234 le 15 mars", key="a"))
    hear(world, a_text("je paierai la facture F-5678 le 20 mars", key="b"), now=days(0, 1))
    assert (len(world.case().promises), world.case().lifted) == (2, ())


def test_a_promise_of_the_same_document_moves_it(world: World) -> None:
    reminded(world, row("F-1234"), row("F-5678"))
    for key, day in (("a", "15"), ("b", "20")):
        hear(world, a_text(f"je paierai la facture F-1234 le {day} mars", key=key))
    assert [switch.value for switch in world.case().lifted] == ["moved"]


def test_a_reply_unread_when_its_case_was_closed_holds_nothing_for_ever(world: World) -> None:
    reminded(world)
    hear(world, a_text("bla bla truc machin"))
    world.advance()
    world.record(facts.paid(4200, "F-1", on="2026-03-11"), now=days(1))
    for day in (1, 2):
        world.advance(now=days(day))
        world.dispatch(now=days(day))
    assert world.case().outcome == "paid"
    world.load(row("F-9", due="2026-03-11"), now=days(20))
    world.advance(now=days(20))
    asked = next(task for task in open_tasks(world) if task.kind == "review_hold")
    answer_task(world.database, asked.id, answer="done", by="lea", role="admin", now=days(20))
    assert left_since(world, days(21), days(25))
    with world.database.read() as conn:
        assert replies.search(conn, replies.Filter(state=replies.ReplyState.OPEN), limit=5) == []


def test_more_words_about_a_dispute_are_read_once(world: World) -> None:
    reminded(world)
    hear(world, a_text("je conteste cette facture", key="a"))
    hear(world, a_text("je conteste vraiment cette facture", key="b"), now=days(0, 1))
    world.advance(now=days(0, 2))
    world.dispatch(now=days(0, 2))  # the answer to the first one; then the second one's turn comes
    assert sorted(task.kind for task in open_tasks(world)) == ["answer_dispute", "read_reply"]
    (dispute,) = [hold for hold in world.case().holds if hold.kind is HoldKind.DISPUTE]
    world.record(DisputeResolved(id="R-1", at=days(0, 3), hold_id=dispute.id, outcome="rejected"), now=days(0, 3))
    for task in open_tasks(world):  # who contests again after the answer is heard: somebody says that it is nothing new
        told = (Intent.DISPUTE,)
        answer_task(world.database, task.id, answer="done", by="lea", role="admin", now=days(0, 3), not_so=told)
    with world.database.read() as conn:
        assert replies.search(conn, replies.Filter(state=replies.ReplyState.OPEN), limit=5) == []


def test_a_flood_asks_people_a_few_times_and_loses_nothing(world: World) -> None:
    reminded(world)
    for start in range(0, 60, 20):
        words = ("bla bla truc", "rappelez-moi svp", "mon père est décédé")
        hear(world, *[a_text(words[n % 3], key=f"k{n}") for n in range(start, start + 20)])
    assert len(world.case().holds) == MOST_WAITING
    for _ in range(MOST_WAITING):
        world.advance()
    assert len(open_tasks(world)) <= MOST_WAITING + 2
    with world.database.read() as conn:
        assert len(replies.search(conn, replies.Filter(state=replies.ReplyState.OPEN), limit=99)) == 60
    hear(world, a_text("STOP", key="stop"), now=days(0, 1))
    assert is_closed(world.case())


def test_a_gate_that_holds_the_person_and_a_reply_that_holds_the_case_never_wait_in_a_circle(world: World) -> None:
    """PostgreSQL looks up the person of a case that one transaction saves twice: the gate takes them the other way."""
    if world.database.name != "postgresql":
        return  # one writer
    world.load(row())
    (case,) = world.cases()
    with world.database.begin() as gate, world.database.begin() as listener:
        assert persons.lock(gate, cases.person_ids(gate, [case.id]))
        listener.execute(text("set local lock_timeout = '5s'"))
        for number in (1, 2):
            record_in(listener, [(case.id, NoteAdded(id=f"N-{number}", at=TUESDAY, text="x"))], now=TUESDAY)


def test_a_batch_of_replies_locks_its_counters_last_and_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reminded(world, row("F-1"), row("F-2", debtor="C-2"))
    calls: list[int] = []

    def add(_conn: object, tally: Mapping[Meter, int], **_at: datetime) -> None:
        calls.append(len(tally))

    monkeypatch.setattr(meters, "add", add)
    hear(world, a_text("je conteste", key="a"), a_text("STOP", key="b"), a_text("je conteste tout", key="c"))
    assert calls == [2]
