"""People find cases: by a word in hand, by filters, by the conditions of campaigns; never those they may not see."""

from datetime import date, timedelta
from itertools import chain

import pytest

from orchestrator.domain import acts
from orchestrator.domain.contact import PointKind
from orchestrator.flows import search_cases as flow
from orchestrator.flows.project_figures import project_all
from orchestrator.flows.search_cases import Found, Search, search_cases
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.storage.case_search import Sort, Wanted
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_act_on_case import facts_of

EMAIL = "paul@petit.example"


def portfolio(world: World) -> dict[str, str]:
    """Three debtors of one creditor and one of another, by reference."""
    world.load(
        row("F-1", debtor="C-1"),
        row("F-2", debtor="C-2", phone="+33644631235", email=EMAIL, amount="120,00", due="2026-02-02").replace(
            "Jeanne Dupont", "Paul Élie Petit"
        ),
        row("F-3", debtor="C-3", phone="+33644631236", amount="700,00").replace(
            ";consumer;Jeanne Dupont", ";company;Dupont SA"
        ),
    )
    world.load(row("G-1", debtor="C-1", phone="+33644631237").replace("acme-telecom", "atelier-bois"))
    world.advance()
    figures(world)
    return {f"{case.creditor[:5]}{case.debtor.ref}": case.id for case in world.cases()}


def figures(world: World) -> None:
    project_all(world.database, world.strategy(), now=TUESDAY)


def find(world: World, words: str = "", where: str = "", **given: object) -> Found:
    seen = {name: given.pop(name) for name in ("sort", "after", "sees_contacts") if name in given}
    search = Search(
        wanted=Wanted(**given),  # type: ignore[arg-type]  # fields of Wanted
        words=words,
        condition=read_scope({}, where) if where else None,
        **seen,  # type: ignore[arg-type]  # fields of Search
    )
    return search_cases(world.database, world.strategy(), search, now=TUESDAY)


def ids(world: World, *args: str, **given: object) -> set[str]:
    return {row.case_id for row in find(world, *args, **given).rows}  # type: ignore[arg-type]  # as find takes them


def test_a_case_is_found_by_each_word_that_somebody_may_have_in_hand(world: World) -> None:
    known = portfolio(world)
    paul = {known["acme-C-2"]}
    for words in (known["acme-C-2"].lower(), " F-2 ", "C-2", "+33 6 44 63 12 35", "0644631235", EMAIL.upper()):
        assert ids(world, words) == paul, words
        assert find(world, words).is_exact
    for words in ("petit", "PAUL PETIT", "elie", "peti"):
        assert ids(world, words) == paul, words
        assert not find(world, words).is_exact
    assert ids(world, "nobody at all") == set()
    assert ids(world, "%") == set()


def test_a_reference_that_two_creditors_use_finds_both(world: World) -> None:
    known = portfolio(world)
    assert ids(world, "C-1") == {known["acme-C-1"], known["ateliC-1"]}


def test_a_number_that_was_added_by_hand_is_found_and_one_that_somebody_had_before_is_not(world: World) -> None:
    known = portfolio(world)
    new = acts.AddPoint(kind=PointKind.PHONE, value="06 44 63 12 99")
    facts_of(world, new, case_id=known["acme-C-2"])
    assert ids(world, "0644631299") == {known["acme-C-2"]}
    world.load(row("F-1", debtor="C-1", phone="+33644631288"), now=TUESDAY + timedelta(hours=1))
    assert ids(world, "+33644631234") == set()


def test_nobody_finds_cases_of_a_creditor_that_is_not_theirs(world: World) -> None:
    known = portfolio(world)
    mine = frozenset({"atelier-bois"})
    for words in ("", "C-1", "dupont"):
        assert ids(world, words, creditors=mine) == {known["ateliC-1"]}, words
    for words in ("F-2", known["acme-C-2"], EMAIL, "+33644631235", "petit"):
        assert ids(world, words, creditors=mine) == set(), words
    assert ids(world, where="balance: {from: 1 EUR}", creditors=mine) == {known["ateliC-1"]}
    assert ids(world, creditors=frozenset()) == set()


def test_who_sees_no_contacts_finds_nobody_by_them(world: World) -> None:
    portfolio(world)
    for words in (EMAIL, "+33644631235"):
        assert ids(world, words, sees_contacts=False) == set()


