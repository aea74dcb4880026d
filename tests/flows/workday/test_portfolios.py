"""Whose work a case is: the first portfolio that takes it, a person's hand over all of them, and nobody forgotten."""

from datetime import date, timedelta

import pytest

from orchestrator.domain.condition import Between
from orchestrator.domain.errors import Conflict, InputError, NotFound, RelanceError
from orchestrator.domain.portfolio import Absence
from orchestrator.domain.who import Who
from orchestrator.flows.change_user import disable_user
from orchestrator.flows.keep_portfolios import (
    add_portfolio,
    cover_absence,
    end_absence,
    end_portfolio,
    give_cases,
)
from orchestrator.flows.my_day import my_day
from orchestrator.storage import case_work, facts, journal
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.workday.conftest import ANNE, BASILE, MARC, ask, day, follow

LARGE = Between("balance", at_least=100_00)
SOON = TUESDAY + timedelta(hours=4)


def owner(world: World, ref: str) -> tuple[str, str]:
    """Whose a debtor's case is, and why."""
    with world.database.read() as conn:
        (case,) = [case for case in world.cases() if case.debtor.ref == ref]
        work = case_work.load(conn, [case.id])[case.id]
    return work.owner, work.why


def a_book(world: World) -> dict[str, str]:
    """Two cases, a small one and a large one."""
    world.load(row(), row("F-2", debtor="C-2", phone="+33644631235", amount="420,00"))
    return {case.debtor.ref: case.id for case in world.cases()}


def test_the_first_portfolio_that_takes_a_case_has_it(staffed: World) -> None:
    a_book(staffed)
    add_portfolio(staffed.database, "large", owner="anne", scope=LARGE, who=MARC, now=TUESDAY)
    add_portfolio(staffed.database, "acme", owner="basile", creditors=["acme-telecom"], who=MARC, now=TUESDAY)
    follow(staffed)
    assert owner(staffed, "C-2") == ("anne", "large")
    assert owner(staffed, "C-1") == ("basile", "acme")


def test_a_case_that_no_portfolio_takes_is_everybodys(staffed: World) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "large", owner="anne", scope=LARGE, who=MARC, now=TUESDAY)
    ask(staffed, ids["C-1"], "read_reply", due_at=SOON)
    ask(staffed, ids["C-2"], "read_reply", due_at=SOON)
    assert owner_lines(staffed, ANNE) == {"C-1": "", "C-2": "anne"}
    assert owner_lines(staffed, BASILE) == {"C-1": ""}


def owner_lines(world: World, who: Who) -> dict[str, str]:
    """Whose each line is, by debtor, as somebody sees it."""
    refs = {case.id: case.debtor.ref for case in world.cases()}
    return {refs[each.case_id]: each.owner for each in day(world, who).lines}


def test_a_case_follows_its_conditions(staffed: World) -> None:
    a_book(staffed)
    add_portfolio(staffed.database, "large", owner="anne", scope=LARGE, who=MARC, now=TUESDAY)
    follow(staffed)
    later = TUESDAY + timedelta(minutes=1)
    staffed.load(row("F-3", debtor="C-1", amount="500,00"), now=later)
    assert follow(staffed, later) >= 1
    assert owner(staffed, "C-1") == ("anne", "large")


def test_a_portfolio_that_ends_gives_its_cases_to_the_next(staffed: World) -> None:
    a_book(staffed)
    add_portfolio(staffed.database, "large", owner="anne", scope=LARGE, who=MARC, now=TUESDAY)
    add_portfolio(staffed.database, "rest", owner="basile", who=MARC, now=TUESDAY)
    follow(staffed)
    end_portfolio(staffed.database, "large", who=MARC, now=TUESDAY)
    follow(staffed)
    assert owner(staffed, "C-2") == ("basile", "rest")
    with pytest.raises(NotFound):
        end_portfolio(staffed.database, "large", who=MARC, now=TUESDAY)


def test_a_case_given_by_hand_stays_given(staffed: World) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "rest", owner="basile", who=MARC, now=TUESDAY)
    given = give_cases(
        staffed.database, staffed.strategy(), [ids["C-1"], "unknown"], to="anne", why="knows them", who=MARC,
        now=TUESDAY,
    )  # fmt: skip
    assert (given.count, given.unknown) == (1, ("unknown",))
    add_portfolio(staffed.database, "late", owner="basile", who=MARC, now=TUESDAY)
    follow(staffed, TUESDAY + timedelta(days=1))
    assert owner(staffed, "C-1") == ("anne", "knows them")
    with staffed.database.read() as conn:
        (change,) = case_work.changes_of(conn, ids["C-1"])
    assert (change.owner, change.by, change.why) == ("anne", "marc", "knows them")


def test_a_case_given_back_is_its_portfolios_again(staffed: World) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "rest", owner="basile", who=MARC, now=TUESDAY)
    for to in ("anne", ""):
        give_cases(staffed.database, staffed.strategy(), [ids["C-1"]], to=to, why="w", who=MARC, now=TUESDAY)
    assert owner(staffed, "C-1") == ("basile", "rest")


def test_who_may_not_see_a_creditor_cannot_give_its_cases(staffed: World) -> None:
    ids = a_book(staffed)
    other = Who("marc", "manager", frozenset({"another"}))
    given = give_cases(
        staffed.database, staffed.strategy(), list(ids.values()), to="anne", why="w", who=other, now=TUESDAY
    )
    assert (given.count, len(given.unknown)) == (0, 2)


