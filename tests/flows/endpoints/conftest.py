"""A creditor's system that receives, and a world whose endpoints are told at instants that the test chooses."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import cycle

import pytest
from msgspec import Struct

from channels import standard_webhooks
from orchestrator.domain.debt import Payment
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows import manage_endpoints as manage
from orchestrator.flows.call_endpoint import Heard
from orchestrator.flows.endpoint_secret import secret_of
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.tell_endpoints import (
    Call,
    Told,
    caller,
    tell_endpoint,
)
from orchestrator.storage import deliveries, tasks
from orchestrator.storage.deliveries import Delivery
from orchestrator.storage.endpoints import Endpoint
from tests.flows.conftest import TUESDAY, World, row
from tests.stubs.http_stub import HttpStub, Reply, Request

KEY = "k" * 40
HOUR = timedelta(hours=1)


class Receiver:
    """A creditor's system: verifies what it gets, and answers as the test says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, object]]] = []
        self.refused = 0
        self.secrets: tuple[str, ...] = ()
        self.answer: Callable[[Request], Reply | None] = lambda _: Reply(204)
        self.server = HttpStub(self._take)

    def _take(self, request: Request) -> Reply | None:
        at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), tz=TUESDAY.tzinfo)
        if not standard_webhooks.verify(request.headers, request.body, self.secrets, at):
            self.refused += 1
            return Reply(401)
        reply = self.answer(request)
        if reply is not None and reply.status < 300:
            self.got.append((request.headers["webhook-id"], json.loads(request.body)))
        return reply

    def ids(self) -> list[str]:
        return [name for name, _ in self.got]

    def payments(self) -> list[object]:
        return [body["data"]["payment_id"] for _, body in self.got]  # type: ignore[index]  # a body of ours


class Desk(Struct):
    """A world whose endpoints are told at instants that the test chooses."""

    world: World
    call: Call
    executor: ThreadPoolExecutor
    now: datetime = TUESDAY

    def add(self, receiver: Receiver | str, **terms: str) -> Endpoint:
        url = receiver if isinstance(receiver, str) else f"{receiver.server.url}/hook"
        made = manage.add_endpoint(
            self.world.database,
            manage.EndpointTerms(url=url, **terms),  # type: ignore[arg-type]  # texts only
            creditors=["acme-telecom", "other"],
            allows_private=True,
            by="test",
            now=self.now,
        )
        if isinstance(receiver, Receiver):
            receiver.secrets = (*receiver.secrets, secret_of(KEY, made.id, 1))
        return made

    def pay(self, *numbers: int) -> None:
        """Payments of the cases in turn."""
        facts = [
            PaymentReceived(id=f"pay-{n}", at=self.now, payment=Payment(f"P-{n}", 1, date(2026, 3, 9))) for n in numbers
        ]
        ids = sorted(case.id for case in self.world.cases())
        record_facts(self.world.database, list(zip(cycle(ids), facts, strict=False)), now=self.now)

    def tell(self, endpoint: Endpoint, call: Call | None = None) -> Told:
        """One turn."""
        return tell_endpoint(
            self.world.database,
            endpoint.id,
            call or self.call,
            executor=self.executor,
            clock=lambda: self.now,
            real_clock=lambda: self.now,
        )

    def tell_all(self, endpoint: Endpoint, call: Call | None = None) -> None:
        """Turns until one does nothing."""
        while self.tell(endpoint, call).moved:
            pass

    def later(self, by: timedelta) -> None:
        self.now += by

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        return manage.find_endpoint(self.world.database, endpoint.id)

    def deliveries(self, endpoint: Endpoint) -> list[Delivery]:
        with self.world.database.read() as conn:
            return deliveries.latest(conn, endpoint.id, limit=1_000)[::-1]

    def tasks(self) -> list[tasks.Task]:
        with self.world.database.read() as conn:
            found = tasks.search(conn, tasks.Filter(role="admin"), limit=100)
        return [task for task in found if task.kind.startswith(("endpoint", "delivery"))]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with made.server:
        yield made


@pytest.fixture
def other() -> Iterator[Receiver]:
    made = Receiver()
    with made.server:
        yield made


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    world.load(row())
    with ThreadPoolExecutor(4) as executor:
        made = Desk(world, lambda *_: Heard(), executor)
        made.call = caller(KEY, lambda: made.now, allows_private=True)
        yield made


def answering(status: int, **headers: str) -> Callable[[Request], Reply]:
    return lambda _: Reply(status, headers=tuple((name.replace("_", "-"), text) for name, text in headers.items()))
