"""A real browser (the system's Chromium) over a real server: a demonstration of its own, people of each role.

Screenshots go to `build/screenshots`, to be looked at. Nothing here asserts on time.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.world import World, make_world

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
PATIENCE_MILLISECONDS = 30_000  # a busy machine is slow, and nothing here asserts on time
expect.set_options(timeout=PATIENCE_MILLISECONDS)
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 780}}


def chromium_path() -> str | None:
    """The Chromium of the system, wherever it is."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all of this folder; without one the tests are skipped, unless services are required.

    It ends with the folder: while it is open, nothing else in the process may run an event loop.
    """
    path = chromium_path()
    if path is None:
        if os.environ.get("RELANCE_REQUIRE_SERVICES"):
            pytest.fail("Chromium is required here: apt-get install chromium")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The application of a played portfolio, served on loopback while its workers run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base  # one home for all processes of a run
    made = make_world(tmp_path_factory.mktemp("browser"), shared, port=_free_port())
    server = uvicorn.Server(
        uvicorn.Config(made.app, host="127.0.0.1", port=made.port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield made
    server.should_exit = True
    thread.join(20)
    made.close()


@pytest.fixture(params=sorted(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """Each journey on a desktop and on a phone."""
    return str(request.param)


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Each journey in both languages."""
    return str(request.param)


@pytest.fixture
def context(browser: Browser, world: World, size: str, language: str) -> Iterator[BrowserContext]:
    """A browser of its own, of one size and language."""
    width, height = SIZES[size]["width"], SIZES[size]["height"]
    made = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        base_url=world.address,
        has_touch=size == "phone",
        reduced_motion="reduce",  # colours are read while nothing fades in
    )
    made.set_default_timeout(PATIENCE_MILLISECONDS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when it meets an error of script or policy."""
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield opened
    assert [fault for fault in faults if "status of 4" not in fault] == []


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])
