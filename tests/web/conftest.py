"""An application over the shipped campaigns and a database of its own, one per module, and callers of every role."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Mode
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.grant_access import KeyTerms, add_key
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.settings import read_settings
from orchestrator.web.app import make_app
from tests.flows.conftest import TUESDAY

ROLES = ("viewer", "agent", "manager", "admin")
A_DEBT: dict[str, Any] = {
    "creditor": "acme-telecom", "reference": "F-1", "debtor_ref": "C-1", "status": "consumer", "name": "Jeanne Dupont",
    "currency": "EUR", "principal": "42.00", "issued_on": "2026-01-15", "due_on": "2026-03-02", "claim_kind": "telecom",
    "payment_method": "transfer", "phone": "+33644631234", "address_1": "1 rue du Lac", "postcode": "75001",
    "city": "PARIS", "country": "FR", "language": "fr",
}  # fmt: skip


def a_debt(reference: str = "F-1", **changes: object) -> dict[str, Any]:
    """A row of debts; a change to None leaves the field out."""
    row = {**A_DEBT, "reference": reference, **changes}
    return {name: value for name, value in row.items() if value is not None}


def a_payment(reference: str, **changes: object) -> dict[str, Any]:
    """A row of payments, of the debtor C-1."""
    row = {"creditor": "acme-telecom", "reference": reference, "debtor_ref": "C-1", "amount": "10.00",
           "currency": "EUR", "received_on": "2026-03-10", **changes}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


class Answer(msgspec.Struct):
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def error(self) -> str:
        """The code of the error; empty for what is fine."""
        return str(self.body.get("error", "")) if isinstance(self.body, dict) else ""


class Office:
    """The application, and people who call it at an instant that the test chooses."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.database = deployment.database
        self.now = TUESDAY
        self.app: FastAPI = make_app(deployment, clock=lambda: self.now)
        self.client = TestClient(self.app)
        self.keys = {role: self.key(role, role) for role in ROLES}

    def key(self, name: str, role: str, *scopes: str, owner: str = "", until: datetime | None = None) -> str:
        """The text of a new key."""
        terms = KeyTerms(name=name, role=role, scopes=scopes, owner=owner, expires_at=until)
        return add_key(self.database, terms, by="test", now=self.now).text

    def ask(self, method: str, path: str, *, key: str | None = "admin", **given: Any) -> Answer:
        """One request; `key` names a role or is the text of a key, None sends none."""
        headers = dict(given.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {self.keys.get(key, key)}")
        said = self.client.request(method, path, headers=headers, **given)
        is_json = said.headers.get("content-type", "").startswith("application/json")
        return Answer(said.status_code, said.json() if is_json else said.text, dict(said.headers))

    def get(self, path: str, **given: Any) -> Answer:
        """GET, as an administrator unless said."""
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> Answer:
        """POST of JSON, as an administrator unless said; a millisecond later, for imports are named by their time."""
        self.later(milliseconds=1)
        return self.ask("POST", path, **({"json": body} if body is not None else {}), **given)

    def advance(self) -> None:
        """Decides everything that is due, on a ledger of the day, every campaign in automatic mode."""
        confirm_ledger(self.database, "acme-telecom", as_of=self.now.date(), now=self.now, by="test")
        strategy = self.deployment.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
        advance_all(self.database, strategy, now=self.now)

    def later(self, **by: float) -> None:
        """Moves the clock."""
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def office_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the campaigns of small and large consumer debts released and no case, to copy."""
    home = tmp_path_factory.mktemp("office")
    deployment = Deployment(read_settings({"RELANCE_HOME": str(home)}), environ={})
    for name in ("b2c-small", "b2c-large"):
        deployment.release(deployment.find_campaign(name), by="test", now=TUESDAY)
    deployment.database.close()
    return home


@pytest.fixture(scope="module")
def office(office_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One application for the tests of a module: each works with debtors of its own."""
    home = tmp_path_factory.mktemp("home")
    shutil.copyfile(office_home / "relance.db", home / "relance.db")
    made = Office(Deployment(read_settings({"RELANCE_HOME": str(home)}), environ={}))
    yield made
    made.client.close()
    made.database.close()
