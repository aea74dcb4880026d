"""A mail whose domain disowns it acts for nobody: it silences where it must, and a person reads it."""

import pytest

from channels.contract import Inbound
from orchestrator.domain.case import Case
from orchestrator.storage import attempts
from tests.flows.conftest import World, row
from tests.flows.test_early_stops import closed
from tests.flows.test_record_replies import MAIL, a_mail, days, hear, reminded
from tests.flows.test_stops_and_persons import open_tasks


def forged(text: str, *, key: str = "<f@x>", attempt_id: str = "", says: bool | None = False) -> Inbound:
    return a_mail(text, key=key, attempt_id=attempt_id, is_authenticated=says)


def after(world: World, text: str, *, says: bool | None = False) -> Case:
    reminded(world, row(email=MAIL, phone=""))
    hear(world, forged(text, says=says))
    return world.case()


def marks(case: Case) -> list[str]:
    return [switch.key for switch in case.marks if switch.is_on]


def kinds(case: Case) -> set[str]:
    return {hold.kind.value for hold in case.holds}


TEXTS = [
    "Madame Dupont est décédée.",
    "je paierai 20 euros le 15",
    "je conteste cette facture",
    "Vous vous trompez de personne",
    "j'ai déjà payé",
    "je ne peux pas payer, chômage",
    "merci",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_forged_mail_is_only_held_for_a_person(world: World, text: str) -> None:
    case = after(world, text)
    assert (marks(case), case.promises, case.points, closed(case)) == ([], (), (), [])
    assert kinds(case) == {"unread_reply"}
    world.advance(now=days(0, 1))
    assert [task.kind for task in open_tasks(world)] == ["read_reply"]


@pytest.mark.parametrize("says", [None, True])
def test_what_is_not_known_to_be_forged_acts_as_ever(world: World, says: bool | None) -> None:
    case = after(world, TEXTS[0], says=says)
    assert marks(case) == ["deceased"]
    assert "death" in kinds(case)


def test_a_forged_stop_closes_the_channel_and_is_read(world: World) -> None:
    case = after(world, "STOP")
    assert closed(case) == ["email:"]
    assert [task.kind for task in open_tasks(world)] == ["read_reply"]


def test_a_forged_danger_silences_calls_a_person_and_leaves_no_mark(world: World) -> None:
    case = after(world, "je vais me suicider")
    assert "self_harm" in kinds(case)
    assert marks(case) == []
    assert [task.kind for task in open_tasks(world)] == ["distress"]


def test_a_forged_start_opens_nothing(world: World) -> None:
    reminded(world, row(email=MAIL, phone=""))
    hear(world, a_mail("STOP", key="<1@x>"))
    hear(world, forged("START"), now=days(1))
    assert closed(world.case()) == ["email:"]


def test_nor_does_it_forget_a_stop_that_came_early(world: World) -> None:
    hear(world, a_mail("STOP", key="<1@x>"))
    hear(world, forged("START"), now=days(1))
    world.load(row(email=MAIL, phone=""), now=days(2))
    assert closed(world.case()) == ["email:"]


def test_who_answers_a_message_of_ours_has_seen_it_and_is_believed(world: World) -> None:
    reminded(world, row(email=MAIL, phone=""))
    with world.database.read() as conn:
        (attempt,) = attempts.of_messages(conn, [message.id for message in world.messages()])
    hear(world, forged(TEXTS[0], attempt_id="nobody", key="<1@x>"))
    assert marks(world.case()) == []
    hear(world, forged(TEXTS[0], attempt_id=attempt.id, key="<2@x>"))
    assert marks(world.case()) == ["deceased"]
