"""A database that may be lost never waits for the disk; any other does."""

from pathlib import Path

import pytest
from sqlalchemy import text

from orchestrator.storage.database import Database


@pytest.mark.parametrize("is_disposable, synchronous", [(True, 0), (False, 2)])
def test_only_a_disposable_file_is_written_without_waiting(
    tmp_path: Path, is_disposable: bool, synchronous: int
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", is_disposable=is_disposable)
    with database.begin() as conn:
        assert conn.execute(text("PRAGMA synchronous")).scalar() == synchronous
    with database.read() as conn:
        assert conn.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()
