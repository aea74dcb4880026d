"""Signing in: the first link, passwords and codes, what a guess costs, and what a cookie opens after it was left."""

import shutil
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from orchestrator.bootstrap import Deployment
from orchestrator.flows.invite_user import invite, invite_first
from orchestrator.settings import read_settings
from orchestrator.storage import audit
from orchestrator.web.auth import guarded_routes
from orchestrator.web.console.words import Words
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Seat


def _sign_in(seat: Seat, password: str = PASSWORD, **fields: str) -> int:
    sent = {"name": seat.name, "password": password, **fields}
    return seat.post("/console/sign-in", {"token": "", **sent}, follow=False).status


def test_nobody_sees_a_page_before_signing_in(office: Office) -> None:
    stranger = Seat(office)
    said = stranger.get("/console/account?a=1")
    assert said.status == 303
    assert said.headers["location"] == "/console/sign-in?next=%2Fconsole%2Faccount%3Fa%3D1"


def test_the_first_link_makes_an_administrator_once(office_home: Path, tmp_path: Path) -> None:
    shutil.copyfile(office_home / "relance.db", tmp_path / "relance.db")
    office = Office(Deployment(read_settings({"RELANCE_HOME": str(tmp_path)}), environ={}))
    token = invite_first(office.database, now=office.now)
    assert token is not None
    seat = Seat(office, "admin")
    page = seat.get(f"/console/welcome/{token}")
    assert page.status == 200
    fields = {"full_name": "Ada", "password": PASSWORD, "again": PASSWORD}
    assert seat.post(f"/console/welcome/{token}", {"token": "", **fields}, follow=False).status == 303
    assert seat.get("/console/users").status == 200
    assert seat.get(f"/console/welcome/{token}").status == 404
    assert invite_first(office.database, now=office.now) is None
    office.client.close()
    office.database.close()


@pytest.mark.parametrize(
    "password, fault",
    [("court", "15 caractères"), ("motdepassemotdepasse1", "facile"), ("aaaaaaaaaaaaaaaaaaaaaaa", "facile")],
)
def test_a_password_that_anybody_would_guess_is_refused(office: Office, password: str, fault: str) -> None:
    seat = Seat(office, f"weak-{len(password)}").begin("viewer")
    link = invite(office.database, seat.name, by="test", now=office.now)
    said = seat.post(f"/console/welcome/{link}", {"password": password, "again": password})
    assert said.status == 422
    assert fault in said.text
    assert seat.post(f"/console/welcome/{link}", {"password": PASSWORD, "again": PASSWORD}, follow=False).status == 303


def test_the_language_of_the_welcome_is_that_of_the_pages_after_it(office: Office) -> None:
    seat = Seat(office, "in-english").begin("viewer")
    link = invite(office.database, seat.name, by="test", now=office.now)
    fields = {"password": PASSWORD, "again": PASSWORD}
    seat.post(f"/console/welcome/{link}?lang=en", fields, follow=False)
    assert seat.get("/console/account").soup.select('html[lang="en"]')


def test_a_cookie_opens_nothing_after_signing_out(office: Office) -> None:
    seat = Seat(office, "leaver").begin("viewer")
    stolen = Seat(office)
    stolen.client.cookies.set("relance-session", str(seat.client.cookies["relance-session"]))
    assert stolen.get("/console/account").status == 200
    assert seat.post("/console/sign-out", follow=False).headers["location"] == "/console/sign-in"
    assert stolen.get("/console/account").status == 303


def test_a_session_ends_when_nobody_uses_it_and_after_a_day_of_use(office: Office) -> None:
    seat = Seat(office, "idler").begin("viewer")
    began = office.now
    try:
        for _ in range(11):
            office.later(minutes=59)
            assert seat.get("/console/account").status == 200
        office.later(minutes=75)
        assert seat.get("/console/account").status == 303
        assert _sign_in(seat) == 303
        office.later(minutes=61)
        assert seat.get("/console/account").status == 303
    finally:
        office.now = began


def test_guessing_is_slowed_and_the_right_password_still_waits(office: Office) -> None:
    seat = Seat(office, "guessed").begin("viewer")
    other = Seat(office, "guessed")
    assert [_sign_in(other, "faux faux faux faux") for _ in range(5)] == [422] * 5
    assert _sign_in(other, "faux faux faux faux") == 409
    assert _sign_in(other) == 409
    office.later(seconds=70)
    assert _sign_in(other) == 303
    assert seat.get("/console/account").status == 200


def test_an_unknown_name_reads_as_a_wrong_password(office: Office) -> None:
    known, unknown = Seat(office, "known").begin("viewer"), Seat(office, "unknown-to-all")
    wrong = {"name": known.name, "password": "faux faux faux faux"}
    first = Seat(office).post("/console/sign-in", {"token": "", **wrong})
    second = Seat(office).post("/console/sign-in", {"token": "", **wrong, "name": unknown.name})
    assert first.status == second.status == 422
    assert first.text.replace(known.name, "") == second.text.replace(unknown.name, "")


def test_signing_in_leads_to_our_own_pages_only(office: Office) -> None:
    seat = Seat(office, "led").begin("viewer")
    for goal in ("https://evil.example/console/", "//evil.example/", "/d/abc", "/console/\\evil.example"):
        fields = {"token": "", "name": seat.name, "password": PASSWORD, "next": goal}
        said = Seat(office).post("/console/sign-in", fields, follow=False)
        assert said.headers["location"] == "/console/"


def test_a_form_from_another_site_is_refused(office: Office) -> None:
    seat = Seat(office, "crossed").begin("viewer")
    fields = {"language": "en", "zone": "Europe/Paris"}
    path = "/console/account/preferences"
    assert seat.post(path, fields, sec_fetch_site="cross-site").status == 403
    assert seat.post(path, fields, sec_fetch_site="same-site").status == 403
    assert seat.post(path, {**fields, "token": "0" * 64}).status == 403
    assert seat.post(path, {**fields, "token": Seat(office, "other-one").begin("viewer").token}).status == 403
    bare = seat.client.post(path, data={**fields, "token": seat.token})
    assert bare.status_code == 403  # neither Origin nor Sec-Fetch-Site: no browser of today
    said = seat.client.post(path, data={**fields, "token": seat.token}, headers={"origin": "http://testserver"})
    assert said.status_code == 303


def test_a_code_is_asked_for_once_a_telephone_is_added_and_taken_once(office: Office) -> None:
    seat = Seat(office, "careful").begin("viewer")
    secret = seat.get("/console/account/code").value("secret")
    codes = pyotp.TOTP(secret)
    fields = {"secret": secret, "own_password": PASSWORD}
    assert seat.post("/console/account/code", {**fields, "code": "000000"}).status == 422
    assert seat.post("/console/account/code", {**fields, "code": codes.at(office.now)}).status == 200
    office.later(seconds=90)
    assert _sign_in(seat) == 409  # the password alone
    used = codes.at(office.now)
    assert _sign_in(seat, code=used) == 303
    assert _sign_in(seat, code=used) == 422
    office.later(seconds=90)
    assert _sign_in(seat, code=codes.at(office.now - timedelta(minutes=5))) == 422
    assert _sign_in(seat, code=codes.at(office.now)) == 303


def test_another_password_ends_every_other_session(office: Office) -> None:
    seat, elsewhere = Seat(office, "changer").begin("viewer"), Seat(office, "changer")
    assert _sign_in(elsewhere) == 303
    new = "cinq autres mots choisis au hasard"
    fields = {"old": "wrong wrong wrong", "password": new, "again": new}
    assert seat.post("/console/account/password", fields).status == 422
    assert seat.post("/console/account/password", {**fields, "old": PASSWORD}).status == 200
    assert elsewhere.get("/console/account").status == 303
    assert seat.get("/console/account").status == 200
    assert _sign_in(elsewhere) == 422
    assert _sign_in(elsewhere, new) == 303


def test_a_disabled_user_is_out_at_once(office: Office, seats: dict[str, Seat]) -> None:
    seat = Seat(office, "fired").begin("agent")
    assert seats["admin"].post("/console/users/fired/disable").status == 200
    assert seat.get("/console/account").status == 303
    assert _sign_in(seat) == 422


def test_nobody_takes_the_last_administrator_away(office: Office, seats: dict[str, Seat]) -> None:
    boss = seats["admin"]
    assert boss.post(f"/console/users/{boss.name}/disable").status == 422
    fields = {"role": "viewer", "sees": "all", "own_password": PASSWORD}
    boss.post("/console/users/admin/disable")  # the one of the first link
    assert boss.post(f"/console/users/{boss.name}", fields).status == 409


def test_every_act_and_every_refusal_is_a_line_of_the_audit(office: Office, seats: dict[str, Seat]) -> None:
    seats["viewer"].post("/console/users/new", {"name": "sneaky", "role": "admin", "sees": "all"})
    seats["admin"].post(
        "/console/users/new", {"name": "wanted", "role": "agent", "sees": "all", "own_password": PASSWORD}
    )
    with office.database.read() as conn:
        lines = audit.latest(conn, limit=5)
    told = [(line.who, line.act, line.outcome) for line in lines]
    assert ("the-viewer", "create_user", "not_allowed") in told
    assert ("the-admin", "create_user", "") in told
    assert seats["admin"].get("/console/users/wanted").status == 200
    assert seats["admin"].get("/console/users/sneaky").status == 404


def test_the_audit_tells_each_act_of_the_console_in_words(office: Office, seats: dict[str, Seat]) -> None:
    asked = {
        route.name or ""
        for route, _guard in guarded_routes(office.app)
        if (route.path_format or "").startswith("/console/") and "POST" in (route.methods or ())
    }
    assert "begin_pause" in asked
    words = Words("fr")
    assert sorted(name for name in asked if not words.knows(f"audit.did.{name}")) == []
    seats["admin"].post("/console/users/new", {"name": "told", "role": "agent", "sees": "all"})
    assert "ajouter un utilisateur" in seats["admin"].get("/console/audit").text


def test_a_password_is_nowhere_but_in_its_hash(office: Office) -> None:
    seat = Seat(office, "secret-keeper").begin("viewer")
    path = office.deployment.settings.home / "relance.db"
    kept = path.read_bytes() + (path.parent / "relance.db-wal").read_bytes()
    assert PASSWORD.encode() not in kept
    assert str(seat.client.cookies["relance-session"]).encode() not in kept
