"""A played portfolio with its console and workers: thirty days of the shipped campaigns, then the real engine."""

import fcntl
import shutil
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from fastapi import FastAPI
from playwright.sync_api import Page

from channels.contract import Channel
from orchestrator.cli.demo import play_demo
from orchestrator.cli.demo_live import LiveDemo, live_demo
from orchestrator.cli.rehearsal_home import own_deployment
from orchestrator.flows.change_user import Terms, change_user
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import invite
from orchestrator.flows.passwords import hash_password
from orchestrator.flows.take_reply import Heard, take_reply
from orchestrator.settings import read_settings
from orchestrator.simulator.debtors import SimulatedDebtors
from orchestrator.simulator.living import LivingDebtors
from orchestrator.storage import access, cases, sign_in
from orchestrator.web.app import make_app
from orchestrator.worker.engine import Engine
from orchestrator.worker.local_ticks import LocalTicks

DAYS = 30
PASSWORD = "quatre mots sans rapport aucun"


class World:
    """The server's side of a journey."""

    def __init__(self, place: LiveDemo, port: int) -> None:
        self.place = place
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.engine = Engine(place)
        self.ticks = LocalTicks(self.engine)
        self.debtors = LivingDebtors(place.database, SimulatedDebtors(1), seed=1)
        self.app: FastAPI = make_app(place, pulse=self.engine.pulse, on_kept=self.engine.wake_listening)
        self._hash = hash_password(PASSWORD)

    def user(self, name: str, role: str, language: str = "fr", creditors: frozenset[str] | None = None) -> str:
        """A user who signs in with PASSWORD; the same one when they are there already."""
        database, now = self.place.database, datetime.now(UTC)
        with database.read() as conn:
            known = access.load_user(conn, name)
        if known is None:
            add_user(database, name, role=role, by="test", now=now, language=language)
            change_user(database, name, Terms(role=role, creditors=creditors), by="test", now=now)
            with database.begin() as conn:
                sign_in.put_password(conn, name, self._hash, now=now)
        return name

    def live(self) -> None:
        """What the outside world has done by now."""
        self.debtors.step(self.place.strategy(), now=self.place.now(), today=self.place.clock.today())

    def link(self, name: str) -> str:
        """A one-time link for a user."""
        return f"/console/welcome/{invite(self.place.database, name, by='test', now=datetime.now(UTC))}"

    def attempts(self) -> int:
        """How many messages were ever handed to a provider, or about to be."""
        with self.place.database.read() as conn:
            return int(conn.exec_driver_sql("SELECT count(*) FROM attempts").scalar() or 0)

    def in_flight(self) -> int:
        """How many are being handed over at this moment."""
        with self.place.database.read() as conn:
            return int(conn.exec_driver_sql("SELECT count(*) FROM attempts WHERE state = 'calling'").scalar() or 0)

    def write(self, text: str, *, number: int) -> tuple[str, str]:
        """Somebody writes an e-mail that a person must read; returns (case, reply). `number` chooses who."""
        with self.place.database.read() as conn:
            known = [item.case for page in cases.each(conn) for item in page]
        reachable = [case for case in known if case.state.value == "open" and "@" in str(case.debtor.people)]
        case = reachable[number]
        heard = Heard(channel=Channel.EMAIL, text=text, sender="", subject="")
        strategy, now = self.place.strategy(), self.place.now()
        told = take_reply(self.place.database, strategy, case.id, heard, key=uuid4().hex, now=now)
        return case.id, told.reply_id

    def close(self) -> None:
        """Ends the workers."""
        self.ticks.stop()
        self.place.database.close()


def make_world(folder: Path, shared: Path, *, port: int) -> World:
    """A copy of the played home, made once for all processes of a run in `shared`, with its workers started."""
    home = folder / "home"
    shutil.copytree(_played(shared), home)
    world = World(
        live_demo(read_settings({"RELANCE_CAMPAIGNS": "campaigns", "RELANCE_TEMPLATES": "templates"}), home), port
    )
    world.live()
    world.ticks.start()
    return world


def _played(folder: Path) -> Path:
    """The home after thirty days; the first process that asks plays it."""
    home = folder / "played"
    with (folder / "played.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "done").exists():
            place = own_deployment(read_settings({}), home)
            play_demo(place, days=DAYS, seed=1, is_quiet=True)
            place.database.close()
            (home / "done").touch()
    return home


def sign_in_as(page: Page, name: str, *, path: str = "/console/") -> None:
    """Signs in by the form, and opens a page."""
    page.goto(f"/console/sign-in?next={quote(path, safe='')}")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda url: url.endswith(path))
