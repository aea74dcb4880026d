"""Cases: inserted once, saved over what was read or not at all, found when due, and in pages."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from orchestrator.domain.case import CaseState, Cycle, Switch
from orchestrator.domain.contact import Debtor
from orchestrator.domain.errors import Conflict
from orchestrator.storage import cases, persons
from orchestrator.storage.cases import Change, Entry, Filter
from orchestrator.storage.database import Database
from tests.storage.portfolio import HOUR, NOW, a_case, insert, put, stored, with_outcome


def ids(found: list[cases.Stored]) -> list[str]:
    return [item.case.id for item in found]


# ----------------------------------------------------------------------------------------------- insert


def test_a_case_comes_back_as_it_was_with_its_due_date_and_first_version(database: Database) -> None:
    put(database, "c1")
    found = stored(database)
    assert found.case == a_case("c1")
    assert (found.version, found.due_at) == (1, NOW)


def test_a_case_without_due_date_waits(database: Database) -> None:
    put(database, "c1", due_at=None)
    assert stored(database).due_at is None
    with database.begin() as conn:
        assert cases.load_due(conn, now=NOW + 1000 * HOUR, limit=9) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_text_comes_back_as_it_was(database: Database, text: str) -> None:
    item = a_case(f"id {text}", creditor=text, debtor=Debtor(ref=text, name=text))
    with database.begin() as conn:
        insert(conn, item)
        assert cases.load(conn, [item.id])[0].case == item
        conn.exec_driver_sql("DELETE FROM cases")


def test_an_account_that_is_there_is_a_conflict_naming_the_case(database: Database) -> None:
    put(database, "c1", "c2")
    again = a_case("c3", debtor=Debtor(ref="ref-c1", name="Jeanne Dupont"))
    with pytest.raises(Conflict, match="c3") as refused, database.begin() as conn:
        insert(conn, a_case("c4"), again)
    assert refused.value.code == "case_exists"
    assert "c4" not in str(refused.value)
    with database.read() as conn:
        assert cases.load(conn, ["c3", "c4"]) == []


def test_an_id_that_is_there_is_a_conflict(database: Database) -> None:
    put(database, "c1")
    with pytest.raises(Conflict, match="c1"), database.begin() as conn:
        insert(conn, a_case("c1", creditor="other"))


@pytest.mark.parametrize("difference", [{"creditor": "other"}, {"currency": "CHF"}, {"payee": "factor"}])
def test_one_debtor_has_a_case_for_each_creditor_currency_and_payee(
    database: Database, difference: dict[str, str]
) -> None:
    with database.begin() as conn:
        insert(conn, a_case("c1"), a_case("c2", debtor=a_case("c1").debtor, **difference))
        assert len(cases.load(conn, ["c1", "c2"])) == 2


def test_a_case_needs_its_person(database: Database) -> None:
    with pytest.raises(Conflict), database.begin() as conn:
        cases.insert(conn, [Entry(a_case(), NOW, "nobody")], now=NOW)


# ------------------------------------------------------------------------------------------------- save


def test_a_save_raises_the_version_and_moves_the_due_date(database: Database) -> None:
    put(database, "c1")
    with database.begin() as conn:
        cases.save(conn, [with_outcome(stored(database), "paid")], now=NOW)
    found = stored(database)
    assert (found.case.outcome, found.version, found.due_at) == ("paid", 2, NOW + HOUR)


def test_who_saves_over_what_another_saved_meanwhile_is_refused_and_named(database: Database) -> None:
    put(database, "c1", "c2")
    mine, other = stored(database, "c1"), stored(database, "c2")
    with database.begin() as conn:
        cases.save(conn, [with_outcome(mine, "theirs")], now=NOW)
    with pytest.raises(Conflict, match="c1") as refused, database.begin() as conn:
        cases.save(conn, [with_outcome(other, "mine"), with_outcome(mine, "mine")], now=NOW)
    assert refused.value.code == "case_changed"
    assert "c2" not in str(refused.value)
    assert stored(database, "c1").case.outcome == "theirs"
    assert stored(database, "c2").case.outcome == ""


def test_a_save_of_a_case_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(Conflict, match="c9"), database.begin() as conn:
        cases.save(conn, [Change(a_case("c9"), None, 1)], now=NOW)


def test_a_save_of_nothing_is_nothing(database: Database) -> None:
    with database.begin() as conn:
        cases.save(conn, [], now=NOW)
        cases.insert(conn, [], now=NOW)
        cases.wake(conn, [], at=NOW)


def test_a_large_batch_is_saved_whole(database: Database) -> None:
    put(database, *(f"c{n:04}" for n in range(2_100)))
    with database.begin() as conn:
        due = cases.load_due(conn, now=NOW, limit=5_000)
        cases.save(conn, [with_outcome(item, item.case.id) for item in due], now=NOW)
    with database.read() as conn:
        found = [item for page in cases.each(conn) for item in page]
    assert len(found) == 2_100
    assert all(item.case.outcome == item.case.id and item.version == 2 for item in found)


# ------------------------------------------------------------------------------------------- due, wake


def test_the_longest_due_come_first_and_the_others_wait(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, a_case("late"), due_at=NOW - HOUR)
        insert(conn, a_case("b"), a_case("a"), due_at=NOW)
        insert(conn, a_case("early"), due_at=NOW + timedelta(microseconds=1))
        assert ids(cases.load_due(conn, now=NOW, limit=9)) == ["late", "a", "b"]
        assert ids(cases.load_due(conn, now=NOW, limit=2)) == ["late", "a"]


def test_a_woken_case_is_due_and_one_due_before_stays_so(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, a_case("waiting"), due_at=None)
        insert(conn, a_case("later"), due_at=NOW + HOUR)
        insert(conn, a_case("before"), due_at=NOW - HOUR)
        cases.wake(conn, ["waiting", "later", "before", "unknown"], at=NOW)
        found = cases.load(conn, ["waiting", "later", "before"])
    assert {item.case.id: item.due_at for item in found} == {"waiting": NOW, "later": NOW, "before": NOW - HOUR}


@pytest.mark.parametrize("due_at", [None, NOW - HOUR, NOW + HOUR])
def test_a_wake_is_never_lost_to_who_decided_before_it(database: Database, due_at: None) -> None:
    put(database, "c1", due_at=due_at)
    read_before = stored(database)
    with database.begin() as conn:
        cases.wake(conn, ["c1"], at=NOW)
    with pytest.raises(Conflict), database.begin() as conn:
        cases.save(conn, [with_outcome(read_before, "wait")], now=NOW)


def test_the_next_due_instant_is_known(database: Database) -> None:
    with database.begin() as conn:
        assert cases.next_due_at(conn) is None
        insert(conn, a_case("waiting"), due_at=None)
        assert cases.next_due_at(conn) is None
        insert(conn, a_case("a"), due_at=NOW + HOUR)
        insert(conn, a_case("b"), due_at=NOW)
        assert cases.next_due_at(conn) == NOW


# ------------------------------------------------------------------------------------------------- find


def test_cases_are_loaded_in_the_order_of_ids_and_once(database: Database) -> None:
    put(database, "c2", "c10", "c1")
    with database.begin() as conn:
        assert ids(cases.load(conn, ["c2", "c1", "unknown", "c2", "c10"])) == ["c1", "c10", "c2"]
        assert ids(cases.load(conn, ["c1"], for_update=True)) == ["c1"]


def test_a_case_read_before_is_locked_without_reading_it_again(database: Database) -> None:
    put(database, "c1", "c2", "c3")
    known = {name: stored(database, name) for name in ("c1", "c2")}
    with database.begin() as conn:
        cases.save(conn, [with_outcome(known["c2"], "paid")], now=NOW)
    with database.begin() as conn:
        locked = cases.lock(conn, ["c3", "c2", "c1", "unknown"], known=known)
    assert ids(locked) == ["c1", "c2", "c3"]
    assert locked[0].case is known["c1"].case
    assert locked[1:] == [stored(database, "c2"), stored(database, "c3")]


def test_the_cases_of_many_debtors_are_found_at_once(database: Database) -> None:
    with database.begin() as conn:
        one = a_case("c1")
        insert(conn, one, a_case("c2", debtor=one.debtor, currency="CHF"), a_case("c3"), a_case("c4", creditor="x"))
        found = cases.find(conn, "acme", ["ref-c1", "ref-c3", "ref-c4", "unknown"])
    assert {ref: ids(items) for ref, items in found.items()} == {"ref-c1": ["c2", "c1"], "ref-c3": ["c3"]}


def test_a_search_goes_on_after_the_last_of_the_page(database: Database) -> None:
    put(database, *(f"c{n}" for n in range(7)))
    with database.read() as conn:
        first = cases.search(conn, Filter(), limit=3)
        assert ids(first) == ["c0", "c1", "c2"]
        assert ids(cases.search(conn, Filter(), limit=3, after="c5")) == ["c6"]
        assert [ids(page) for page in cases.each(conn, chunk=3)] == [["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c6"]]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(creditor="other"),
        Filter(debtor_ref="ref-b"),
        Filter(campaign="b2b"),
        Filter(state="closed"),
        Filter(person_id="shared"),
        Filter(due_until=NOW - HOUR),
        Filter(creditor="other", campaign="b2b", due_until=NOW),
    ],
)
def test_a_search_finds_what_matches_every_field(database: Database, wanted: Filter) -> None:
    cycle = Cycle(
        number=1,
        campaign="b2b",
        release="r1",
        policy="p",
        entered_at=NOW,
        step_index=0,
        anchors=(),
        anchor_due_on=NOW.date(),
    )
    with database.begin() as conn:
        insert(conn, a_case("a"))
        there = a_case("b", creditor="other", state=CaseState.CLOSED, cycle=cycle)
        insert(conn, there, due_at=NOW - HOUR, points=["shared"])
        assert ids(cases.search(conn, wanted, limit=9)) == ["b"]


def test_what_a_save_changes_is_found_by_it(database: Database) -> None:
    put(database, "c1")
    found = stored(database)
    with database.begin() as conn:
        closed = replace(found.case, state=CaseState.CLOSED)
        cases.save(conn, [Change(closed, None, found.version)], now=NOW)
        assert ids(cases.search(conn, Filter(state="closed"), limit=9)) == ["c1"]


def test_cases_are_counted_by_creditor_campaign_and_state(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, a_case("a"), a_case("b"), a_case("c", creditor="other", state=CaseState.CLOSED))
        assert cases.count_by_state(conn) == [
            cases.Count("acme", "", "open", 2),
            cases.Count("other", "", "closed", 1),
        ]


def test_a_channel_closed_in_one_case_is_closed_for_the_person(database: Database) -> None:
    """Semantics A8; an address closed alone (A7), or opened again, closes no channel."""
    closed = Switch(key="sms:", is_on=True, at=NOW)
    address = Switch(key="email:jeanne@example.org", is_on=True, at=NOW)
    opened = Switch(key="letter:", is_on=False, at=NOW)
    with database.begin() as conn:
        insert(conn, a_case("a"), a_case("b", opt_outs=(closed, address, opened)), points=["phone"])
        insert(conn, a_case("c"), points=["other"])
        (person,) = persons.link(conn, {"a": ["phone"]}).values()
        assert cases.opted_out(conn, [person, "other"]) == {person: frozenset({"sms"})}
        assert cases.of_persons(conn, [person, "other"]) == {person: ["a", "b"], "other": ["c"]}
