"""Persons: those who share a point are one, whatever the order in which that becomes known (semantics A8)."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.context import Contact
from orchestrator.domain.policy import ContactChannel
from orchestrator.storage import cases, contacts, persons
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.tables import cases as cases_table
from orchestrator.storage.tables import contacts as contacts_table
from orchestrator.storage.tables import person_points
from orchestrator.storage.tables import persons as persons_table
from tests.storage.portfolio import NOW, a_case, insert, stored

_POINTS = st.frozensets(st.sampled_from("abcdefgh"), max_size=3)
_PORTFOLIOS = st.dictionaries(st.sampled_from([f"c{n}" for n in range(8)]), _POINTS, min_size=1)


def people(conn: Connection, portfolio: dict[str, frozenset[str]]) -> dict[str, str]:
    found = cases.load(conn, portfolio)
    return {item.case.id: item.person_id for item in found}


def united(portfolio: dict[str, frozenset[str]]) -> dict[str, str]:
    """The same by the definition: spread the smallest point along shared ones until nothing changes."""
    persons_of = {case_id: min(points, default="~" + case_id) for case_id, points in portfolio.items()}
    for _ in portfolio:
        for one, points in portfolio.items():
            for other, others in portfolio.items():
                if points & others:
                    persons_of[one] = min(persons_of[one], persons_of[other])
    return persons_of


def clear(conn: Connection) -> None:
    for table in (contacts_table, cases_table, person_points, persons_table):
        conn.execute(delete(table))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_PORTFOLIOS, st.randoms(use_true_random=False))
def test_the_order_and_the_batches_of_arrival_do_not_matter(
    database: Database, portfolio: dict[str, frozenset[str]], chance: Random
) -> None:
    """Each pair of case and point comes alone, in any order; and then all of them at once."""
    pairs = [(case_id, point) for case_id, points in portfolio.items() for point in points or ("",)]
    chance.shuffle(pairs)
    with database.begin() as conn:
        clear(conn)
        alone = persons.link(conn, dict.fromkeys(portfolio, ()))
        cases.insert(conn, [cases.Entry(a_case(c), NOW, alone[c]) for c in portfolio], now=NOW)
        for case_id, point in pairs:
            persons.link(conn, {case_id: [point] if point else []})
        assert people(conn, portfolio) == united(portfolio)
        assert persons.link(conn, portfolio) == united(portfolio)
        left = set(conn.exec_driver_sql("SELECT id FROM persons").scalars())
        assert left == set(united(portfolio).values())


def test_strangers_stay_strangers(database: Database) -> None:
    with database.begin() as conn:
        assert persons.link(conn, {"c1": ["a", "b"], "c2": ["c"], "c3": []}) == {"c1": "a", "c2": "c", "c3": "~c3"}


def test_one_case_can_unite_two_persons_with_all_their_cases_and_contacts(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, a_case("c1"), a_case("c2"), points=["b"])
        insert(conn, a_case("c3"), points=["a"])
        met = Contact(at=NOW, channel=ContactChannel.SMS, purpose=Purpose.DEMAND, case_id="c1", message_id="m1")
        contacts.record(conn, [contacts.Entry("b", met)])
        assert persons.link(conn, {"new": ["a", "b"]}) == {"new": "a"}
        assert cases.of_persons(conn, ["a", "b"]) == {"a": ["c1", "c2", "c3"]}
        assert contacts.of_persons(conn, ["a", "b"], since=NOW) == {"a": [met]}
        assert persons.lock(conn, ["a", "b"]) == {"a"}


def test_a_point_that_a_case_no_longer_has_still_protects(database: Database) -> None:
    with database.begin() as conn:
        insert(conn, a_case("c1"), points=["old"])
        persons.link(conn, {"c1": ["new"]})
        assert persons.link(conn, {"c2": ["old"]}) == {"c2": "new"}
    assert stored(database, "c1").person_id == "new"


def test_a_thousand_cases_are_linked_in_a_handful_of_statements(database: Database) -> None:
    statements: list[str] = []
    with database.begin() as conn:
        insert(conn, *(a_case(f"c{n:04}") for n in range(900)))
        event.listen(conn, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        persons.link(conn, {f"c{n:04}": [f"p{n:04}", f"p{n + 1:04}"] for n in range(900)})
    assert len(statements) < 20
    assert stored(database, "c0899").person_id == "p0000"
