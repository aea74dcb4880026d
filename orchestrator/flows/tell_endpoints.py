"""Tell endpoints what happened: take the turn of one, call it outside any transaction, record, give the turn back.

At least once: who is killed between call and record leaves a turn that lapses, and what it told is told again under the
same id. An endpoint that fails is probed with one delivery at a time, ever more slowly, and never slows another.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from threading import Event
from zlib import crc32

import msgspec
from msgspec.structs import replace

from channels import boot_clock
from channels.transport import HttpTransport
from orchestrator.flows.call_endpoint import NOT_BEGUN, Heard, call_endpoint
from orchestrator.flows.endpoint_secret import secrets_of
from orchestrator.flows.insist import insist
from orchestrator.flows.reachable_address import is_public
from orchestrator.storage import deliveries, endpoints, tasks
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.deliveries import Delivery, DeliveryState, Try
from orchestrator.storage.endpoints import Endpoint

# Calls to one endpoint at once, and deliveries of one turn.
CONCURRENCY = 4
BATCH = 20
# The waits between the ten tries of one delivery: a little less than two days in all.
BACKOFF = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
# A wait is up to so much longer, so that what failed together is not tried again together.
_JITTER = 0.2
# No call of a turn starts later; with the longest call and a slow name server, a turn is over before it lapses.
_START_SECONDS = 20.0
TURN = timedelta(seconds=60)
# Between two probes of an endpoint that fails: a quarter of the time it has failed for, within these.
_SHORTEST_REST, _LONGEST_REST = timedelta(seconds=2), timedelta(minutes=15)
# After that long an endpoint counts as failing, and a person is told.
FAILING_AFTER = timedelta(hours=1)
# An outage, rather than one event that the endpoint cannot take: what waited for its end goes at once.
_OUTAGE = timedelta(minutes=1)
# What was told is recorded although others keep the database busy, or it would be told again.
_INSIST_SECONDS = 10.0
_KEPT = timedelta(days=30)
_FORGOTTEN_AT_ONCE = 5_000

Call = Callable[[Endpoint, Delivery, float], Heard]
"""(endpoint, delivery, start by) → what it came to; never raises."""


class _Data(msgspec.Struct):
    case_id: str = ""


class _Body(msgspec.Struct):
    """What orders the deliveries of a turn: the case, if it is about one."""

    data: _Data


_decode = msgspec.json.Decoder(_Body).decode


class Told(msgspec.Struct, frozen=True):
    """What one turn did: deliveries told, and tries that failed."""

    done: int = 0
    failed: int = 0

    @property
    def moved(self) -> int:
        """How many deliveries are another than before."""
        return self.done + self.failed


def caller(secret_key: str, real_clock: Callable[[], datetime], *, allows_private: bool) -> Call:
    """How deliveries are told: over kept connections, each call signed with the instant at which it begins.

    Unless `allows_private`, only addresses of the public internet are called.
    """
    transport = HttpTransport(may_reach=None if allows_private else is_public)

    def call(endpoint: Endpoint, delivery: Delivery, start_by: float) -> Heard:
        real_now = real_clock()
        return call_endpoint(
            transport,
            endpoint.url,
            secrets=secrets_of(secret_key, endpoint, real_now=real_now),
            delivery_id=delivery.id,
            body=delivery.body.encode(),
            real_now=real_now,
            start_by=start_by,
        )

    return call


def due_endpoints(database: Database, *, now: datetime, real_now: datetime) -> list[str]:
    """The endpoints for which something is due, and whose turn nobody has."""
    with database.read() as conn:
        return endpoints.due(conn, now=now, real_now=real_now)


def tell_endpoint(
    database: Database,
    endpoint_id: str,
    call: Call,
    *,
    executor: Executor,
    clock: Callable[[], datetime],
    real_clock: Callable[[], datetime],
) -> Told:
    """One turn of one endpoint. Nothing is done when it rests, is disabled, or somebody else has its turn.

    The clocks are read again once the calls are over: they may have taken half a minute.
    """
    now, real_now = clock(), real_clock()
    held_until = real_now + TURN
    with database.begin() as conn:
        endpoint = endpoints.take(conn, endpoint_id, real_now=real_now, held_until=held_until)
        if endpoint is None:
            return Told()
        limit = 1 if endpoint.failing_since is not None else BATCH
        due = deliveries.due(conn, endpoint_id, now=now, limit=limit)
        if not due:
            endpoints.give_back(conn, endpoint, held_until=held_until)
            return Told()
    heard = _call_all(endpoint, due, call, executor)
    now, real_now = clock(), real_clock()

    def record() -> None:
        with database.begin() as conn:
            after = _record(conn, endpoint, due, heard, now, real_now)
            endpoints.give_back(conn, after, held_until=held_until)

    insist(record, seconds=_INSIST_SECONDS)
    done = sum(each.is_done for each in heard)
    return Told(done, sum(each.is_begun for each in heard) - done)


def _record(
    conn: Connection,
    endpoint: Endpoint,
    due: Sequence[Delivery],
    heard: Sequence[Heard],
    now: datetime,
    real_now: datetime,
) -> Endpoint:
    """Stores what the calls came to; returns the endpoint as it fares now."""
    tries = [_try(delivery, each, now) for delivery, each in zip(due, heard, strict=True) if each.is_begun]
    stored = deliveries.record(conn, tries, now=now)
    after = _health(endpoint, heard, real_now)
    is_back = endpoint.failing_since is not None and after.failing_since is None
    if is_back and real_now - (endpoint.failing_since or real_now) > _OUTAGE:
        deliveries.hasten(conn, endpoint.id, now=now)
    _call_for_help(conn, after, [each for each in tries if each.delivery.id in stored], heard, now, real_now)
    return after


def forget_deliveries(database: Database, *, now: datetime) -> int:
    """Deletes what happened more than thirty days ago, some thousands at a time; returns how many."""
    before = now - _KEPT
    with database.read() as conn:
        if not deliveries.is_any_before(conn, before):
            return 0
    with database.begin() as conn:
        return deliveries.forget(conn, before=before, limit=_FORGOTTEN_AT_ONCE)


def _call_all(endpoint: Endpoint, due: Sequence[Delivery], call: Call, executor: Executor) -> list[Heard]:
    """Some cases at a time, the events of one case one after the other; after the first that fails no other begins."""
    start_by, halted = boot_clock.now() + _START_SECONDS, Event()
    heard = [NOT_BEGUN] * len(due)
    by_case: dict[str, list[int]] = {}
    for number, delivery in enumerate(due):
        by_case.setdefault(_decode(delivery.body).data.case_id, []).append(number)

    def one_case(numbers: Sequence[int]) -> None:
        for number in numbers:
            if halted.is_set() or boot_clock.is_past(start_by):
                return
            heard[number] = call(endpoint, due[number], start_by)
            if heard[number].is_begun and not heard[number].is_done:
                halted.set()

    for _ in executor.map(one_case, by_case.values()):
        pass
    return heard


def _try(delivery: Delivery, heard: Heard, now: datetime) -> Try:
    if heard.is_done:
        return Try(delivery=delivery, state=DeliveryState.DONE, next_at=delivery.next_at, reason=heard.reason)
    if delivery.tries >= len(BACKOFF):
        return Try(delivery=delivery, state=DeliveryState.FAILED, next_at=delivery.next_at, reason=heard.reason)
    wait = max(_backoff(delivery), heard.wait or timedelta())
    return Try(delivery=delivery, state=DeliveryState.WAITING, next_at=now + wait, reason=heard.reason)


def _backoff(delivery: Delivery) -> timedelta:
    """The wait after one more failed try: drawn from the delivery itself, so that it is the same when asked again."""
    drawn = crc32(f"{delivery.id} {delivery.tries}".encode()) / 2**32
    return BACKOFF[delivery.tries] * (1 + _JITTER * drawn)


def _health(endpoint: Endpoint, heard: Sequence[Heard], real_now: datetime) -> Endpoint:
    failed = [each for each in heard if each.is_begun and not each.is_done]
    if not failed:
        is_well = any(each.is_done for each in heard)
        return replace(endpoint, failing_since=None, rests_until=None) if is_well else endpoint
    # One that answers well in between is not down since then.
    answers = any(each.is_done for each in heard)
    since = real_now if answers or endpoint.failing_since is None else endpoint.failing_since
    rest = min(max((real_now - since) / 4, _SHORTEST_REST), _LONGEST_REST)
    asked = max((each.wait for each in failed if each.wait is not None), default=timedelta())
    return replace(endpoint, failing_since=since, rests_until=real_now + max(rest, asked))


def _call_for_help(
    conn: Connection,
    endpoint: Endpoint,
    tries: Sequence[Try],
    heard: Sequence[Heard],
    now: datetime,
    real_now: datetime,
) -> None:
    """What needs a person: an endpoint that is gone, one that has failed for long, events that nobody took."""
    asked: list[tasks.Task] = []
    since = endpoint.failing_since
    if any(each.is_gone for each in heard) and endpoints.disable(conn, endpoint.id, why="answered 410", now=now):
        cause = "it answered 410 (gone) and is disabled: it hears of nothing until it is enabled"
        asked.append(_task("endpoint_gone", endpoint, f"{now:%Y%m%dT%H%M%S}", cause, now))
    elif since is not None and real_now - since >= FAILING_AFTER:
        last = next((each.reason for each in reversed(heard) if each.reason), "")
        cause = f"it has not taken anything since {since:%Y-%m-%d %H:%M} UTC; last: {last}"
        asked.append(_task("endpoint_failing", endpoint, f"{since:%Y%m%dT%H%M%S}", cause, now))
    for each in tries:
        if each.state is DeliveryState.FAILED:
            cause = f"it did not take {each.delivery.event_type} after {each.delivery.tries + 1} tries; {each.reason}"
            asked.append(_task("delivery_failed", endpoint, each.delivery.id, cause, now))
    if asked:
        tasks.open_tasks(conn, asked)


def _task(kind: str, endpoint: Endpoint, name: str, cause: str, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=f"{kind}:{endpoint.id}:{name}",
        case_id="",
        kind=kind,
        subject=endpoint.id,
        role="admin",
        due_at=now,
        opened_at=now,
        cause=cause,
    )
