"""The entrance seen from outside: who may give access, addresses that are none."""

import pytest

from orchestrator.domain.condition import OneOf
from orchestrator.domain.interruption import Pause
from orchestrator.flows.pause_sending import start_pause
from orchestrator.storage import access
from orchestrator.web.console.access import FOR_ALL_CREDITORS, PERMISSIONS
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Seat


def test_who_sees_some_creditors_gives_nobody_access_and_reads_no_audit(office: Office) -> None:
    seat = Seat(office, "partly").begin("admin", creditors=frozenset({"acme-telecom"}))
    assert seat.post("/console/users/partly", {"role": "admin", "sees": "all"}).status == 403
    assert seat.post("/console/users/keys/new", {"name": "mine", "role": "admin"}).status == 403
    assert seat.post("/console/users/partly/link").status == 403
    assert seat.get("/console/audit").status == 403
    page = seat.get("/console/account").soup
    assert not page.find_all("a", href=["/console/users", "/console/audit"])
    assert set(PERMISSIONS) >= FOR_ALL_CREDITORS


def test_an_address_that_is_none_is_refused_and_no_fault_of_ours(office: Office) -> None:
    assert Seat(office).get("/console/sign-in?next=//[").status == 200
    said = Seat(office).client.post("/console/sign-in", data={"name": "a"}, headers={"origin": "http://["})
    assert said.status_code == 403
    said = Seat(office).client.post("/console/sign-in", data={"name": "a"}, headers={"origin": "null"})
    assert said.status_code == 403


def test_the_strip_tells_nobody_of_a_pause_for_creditors_they_do_not_see(office: Office) -> None:
    theirs = OneOf("creditor", frozenset({"acme-energy"}))
    pause = Pause(id="p-other", scope=theirs, since=office.now, reason="their affair", by="test")
    start_pause(office.database, pause)
    partly = Seat(office, "strip").begin("agent", creditors=frozenset({"acme-telecom"}))
    assert "their affair" not in partly.get("/console/account").html
    assert "their affair" in Seat(office, "strip-all").begin("agent").get("/console/account").html


@pytest.mark.parametrize("name", ["new", "relance", "debtor", "inbox", "gate", "worker", "start", "provider", "bank"])
def test_a_name_of_our_own_is_nobodys(office: Office, seats: dict[str, Seat], name: str) -> None:
    """`new` is an address; by the others the software signs what it does itself."""
    said = seats["admin"].post(
        "/console/users/new", {"name": name, "role": "agent", "sees": "all", "own_password": PASSWORD}
    )
    assert said.status == 422
    with office.database.read() as conn:
        assert access.load_user(conn, name) is None
