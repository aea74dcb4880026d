"""What this process did with webhooks, for monitoring: counted by where they came in and what became of them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Outcome(StrEnum):
    """What became of a request."""

    KEPT = "kept"
    BAD_SIGNATURE = "bad_signature"  # not stored: it may be anybody's
    REFUSED = "refused"  # method, media type, size, time
    BUSY = "busy"  # too many at once, or neither database nor spool takes it


class Counts:
    """Threads may count at will."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Outcome]] = Counter()

    def add(self, source: str, outcome: Outcome) -> None:
        """One request."""
        with self._lock:
            self._counts[source, outcome] += 1

    def all(self) -> dict[tuple[str, Outcome], int]:
        """Since the process began."""
        with self._lock:
            return dict(self._counts)


class Collected(Collector):
    """The counts and the spool as Prometheus reads them."""

    def __init__(self, counts: Counts, spooled_bytes: Callable[[], int]) -> None:
        self._counts = counts
        self._spooled_bytes = spooled_bytes

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        requests = CounterMetricFamily(
            "relance_webhook_requests", "Webhooks by what became of them", labels=("source", "outcome")
        )
        for (source, outcome), number in sorted(self._counts.all().items()):
            requests.add_metric((source, outcome.value), number)
        yield requests
        about = "Events in files of this machine that wait for the database"
        yield GaugeMetricFamily("relance_spooled_bytes", about, value=self._spooled_bytes())
