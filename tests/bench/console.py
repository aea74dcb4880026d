"""What each page of the console costs the server, with 100,000 cases and 400,000 messages, on both databases.

Timed by the clock around the whole application (routing, session, reads, template), in one process without a network;
the reference is a page that reads nothing but the session. The budget of a page is 200 ms.
"""

import tempfile
import time
from collections.abc import Iterator

from msgspec.structs import replace
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import accept, invite
from orchestrator.flows.project_figures import project_all
from orchestrator.settings import read_settings
from orchestrator.storage.database import Database
from orchestrator.web.app import make_app
from orchestrator.web.console.page import MENU
from tests.bench.live import fill
from tests.bench.measure import share_of
from tests.bench.portfolios import NOW, databases

_REFERENCE = "/console/account"
_MORE = ("/console/cases/K0000000077", "/console/cases?words=R4242", "/console/pauses/new?all=1")
_ROUNDS = 9
_PASSWORD = "five unrelated words of nobody"


def main() -> None:
    """Fills each database, then opens every page."""
    with databases() as found:
        for name, database in found.items():
            place = _deployment(database)
            fill(database, place.strategy())
            project_all(database, place.strategy(), now=NOW)
            client = _signed_in(place)
            print(f"{name}, 100,000 cases and 400,000 messages, server time of a page:")
            for path in (_REFERENCE, *_pages()):
                _say(client, path)


def _pages() -> Iterator[str]:
    yield from (place.address for place in MENU)
    yield from _MORE


def _deployment(database: Database) -> Deployment:
    home = tempfile.mkdtemp(prefix="relance-bench-")
    settings = replace(read_settings({"RELANCE_HOME": home}), secret_key="k" * 40)
    place = Deployment(settings, database=database, environ={})
    for path in place.campaign_files():
        place.release(place.campaign(path), by="bench", now=NOW)
    return place


def _signed_in(place: Deployment) -> TestClient:
    client = TestClient(make_app(place, clock=lambda: NOW), follow_redirects=False)
    add_user(place.database, "bench", role="admin", by="bench", now=NOW)
    link = invite(place.database, "bench", by="bench", now=NOW)
    done = accept(place.database, link, _PASSWORD, device="bench", now=NOW)
    client.cookies.set("relance-session", done.token)
    return client


def _say(client: TestClient, path: str) -> None:
    taken = []
    for _ in range(_ROUNDS + 1):
        began = time.perf_counter()
        status = client.get(path).status_code
        taken.append(time.perf_counter() - began)
        if status != 200:
            raise SystemExit(f"{path} answers {status}: what it costs would mean nothing")
    first, warm = taken[0], taken[1:]
    print(
        f"  {path:<46} median {share_of(warm, 0.5) * 1e3:6.1f} ms, most {share_of(warm, 1.0) * 1e3:6.1f} ms,"
        f" first {first * 1e3:6.1f} ms"
    )
