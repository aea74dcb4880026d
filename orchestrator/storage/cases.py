"""Cases and when each is due. Owns their columns and versions; what is in a case is the domain's.

A case that is due has `due_at` at or before now; without `due_at` it waits for a fact. Every change of a row raises
its version, so that nobody saves over what they have not read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, case, func, select, update

from orchestrator.domain.case import Case
from orchestrator.domain.errors import Conflict
from orchestrator.storage.batch import among, compare_and_set, insert_new, is_postgresql
from orchestrator.storage.instants import maybe_instant, maybe_micros, to_micros
from orchestrator.storage.tables import cases

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Case).decode

_STORED = (cases.c.body, cases.c.version, cases.c.due_at, cases.c.person_id)


class Entry(msgspec.Struct, frozen=True):
    """A case to insert, with the person it belongs to (see `persons.link`); `due_at` None waits for a fact."""

    case: Case
    due_at: datetime | None
    person_id: str


class Stored(msgspec.Struct, frozen=True):
    """A case as it was read, with what `save` asks back."""

    case: Case
    version: int
    due_at: datetime | None
    person_id: str


class Change(msgspec.Struct, frozen=True):
    """A case to save over the `version` that was read."""

    case: Case
    due_at: datetime | None
    version: int


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What cases to look for; every field that is given must match. `due_until` is inclusive."""

    creditor: str | None = None
    debtor_ref: str | None = None
    campaign: str | None = None
    state: str | None = None
    person_id: str | None = None
    due_until: datetime | None = None


class Count(msgspec.Struct, frozen=True):
    """How many cases of a creditor and campaign are in a state."""

    creditor: str
    campaign: str
    state: str
    count: int


# ---------------------------------------------------------------------------------------------- writing


def insert(conn: Connection, entries: Sequence[Entry], *, now: datetime) -> None:
    """Inserts new cases at version 1. The persons must exist: link first.

    Raises Conflict naming the ids when a case, or its account (creditor, debtor, currency, payee), is there already.
    """
    at = to_micros(now)
    rows = [{**_columns(e.case), "person_id": e.person_id, **_timing(e.due_at, 1, at)} for e in entries]
    inserted = insert_new(conn, cases, rows, key=("id",))
    if len(inserted) != len(rows):
        refused = [row["id"] for row in rows if (row["id"],) not in inserted]
        raise Conflict(f"{len(refused)} cases exist already: {_named(refused)}", code="case_exists")


def save(conn: Connection, changes: Sequence[Change], *, now: datetime) -> None:
    """Saves each case over the version that was read; what makes an account never changes and is not written.

    Raises Conflict naming the ids that changed since; the transaction is then the caller's to roll back.
    """
    at = to_micros(now)
    rows = [
        {"id": c.case.id, "expected": c.version, **_changing(c.case), **_timing(c.due_at, c.version + 1, at)}
        for c in changes
    ]
    saved = compare_and_set(conn, cases, rows, guard="version")
    if len(saved) != len(rows):
        stale = [row["id"] for row in rows if row["id"] not in saved]
        raise Conflict(f"{len(stale)} cases changed meanwhile: {_named(stale)}", hint="read again", code="case_changed")


def wake(conn: Connection, ids: Iterable[str], *, at: datetime) -> None:
    """Makes cases due at `at`, unless they are due before. Always a new version: whoever decides on what was known
    before the wake fails to save, and the wake is not lost."""
    these = among(conn, cases.c.id, ids)
    if is_postgresql(conn):
        # Locked in the order of ids, as `save` does, so that no two batches wait for each other.
        conn.execute(select(cases.c.id).where(these).order_by(cases.c.id).with_for_update(key_share=True))
    instant = to_micros(at)
    sooner = case((cases.c.due_at <= instant, cases.c.due_at), else_=instant)
    conn.execute(update(cases).where(these).values(due_at=sooner, version=cases.c.version + 1))


# ---------------------------------------------------------------------------------------------- reading


