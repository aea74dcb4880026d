"""Imports: what stands of a creditor's ledger, and how fresh it is."""

from datetime import date
from typing import Any

import pytest

from orchestrator.domain.errors import Conflict
from orchestrator.storage import imports
from orchestrator.storage.database import Database
from orchestrator.storage.imports import Import, ImportMode, ImportState
from tests.storage.portfolio import HOUR, NOW


def an_import(import_id: str = "i1", **changes: Any) -> Import:
    fields = {"creditor": "acme", "file_hash": "abc", "mode": ImportMode.SNAPSHOT, "as_of": date(2026, 3, 6)}
    return Import(id=import_id, **{"imported_at": NOW, **fields, **changes})


def put(database: Database, *items: Import) -> None:
    with database.begin() as conn:
        for item in items:
            imports.insert(conn, item)


def test_an_import_comes_back_as_it_was(database: Database) -> None:
    item = an_import(
        totals={"EUR": 123_456, "CHF": -7},
        counts={"new": 3, "refused": 1},
        file_name="balance.csv",
        imported_by="camille",
        state=ImportState.WAITING,
        reason="26 % vanished",
    )
    put(database, item)
    with database.read() as conn:
        assert imports.load(conn, ["i1", "unknown"]) == [item]


def test_an_import_is_stored_once(database: Database) -> None:
    put(database, an_import())
    with pytest.raises(Conflict):
        put(database, an_import())


def test_the_same_file_is_recognised(database: Database) -> None:
    again = an_import("i2", imported_at=NOW + HOUR)
    put(database, again, an_import(), an_import("i3", creditor="other"), an_import("i4", file_hash="def"))
    with database.read() as conn:
        assert [item.id for item in imports.of_file(conn, "acme", "abc")] == ["i1", "i2"]
        assert [item.id for item in imports.of_creditor(conn, "acme", limit=1)] == ["i2"]


def test_a_state_changes_from_the_expected_one_only(database: Database) -> None:
    put(database, an_import(state=ImportState.WAITING))
    change = {"expected": ImportState.WAITING, "to": ImportState.APPLIED}
    with database.begin() as conn:
        assert imports.set_state(conn, "i1", **change, reason="approved")
        assert not imports.set_state(conn, "i1", **change)
        assert imports.load(conn, ["i1"])[0].reason == "approved"


def test_the_last_snapshot_that_stands_is_what_the_next_is_compared_with(database: Database) -> None:
    """Semantics A2."""
    put(
        database,
        an_import("old", as_of=date(2026, 3, 1)),
        an_import("stands", as_of=date(2026, 3, 5)),
        an_import("waits", as_of=date(2026, 3, 6), state=ImportState.WAITING),
        an_import("moves", as_of=date(2026, 3, 7), mode=ImportMode.MOVEMENTS),
        an_import("other", as_of=date(2026, 3, 8), creditor="other"),
    )
    with database.read() as conn:
        found = imports.last_snapshot(conn, "acme")
        assert found is not None
        assert found.id == "stands"
        assert imports.last_snapshot(conn, "unknown") is None


def test_the_ledger_of_a_creditor_is_as_old_as_its_latest_import_that_stands(database: Database) -> None:
    """Semantics A3; to reverse an import takes its freshness back."""
    put(
        database,
        an_import("first", as_of=date(2026, 3, 1), mode=ImportMode.MOVEMENTS),
        an_import("second", as_of=date(2026, 3, 5)),
        an_import("third", as_of=date(2026, 3, 6), state=ImportState.WAITING),
        an_import("other", creditor="other", as_of=date(2026, 2, 1)),
    )
    with database.begin() as conn:
        asked = ["acme", "other", "unknown"]
        assert imports.ledgers_as_of(conn, asked) == {"acme": date(2026, 3, 5), "other": date(2026, 2, 1)}
        imports.set_state(conn, "second", expected=ImportState.APPLIED, to=ImportState.REVERSED)
        assert imports.ledgers_as_of(conn, ["acme"]) == {"acme": date(2026, 3, 1)}
