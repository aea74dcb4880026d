"""Lists reach PostgreSQL as they are, whatever is in their texts."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, select

from orchestrator.domain.errors import StorageError
from orchestrator.storage.array_dumper import ArrayDumper
from orchestrator.storage.database import Database

# PostgreSQL holds neither a NUL nor half a surrogate pair.
_CHARACTERS = some.characters(exclude_characters="\0", exclude_categories=["Cs"])
_TEXTS = some.one_of(some.none(), some.text(_CHARACTERS), some.sampled_from(['"', "\\", "NULL", "{}", ",", " ", "\\,"]))
_NUMBERS = some.one_of(some.none(), some.integers(-(2**63), 2**63 - 1))


@pytest.fixture(scope="module")
def shared(postgres_url: str) -> Iterator[Database]:
    """One for all examples: nothing is stored."""
    made = Database(postgres_url)
    yield made
    made.close()


def _there_and_back(database: Database, values: list[object], kind: Text | BigInteger) -> list[object]:
    with database.read() as conn:
        return list(conn.execute(select(bindparam("values", values, type_=ARRAY[Any](kind)))).scalar_one())


@given(values=some.lists(_TEXTS, max_size=8))
def test_texts_come_back_as_they_were(shared: Database, values: list[object]) -> None:
    assert _there_and_back(shared, values, Text()) == values


@given(values=some.lists(_NUMBERS, max_size=8))
def test_numbers_come_back_as_they_were(shared: Database, values: list[object]) -> None:
    assert _there_and_back(shared, values, BigInteger()) == values


@pytest.mark.parametrize("values", [["a\0b"], ["\0"], ["a", None, "\0b"], ["a", "b\0"]])
def test_a_nul_is_refused_and_never_splits_a_text(shared: Database, values: list[object]) -> None:
    with pytest.raises(StorageError):
        _there_and_back(shared, values, Text())


def test_what_is_neither_text_nor_number_is_refused() -> None:
    with pytest.raises(TypeError, match="an array of float"):
        ArrayDumper(list).dump([0.1])
