"""What a script without a password can do: it is slowed by where it comes from, and fills no table of ours."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.flows import count_tries
from orchestrator.flows import sign_in as flow
from orchestrator.settings import read_settings
from orchestrator.storage import audit
from orchestrator.storage.sign_in_tables import audit as audit_table
from orchestrator.storage.sign_in_tables import sign_in_tries
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Seat


@pytest.fixture(scope="module")
def proxied(office_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An application behind a proxy of this machine, which it was told of."""
    home = tmp_path_factory.mktemp("proxied")
    shutil.copyfile(office_home / "relance.db", home / "relance.db")
    settings = read_settings({"RELANCE_HOME": str(home), "RELANCE_TRUSTED_PROXIES": "127.0.0.1"})
    made = Office(Deployment(settings, environ={}))
    yield made
    made.client.close()
    made.database.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing costs what it costs on purpose; here thousands are refused."""
    monkeypatch.setattr(flow, "is_password", lambda _stored, text: text == PASSWORD)


def _try(office: Office, name: str, forwarded: str = "", *, peer: str = "127.0.0.1", password: str = "wrong") -> int:
    headers = {"sec-fetch-site": "same-origin", **({"x-forwarded-for": forwarded} if forwarded else {})}
    with TestClient(office.app, follow_redirects=False, client=(peer, 4711)) as client:
        return client.post("/console/sign-in", data={"name": name, "password": password}, headers=headers).status_code


def _count(office: Office) -> tuple[int, int]:
    """(lines of the audit, keys of tries)."""
    with office.database.read() as conn:
        lines = conn.execute(select(func.count()).select_from(audit_table)).scalar() or 0
        return lines, conn.execute(select(func.count()).select_from(sign_in_tries)).scalar() or 0


def _told(office: Office, who: str) -> list[tuple[str, str, str]]:
    with office.database.read() as conn:
        return [(line.act, line.subject, line.outcome) for line in reversed(audit.latest(conn, limit=500, who=who))]


def test_behind_a_named_proxy_a_place_is_slowed_and_another_is_not(proxied: Office) -> None:
    Seat(proxied, "far").begin("viewer")
    assert {_try(proxied, f"guess-{n}", "192.0.2.1, 198.51.100.7") for n in range(20)} == {422}
    assert _try(proxied, "guess-21", "192.0.2.1, 198.51.100.7") == 409
    assert _try(proxied, "guess-22", "192.0.2.99, 198.51.100.7") == 409  # what the visitor wrote frees nobody
    assert _try(proxied, "far", "198.51.100.8", password=PASSWORD) == 303


def test_whoever_is_no_proxy_cannot_choose_a_place(proxied: Office) -> None:
    assert {_try(proxied, f"forge-{n}", f"192.0.2.{n}", peer="203.0.113.5") for n in range(20)} == {422}
    assert _try(proxied, "forge-21", "192.0.2.99", peer="203.0.113.5") == 409


def test_the_audit_says_from_where(proxied: Office) -> None:
    Seat(proxied, "watched").begin("viewer")
    _try(proxied, "watched", "198.51.100.20")
    _try(proxied, "watched", "198.51.100.21", password=PASSWORD)
    assert _told(proxied, "watched")[-2:] == [
        ("sign_in", "198.51.100.20", "sign_in_refused"),
        ("sign_in", "198.51.100.21", ""),
    ]


def test_a_flood_of_names_adds_a_line_and_its_number(proxied: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MOST_TRIES", 100)
    Seat(proxied, "keeper").begin("viewer")
    proxied.later(hours=1)
    _try(proxied, "keeper", "198.51.100.30", password=PASSWORD)  # what was before is told
    before = _count(proxied)[0]
    assert {_try(proxied, f"flood-{n}") for n in range(300)} == {422}
    lines, keys = _count(proxied)
    assert lines - before == 1
    assert keys <= 110
    _try(proxied, "keeper", "198.51.100.30", password=PASSWORD)
    assert _told(proxied, "?")[-2:] == [("sign_in", "", "sign_in_refused"), ("sign_in", "×299", "sign_in_refused")]


def test_a_flood_from_many_places_adds_few_lines(proxied: Office) -> None:
    proxied.later(hours=1)
    before = _count(proxied)[0]
    for n in range(120):
        _try(proxied, f"crowd-{n}", f"198.18.{n}.1")
    assert _count(proxied)[0] - before <= 55


def test_a_flood_that_lasts_is_told_again_and_again(proxied: Office) -> None:
    proxied.later(hours=1)
    before = len(_told(proxied, "?"))
    for n in range(60):  # one a minute
        proxied.later(minutes=1)
        _try(proxied, f"slow-{n}")
    told = _told(proxied, "?")[before:]
    assert 5 <= len([line for line in told if line[1].startswith("×")]) <= 7


def test_tries_are_forgotten_before_they_would_cost_less_than_the_wait(proxied: Office) -> None:
    proxied.later(hours=1)
    _try(proxied, "old-one")
    proxied.later(minutes=20)
    _try(proxied, "new-one")
    with proxied.database.read() as conn:
        keys = set(conn.execute(select(sign_in_tries.c.key)).scalars())
    assert "account:new-one" in keys
    assert "account:old-one" not in keys


def test_a_guesser_gains_nothing_by_waiting_until_they_are_forgotten() -> None:
    """In the time after which tries are forgotten, one who goes on has more of them than a newcomer."""
    newcomer, at, failures = 0, timedelta(), 0
    while at <= count_tries.TRIES_KEPT:
        newcomer, failures = newcomer + 1, failures + 1
        at += max(count_tries.wait_after(failures), timedelta(seconds=1))
        if count_tries.wait_after(failures) == count_tries.wait_after(10_000):
            break
    assert newcomer < count_tries.TRIES_KEPT / count_tries.wait_after(10_000)
