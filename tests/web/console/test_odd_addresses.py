"""Addresses that nobody types: whatever a query holds, the answer is a page of ours, and leads to no other host."""

import pytest

from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Seat


@pytest.mark.parametrize(
    "address",
    [
        "audit?before=999999999999999999999999999999",
        "messages?day=0001-01-01",
        "messages?day=9999-12-31",
    ],
)
def test_what_no_column_holds_is_no_fault_of_ours(seats: dict[str, Seat], address: str) -> None:
    assert seats["admin"].get(f"/console/{address}").status in (200, 422)


@pytest.mark.parametrize(
    "path", ["/console/users/a%00b", "/console/audit?who=a%00b", "/api/v1/cases/%00", "/console/welcome/%00"]
)
def test_an_address_with_a_zero_byte_is_none(office: Office, seats: dict[str, Seat], path: str) -> None:
    """PostgreSQL holds none in a text: it would read as a database that is away, and be tried again."""
    assert seats["admin"].get(path).status == 400


def test_a_debtors_link_with_one_is_a_wrong_link_as_any(office: Office) -> None:
    client = Seat(office).client
    assert client.get("/d/%00").content == client.get("/d/wrong").content


def test_a_percent_sign_that_was_typed_is_none(seats: dict[str, Seat]) -> None:
    assert seats["admin"].get("/console/audit?who=a%2500b").status == 200


@pytest.mark.parametrize("path", ["/console/users/", "/console/sign-in/", "/api/v1/cases/", "/healthz/"])
def test_no_address_is_made_from_the_host_that_was_sent(office: Office, path: str) -> None:
    """One of another host would send a browser there, and of plain HTTP out of TLS: a proxy speaks HTTP to us."""
    said = Seat(office).client.get(path, headers={"host": "evil.example"})
    assert "evil.example" not in said.headers.get("location", "")
    assert said.status_code == 404


def test_a_link_bears_our_own_address_whatever_host_is_sent(office: Office, seats: dict[str, Seat]) -> None:
    fields = {"name": "poisoned", "role": "viewer", "sees": "all", "own_password": PASSWORD}
    said = seats["admin"].post("/console/users/new", fields, host="evil.example", origin="http://evil.example")
    assert said.status == 200
    assert "evil.example" not in said.html
    assert f"{office.deployment.settings.public_url}/console/welcome/" in said.html
