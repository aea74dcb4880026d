"""`/healthz`, `/readyz`, `/metrics`: whether the process lives, whether it may be given work, and how much waits.

Metrics ask for a key: behind a proxy every caller seems to come from this machine, so an address proves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Annotated, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.storage import deliveries, gauges
from orchestrator.storage.schema import require_current
from orchestrator.web.auth import needs, open_to_anyone
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import Refused

Labels = TypeVar("Labels", bound=tuple[str, ...])

router = APIRouter(tags=["health"])

# Counting walks whole tables: at most one twentieth of the time is spent on it, however often it is asked.
_LEAST_SECONDS = 10.0
_SHARE = 20


class Pulse(Protocol):
    """How the drains of this process fare, where it has any."""

    def late(self) -> Sequence[str]:
        """The drains that have finished no round for much longer than they should."""
        ...

    def failures(self) -> Mapping[str, int]:
        """Rounds that failed since the process began, for each drain."""
        ...


class Meter:
    """Counts, and remembers for a while what it counted."""

    def __init__(self, desk: Desk, pulse: Pulse | None = None, *, more: Sequence[Collector] = ()) -> None:
        """`more` are figures that other parts of this process keep."""
        self._desk = desk
        self._more = more
        self._pulse = pulse
        self._lock = Lock()
        self._text = b""
        self._good_until = 0.0

    def text(self) -> bytes:
        """The figures; one thread counts at a time."""
        with self._lock:
            began = monotonic()
            if began >= self._good_until:
                self._text = self._counted()
                took = monotonic() - began
                self._good_until = monotonic() + max(_LEAST_SECONDS, took * _SHARE)
            return self._text

    def _counted(self) -> bytes:
        now, real_now = self._desk.now(), self._desk.real_now()
        with self._desk.database.read() as conn:
            found = gauges.gauges(conn, now=now, real_now=real_now)
            told = deliveries.figures(conn)
        lanes = [lane.id for lane in self._desk.deployment.lanes]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(found, now=now, real_now=real_now, lanes=lanes))
        registry.register(_Endpoints(told, now=now))
        if self._pulse is not None:
            registry.register(_Drains(self._pulse))
        for collector in self._more:
            registry.register(collector)
        return generate_latest(registry)


def _meter(request: Request) -> Meter:
    found = request.app.state.meter
    assert isinstance(found, Meter)  # noqa: S101 - put there by `make_app`
    return found


AtMeter = Annotated[Meter, Depends(_meter)]


@router.get("/healthz", dependencies=[open_to_anyone()])
def healthz() -> dict[str, str]:
    """The process answers. Asks nothing of the database."""
    return {"state": "up"}


@router.get("/readyz", dependencies=[open_to_anyone()])
def readyz(desk: AtDesk, request: Request) -> dict[str, str]:
    """The database answers and is of this version, and the drains of this process go round; 503 with the reason."""
    require_current(desk.database)
    pulse: Pulse | None = request.app.state.pulse
    late = pulse.late() if pulse is not None else ()
    if late:
        # Kinds only: anybody may ask, and a lane's name may say with whom we work.
        kinds = ", ".join(sorted({name.partition(" ")[0] for name in late}))
        raise Refused(503, "worker_late", f"has finished no round for long: {kinds}", hint="the log says why; restart")
    return {"state": "ready"}


@router.get("/metrics", dependencies=[needs("viewer", "metrics:read")])
def metrics(meter: AtMeter) -> Response:
    """Figures in the text format of Prometheus, some seconds old at most."""
    text = meter.text()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


class _Figures(Collector):
    def __init__(self, found: gauges.Gauges, *, now: datetime, real_now: datetime, lanes: Sequence[str]) -> None:
        self._found = found
        self._now = now
        self._real_now = real_now
        self._lanes = lanes

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure."""
        yield from self._waiting()
        yield from self._sending()

    def _waiting(self) -> Iterator[GaugeMetricFamily]:
        found = self._found
        labels = ("state", "channel", "lane", "campaign")
        yield _family("relance_messages", "Messages by where they stand", labels, found.messages)
        yield _family("relance_open_tasks", "Tasks without an answer", ("kind", "role"), found.tasks)
        yield _single("relance_due_cases", "Cases to be decided now", found.due_cases)
        yield _single("relance_due_messages", "Planned messages whose time has come", found.due_messages)
        age = _age(found.oldest_due_case_at, self._now)
        yield _single("relance_oldest_due_case_age_seconds", "How long the oldest due case has waited", age)
        age = _age(found.oldest_due_message_at, self._now)
        yield _single("relance_oldest_due_message_age_seconds", "How long the oldest due message has waited", age)
        yield from self._inbox()

    def _inbox(self) -> Iterator[GaugeMetricFamily]:
        found = self._found.inbox
        waiting = {(source,): number for source, number in found.waiting.items()}
        parked = {(source,): number for source, number in found.parked.items()}
        yield _family("relance_inbox_waiting", "Events that came in and are not applied yet", ("source",), waiting)
        yield _family("relance_inbox_parked", "Events that could not be applied", ("source",), parked)
        age = _age(found.oldest_waiting_at, self._real_now)
        yield _single("relance_oldest_inbox_age_seconds", "How long the oldest waiting event has waited", age)

    def _sending(self) -> Iterator[GaugeMetricFamily]:
        found = self._found
        yield _family("relance_attempts_of_the_day", "Attempts of the last day", ("lane", "state"), found.attempts)
        tokens = {(key,): value for key, value in found.tokens.items()}
        yield _family("relance_limit_tokens", "What a limit had left when last used", ("limit",), tokens)
        resting = {(lane,): float(lane in found.resting) for lane in self._lanes}
        yield _family("relance_lane_rests", "1 while a lane may not be used", ("lane",), resting)
        yield _single("relance_pauses_in_force", "Pauses in force", found.pauses)
        ages = {(name,): _age(at, self._real_now) for name, at in found.ticks.items()}
        yield _family("relance_tick_age_seconds", "Since a tick was last done", ("tick",), ages)


class _Endpoints(Collector):
    def __init__(self, told: Sequence[deliveries.Waiting], *, now: datetime) -> None:
        self._told = told
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Whom we tell, and what they have not taken."""
        counts: dict[tuple[str, str], float] = {}
        for each in self._told:
            counts |= {(each.endpoint_id, "waiting"): each.waiting, (each.endpoint_id, "failed"): each.failed}
        about = "Events that an endpoint has not taken"
        yield _family("relance_endpoint_deliveries", about, ("endpoint", "state"), counts)
        ages = {(each.endpoint_id,): _age(each.oldest_at, self._now) for each in self._told}
        about = "How long ago the oldest event happened that waits for an endpoint"
        yield _family("relance_endpoint_oldest_waiting_age_seconds", about, ("endpoint",), ages)
        failing = {(each.endpoint_id,): float(each.is_failing) for each in self._told}
        yield _family("relance_endpoint_failing", "1 since an endpoint failed last", ("endpoint",), failing)


class _Drains(Collector):
    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def collect(self) -> Iterator[Metric]:
        """The figures of this process alone."""
        failures, late = self._pulse.failures(), set(self._pulse.late())
        failed = CounterMetricFamily("relance_drain_failures", "Rounds of a drain that failed", labels=("drain",))
        for name, count in failures.items():
            failed.add_metric((name,), count)
        yield failed
        lateness = {(name,): float(name in late) for name in failures}
        yield _family("relance_drain_late", "1 while a drain has finished no round for long", ("drain",), lateness)


def _family(name: str, about: str, labels: Sequence[str], values: Mapping[Labels, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _single(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _age(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0.0) if at else 0.0