@pytest.mark.parametrize(
    "given, found",
    [
        ({"creditor": "atelier-bois"}, {"ateliC-1"}),
        ({"state": "closed"}, set()),
        ({"status": "company"}, {"acme-C-3"}),
        ({"balance_from": 12000}, {"acme-C-2", "acme-C-3"}),
        ({"balance_below": 12000}, {"acme-C-1", "ateliC-1"}),
        ({"balance_from": 5000, "balance_below": 12001}, {"acme-C-2"}),
        ({"overdue_before": date(2026, 2, 10)}, {"acme-C-2"}),
        ({"is_held": True}, {"acme-C-1"}),
        ({"is_held": False}, {"acme-C-2", "acme-C-3", "ateliC-1"}),
    ],
)
def test_each_filter_keeps_what_it_says(world: World, given: dict[str, object], found: set[str]) -> None:
    known = portfolio(world)
    facts_of(world, acts.Defer(until=date(2026, 3, 20)), case_id=known["acme-C-1"])
    figures(world)
    assert ids(world, **given) == {known[name] for name in found}


@pytest.mark.parametrize(
    "where, found",
    [
        ("balance: {from: 100 EUR}", {"acme-C-2", "acme-C-3"}),
        ("debtor: business", {"acme-C-3"}),
        ("debtor: individual", {"acme-C-1", "acme-C-2", "ateliC-1"}),
        ("{debtor: individual, balance: {below: 100 EUR}}", {"acme-C-1", "ateliC-1"}),
        ("any: [{debtor: business}, {overdue: {from: 30d}}]", {"acme-C-2", "acme-C-3"}),
        ("not: {creditor: acme-telecom}", {"ateliC-1"}),
        ("{email: yes}", {"acme-C-2"}),
        ("marks: [vulnerable]", {"acme-C-3"}),
        ("postcode: ['75']", {"acme-C-1", "acme-C-2", "acme-C-3", "ateliC-1"}),
        ("claim_kind: [rent]", set()),
    ],
)
def test_a_condition_finds_what_an_audience_would(world: World, where: str, found: set[str]) -> None:
    known = portfolio(world)
    facts_of(world, acts.AddMark(mark="vulnerable"), case_id=known["acme-C-3"])
    assert ids(world, where=where) == {known[name] for name in found}


@pytest.mark.parametrize(
    "sort, order",
    [
        (Sort.BALANCE, ["acme-C-3", "acme-C-2"]),
        (Sort.OVERDUE, ["acme-C-3", "acme-C-2"]),
        (Sort.OLDEST, ["acme-C-2"]),
    ],
)
def test_lists_come_in_the_order_that_was_asked_for(world: World, sort: Sort, order: list[str]) -> None:
    known = portfolio(world)
    assert [row.case_id for row in find(world, sort=sort).rows][: len(order)] == [known[name] for name in order]


def test_names_come_in_their_order(world: World) -> None:
    portfolio(world)
    names = [row.name for row in find(world, sort=Sort.NAME).rows]
    assert (names[0], names[-1]) == ("Dupont SA", "Paul Élie Petit")


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("where", ["", "balance: {from: 1 EUR}"])
def test_pages_follow_each_other_without_a_gap_or_a_double(
    world: World, sort: Sort, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = portfolio(world)
    monkeypatch.setattr(flow, "PAGE", 1)
    pages, after = [], ""
    for _ in range(9):
        found = find(world, where=where, sort=sort, after=after)
        pages.append([row.case_id for row in found.rows])
        after = found.after
        if not after:
            break
    seen = list(chain.from_iterable(pages))
    assert len(seen) == len(set(seen))
    assert set(seen) == set(known.values())


def test_a_search_that_runs_out_of_time_says_how_far_it_looked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = portfolio(world)
    monkeypatch.setattr(flow, "_CHUNK", 1)
    search = Search(wanted=Wanted(), condition=read_scope({}, "claim_kind: [rent]"))
    found = search_cases(world.database, world.strategy(), search, now=TUESDAY, is_over=lambda: True)
    assert (found.rows, found.looked, found.is_cut) == ((), 1, True)
    assert found.after in known.values()


def test_a_condition_is_judged_on_the_case_and_not_on_figures_of_before(world: World) -> None:
    known = portfolio(world)
    facts_of(world, acts.AddMark(mark="vulnerable"), case_id=known["acme-C-1"])
    assert ids(world, where="marks: [vulnerable]") == {known["acme-C-1"]}
