"""A session that somebody found open takes no account over: what proves who one is asks for the password again."""

from typing import Any

import pyotp
import pytest

from orchestrator.flows.invite_user import accept, invite
from orchestrator.storage import access, audit, sign_in
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Screen, Seat

CODE = "/console/account/code"
WRONG = "faux faux faux faux"


def _add_code(office: Office, seat: Seat, password: str = PASSWORD) -> Screen:
    secret = seat.get(CODE).value("secret")
    fields = {"secret": secret, "code": pyotp.TOTP(secret).at(office.now), "own_password": password}
    return seat.post(CODE, fields)


def _has_code(office: Office, name: str) -> bool:
    with office.database.read() as conn:
        found = sign_in.load_credentials(conn, name)
    return bool(found and found.totp_sealed)


def _elsewhere(office: Office, seat: Seat, code: str = "") -> Seat:
    """The same person, signed in on another device."""
    other = Seat(office, seat.name)
    fields = {"token": "", "name": seat.name, "password": PASSWORD, "code": code}
    assert other.post("/console/sign-in", fields, follow=False).status == 303
    return other


@pytest.mark.parametrize("password", ["", WRONG])
def test_a_telephone_is_added_by_whoever_knows_the_password(office: Office, password: str) -> None:
    seat = Seat(office, f"adds-{len(password)}").begin("viewer")
    said = _add_code(office, seat, password)
    assert said.status == 422
    assert "mot de passe actuel" in said.text
    assert not _has_code(office, seat.name)


def test_adding_a_telephone_ends_the_other_sessions(office: Office) -> None:
    seat = Seat(office, "adds").begin("viewer")
    other = _elsewhere(office, seat)
    assert other.get(CODE).status == 200
    assert _add_code(office, seat).status == 200
    assert _has_code(office, seat.name)
    assert other.get(CODE).status == 303
    assert seat.get(CODE).status == 200


@pytest.mark.parametrize("fields", [{}, {"own_password": ""}, {"own_password": WRONG}])
def test_a_telephone_is_removed_by_nobody_without_the_password(office: Office, fields: dict[str, str]) -> None:
    seat = Seat(office, f"keeps-{len(str(fields))}").begin("viewer")
    _add_code(office, seat)
    said = seat.post(f"{CODE}/remove", fields)
    assert said.status == 422
    assert "mot de passe actuel" in said.text
    assert _has_code(office, seat.name)
    with office.database.read() as conn:
        assert audit.latest(conn, limit=1, who=seat.name)[0].outcome == "password_wrong"


def test_a_telephone_is_replaced_by_nobody_without_the_password(office: Office) -> None:
    seat = Seat(office, "replaced").begin("viewer")
    _add_code(office, seat)
    with office.database.read() as conn:
        before = sign_in.load_credentials(conn, seat.name)
    assert _add_code(office, seat, WRONG).status == 422
    with office.database.read() as conn:
        assert sign_in.load_credentials(conn, seat.name) == before


def test_removing_a_telephone_ends_the_other_sessions(office: Office) -> None:
    seat = Seat(office, "removes").begin("viewer")
    secret = seat.get(CODE).value("secret")
    codes = pyotp.TOTP(secret)
    seat.post(CODE, {"secret": secret, "code": codes.at(office.now), "own_password": PASSWORD})
    office.later(seconds=90)
    other = _elsewhere(office, seat, codes.at(office.now))
    assert seat.post(f"{CODE}/remove", {"own_password": PASSWORD}).status == 200
    assert other.get(CODE).status == 303
    assert seat.get(CODE).status == 200


def test_guessing_the_password_of_a_session_is_slowed(office: Office) -> None:
    seat = Seat(office, "guessed-within").begin("viewer")
    _add_code(office, seat)
    said = [seat.post(f"{CODE}/remove", {"own_password": WRONG}).status for _ in range(6)]
    assert said == [422] * 5 + [409]
    assert seat.post(f"{CODE}/remove", {"own_password": PASSWORD}).status == 409  # the right one waits too
    office.later(seconds=70)
    assert seat.post(f"{CODE}/remove", {"own_password": PASSWORD}).status == 200
    assert not _has_code(office, seat.name)


def test_a_link_that_removes_a_telephone_asks_the_administrator(office: Office, seats: dict[str, Seat]) -> None:
    seat = Seat(office, "lost-phone").begin("viewer")
    for fields in ({}, {"own_password": WRONG}):
        said = seats["admin"].post(f"/console/users/{seat.name}/link", fields)
        assert said.status == 422
        assert "/console/welcome/" not in said.html
    said = seats["admin"].post(f"/console/users/{seat.name}/link", {"own_password": PASSWORD})
    assert said.status == 200
    assert "/console/welcome/" in said.html


def test_an_administrator_with_an_open_session_makes_no_link_for_themselves(
    office: Office, seats: dict[str, Seat]
) -> None:
    boss = seats["admin"]
    assert boss.post(f"/console/users/{boss.name}/link").status == 422


