"""What must hold however late, from wherever and by whomever it is said: stops in order, deaths in every case."""

from datetime import timedelta

from orchestrator.domain.case import Case
from orchestrator.storage import attempts, tasks
from orchestrator.storage.attempts import Attempt
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_record_replies import MAIL, a_mail, a_text, days, hear, reminded

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
