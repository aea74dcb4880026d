"""Who asked us to stop before we knew them is not written to once we do."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from channels.contract import Channel
from orchestrator.domain.case import Case
from orchestrator.domain.events import OptedOut
from orchestrator.storage import early_stops, journal
from orchestrator.storage.early_stops import EarlyStop
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_record_replies import MAIL, a_mail, a_text, days, hear

LATER = "+33644635678"


def closed(case: Case) -> list[str]:
    return [switch.key for switch in case.opt_outs if switch.is_on]


def test_a_stop_of_an_unknown_number_is_obeyed_once_the_number_is_imported(world: World) -> None:
    (recorded,) = hear(world, a_text("STOP"))
    world.load(row(), now=days(3))
    assert closed(world.case()) == ["sms:"]
    world.advance(now=days(3))
    world.dispatch(now=days(3))
    assert [message for message in world.messages() if message.send.channel is Channel.SMS] == []
    with world.database.read() as conn:
        facts = [line.fact for line in journal.read(conn, world.case().id) if isinstance(line.fact, OptedOut)]
    assert [(fact.by, fact.at) for fact in facts] == [("debtor", days(3))]
    assert recorded.reply_id in facts[0].id


def test_so_is_that_of_an_address(world: World) -> None:
    hear(world, a_mail("Ne m'écrivez plus.", sender=MAIL.upper()))
    world.load(row(email=MAIL, phone=""))
    assert closed(world.case()) == ["email:"]


def test_a_doubtful_stop_is_a_stop(world: World) -> None:
    hear(world, a_text("laissez ma mère tranquille"))
    world.load(row())
    assert closed(world.case()) == ["sms:"]


def test_of_a_firm_the_address_is_closed_and_no_other(world: World) -> None:
    hear(world, a_text("STOP"))
    world.load(row().replace(";consumer;", ";company;"))
    assert closed(world.case()) == ["sms:+33644631234"]


def test_it_holds_when_a_known_debtor_takes_the_number(world: World) -> None:
    world.load(row(phone=LATER))
    hear(world, a_text("STOP"))
    assert closed(world.case()) == []
    world.load(row(), now=days(1))
    assert closed(world.case()) == ["sms:"]


def test_it_holds_for_every_case_that_comes_and_only_for_them(world: World) -> None:
    hear(world, a_text("STOP"))
    other = row("F-3", debtor="C-3", phone=LATER).replace("Jeanne Dupont", "Paul Martin")
    world.load(row("F-1"), row("F-2", debtor="C-2"), other.replace("rue du Lac", "rue Z"))
    assert sorted(map(closed, world.cases())) == [[], ["sms:"], ["sms:"]]


@pytest.mark.parametrize("is_known", [False, True])
def test_a_later_start_takes_it_back(world: World, is_known: bool) -> None:
    hear(world, a_text("STOP", key="1"))
    if is_known:
        world.load(row(), now=days(0, 1))
    hear(world, a_text("START", key="2", occurred_at=days(1)), now=days(1))
    world.load(row("F-2", debtor="C-2"), now=days(2))
    assert [closed(case) for case in world.cases()] == [[]] * (1 + is_known)


def test_an_earlier_start_that_comes_late_does_not(world: World) -> None:
    hear(world, a_text("STOP", key="1", occurred_at=days(1)), now=days(1))
    hear(world, a_text("START", key="2", occurred_at=TUESDAY), now=days(1, 1))
    world.load(row(), now=days(2))
    assert closed(world.case()) == ["sms:"]


def test_who_opens_the_channel_again_is_not_closed_by_the_next_import(world: World) -> None:
    hear(world, a_text("STOP", key="1"))
    world.load(row(), now=days(1))
    hear(world, a_text("START", key="2", occurred_at=days(2)), now=days(2))
    world.load(row(amount="43,00", email=MAIL), now=days(3))
    assert closed(world.case()) == []


def test_it_costs_an_import_one_query_and_one_of_nothing_new_none(world: World) -> None:
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    rows = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463{n:04}") for n in range(30)]
    world.load(*rows)
    assert sum("early_stops" in statement for statement in asked) == 1
    asked.clear()
    world.load(*rows, now=TUESDAY + timedelta(hours=1))
    event.remove(Engine, "before_cursor_execute", note)
    assert asked
    assert sum("early_stops" in statement for statement in asked) == 0


def test_of_two_stops_the_later_one_is_kept(world: World) -> None:
    def stop(reply_id: str, day: int) -> EarlyStop:
        return EarlyStop(point="d", channel="sms", reply_id=reply_id, stopped_at=days(day))

    with world.database.begin() as conn:
        for each in (stop("a", 1), stop("b", 3), stop("c", 2)):
            early_stops.keep(conn, each)
        assert early_stops.of_points(conn, ["d", "e"]) == {"d": stop("b", 3)}
        early_stops.forget(conn, "d", before=days(3))
        assert early_stops.of_points(conn, ["d"])
        early_stops.forget(conn, "d", before=days(4))
        assert early_stops.of_points(conn, ["d"]) == {}
