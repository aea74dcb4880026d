"""Statements over many rows at once, on both databases. Owns how rows travel, not what they mean.

PostgreSQL gets one statement with one array per column (UNNEST): one round trip and one plan, however many rows.
SQLite has no network between: its driver runs the rows one by one inside one call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Executable,
    Table,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Key = tuple[Any, ...]

# 1,000 rows of 2 kB make a statement of 2 MB: beyond, memory grows and speed does not.
CHUNK = 1_000


def is_postgresql(conn: Connection) -> bool:
    """Whether the connection speaks to PostgreSQL; otherwise it is SQLite."""
    return conn.dialect.name == "postgresql"


def among(conn: Connection, item: Column[str], values: Iterable[str]) -> ColumnElement[bool]:
    """`item IN values`, the values as one parameter: one prepared statement serves every number of them."""
    wanted = sorted(set(values))
    if is_postgresql(conn):
        return item == any_(bindparam(None, wanted, type_=ARRAY(item.type)))
    listed = func.json_each(msgspec.json.encode(wanted).decode()).table_valued("value")
    return item.in_(select(listed.c.value))


def insert_new(conn: Connection, table: Table, rows: Sequence[Row], *, key: tuple[str, ...]) -> set[Key]:
    """Inserts the rows that break no unique rule; returns the `key` values of those inserted.

    All rows have the same columns. One that is there already is left as it stands; the caller knows what it means.
    """
    inserted: set[Key] = set()
    put = _insert_postgresql if is_postgresql(conn) else _insert_sqlite
    for chunk in _chunks(rows):
        inserted |= put(conn, table, chunk, key)
    return inserted


def compare_and_set(
    conn: Connection, table: Table, rows: Sequence[Row], *, guard: str, keep: tuple[str, ...] = ()
) -> set[str]:
    """Updates by `id` the rows whose `guard` column still equals `expected`; returns the ids updated.

    Each row holds `id`, `expected` and the new values; no id comes twice. None in a column of `keep` leaves what is
    there. Rows are locked in the order of their ids, so that two batches never wait for each other in a circle.
    """
    updated: set[str] = set()
    put = _update_postgresql if is_postgresql(conn) else _update_sqlite
    for chunk in _chunks(rows):
        updated |= put(conn, table, chunk, guard, keep)
    return updated


def add_up(
    conn: Connection, table: Table, rows: Sequence[Row], *, key: tuple[str, ...], amounts: tuple[str, ...]
) -> None:
    """Inserts the rows, or adds their `amounts` to what stands under their key already.

    Rows are locked in the order given: the caller sorts them by key, and no key comes twice.
    """
    for chunk in _chunks(rows):
        if is_postgresql(conn):
            conn.execute(_add_from_arrays(table, tuple(chunk[0]), key, amounts), _arrays(chunk))
        else:
            _run_each(conn, _add_each(table, tuple(chunk[0]), key, amounts), chunk)


def replace_values(conn: Connection, item: Column[str], changes: Mapping[str, str]) -> None:
    """Replaces values of one column wherever they stand: `{old: new}`."""
    rows = [{"old": old, "new": new} for old, new in changes.items()]
    if not rows:
        return
    if is_postgresql(conn):
        conn.execute(_replace_from_arrays(item), _arrays(rows))
    else:
        _run_each(conn, _replace_each(item), rows)


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


# -------------------------------------------------------------------------------------------- PostgreSQL


def _arrays(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in rows[0]}


def _unnested(types: Mapping[str, Any]) -> Any:
    """The arrays of the parameters as a relation with these columns."""
    arrays = [bindparam(f"all_{name}", type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")


def _insert_postgresql(conn: Connection, table: Table, rows: Sequence[Row], key: tuple[str, ...]) -> set[Key]:
    statement = _insert_from_arrays(table, tuple(rows[0]), key)
    return {tuple(row) for row in conn.execute(statement, _arrays(rows)).all()}


@lru_cache(maxsize=64)
def _insert_from_arrays(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Executable:
    given = _unnested({name: table.c[name].type for name in names})
    source = select(*(given.c[name] for name in names))
    statement = postgresql.insert(table).from_select(list(names), source, include_defaults=False)
    return statement.on_conflict_do_nothing().returning(*(table.c[name] for name in key))


@lru_cache(maxsize=16)
def _add_from_arrays(
    table: Table, names: tuple[str, ...], key: tuple[str, ...], amounts: tuple[str, ...]
) -> Executable:
    given = _unnested({name: table.c[name].type for name in names})
    source = select(*(given.c[name] for name in names))
    statement = postgresql.insert(table).from_select(list(names), source, include_defaults=False)
    added = {name: table.c[name] + statement.excluded[name] for name in amounts}
    return statement.on_conflict_do_update(index_elements=list(key), set_=added)


def _update_postgresql(
    conn: Connection, table: Table, rows: Sequence[Row], guard: str, keep: tuple[str, ...]
) -> set[str]:
    statement = _update_from_arrays(table, tuple(rows[0]), guard, keep)
    return set(conn.execute(statement, _arrays(rows)).scalars().all())


@lru_cache(maxsize=64)
def _update_from_arrays(table: Table, names: tuple[str, ...], guard: str, keep: tuple[str, ...]) -> Executable:
    given = _unnested({name: table.c[guard if name == "expected" else name].type for name in names})
    locked = (
        select(*given.c)
        .join_from(given, table, table.c.id == given.c.id)
        .order_by(table.c.id)
        .with_for_update(key_share=True, of=table)
        .cte("locked")
    )
    changed = [name for name in names if name not in ("id", "expected")]
    values = {n: func.coalesce(locked.c[n], table.c[n]) if n in keep else locked.c[n] for n in changed}
    return (
        update(table)
        .where(table.c.id == locked.c.id, table.c[guard] == locked.c.expected)
        .values(values)
        .returning(table.c.id)
    )


@lru_cache(maxsize=16)
def _replace_from_arrays(item: Column[str]) -> Executable:
    given = _unnested({"old": item.type, "new": item.type})
    return update(item.table).where(item == given.c.old).values({item: given.c.new})


# ------------------------------------------------------------------------------------------------ SQLite


def _run_each(conn: Connection, statement: Executable, rows: Sequence[Row]) -> int:
    """Runs the statement for each row and returns how many rows of the table it touched.

    Through the driver: SQLAlchemy's own way costs 15 us more for each row.
    """
    text, names = _compiled(statement)
    return conn.exec_driver_sql(text, [tuple([row[name] for name in names]) for row in rows]).rowcount


@lru_cache(maxsize=64)
def _compiled(statement: Any) -> tuple[str, tuple[str, ...]]:
    compiled = statement.compile(dialect=sqlite.dialect())
    return str(compiled), tuple(compiled.positiontup)


def _insert_sqlite(conn: Connection, table: Table, rows: Sequence[Row], key: tuple[str, ...]) -> set[Key]:
    count = _run_each(conn, _insert_each(table, tuple(rows[0])), rows)
    if count == len(rows) and all(name in rows[0] for name in key):
        return {tuple(row[name] for name in key) for row in rows}
    # The rows just inserted have the highest row numbers: nobody else writes meanwhile (BEGIN IMMEDIATE).
    keys = [table.c[name] for name in key]
    latest = select(*keys).select_from(table).order_by(literal_column("rowid").desc()).limit(count)
    return {tuple(row) for row in conn.execute(latest)}


@lru_cache(maxsize=64)
def _insert_each(table: Table, names: tuple[str, ...]) -> Executable:
    return sqlite.insert(table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing()


@lru_cache(maxsize=16)
def _add_each(table: Table, names: tuple[str, ...], key: tuple[str, ...], amounts: tuple[str, ...]) -> Executable:
    statement = sqlite.insert(table).values({name: bindparam(name) for name in names})
    added = {name: table.c[name] + statement.excluded[name] for name in amounts}
    return statement.on_conflict_do_update(index_elements=list(key), set_=added)


def _update_sqlite(conn: Connection, table: Table, rows: Sequence[Row], guard: str, keep: tuple[str, ...]) -> set[str]:
    found = conn.execute(select(table.c.id, table.c[guard]).where(among(conn, table.c.id, [row["id"] for row in rows])))
    standing = {row[0]: row[1] for row in found}  # holds for the update below: nobody else writes meanwhile
    fit = [row for row in rows if standing.get(row["id"]) == row["expected"]]
    if fit:
        _run_each(conn, _update_each(table, tuple(fit[0]), keep), fit)
    return {row["id"] for row in fit}


@lru_cache(maxsize=64)
def _update_each(table: Table, names: tuple[str, ...], keep: tuple[str, ...]) -> Executable:
    given: dict[str, Any] = {name: bindparam(name) for name in names if name not in ("id", "expected")}
    values = {n: func.coalesce(one, table.c[n]) if n in keep else one for n, one in given.items()}
    return update(table).where(table.c.id == bindparam("id")).values(values)


@lru_cache(maxsize=16)
def _replace_each(item: Column[str]) -> Executable:
    return update(item.table).where(item == bindparam("old")).values({item: bindparam("new")})
