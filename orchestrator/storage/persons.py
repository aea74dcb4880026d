"""Who shares a phone, an e-mail or a postal name and address: one person, for protection only (semantics A8).

Contact points come as digests; the addresses themselves are never seen here. Persons only ever grow together, so
that caps and opt-outs of the past stay counted when a point changes hands. Nothing is merged on any screen.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Column, Connection, delete, func, select

from orchestrator.storage.batch import among, insert_new, is_postgresql, replace_values
from orchestrator.storage.tables import cases, contacts, person_points, persons

_LOCK = 0x706572736F6E  # "person" in ASCII
_ALONE = "~"  # sorts after every digest: a person known by a point takes over from one known by none


def link(conn: Connection, points: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The person of each case, `{case id: digests}` to `{case id: person id}`, uniting those that share a point.

    A person's id is the smallest digest ever seen of it, so the order of arrival does not matter. The cases, points
    and contacts of persons that turn out to be one move to the one that stays; the others cease to exist. A case
    without any point is a person of its own. The cases need not exist yet. PostgreSQL links one transaction at once.
    """
    if is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    given = {case_id: sorted(set(digests)) for case_id, digests in points.items()}
    every = {digest for digests in given.values() for digest in digests}
    owner_of_point = _pairs(conn, person_points.c.point, person_points.c.person_id, every)
    owner_of_case = _pairs(conn, cases.c.id, cases.c.person_id, given)
    groups = _Groups()
    home: dict[str, str] = {}
    for case_id, digests in given.items():
        known = (owner_of_case.get(case_id), *(owner_of_point.get(digest) for digest in digests))
        names = sorted({*filter(None, known), *digests}) or [_ALONE + case_id]
        groups.unite(names)
        home[case_id] = names[0]
    before = {*owner_of_point.values(), *owner_of_case.values()}
    after = {case_id: groups.first(name) for case_id, name in home.items()}
    insert_new(conn, persons, [{"id": name} for name in sorted({*after.values()} - before)], key=("id",))
    _move(conn, {name: groups.first(name) for name in sorted(before) if groups.first(name) != name})
    fresh = [{"point": digest, "person_id": groups.first(digest)} for digest in sorted(every - owner_of_point.keys())]
    insert_new(conn, person_points, fresh, key=("point",))
    return after


def lock(conn: Connection, person_ids: Iterable[str]) -> set[str]:
    """Locks persons in the order of ids until the transaction ends; returns those that exist.

    Whoever counts the contacts of a person and adds one locks it first (semantics D1). A person that is absent was
    united with another since: read its cases again.
    """
    statement = select(persons.c.id).where(among(conn, persons.c.id, person_ids)).order_by(persons.c.id)
    # `key_share`: PostgreSQL looks up the person of a case that is saved twice in one transaction, and must not wait.
    return set(conn.execute(statement.with_for_update(key_share=True)).scalars().all())


def of_point(conn: Connection, digest: str) -> str | None:
    """The person who has a point; None when nobody has."""
    return _pairs(conn, person_points.c.point, person_points.c.person_id, [digest]).get(digest)


def _pairs(conn: Connection, key: Column[str], value: Column[str], keys: Iterable[str]) -> dict[str, str]:
    found = conn.execute(select(key, value).where(among(conn, key, keys)))
    return {row[0]: row[1] for row in found}


def _move(conn: Connection, moves: dict[str, str]) -> None:
    if not moves:
        return
    lock(conn, [*moves, *moves.values()])
    for column in (cases.c.person_id, contacts.c.person_id, person_points.c.person_id):
        replace_values(conn, column, moves)
    conn.execute(delete(persons).where(among(conn, persons.c.id, moves)))


class _Groups:
    """Names that belong together, each group known by its smallest name (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def first(self, name: str) -> str:
        parent = self._parent.setdefault(name, name)
        while parent != name:
            self._parent[name] = self._parent[parent]  # halves the path, so that it stays short
            name, parent = parent, self._parent[parent]
        return name

    def unite(self, names: list[str]) -> None:
        smallest, *others = sorted({self.first(name) for name in names})
        for other in others:
            self._parent[other] = smallest
