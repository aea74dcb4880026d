"""People of every role at the console of an application, as a browser without script would use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from starlette.testclient import TestClient

from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import accept, invite
from tests.web.conftest import ROLES, Office

PASSWORD = "quatre mots sans rapport aucun"


class Screen:
    """What came back: `soup` is the page, `text` what one reads of it."""

    def __init__(self, said: Any) -> None:
        self.status: int = said.status_code
        self.headers: dict[str, str] = dict(said.headers)
        self.html: str = said.text
        self.address = str(said.url.raw_path.decode()) if hasattr(said.url, "raw_path") else str(said.url)
        self.soup = BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        """The words of the page, spaces made one."""
        main = self.soup.find("main") or self.soup
        return " ".join(main.get_text(" ").split())

    @property
    def token(self) -> str:
        """What a form of this page sends back."""
        return self.value("token")

    def value(self, name: str) -> str:
        """What the first field of that name holds; empty when the page has none."""
        found = self.soup.find("input", attrs={"name": name})
        return str(found["value"]) if found else ""

    def one(self, css: str) -> Tag:
        """The first element of a selector, which must be there."""
        found = self.soup.select_one(css)
        assert found is not None, f"there is no {css}"
        return found


class Seat:
    """One person with a browser of their own. `follow` goes where a form leads."""

    def __init__(self, office: Office, name: str = "") -> None:
        self.office = office
        self.name = name
        self.client = TestClient(office.app, follow_redirects=False)

    def get(self, path: str, **headers: str) -> Screen:
        """Looks at a page."""
        return Screen(self.client.get(path, headers=headers))

    def post(self, path: str, fields: dict[str, Any] | None = None, *, follow: bool = True, **headers: str) -> Screen:
        """Sends a form of their own session, as our own page does."""
        sent = {"token": self.token, **(fields or {})}
        site = {"sec-fetch-site": "same-origin", **{name.replace("_", "-"): value for name, value in headers.items()}}
        said = self.client.post(path, data=sent, headers=site)
        if follow and said.status_code == 303:
            return self.get(said.headers["location"])
        return Screen(said)

    @property
    def token(self) -> str:
        """The session's own token, from a page of it."""
        return self.get("/console/account").token

    def begin(self, role: str, *, creditors: frozenset[str] | None = None, language: str = "fr") -> "Seat":
        """Becomes a new user of that role, signed in."""
        office = self.office
        add_user(
            office.database, self.name, role=role, by="test", now=office.now, language=language, creditors=creditors
        )
        link = invite(office.database, self.name, by="test", now=office.now)
        done = accept(office.database, link, PASSWORD, device="test", now=office.now)
        self.client.cookies.set("relance-session", done.token)
        return self


@pytest.fixture(scope="module")
def seats(office: Office) -> Iterator[dict[str, Seat]]:
    """One person of each role, who sees every creditor."""
    made = {role: Seat(office, f"the-{role}").begin(role) for role in ROLES}
    yield made
    for seat in made.values():
        seat.client.close()
