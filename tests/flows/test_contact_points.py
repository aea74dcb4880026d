"""Numbers and addresses that people add (R42): used, kept by imports, protected. And cases that people end."""

from datetime import timedelta

import pytest

from channels.contract import Channel
from orchestrator.domain import acts
from orchestrator.domain.case import Case, CaseState
from orchestrator.domain.contact import Fault, PointKind, PostalAddress, Role
from orchestrator.domain.events import PointAdded
from orchestrator.storage import attempts, cases, tasks
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_act_on_case import do, facts_of, refused
from tests.flows.test_record_replies import a_text, hear

NEW = "+33644631299"
LATER = TUESDAY + timedelta(days=1)


def phone(value: str = "06 44 63 12 99", **given: object) -> acts.AddPoint:
    return acts.AddPoint(kind=PointKind.PHONE, value=value, **given)  # type: ignore[arg-type]  # fields of the act


def post(*lines: str, postcode: str = "75002", city: str = "Paris") -> acts.AddPoint:
    return acts.AddPoint(kind=PointKind.POST, address=PostalAddress(lines, postcode, city))


def numbers(case: Case) -> list[str]:
    return [p.value for person in case.debtor.people for p in person.points if p.kind is PointKind.PHONE]


def person_of(world: World) -> str:
    with world.database.read() as conn:
        return next(s.person_id for page in cases.each(conn) for s in page)


def test_a_number_is_read_as_people_write_it_and_the_next_import_keeps_it(world: World) -> None:
    world.load(row())
    assert do(world, phone()) == ["point.added"]
    assert numbers(world.case()) == ["+33644631234", NEW]
    result = world.load(row(), now=LATER)
    assert result.unchanged_cases == 1, "what a person added is no news of the file"
    world.load(row(email="jeanne@example.org"), now=LATER + timedelta(hours=1))
    assert numbers(world.case()) == ["+33644631234", NEW]


def test_a_number_that_is_corrected_is_kept_as_faulty_and_the_new_one_is_written_to(world: World) -> None:
    world.load(row())
    do(world, phone(corrects="+33644631234"))
    world.advance()
    world.dispatch()
    (left,) = [d for d in world.case().departures if d.channel is Channel.SMS]
    assert [s.value for s in world.case().points if s.is_on] == [Fault.INVALID.value]
    with world.database.read() as conn:
        assert attempts.load(conn, [left.attempt_id])[0].destination == NEW


def test_a_postal_address_stands_for_the_ledgers_until_the_ledger_says_another(world: World) -> None:
    world.load(row())
    do(world, post("2 rue du Lac"))
    do(world, post("3 rue du Lac"))
    assert world.case().debtor.address == PostalAddress(("3 rue du Lac",), "75002", "Paris", "FR")
    world.load(row(amount="41,00"), now=LATER)
    assert world.case().debtor.address == PostalAddress(("3 rue du Lac",), "75002", "Paris", "FR")
    moved = row(amount="41,00").replace("1 rue du Lac", "9 quai Neuf")
    world.load(moved, now=LATER + timedelta(hours=1))
    address = world.case().debtor.address
    assert address is not None
    assert address.lines == ("9 quai Neuf",)


def test_mail_that_came_back_from_the_old_address_says_nothing_of_the_new_one(world: World) -> None:
    world.load(row())
    do(world, acts.MarkPoint(kind=PointKind.POST, fault=Fault.RETURNED))
    do(world, post("2 rue du Lac"), now=TUESDAY + timedelta(minutes=1))
    assert [s for s in world.case().points if s.is_on] == []


def test_a_contact_person_with_a_role_is_added(world: World) -> None:
    world.load(row())
    added = acts.AddPoint(
        kind=PointKind.EMAIL, value="compta@lac.example", role=Role.ACCOUNTS_PAYABLE, name="Ana Lima", language="pt"
    )
    do(world, added)
    person = world.case().debtor.person(Role.ACCOUNTS_PAYABLE)
    assert person is not None
    assert (person.name, person.language) == ("Ana Lima", "pt")


