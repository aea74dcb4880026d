"""A worker's engine as production has it, at full load: a Twilio lane to an address of this machine, a shifted clock.

Only what its campaigns would bound themselves by is taken away: the machine is measured, not a campaign's rate.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from orchestrator.bootstrap import Deployment
from orchestrator.flows.strategy import Strategy
from orchestrator.storage.database import Database
from orchestrator.worker.engine import Engine
from tests.bench import sending
from tests.bench.portfolios import NOW
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN

_LANES = f"""
lanes:
  - id: {sending.LANE.id}
    channel: sms
    provider: twilio
    settings: {{account_sid: {ACCOUNT_SID}, auth_token: {{env: BENCH_TWILIO_TOKEN}}}}
    concurrency: {sending.THREADS}
"""


class FullLoad(Engine):
    """Its strategy is the shipped one in automatic mode, read once."""

    def __init__(self, place: Deployment) -> None:
        super().__init__(place)
        shipped, strategy = sending.in_force()
        shipped.texts.book("fr")
        self._unbound = replace(strategy, lanes=place.lanes)

    def strategy(self) -> Strategy:
        return self._unbound


@contextmanager
def surroundings(database: Database, provider_url: str) -> Iterator[dict[str, str]]:
    """The environment of a deployment on that database, whose clock begins at NOW when it is first asked."""
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as home:
        lanes = Path(home) / "lanes.yaml"
        lanes.write_text(_LANES, encoding="utf-8")
        yield {
            "RELANCE_HOME": home,
            "RELANCE_DATABASE_URL": database._url.render_as_string(hide_password=False),
            "RELANCE_SECRET_KEY": "an invented key of a benchmark, long enough",
            "RELANCE_LANES": str(lanes),
            "RELANCE_NOW": NOW.isoformat(),
            "RELANCE_TWILIO_BASE_URL": provider_url,
            "BENCH_TWILIO_TOKEN": AUTH_TOKEN,
        }
