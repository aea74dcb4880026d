"""A form that is sent twice, by a second click or by going back, does it once; told from the table of routes."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from msgspec.structs import replace
from sqlalchemy import select

from orchestrator.flows.grant_access import add_user
from orchestrator.storage import access, pauses
from orchestrator.storage.every_table import metadata
from orchestrator.web.console import page as pages
from orchestrator.web.console import pauses as console_pauses
from orchestrator.web.console import sent_once
from tests.web.conftest import Office
from tests.web.console.conftest import PASSWORD, Screen, Seat
from tests.web.console.test_cases import a_case
from tests.web.console.test_crises import FORM as CRISIS
from tests.web.console.test_roles import ACTION_OF_ROUTE

PROVEN = {"own_password": PASSWORD}

# Route → the page that has its form, and what somebody types into it. `{case}` is a case.
CREATING: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /console/pauses": ("/console/pauses/new?all=yes", {"reason": "error"}),
    "POST /console/crises": ("/console/crises/new", {**CRISIS, "crisis": "once-2026"}),
    "POST /console/day/away": (
        "/console/",
        {"substitute": "the-agent", "from_on": "2026-04-01", "to_on": "2026-04-03", "reason": "leave"},
    ),
    "POST /console/portfolios/new": ("/console/portfolios", {"name": "north", "owner": "the-agent", "where": ""}),
    "POST /console/portfolios/give": ("/console/portfolios", {"cases": "{case}", "to": "the-agent", "why": "known"}),
    "POST /console/portfolios/away": (
        "/console/portfolios",
        {"absent": "the-agent", "substitute": "the-manager", "from_on": "2026-05-01", "to_on": "2026-05-03"},
    ),
    "POST /console/endpoints/new": (
        "/console/endpoints/new",
        {"url": "https://hooks.example/a", "event": "case.closed"},
    ),
    "POST /console/endpoints/{endpoint_id}/secret": ("{endpoint}", {}),
    "POST /console/users/new": ("/console/users/new", {**PROVEN, "name": "newcomer", "role": "agent", "sees": "all"}),
    "POST /console/users/{name}/link": ("/console/users/the-agent", PROVEN),
    "POST /console/users/keys/new": ("/console/users/keys/new", {**PROVEN, "name": "a-key", "role": "viewer"}),
    "POST /console/cases/{case_id}/act/{what}": ("/console/cases/{case}/act/note", {"words": "she called"}),
    "POST /console/cases/{case_id}/payment": (
        "/console/cases/{case}/payment",
        {"reference": "P-1", "amount": "5,00", "received_on": "2026-03-10"},
    ),
}
# What sets a thing to what it is to be, or answers what can be answered once: again it changes nothing by its nature.
# Their forms hold `once` all the same; none of their pages need be made here.
SETTING = {
    "POST /console/account/preferences", "POST /console/account/password", "POST /console/account/code",
    "POST /console/account/code/remove", "POST /console/account/sessions/end", "POST /console/users/{name}",
    "POST /console/users/{name}/disable", "POST /console/users/{name}/enable",
    "POST /console/users/keys/{key_id}/revoke", "POST /console/portfolios/end", "POST /console/portfolios/back",
    "POST /console/crises/{crisis_id}/end", "POST /console/pauses/{pause_id}/resume", "POST /console/day/done",
    "POST /console/batch", "POST /console/messages/doubts/{task_id}", "POST /console/campaigns/{campaign}/release",
    "POST /console/webhooks/replay", "POST /console/webhooks/{event_id}/replay",
    "POST /console/endpoints/{endpoint_id}/disable", "POST /console/endpoints/{endpoint_id}/enable",
    "POST /console/endpoints/{endpoint_id}/retry", "POST /console/calls/{case_id}",
    "POST /console/inbox/{reply_id}/answer", "POST /console/inbox/{reply_id}/done",
    "POST /console/inbox/{reply_id}/decide", "POST /console/inbox/{reply_id}/place",
    "POST /console/inbox/{reply_id}/take", "POST /console/inbox/{reply_id}/release",
}  # fmt: skip
# What only looks, and who signs in or out.
LOOKING = {
    "POST /console/cases/find", "POST /console/crises/new", "POST /console/inbox/{reply_id}/check",
    "POST /console/sign-in", "POST /console/sign-out", "POST /console/welcome/{token}",
}  # fmt: skip
# What tells that a form was sent, not what it did.
_BESIDE = {"idempotency_keys", "sessions", "sign_in_tries"}


def _rows(office: Office) -> dict[str, list[str]]:
    with office.database.read() as conn:
        return {
            table.name: sorted(json.dumps(list(row), default=str) for row in conn.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in _BESIDE
        }


def _shape(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.partition(" ")[2])))


def _fields(form: Tag, typed: dict[str, Any]) -> dict[str, Any]:
    held = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
    return {**held, **typed}


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    """A case of the creditor that everybody here sees."""
    return a_case(office, "ONCE-1")


@pytest.fixture(scope="module")
def endpoint(seats: dict[str, Seat]) -> str:
    """The page of an endpoint."""
    fields = {"url": "https://hooks.example/old", "event": "case.closed"}
    seats["admin"].post("/console/endpoints/new", fields)
    return str(seats["admin"].get("/console/endpoints").one('main a[href^="/console/endpoints/ep"]')["href"])


def _form(seat: Seat, route: str, case: str, endpoint: str) -> tuple[str, dict[str, Any]]:
    """Where a creating form leads, and its fields filled in."""
    start, typed = CREATING[route]
    typed = {name: value.replace("{case}", case) for name, value in typed.items()}
    screen = seat.get(start.replace("{case}", case).replace("{endpoint}", endpoint))
    if route == "POST /console/crises":  # its form is on the page that shows what it would change
        screen = seat.post("/console/crises/new", typed)
        typed = {}
    found = [each for each in screen.soup.select("form[method=post]") if _shape(route).fullmatch(str(each["action"]))]
    assert found, (route, screen.status, screen.text[:300])
    return str(found[0]["action"]), _fields(found[0], typed)


def test_every_form_of_the_table_is_told_apart() -> None:
    posts = {route for route in ACTION_OF_ROUTE if route.startswith("POST ")}
    assert posts == {*CREATING, *SETTING, *LOOKING}
    assert len(posts) == len(CREATING) + len(SETTING) + len(LOOKING)


def test_no_template_writes_a_form_that_posts_by_itself() -> None:
    """The macro puts `once` into each; only what needs nobody signed in, and signing out, are written out."""
    folder = Path(pages.__file__).parent / "pages"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    assert {name for name, text in texts.items() if '<form method="post"' in text} == {
        "macros.html", "base.html", "sign_in/sign_in.html", "sign_in/welcome.html",
    }  # fmt: skip
    without = {name for name, text in texts.items() if "once=false" in text}
    assert without == {"cases/cases.html", "crises/form.html"}


@pytest.mark.parametrize("route", sorted(CREATING))
def test_a_form_that_is_sent_again_changes_nothing(
    office: Office, seats: dict[str, Seat], case: str, endpoint: str, route: str
) -> None:
    seat = seats["admin"]
    action, fields = _form(seat, route, case, endpoint)
    assert fields["once"]
    before = _rows(office)
    first = seat.post(action, fields, follow=False)
    assert first.status in (200, 303), first.text[:400]
    done = _rows(office)
    assert done != before
    office.later(seconds=5)
    again = seat.post(action, fields, follow=False)
    # The audit tells of each time that somebody asked to stop.
    beside = {"audit"} if route == "POST /console/pauses" else set()
    assert {name: rows for name, rows in _rows(office).items() if name not in beside} == {
        name: rows for name, rows in done.items() if name not in beside
    }
    if first.status == 303:
        assert (again.status, again.headers["location"]) == (303, first.headers["location"])
    else:  # a secret that was shown is not kept to be shown again
        assert again.status == 409
        assert "déjà été envoyé" in again.text


def test_a_form_that_was_filled_in_anew_is_another(office: Office, seats: dict[str, Seat], case: str) -> None:
    seat = seats["manager"]
    action, fields = _form(seat, "POST /console/pauses", case, "")
    places = {seat.post(action, {**fields, "words": words}, follow=False).headers["location"] for words in ("a", "b")}
    assert len(places) == 2


def test_what_was_refused_may_be_sent_again(office: Office, seats: dict[str, Seat]) -> None:
    seat = seats["admin"]
    fields = {"name": "late-comer", "role": "agent", "sees": "some", "creditor": "", "once": "refused-once", **PROVEN}
    assert seat.post("/console/users/late-comer", {**fields, "sees": "all"}).status == 404
    assert seat.post("/console/users/new", {**fields, "sees": "all"}).status == 200
    assert seat.post("/console/users/late-comer", {**fields, "sees": "all"}, follow=False).status == 303


def test_two_people_with_the_same_word_are_two(office: Office, seats: dict[str, Seat]) -> None:
    fields = {"all": "yes", "reason": "error", "once": "the-same-word"}
    places = {
        seats[role].post("/console/pauses", fields, follow=False).headers["location"] for role in ("manager", "admin")
    }
    assert len(places) == 2


def test_both_of_a_double_click_lead_to_the_same_page(office: Office, seats: dict[str, Seat], case: str) -> None:
    action, fields = _form(seats["manager"], "POST /console/pauses", case, "")
    seat = Seat(office)
    seat.client.cookies.update(dict(seats["manager"].client.cookies))

    def send(_: int) -> Screen:
        return seat.post(action, fields, follow=False)

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(send, range(4)))
    assert {screen.status for screen in said} == {303}
    assert len({screen.headers["location"] for screen in said}) == 1


def test_while_the_first_is_at_work_the_second_waits_and_then_says_so(
    office: Office, seats: dict[str, Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_once, "MOST_LOOKS", 1)
    seat = seats["admin"]
    fields = {"token": seat.token, "name": "at-work", "role": "agent", "sees": "all", "once": "at-work"}
    with monkeypatch.context() as dying:
        dying.setattr(sent_once.SentOnce, "_end", lambda *_args: None)  # the first never says that it is done
        seat.post("/console/users/new", fields, follow=False)
    said = seat.post("/console/users/new", fields, follow=False)
    assert said.status == 409
    assert "déjà été envoyé" in said.text


# ------------------------------------------------------------------------------------ what stops is never swallowed


def test_a_pause_that_was_ended_and_is_asked_for_again_by_going_back_stops_again(
    office: Office, seats: dict[str, Seat], case: str
) -> None:
    seat = seats["manager"]
    action, fields = _form(seat, "POST /console/pauses", case, "")
    first = seat.post(action, fields, follow=False).headers["location"]
    with office.database.begin() as conn:
        begun = pauses.load(conn, first.rpartition("/")[2])
        assert begun is not None
        pauses.save(conn, replace(begun, resumed_at=office.now, resumed_by="the-admin"))
    office.later(seconds=5)
    places = {seat.post(action, fields, follow=False).headers["location"] for _ in range(2)}
    assert len(places) == 1  # a second click is still one
    with office.database.read() as conn:
        running = {pause.id for pause in pauses.active(conn, at=office.now)}
    assert places <= {f"/console/pauses/{each}" for each in running}


def test_a_pause_whose_first_try_died_is_begun_by_the_next(
    office: Office, seats: dict[str, Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ended after the form came in and before it was written."""
    monkeypatch.setattr(sent_once, "MOST_LOOKS", 1)
    seat = seats["manager"]
    fields = {"token": seat.token, "all": "yes", "reason": "error", "once": "died"}

    def die(*_args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as dying:
        dying.setattr(sent_once.SentOnce, "_end", lambda *_args: None)
        dying.setattr(console_pauses, "place", die)
        assert seat.post("/console/pauses", fields, follow=False).status == 500
    said = seat.post("/console/pauses", fields, follow=False)
    assert said.status == 303, said.text


def test_who_was_let_in_again_can_be_shut_out_again_by_the_same_form(office: Office, seats: dict[str, Seat]) -> None:
    seat = seats["admin"]
    add_user(office.database, "shut-out", role="viewer", by="test", now=office.now, language="fr", creditors=None)
    for act, once in (("disable", "one"), ("enable", "two"), ("disable", "one")):
        seat.post(f"/console/users/shut-out/{act}", {"once": once}, follow=False)
    with office.database.read() as conn:
        (user,) = [user for user in access.all_users(conn) if user.name == "shut-out"]
    assert user.disabled_at is not None
