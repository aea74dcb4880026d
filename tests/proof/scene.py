"""What senders of the proof work on: invented debtors whom one SMS reaches each, and a lane to a stand-in."""

import tempfile

import msgspec
from msgspec.structs import replace

from channels.contract import Adapter, Channel
from channels.provider import ProviderOptions
from channels.registry import adapter
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Limits
from orchestrator.domain.lane import Breaker, DoubtPolicy, Lane
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.dispatch import dispatch
from orchestrator.flows.outgoing import Post
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import migrations
from orchestrator.storage.database import Database
from tests.bench.portfolios import NOW, fill, fresh_ledger, shipped
from tests.builders import a_debtor
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN

__all__ = ["NOW", "Scene", "Way", "open_scene", "plan", "warm_up"]

# The breaker has its own tests: here it would only make the proof wait.
_PATIENT = Breaker(failures=1_000_000)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The lane that a sender uses: where the stand-in listens, how fast and by how many calls at once."""

    stub: str
    rate: float | None = None
    burst: int = 1
    concurrency: int = 4
    timeout_seconds: float = 5.0

    def lane(self) -> Lane:
        return Lane(
            id="proof",
            channel=Channel.SMS,
            provider="twilio",
            rate=self.rate,
            burst=self.burst,
            concurrency=self.concurrency,
            breaker=_PATIENT,
            in_doubt=DoubtPolicy.AFTER_TWO_LOOKUPS,
        )

    def adapter(self) -> Adapter:
        settings = {
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "sender": "RELANCE",
            "callback_url": "http://127.0.0.1:9/webhooks/twilio/status",
            "base_url": self.stub,
            "timeout_seconds": f"{self.timeout_seconds:g}",
        }
        return adapter("twilio", Channel.SMS, ProviderOptions(settings=settings))


class Scene(msgspec.Struct, frozen=True):
    """The shipped campaigns without their own limits, every case automatic."""

    deployment: Deployment
    strategy: Strategy

    def on(self, lane: Lane) -> Strategy:
        return replace(self.strategy, lanes=(lane,))

    def post(self, lane: Lane, sms: Adapter) -> Post:
        return replace(self.deployment.sandbox_post(), lanes=(lane,), adapters={lane.id: sms})


def open_scene() -> Scene:
    """Reads the files once."""
    deployment, strategy = shipped()
    unbound = tuple(replace(campaign, limits=Limits()) for campaign in strategy.campaigns)
    return Scene(deployment, replace(strategy, campaigns=unbound))


def warm_up(scene: Scene) -> None:
    """Sends a message to nowhere, so that all is loaded; closes its databases, so that a fork may follow."""
    way = Way(stub="http://127.0.0.1:9")
    lane = way.lane()
    with tempfile.TemporaryDirectory(prefix="relance-proof-") as folder:
        database = Database(f"sqlite:///{folder}/warm.db")
        migrations.upgrade(database)
        plan(database, scene.on(lane), 1)
        dispatch(database, scene.on(lane), scene.post(lane, way.adapter()), now=NOW)
        database.close()
    scene.deployment.database.close()


def plan(database: Database, strategy: Strategy, count: int) -> None:
    """`count` cases that a phone alone reaches, each decided to be sent one SMS."""
    person = a_debtor().people[0]
    phones = tuple(point for point in person.points if point.kind.value == "phone")
    fill(database, count, debtor=replace(a_debtor(), people=(replace(person, points=phones),)))
    fresh_ledger(database)
    advance_all(database, strategy, now=NOW)
