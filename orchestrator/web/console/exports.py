"""Files of many rows, given piece by piece: few at once, and none keeps a thread of the web process while it is made.

Between two pieces the thread serves others. A reader who is gone, or takes very long, keeps nobody else waiting.
"""

import weakref
from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic

from orchestrator.web.errors import Refused

# Each takes a core for seconds.
MOST_AT_ONCE = 2
# Files of fewer rows are written in the time of a page, and wait for nobody.
FEW_ROWS = 5_000
_KEPT_SECONDS = 300.0


class Exports:
    """The places for large files in this process."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        """`clock` tells seconds that only grow."""
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[object, float] = {}

    def stream(self, pieces: Iterator[bytes], *, rows: int) -> Iterator[bytes]:
        """The pieces; those of a large file hold a place until they end or are dropped. Raises Refused when none is."""
        if rows < FEW_ROWS:
            return pieces
        place = object()
        with self._lock:
            now = self._clock()
            self._taken = {each: since for each, since in self._taken.items() if now - since < _KEPT_SECONDS}
            if len(self._taken) >= MOST_AT_ONCE:
                raise Refused(503, "too_busy", "others wait for large files already", hint="try again in a minute")
            self._taken[place] = now
        given = _Pieces(pieces)
        given.finally_ = weakref.finalize(given, self._leave, place)
        return given

    def _leave(self, place: object) -> None:
        with self._lock:
            self._taken.pop(place, None)


class _Pieces(Iterator[bytes]):
    """Pieces that tell when they are over, also where nobody asked for the last."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.finally_: Callable[[], object] = lambda: None

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.finally_()
            raise