def test_who_gets_a_number_that_another_has_is_the_same_person_for_protection(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2", phone=NEW).replace("Jeanne Dupont", "Paul Petit"))
    first, second = sorted(world.cases(), key=lambda case: case.debtor.ref)
    with world.database.read() as conn:
        assert len(cases.person_ids(conn, [first.id, second.id])) == 2
    facts_of(world, phone(), case_id=first.id)
    with world.database.read() as conn:
        assert len(cases.person_ids(conn, [first.id, second.id])) == 1
    assert numbers(next(case for case in world.cases() if case.id == second.id)) == [NEW], "nobody's data is merged"


def test_a_stop_that_came_before_its_number_was_known_is_obeyed(world: World) -> None:
    world.load(row())
    hear(world, a_text("STOP", sender=NEW))
    do(world, phone(), now=LATER)
    assert [s.key for s in world.case().opt_outs if s.is_on] == ["sms:"]


@pytest.mark.parametrize(
    "act, code",
    [
        (phone("+33644631234"), "point_known"),
        (phone("12"), "phone_invalid"),
        (phone(" "), "point_missing"),
        (phone(corrects="+33700000000"), "point_unknown"),
        (acts.AddPoint(kind=PointKind.EMAIL, value="noreply@lac.example"), "email_of_nobody"),
        (acts.AddPoint(kind=PointKind.POST), "point_missing"),
        (post("2 rue du Lac", postcode="", city=""), "address_incomplete"),
        (post("1 rue du Lac", postcode="75001", city="PARIS"), "point_known"),
    ],
)
def test_what_cannot_be_a_new_point_is_refused_with_its_remedy(world: World, act: acts.Act, code: str) -> None:
    world.load(row())
    assert refused(world, act) == code


def test_a_landline_is_kept_for_calls(world: World) -> None:
    world.load(row())
    (fact,) = facts_of(world, phone("01 99 00 12 34"))
    assert isinstance(fact, PointAdded)
    assert fact.own.point.fault is Fault.LANDLINE


def test_the_same_act_twice_adds_once(world: World) -> None:
    world.load(row())
    first = facts_of(world, phone(), name="act:one")
    assert facts_of(world, phone(), name="act:one") == first


# --------------------------------------------------------------------------------------------- the end by hand

WRITTEN_OFF = acts.CloseCase(outcome=acts.CloseOutcome.WRITTEN_OFF, words="the firm is gone")


def test_a_manager_closes_a_case_and_what_was_planned_does_not_leave(world: World) -> None:
    world.load(row())
    world.advance()
    assert world.case().in_hand is not None
    do(world, WRITTEN_OFF, role="manager")
    world.dispatch()
    case = world.case()
    assert (case.state, case.outcome, case.departures) == (CaseState.CLOSED, "written_off", ())


def test_what_people_were_asked_about_a_closed_case_is_over(world: World) -> None:
    world.load(row())
    do(world, acts.AddMark(mark="vulnerable"))
    world.advance()
    assert world.case().tasks
    assert do(world, WRITTEN_OFF, role="manager") == ["task.closed", "case.closed", "note.added"]
    assert world.case().tasks == ()
    with world.database.read() as conn:
        assert tasks.search(conn, tasks.Filter(), limit=9) == []


def test_a_closed_case_comes_back_with_a_new_debt_alone(world: World) -> None:
    world.load(row())
    do(world, WRITTEN_OFF, role="manager")
    world.advance(LATER)
    assert world.case().state is CaseState.CLOSED
    world.load(row("F-9", due="2026-03-03"), now=LATER)
    world.advance(LATER)
    assert world.case().state is CaseState.OPEN


def test_a_manager_takes_a_closed_case_up_again(world: World) -> None:
    world.load(row())
    do(world, WRITTEN_OFF, role="manager")
    again = acts.ReopenCase(words="they called")
    assert do(world, again, role="manager", now=LATER) == ["case.reopened", "note.added"]
    world.advance(LATER)
    world.dispatch(LATER)
    assert world.case().state is CaseState.OPEN
    assert world.case().departures


@pytest.mark.parametrize(
    "act, role, code",
    [
        (WRITTEN_OFF, "agent", "role_too_low"),
        (acts.CloseCase(outcome=acts.CloseOutcome.MISTAKE, words=" "), "manager", "reason_missing"),
        (acts.ReopenCase(words="x"), "manager", "case_not_closed"),
        (acts.ReopenCase(words="x"), "agent", "role_too_low"),
    ],
)
def test_an_end_by_hand_needs_a_manager_and_a_reason(world: World, act: acts.Act, role: str, code: str) -> None:
    world.load(row())
    assert refused(world, act, role=role) == code