def load(conn: Connection, ids: Iterable[str], *, for_update: bool = False) -> list[Stored]:
    """The cases of these ids, in that order; an unknown id is absent. `for_update` keeps others from saving them."""
    statement = select(*_STORED).where(among(conn, cases.c.id, ids)).order_by(cases.c.id)
    if for_update:
        statement = statement.with_for_update(key_share=True)
    return _read(conn, statement)


def lock(conn: Connection, ids: Iterable[str], *, known: Mapping[str, Stored]) -> list[Stored]:
    """The same as `load` for update, where most cases were read a moment ago: one whose version is still that of
    `known`, by id, is neither sent nor decoded again."""
    statement = select(cases.c.id, cases.c.version, cases.c.due_at, cases.c.person_id)
    statement = statement.where(among(conn, cases.c.id, ids)).order_by(cases.c.id).with_for_update(key_share=True)
    locked = conn.execute(statement).all()
    changed = [row.id for row in locked if row.id not in known or known[row.id].version != row.version]
    fresh = {item.case.id: item for item in load(conn, changed)} if changed else {}
    return [
        fresh.get(row.id) or Stored(known[row.id].case, row.version, maybe_instant(row.due_at), row.person_id)
        for row in locked
    ]


def versions(conn: Connection, ids: Iterable[str]) -> dict[str, int]:
    """The version of each of these cases: whether anything about it changed since it was read."""
    found = conn.execute(select(cases.c.id, cases.c.version).where(among(conn, cases.c.id, ids))).all()
    return {row[0]: row[1] for row in found}


def person_ids(conn: Connection, ids: Iterable[str]) -> set[str]:
    """The persons of these cases."""
    return set(conn.execute(select(cases.c.person_id).where(among(conn, cases.c.id, ids))).scalars().all())


_DUE = (
    select(*_STORED)
    .where(cases.c.due_at <= bindparam("now"))
    .order_by(cases.c.due_at, cases.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, key_share=True)  # SQLite has no row locks and needs none: one writer
)


def load_due(conn: Connection, *, now: datetime, limit: int, among_ids: Iterable[str] | None = None) -> list[Stored]:
    """The cases due longest, oldest first, kept for this transaction: two workers never get the same case.

    `among_ids` are those to choose from; None means all."""
    statement = _DUE if among_ids is None else _DUE.where(among(conn, cases.c.id, among_ids))
    return _read(conn, statement, now=to_micros(now), limit=limit)


def due_ids(conn: Connection, *, now: datetime, limit: int) -> list[str]:
    """The ids of the cases due longest, oldest first. Reads nothing of what is in them."""
    due = select(cases.c.id).where(cases.c.due_at <= to_micros(now)).order_by(cases.c.due_at, cases.c.id)
    return list(conn.execute(due.limit(limit)).scalars())


def postpone(conn: Connection, until: Mapping[str, datetime], *, now: datetime) -> None:
    """Makes cases that are due at `now` due later, each at its instant. Reads nothing of what is in them."""
    for case_id, at in sorted(until.items()):
        is_due = (cases.c.id == case_id) & (cases.c.due_at <= to_micros(now))
        conn.execute(update(cases).where(is_due).values(due_at=to_micros(at), version=cases.c.version + 1))


def next_due_at(conn: Connection) -> datetime | None:
    """When the next case is due, None when every case waits for a fact: one step in the index."""
    # The condition says what min() knows already: without it SQLite does not see that the partial index serves.
    first = select(func.min(cases.c.due_at)).where(cases.c.due_at.is_not(None))
    return maybe_instant(conn.execute(first).scalar())


def find(conn: Connection, creditor: str, debtor_refs: Iterable[str]) -> dict[str, list[Stored]]:
    """The cases of these debtors of a creditor, by debtor_ref: one per currency and payee, in that order."""
    statement = (
        select(*_STORED)
        .where(cases.c.creditor == creditor, among(conn, cases.c.debtor_ref, debtor_refs))
        .order_by(cases.c.debtor_ref, cases.c.currency, cases.c.payee)
    )
    found: dict[str, list[Stored]] = {}
    for stored in _read(conn, statement):
        found.setdefault(stored.case.debtor.ref, []).append(stored)
    return found