def test_a_link_ends_sessions_once_it_is_used(office: Office) -> None:
    seat = Seat(office, "linked").begin("viewer")
    link = invite(office.database, seat.name, by="test", now=office.now)
    assert seat.get(CODE).status == 200
    accept(office.database, link, PASSWORD, device="test", now=office.now)
    assert seat.get(CODE).status == 303


# What gives access: where, what is sent, and the act that the audit tells of.
GIVING: list[tuple[str, dict[str, Any], str]] = [
    ("/console/users/new", {"name": "smuggled", "role": "admin", "sees": "all"}, "create_user"),
    ("/console/users/raised", {"role": "admin", "sees": "some", "creditor": "acme-telecom"}, "save_user"),
    ("/console/users/raised", {"role": "viewer", "sees": "all"}, "save_user"),
    ("/console/users/let-go/enable", {}, "restore_user"),
    ("/console/users/keys/new", {"name": "back-door", "role": "admin"}, "create_key"),
]


@pytest.fixture(scope="module")
def given(office: Office, seats: dict[str, Seat]) -> None:
    """Those to whom access might be given."""
    Seat(office, "raised").begin("viewer", creditors=frozenset({"acme-telecom"}))
    Seat(office, "let-go").begin("viewer")
    assert seats["admin"].post("/console/users/let-go/disable").status == 200


def _access(office: Office) -> tuple[list[access.User], list[access.ApiKey]]:
    with office.database.read() as conn:
        return access.all_users(conn), access.all_keys(conn)


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("password", [None, "", WRONG])
@pytest.mark.parametrize("path, fields, act", GIVING)
def test_a_session_found_open_gives_nobody_access(
    office: Office, seats: dict[str, Seat], path: str, fields: dict[str, Any], act: str, password: str | None
) -> None:
    office.later(minutes=2)  # what failed before makes nobody wait
    before = _access(office)
    said = seats["admin"].post(path, fields if password is None else {**fields, "own_password": password})
    assert said.status == 422
    assert _access(office) == before
    with office.database.read() as conn:
        assert audit.latest(conn, limit=1)[0].act == act
        assert audit.latest(conn, limit=1)[0].outcome == "password_wrong"
    wrong = said.one("[aria-invalid=true]")
    assert wrong["name"] == "own_password"
    assert "mot de passe actuel" in said.text
    assert WRONG not in said.html


@pytest.mark.usefixtures("given")
def test_what_was_typed_stays_when_the_password_is_wrong(office: Office, seats: dict[str, Seat]) -> None:
    office.later(minutes=2)
    fields = {"name": "careful-one", "full_name": "Ada Care", "role": "manager", "sees": "some",
              "creditor": "acme-telecom"}  # fmt: skip
    said = seats["admin"].post("/console/users/new", fields)
    assert (said.value("name"), said.value("full_name")) == ("careful-one", "Ada Care")
    checked = {str(each["value"]) for each in said.soup.select("input[checked]")}
    assert checked == {"manager", "some", "acme-telecom"}
    said = seats["admin"].post("/console/users/raised", {**fields, "role": "agent"})
    assert {str(each["value"]) for each in said.soup.select("input[checked]")} == {"agent", "some", "acme-telecom"}
    key = {"name": "careful-key", "role": "agent", "owner": "raised", "scope": ["cases:read", "tasks:read"]}
    said = seats["admin"].post("/console/users/keys/new", key)
    assert said.value("name") == "careful-key"
    assert {str(each["value"]) for each in said.soup.select("input[checked]")} == {"cases:read", "tasks:read"}
    assert [each.get_text() for each in said.soup.select("option[selected]")] == ["gestionnaire", "raised"]


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("path, fields, act", GIVING)
def test_whoever_gives_their_own_password_gives_access(
    office: Office, seats: dict[str, Seat], path: str, fields: dict[str, Any], act: str
) -> None:
    office.later(minutes=2)
    before = _access(office)
    assert seats["admin"].post(path, {**fields, "own_password": PASSWORD}).status == 200, act
    assert _access(office) != before


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("path", ["/console/users/raised", "/console/users/let-go", "/console/users/new"])
def test_no_page_of_a_user_has_one_id_twice(office: Office, seats: dict[str, Seat], path: str) -> None:
    found = [str(each["id"]) for each in seats["admin"].get(path).soup.select("[id]")]
    assert len(found) == len(set(found))


def test_guesses_in_one_session_make_no_other_wait(office: Office) -> None:
    thief, owner = Seat(office, "twice-here").begin("viewer"), Seat(office, "twice-here")
    _add_code(office, thief)
    link = invite(office.database, owner.name, by="test", now=office.now)
    done = accept(office.database, link, PASSWORD, device="", now=office.now)
    owner.client.cookies.set("relance-session", done.token)
    thief = _elsewhere(office, thief)
    new = "cinq autres mots choisis au hasard"
    fields = {"password": new, "again": new}
    told = [thief.post("/console/account/password", {**fields, "old": WRONG}).status for _ in range(6)]
    assert told == [422] * 5 + [409]
    assert owner.post("/console/account/password", {**fields, "old": PASSWORD}, follow=False).status == 303