def test_an_absence_lets_another_see_and_answer_the_list(staffed: World) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "rest", owner="anne", who=MARC, now=TUESDAY)
    ask(staffed, ids["C-1"], "read_reply", due_at=SOON)
    assert not day(staffed, BASILE).lines
    away = Absence(id="", absent="anne", substitute="basile", from_on=date(2026, 3, 10), to_on=date(2026, 3, 11))
    made = cover_absence(staffed.database, away, who=ANNE, now=TUESDAY)
    seen = day(staffed, BASILE)
    assert [each.owner for each in seen.lines] == ["anne"]
    assert seen.covered == ("anne",)
    assert len(day(staffed, ANNE).lines) == 1
    assert len(day(staffed, BASILE, TUESDAY + timedelta(days=1)).lines) == 1
    assert not day(staffed, BASILE, TUESDAY + timedelta(days=2)).lines
    end_absence(staffed.database, made.id, who=ANNE, now=TUESDAY)
    assert not day(staffed, BASILE).lines


@pytest.mark.parametrize("is_disabled", [True, False], ids=["disabled", "away without anybody"])
def test_the_cases_of_who_is_gone_are_everybodys_with_a_warning(staffed: World, is_disabled: bool) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "rest", owner="anne", who=MARC, now=TUESDAY)
    ask(staffed, ids["C-1"], "read_reply", due_at=SOON)
    assert day(staffed, BASILE).forsaken == ()
    if is_disabled:
        disable_user(staffed.database, "anne", by="test", now=TUESDAY)
    else:
        away = Absence(id="", absent="anne", from_on=date(2026, 3, 9), to_on=date(2026, 3, 20))
        cover_absence(staffed.database, away, who=MARC, now=TUESDAY)
    seen = day(staffed, BASILE)
    assert [(each.owner, each.is_forsaken) for each in seen.lines] == [("anne", True)]
    assert (seen.forsaken, seen.forsaken_cases) == (("anne",), 2)


@pytest.mark.parametrize(
    "act",
    [
        lambda world: add_portfolio(world.database, "p", owner="anne", who=BASILE, now=TUESDAY),
        lambda world: add_portfolio(world.database, "p", owner="nobody", who=MARC, now=TUESDAY),
        lambda world: add_portfolio(world.database, "No Name", owner="anne", who=MARC, now=TUESDAY),
        lambda world: give_cases(world.database, world.strategy(), ["c"], to="anne", why=" ", who=MARC, now=TUESDAY),
        lambda world: give_cases(world.database, world.strategy(), ["c"], to="anne", why="w", who=ANNE, now=TUESDAY),
        lambda world: cover_absence(world.database, away("anne", 10, 9), who=MARC, now=TUESDAY),
        lambda world: cover_absence(world.database, away("anne", 1, 2), who=MARC, now=TUESDAY),
        lambda world: cover_absence(world.database, away("anne", 10, 12), who=BASILE, now=TUESDAY),
        lambda world: my_day(world.database, ANNE, now=TUESDAY, whose="basile"),
    ],
    ids=["agent adds", "unknown owner", "name", "no reason", "agent gives", "backwards", "over", "another's", "list"],
)
def test_what_may_not_be_done_is_refused(staffed: World, act: object) -> None:
    assert callable(act)
    with pytest.raises((Conflict, InputError, NotFound)) as refused:
        act(staffed)
    assert isinstance(refused.value, RelanceError)
    with staffed.database.read() as conn:
        assert case_work.owners(conn) == []


def away(absent: str, first: int, last: int) -> Absence:
    return Absence(id="", absent=absent, from_on=date(2026, 3, first), to_on=date(2026, 3, last))


def test_a_manager_sees_the_list_of_another_and_of_everybody(staffed: World) -> None:
    ids = a_book(staffed)
    add_portfolio(staffed.database, "large", owner="anne", scope=LARGE, who=MARC, now=TUESDAY)
    add_portfolio(staffed.database, "rest", owner="basile", who=MARC, now=TUESDAY)
    for ref in ("C-1", "C-2"):
        ask(staffed, ids[ref], "read_reply", due_at=SOON)
    assert not day(staffed, MARC).lines
    assert [each.case_id for each in day(staffed, MARC, whose="anne").lines] == [ids["C-2"]]
    assert len(day(staffed, MARC, whose="").lines) == 2


def test_an_unchanged_book_is_read_once_a_day(staffed: World) -> None:
    a_book(staffed)
    assert follow(staffed) >= 2
    assert follow(staffed) == 0
    assert follow(staffed, TUESDAY + timedelta(hours=2)) == 0
    assert follow(staffed, TUESDAY + timedelta(days=1)) == 2


def test_what_was_committed_behind_what_was_read_is_found(staffed: World) -> None:
    a_book(staffed)
    follow(staffed)
    with staffed.database.begin() as conn:
        facts.put(conn, "work.lines", str(journal.last_seq(conn) + 50), now=TUESDAY)
    later = TUESDAY + timedelta(minutes=1)
    staffed.load(row("F-3", debtor="C-1", amount="500,00"), now=later)
    assert follow(staffed, later) == 1