def search(conn: Connection, wanted: Filter, *, limit: int, after: str = "") -> list[Stored]:
    """At most `limit` cases in the order of ids, from the one after `after`: the next page starts at the last id."""
    statement = select(*_STORED).where(cases.c.id > after).order_by(cases.c.id).limit(limit)
    for name in ("creditor", "debtor_ref", "campaign", "state", "person_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(cases.c[name] == value)
    if wanted.due_until is not None:
        statement = statement.where(cases.c.due_at <= to_micros(wanted.due_until))
    return _read(conn, statement)


def each(conn: Connection, wanted: Filter | None = None, *, chunk: int = 1_000) -> Iterator[list[Stored]]:
    """Every case that matches, in the order of ids, `chunk` at a time: memory does not grow with their number."""
    after = ""
    while page := search(conn, wanted or Filter(), limit=chunk, after=after):
        yield page
        after = page[-1].case.id


def of_persons(conn: Connection, person_ids: Iterable[str]) -> dict[str, list[str]]:
    """The ids of all cases of each person, sorted."""
    theirs = among(conn, cases.c.person_id, person_ids)
    found: dict[str, list[str]] = {}
    for person_id, case_id in conn.execute(select(cases.c.person_id, cases.c.id).where(theirs).order_by(cases.c.id)):
        found.setdefault(person_id, []).append(case_id)
    return found


def of_debtors(conn: Connection, person_ids: Iterable[str], debtor_refs: Iterable[str]) -> list[Stored]:
    """Those of these persons' cases whose creditor knows the debtor by one of these references, in the order of ids."""
    wanted = among(conn, cases.c.person_id, person_ids) & among(conn, cases.c.debtor_ref, debtor_refs)
    return _read(conn, select(*_STORED).where(wanted).order_by(cases.c.id))


def opted_out(conn: Connection, person_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The channels that each person closed, in any case (semantics A8); not an address closed alone."""
    theirs = among(conn, cases.c.person_id, person_ids)
    statement = select(cases.c.person_id, cases.c.opted_out).where(theirs, cases.c.opted_out != "")
    found: dict[str, frozenset[str]] = {}
    for person_id, channels in conn.execute(statement):
        found[person_id] = found.get(person_id, frozenset()) | frozenset(channels.split())
    return found


def count_by_state(conn: Connection) -> list[Count]:
    """Cases by creditor, campaign and state. Reads a whole index: for reports, not for hot paths."""
    keys = (cases.c.creditor, cases.c.campaign, cases.c.state)
    return [Count(*row) for row in conn.execute(select(*keys, func.count()).group_by(*keys).order_by(*keys))]


# -------------------------------------------------------------------------------------------- the columns


def _columns(item: Case) -> dict[str, Any]:
    account = {
        "id": item.id,
        "creditor": item.creditor,
        "debtor_ref": item.debtor.ref,
        "currency": item.currency,
        "payee": item.payee,
    }
    return {**account, **_changing(item)}


def _changing(item: Case) -> dict[str, Any]:
    return {
        "campaign": item.campaign,
        "release": item.release,
        "state": item.state.value,
        # A key is `channel:point`; with no point the whole channel is closed.
        "opted_out": " ".join(s.key[:-1] for s in item.opt_outs if s.is_on and s.key.endswith(":")),
        "body": _encode(item).decode(),
    }


def _timing(due_at: datetime | None, version: int, updated_at: int) -> dict[str, Any]:
    return {"due_at": maybe_micros(due_at), "version": version, "updated_at": updated_at}


def _read(conn: Connection, statement: Select[Any], **values: Any) -> list[Stored]:
    return [
        Stored(_decode(body), version, maybe_instant(due_at), person_id)
        for body, version, due_at, person_id in conn.execute(statement, values).all()
    ]


def _named(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
