"""Behind TLS: what a cookie may and may not, what every answer says, whose forms are taken."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import accept, invite
from orchestrator.settings import read_settings
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD

SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def public(office_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An application with an https address."""
    home = tmp_path_factory.mktemp("public")
    shutil.copyfile(office_home / "relance.db", home / "relance.db")
    settings = read_settings({"RELANCE_HOME": str(home), "RELANCE_PUBLIC_URL": "https://office.example"})
    made = Office(Deployment(settings, environ={}))
    add_user(made.database, "ann", role="viewer", by="test", now=made.now)
    accept(made.database, invite(made.database, "ann", by="test", now=made.now), PASSWORD, device="", now=made.now)
    yield made
    made.client.close()
    made.database.close()


@pytest.fixture
def browser(public: Office) -> Iterator[TestClient]:
    """A browser at the https address."""
    with TestClient(public.app, base_url="https://office.example", follow_redirects=False) as client:
        yield client


def _sign_in(client: TestClient) -> str:
    fields = {"name": "ann", "password": PASSWORD}
    return client.post("/console/sign-in", data=fields, headers=SITE).headers["set-cookie"]


def test_the_cookie_is_for_tls_and_this_host_alone_and_no_script_reads_it(browser: TestClient) -> None:
    name, *flags = (part.strip().lower() for part in _sign_in(browser).split(";"))
    assert name.startswith("__host-relance=")
    assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=43200"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("domain")]


def test_a_cookie_that_was_planted_before_signing_in_opens_nothing_after(public: Office, browser: TestClient) -> None:
    planted = "p" * 43
    browser.cookies.set("__Host-relance", planted, domain="office.example")
    fresh = _sign_in(browser).split(";")[0].partition("=")[2]
    assert fresh != planted
    with TestClient(public.app, base_url="https://office.example", follow_redirects=False) as thief:
        thief.cookies.set("__Host-relance", planted)
        assert thief.get("/console/account").status_code == 303
        thief.cookies.clear()
        thief.cookies.set("relance-session", fresh)  # by the name of a plain page
        assert thief.get("/console/account").status_code == 303


@pytest.mark.parametrize("path", ["/console/account", "/console/sign-in", "/console/nothing", "/console/welcome/x"])
def test_no_page_is_kept_framed_or_sent_without_tls(browser: TestClient, path: str) -> None:
    _sign_in(browser)
    headers = browser.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "'unsafe-inline'" not in headers["content-security-policy"]


def test_a_form_sent_over_tls_names_our_own_address_or_is_refused(browser: TestClient) -> None:
    fields = {"name": "ann", "password": PASSWORD}
    for origin, status in (
        ("https://office.example", 303),
        ("http://office.example", 403),
        ("https://office.example.evil.example", 403),
        ("https://evil.example", 403),
    ):
        assert browser.post("/console/sign-in", data=fields, headers={"origin": origin}).status_code == status, origin
