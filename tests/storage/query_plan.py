"""How a database goes about a query: what it reads of a table, so that a test can hold a query to its cost."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import event

from orchestrator.storage.database import Connection, Database


def whole_scans(conn: Connection, ask: Callable[[], object]) -> list[str]:
    """The tables that the query of `ask` reads from end to end, as the plan says."""
    statement, parameters = _sent(conn, ask)
    if conn.dialect.name == "sqlite":
        steps = [row[-1] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        # `SEARCH cases` without an index is how SQLite words a min() or max() over all rows.
        whole = [
            step for step in steps if step.startswith("SCAN") or (step.startswith("SEARCH") and "USING" not in step)
        ]
        return [step for step in whole if step.split()[1] in _TABLES]
    return [node["Relation Name"] for node in _nodes(_postgres_plan(conn, statement, parameters)) if _is_whole(node)]


def rows_read(conn: Connection, ask: Callable[[], object]) -> int:
    """How many rows of tables PostgreSQL read to answer, those it threw away included."""
    seen = 0
    for node in _nodes(_postgres_plan(conn, *_sent(conn, ask))):
        if "Relation Name" in node:
            thrown = sum(count for name, count in node.items() if name.startswith("Rows Removed"))
            seen += (node["Actual Rows"] + thrown) * node["Actual Loops"]
    return int(seen)


_TABLES = {"cases", "journal", "messages", "each", "heads", "other", "contacts", "tasks"}


def plan_lines(conn: Connection, ask: Callable[[], object]) -> list[str]:
    """The plan of the query of `ask` as the database words it."""
    statement, parameters = _sent(conn, ask)
    explain = "EXPLAIN QUERY PLAN" if conn.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)"
    return [str(row[-1]) for row in conn.exec_driver_sql(f"{explain} {statement}", parameters)]


def _sent(conn: Connection, ask: Callable[[], object]) -> tuple[str, Any]:
    sent: list[tuple[str, Any]] = []

    def note(*seen: Any) -> None:
        sent.append((seen[2], seen[3]))

    event.listen(conn, "before_cursor_execute", note)
    ask()
    event.remove(conn, "before_cursor_execute", note)
    return sent[-1]


def _postgres_plan(conn: Connection, statement: str, parameters: Any) -> dict[str, Any]:
    (found,) = conn.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).one()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _is_whole(node: dict[str, Any]) -> bool:
    return str(node["Node Type"]) == "Seq Scan"


def writes_of(database: Database, act: Callable[[], object]) -> list[str]:
    """The statements of `act` that ask for more than to read; a transaction that may write is one."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        begins_with = statement.split(maxsplit=1)[0].upper()
        if begins_with not in ("SELECT", "PRAGMA", "BEGIN", "SHOW", "WITH") or statement == "BEGIN IMMEDIATE":
            seen.append(statement)

    engine = database._writer.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen
