"""Whoever knows a name and guesses keeps its owner out of no browser where they signed in before, and gains nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from starlette.testclient import TestClient

from orchestrator.bootstrap import Deployment
from orchestrator.flows import known_device, passwords
from orchestrator.flows import sign_in as flow
from orchestrator.flows.change_user import disable_user, enable_user
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.invite_user import accept, invite
from orchestrator.settings import read_settings
from orchestrator.storage import sign_in
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Seat

COOKIE = "relance-device"
WRONG = "faux faux faux faux"
SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing costs what it costs on purpose; here hundreds are judged."""
    monkeypatch.setattr(flow, "is_password", lambda _stored, text: text == PASSWORD)


def _try(seat: Seat, password: str = WRONG, **fields: str) -> int:
    sent = {"token": "", "name": seat.name, "password": password, **fields}
    return seat.client.post("/console/sign-in", data=sent, headers=SITE).status_code


def _owner(office: Office, name: str, role: str = "admin") -> Seat:
    """Somebody in a browser where they signed in before, and out again."""
    Seat(office, name).begin(role)
    seat = Seat(office, name)
    assert _try(seat, PASSWORD) == 303
    seat.client.cookies.delete("relance-session")
    return seat


def _stranger(office: Office, name: str, cookie: str = "") -> Seat:
    seat = Seat(office, name)
    if cookie:
        seat.client.cookies.set(COOKIE, cookie, path="/console")
    return seat


def _cookie(seat: Seat) -> str:
    return str(seat.client.cookies[COOKIE])


def _judged(office: Office, name: str, cookie: str = "", *, seconds: int = 60) -> int:
    """How many guesses were judged, of one a second."""
    stranger = _stranger(office, name, cookie)
    told = []
    for _ in range(seconds):
        told.append(_try(stranger))
        office.later(seconds=1)
    assert set(told) <= {422, 409}
    return told.count(422)


def test_one_guess_a_second_keeps_nobody_out_of_a_known_device(office: Office) -> None:
    seat, stranger = _owner(office, "besieged"), _stranger(office, "besieged")
    told = []
    for second in range(200):
        _try(stranger)
        if second % 20 == 19:
            told.append(_try(seat, PASSWORD))
        office.later(seconds=1)
    assert told == [303] * 10


def test_a_crowd_of_the_same_address_is_nothing_to_a_known_device(office: Office) -> None:
    cookie, fields = _cookie(_owner(office, "neighbour")), {"name": "neighbour", "password": PASSWORD}
    with TestClient(office.app, follow_redirects=False, client=("203.0.113.77", 4711)) as near:

        def told(fields: dict[str, str], **more: str) -> int:
            near.cookies.clear()
            return near.post("/console/sign-in", data=fields, headers={**SITE, **more}).status_code

        assert [told({"name": f"crowd-{n}", "password": WRONG}) for n in range(21)] == [422] * 20 + [409]
        assert [told(fields, cookie=f"{COOKIE}={cookie}") for _ in range(3)] == [303] * 3
        assert told({"name": "crowd-22", "password": WRONG}) == 409  # nothing came back to them by it


def test_who_signs_in_on_a_known_device_makes_no_guesser_quicker(office: Office) -> None:
    seat, stranger = _owner(office, "unmoved"), _stranger(office, "unmoved")
    told = []
    for second in range(60):
        told.append(_try(stranger))
        if second % 20 == 19:
            assert _try(seat, PASSWORD) == 303
        office.later(seconds=1)
    _owner(office, "alone")
    assert told.count(422) == _judged(office, "alone")


def _is_known(office: Office, name: str, cookie: str) -> bool:
    """Whether a try with that cookie is judged while strangers of that name wait."""
    while _try(_stranger(office, name)) != 409:
        pass
    return _try(_stranger(office, name, cookie)) != 409


def test_proofs_that_prove_nothing_make_no_guesser_quicker(office: Office) -> None:
    mine = _cookie(_owner(office, "proven"))
    Seat(office, "another").begin("viewer")
    with office.database.begin() as conn:  # even one whose secret is written as ours
        found = sign_in.load_credentials(conn, "proven")
        sign_in.put_password(conn, "another", found.password_hash if found else "", now=office.now)
    other = _stranger(office, "another")
    assert _try(other, PASSWORD) == 303
    theirs = _cookie(other)
    issued, drawn, signature = mine.split(".")
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    cookies = (
        theirs, f"{issued}.{drawn}.{flipped}", f"{int(issued) + 1}.{drawn}.{signature}",
        f"{issued}.{drawn[::-1]}.{signature}", f"{issued}.{drawn}.", "~".join([theirs] * 4), f"{mine}~" * 9, "..",
        "a.b.c", "~~~",
    )  # fmt: skip
    assert [each for each in cookies if _is_known(office, "proven", each)] == []
    assert _is_known(office, "proven", mine)
    assert _is_known(office, "another", theirs)


def test_a_cookie_that_no_browser_sends_is_no_fault_of_ours(office: Office) -> None:
    fields = {"name": _owner(office, "odd").name, "password": WRONG}
    for cookie in (b"\xe9.\xe9.\xe9", b'"\\351.\\351.\\351"', b"1.a." + b"\xff" * 64, b"." * 7000):
        headers = {b"sec-fetch-site": b"same-origin", b"cookie": b"relance-device=" + cookie}
        said = Seat(office).client.post("/console/sign-in", data=fields, headers=headers)
        assert said.status_code in (422, 409)


def test_what_was_not_given_out_by_us_is_not_given_back(office: Office) -> None:
    fields = {"name": _owner(office, "planted").name, "password": PASSWORD}
    for cookie in ("a.b.evil", '"a.b.\\015\\012evil: x"', "evil"):
        said = Seat(office).client.post(
            "/console/sign-in", data=fields, headers={**SITE, "cookie": f"{COOKIE}={cookie}"}
        )
        assert said.status_code == 303
        assert "evil" not in str(said.headers.get_list("set-cookie"))


def test_a_proof_grows_old(office: Office) -> None:
    cookie = _cookie(_owner(office, "aged"))
    office.later(days=364)
    assert _is_known(office, "aged", cookie)
    office.later(days=2)
    assert not _is_known(office, "aged", cookie)


def test_each_sign_in_makes_the_proof_young_again(office: Office) -> None:
    seat = _owner(office, "returns")
    before = _cookie(seat)
    office.later(days=300)
    assert _try(seat, PASSWORD) == 303
    assert _cookie(seat) != before
    office.later(days=300)
    _judged(office, "returns")
    assert _try(seat, PASSWORD) == 303


@pytest.mark.parametrize("deed", ["password", "link", "disabled"])
def test_a_proof_ends_with_the_password_and_with_the_account(office: Office, deed: str) -> None:
    seat = _owner(office, f"ends-by-{deed}")
    if deed == "password":
        user = flow.sign_in_with(
            office.database,
            flow.Proofs(name=seat.name, password=PASSWORD),
            secret_key=office.deployment.secret_key,
            now=office.now,
        ).user
        flow.change_password(
            office.database, user, old=PASSWORD, new="cinq autres mots de hasard", session="s", now=office.now
        )
    elif deed == "link":
        link = invite(office.database, seat.name, by="test", now=office.now)
        accept(office.database, link, PASSWORD, device="", now=office.now)
    else:
        disable_user(office.database, seat.name, by="test", now=office.now)
        enable_user(office.database, seat.name, by="test", now=office.now)
    _judged(office, seat.name)
    assert _try(seat, PASSWORD) == 409


def test_a_disabled_account_is_known_nowhere(office: Office) -> None:
    seat = _owner(office, "gone", "viewer")
    disable_user(office.database, seat.name, by="test", now=office.now)
    assert [_try(seat, PASSWORD) for _ in range(6)] == [422] * 5 + [409]
    assert _try(_stranger(office, seat.name)) == 409  # counted together


def test_a_device_is_slowed_by_what_it_failed_itself(office: Office) -> None:
    seat = _owner(office, "clumsy")
    assert [_try(seat) for _ in range(6)] == [422] * 5 + [409]
    assert _try(seat, PASSWORD) == 409
    assert _try(_stranger(office, "clumsy")) == 422  # and nobody else is
    office.later(seconds=2)
    assert _try(seat, PASSWORD) == 303
    assert [_try(seat) for _ in range(6)] == [422] * 5 + [409]  # forgotten: it may fail as often again


def test_a_device_that_fails_too_often_is_a_strangers(office: Office) -> None:
    seat, stranger = _owner(office, "worn"), _stranger(office, "worn")
    for _ in range(10):
        assert _try(seat) == 422
        office.later(minutes=2)
    assert [_try(stranger) for _ in range(6)] == [422] * 5 + [409]
    assert _try(seat, PASSWORD) == 409  # it waits with them
    office.later(seconds=70)
    assert _try(seat, PASSWORD) == 303  # which makes it known anew
    assert [_try(stranger) for _ in range(6)] == [422] * 5 + [409]
    assert _try(seat, PASSWORD) == 303


def test_whoever_holds_a_stolen_proof_has_few_tries_more(office: Office) -> None:
    cookie, slow = _cookie(_owner(office, "robbed")), _judged(office, "robbed", seconds=120)
    office.later(hours=1)
    assert slow < _judged(office, "robbed", cookie, seconds=120) <= 2 * slow


def test_a_code_that_is_still_to_come_is_no_failure_of_the_device(office: Office) -> None:
    seat = _owner(office, "coded")
    assert _try(seat, PASSWORD) == 303
    secret = seat.get("/console/account/code").value("secret")
    codes = pyotp.TOTP(secret)
    seat.post("/console/account/code", {"secret": secret, "own_password": PASSWORD, "code": codes.at(office.now)})
    seat.client.cookies.delete("relance-session")
    _judged(office, "coded", seconds=100)
    for _ in range(12):
        assert "code" in seat.post("/console/sign-in", {"token": "", "name": "coded", "password": PASSWORD}).html
    assert _try(seat, PASSWORD, code=codes.at(office.now)) == 303


def test_the_first_link_makes_the_browser_known(office: Office) -> None:
    add_user(office.database, "newest", role="admin", by="test", now=office.now)
    link = invite(office.database, "newest", by="test", now=office.now)
    seat = Seat(office, "newest")
    fields = {"token": "", "password": PASSWORD, "again": PASSWORD}
    assert seat.post(f"/console/welcome/{link}", fields, follow=False).status == 303
    seat.post("/console/sign-out", follow=False)
    _judged(office, "newest")
    assert _try(seat, PASSWORD) == 303


def test_colleagues_who_share_a_computer_are_each_known_there(office: Office) -> None:
    shared = _owner(office, "early")
    Seat(office, "late").begin("agent")
    for name in ("late", "early", "late"):
        shared.name = name
        assert _try(shared, PASSWORD) == 303
    assert _cookie(shared).count("~") == 1  # each once
    for name in ("early", "late"):
        _judged(office, name)
        shared.name = name
        assert _try(shared, PASSWORD) == 303


def test_a_cookie_never_grows_too_long_to_be_read(office: Office) -> None:
    shared = _owner(office, "of-many-0")
    for each in range(1, 7):
        Seat(office, f"of-many-{each}").begin("viewer")
        shared.name = f"of-many-{each}"
        assert _try(shared, PASSWORD) == 303
    _judged(office, "of-many-6")
    assert _try(shared, PASSWORD) == 303
    assert _cookie(shared).count("~") == 3


def test_guesses_at_the_entrance_keep_nobody_from_what_they_are_doing(office: Office) -> None:
    seat = Seat(office, "at-work").begin("viewer")
    _judged(office, "at-work")
    new = "cinq autres mots choisis au hasard"
    fields = {"old": PASSWORD, "password": new, "again": new}
    assert seat.post("/console/account/password", fields, follow=False).status == 303


def test_a_crowd_of_strangers_leaves_a_place_to_a_known_device(office: Office) -> None:
    seat = _owner(office, "crowded")
    lines = [passwords.in_line() for _ in range(5)]
    for each in lines:
        each.__enter__()
    try:
        assert _try(_stranger(office, "anybody")) == 409
        assert _try(seat, PASSWORD) == 303
    finally:
        for each in lines:
            each.__exit__(None, None, None)


@pytest.fixture(scope="module")
def secured(office_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An application whose public address is https."""
    home = tmp_path_factory.mktemp("secured")
    shutil.copyfile(office_home / "relance.db", home / "relance.db")
    settings = read_settings({"RELANCE_HOME": str(home), "RELANCE_PUBLIC_URL": "https://relance.acme.example"})
    made = Office(Deployment(settings, environ={}))
    yield made
    made.client.close()
    made.database.close()


def _given(office: Office, name: str) -> dict[str, str]:
    """What the cookie of a first sign-in is given with."""
    Seat(office, name).begin("viewer")
    fields = {"name": name, "password": PASSWORD}
    said = Seat(office).client.post("/console/sign-in", data=fields, headers=SITE)
    (given,) = [each for each in said.headers.get_list("set-cookie") if "device" in each.partition("=")[0]]
    first, *rest = given.split("; ")
    shown = {key.lower(): value for key, _, value in (each.partition("=") for each in rest)}
    return {"name": first.partition("=")[0], "value": first.partition("=")[2], **shown}


def test_the_cookie_is_for_the_server_alone(office: Office, secured: Office) -> None:
    plain, tls = _given(office, "cookie-plain"), _given(secured, "cookie-tls")
    assert (plain["name"], tls["name"]) == (COOKIE, "__Secure-relance-device")
    for given in (plain, tls):
        assert "httponly" in given
        assert (given["path"], given["samesite"]) == ("/console", "strict")
        assert int(given["max-age"]) == known_device.KEPT.total_seconds()
        assert "cookie" not in given["value"], "nobody reads in it who signed in"
    assert "secure" in tls
    assert "secure" not in plain
