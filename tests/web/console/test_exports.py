"""Large files are given in pieces, few at once; a place is free again when a file ends, fails or is forgotten."""

import gc
from collections.abc import Iterator

import pytest

from orchestrator.web.console.exports import FEW_ROWS, MOST_AT_ONCE, Exports
from orchestrator.web.errors import Refused


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pieces(count: int = 3) -> Iterator[bytes]:
    for number in range(count):
        yield b"%d" % number


def full(exports: Exports) -> list[Iterator[bytes]]:
    return [exports.stream(pieces(), rows=FEW_ROWS) for _ in range(MOST_AT_ONCE)]


def is_free(exports: Exports) -> bool:
    try:
        exports.stream(pieces(), rows=FEW_ROWS)
    except Refused:
        return False
    return True


def test_few_large_files_at_once_and_small_ones_always() -> None:
    exports = Exports()
    held = full(exports)
    with pytest.raises(Refused) as refused:
        exports.stream(pieces(), rows=FEW_ROWS)
    assert (refused.value.status, refused.value.fault.error) == (503, "too_busy")
    assert b"".join(exports.stream(pieces(), rows=FEW_ROWS - 1)) == b"012"
    assert b"".join(held[0]) == b"012"
    assert is_free(exports)


def test_a_file_that_fails_or_that_nobody_reads_on_leaves_its_place() -> None:
    def failing() -> Iterator[bytes]:
        yield b"1"
        raise ValueError("broken")

    exports = Exports()
    held = [exports.stream(failing(), rows=FEW_ROWS) for _ in range(MOST_AT_ONCE)]
    assert next(held[0]) == b"1"
    with pytest.raises(ValueError, match="broken"):
        next(held[0])
    assert is_free(exports)
    held.clear()
    gc.collect()
    assert len(full(exports)) == MOST_AT_ONCE


def test_a_reader_who_takes_very_long_keeps_nobody_waiting() -> None:
    clock = Clock()
    exports = Exports(clock=clock)
    held = full(exports)
    clock.now = 301.0
    assert is_free(exports)
    assert held
