"""Who may do what in the console: the whole table, to be read by whoever answers for access, tried for every role."""

import re

import pytest

from orchestrator.web.auth import OpenToAnyone, guarded_routes
from orchestrator.web.console.access import PERMISSIONS, Allowed
from tests.web.conftest import ROLES, Office
from tests.web.console.conftest import Seat

ACTION_OF_ROUTE = {
    "GET /console": "anyone",
    "GET /console/static/{digest}/{name}": "anyone",
    "GET /console/sign-in": "anyone",
    "POST /console/sign-in": "anyone",
    "GET /console/welcome/{token}": "anyone",
    "POST /console/welcome/{token}": "anyone",
    "POST /console/sign-out": "own.account",
    "GET /console/": "console.see",
    "POST /console/day/done": "tasks.answer",
    "POST /console/day/away": "tasks.answer",
    "GET /console/calls": "contact.see",
    "GET /console/calls/{case_id}": "contact.see",
    "POST /console/calls/{case_id}": "contact.see",
    "GET /console/batch": "console.see",
    "GET /console/batch/messages": "replies.see",
    "POST /console/batch": "tasks.answer",
    "GET /console/portfolios": "portfolios.manage",
    "POST /console/portfolios/new": "portfolios.manage",
    "POST /console/portfolios/end": "portfolios.manage",
    "POST /console/portfolios/give": "portfolios.manage",
    "POST /console/portfolios/away": "portfolios.manage",
    "POST /console/portfolios/back": "portfolios.manage",
    "GET /console/account": "own.account",
    "POST /console/account/preferences": "own.account",
    "POST /console/account/password": "own.account",
    "GET /console/account/code": "own.account",
    "POST /console/account/code": "own.account",
    "POST /console/account/code/remove": "own.account",
    "POST /console/account/sessions/end": "own.account",
    "GET /console/inbox": "replies.see",
    "GET /console/inbox/{reply_id}": "replies.see",
    "GET /console/inbox/{reply_id}/files/{number}": "replies.see",
    "POST /console/inbox/{reply_id}/take": "replies.answer",
    "POST /console/inbox/{reply_id}/release": "replies.answer",
    "POST /console/inbox/{reply_id}/check": "replies.answer",
    "POST /console/inbox/{reply_id}/answer": "replies.answer",
    "POST /console/inbox/{reply_id}/done": "replies.answer",
    "POST /console/inbox/{reply_id}/decide": "replies.answer",
    "POST /console/inbox/{reply_id}/place": "replies.answer",
    "GET /console/users": "users.manage",
    "GET /console/users/new": "users.manage",
    "POST /console/users/new": "users.manage",
    "GET /console/users/{name}": "users.manage",
    "POST /console/users/{name}": "users.manage",
    "POST /console/users/{name}/link": "users.manage",
    "POST /console/users/{name}/disable": "users.manage",
    "POST /console/users/{name}/enable": "users.manage",
    "GET /console/users/keys/new": "users.manage",
    "POST /console/users/keys/new": "users.manage",
    "POST /console/users/keys/{key_id}/revoke": "users.manage",
    "GET /console/audit": "audit.see",
    "GET /console/cases/{case_id}/statement.pdf": "contact.see",
    "GET /console/cases/{case_id}/statement.xlsx": "console.see",
    "GET /console/cases": "console.see",
    "POST /console/cases/find": "console.see",
    "GET /console/cases/{case_id}": "console.see",
    "GET /console/cases/{case_id}/act/{what}": "cases.act",
    "POST /console/cases/{case_id}/act/{what}": "cases.act",
    "GET /console/cases/{case_id}/payment": "payments.record",
    "POST /console/cases/{case_id}/payment": "payments.record",
    "GET /console/messages": "console.see",
    "POST /console/messages/doubts/{task_id}": "tasks.answer",
    "GET /console/messages/{message_id}/frame": "console.see",
    "GET /console/messages/{message_id}/letter.pdf": "contact.see",
    "GET /console/messages/{message_id}": "console.see",
    "GET /console/now": "console.see",
    "GET /console/now/events": "console.see",
    "GET /console/pauses": "console.see",
    "GET /console/pauses/new": "sending.pause",
    "POST /console/pauses": "sending.pause",
    "GET /console/pauses/{pause_id}": "console.see",
    "GET /console/pauses/{pause_id}/events": "console.see",
    "GET /console/pauses/{pause_id}/resume": "sending.resume",
    "POST /console/pauses/{pause_id}/resume": "sending.resume",
    "GET /console/pauses/{pause_id}/resume/done": "sending.resume",
    "GET /console/crises": "console.see",
    "GET /console/crises/new": "crises.run",
    "POST /console/crises/new": "crises.run",
    "POST /console/crises": "crises.run",
    "GET /console/crises/{crisis_id}/end": "crises.run",
    "POST /console/crises/{crisis_id}/end": "crises.run",
    "GET /console/lanes": "console.see",
    "GET /console/campaigns": "console.see",
    "GET /console/campaigns/{campaign}": "console.see",
    "GET /console/campaigns/{campaign}/versions/{release}": "console.see",
    "GET /console/campaigns/{campaign}/policy.{form}": "console.see",
    "GET /console/campaigns/{campaign}/messages": "console.see",
    "GET /console/campaigns/{campaign}/messages/one": "console.see",
    "GET /console/campaigns/{campaign}/release": "campaigns.release",
    "POST /console/campaigns/{campaign}/release": "campaigns.release",
    "GET /console/webhooks": "webhooks.see",
    "GET /console/webhooks/{event_id}": "webhooks.see",
    "POST /console/webhooks/replay": "webhooks.replay",
    "POST /console/webhooks/{event_id}/replay": "webhooks.replay",
    "GET /console/endpoints": "endpoints.manage",
    "GET /console/endpoints/new": "endpoints.manage",
    "POST /console/endpoints/new": "endpoints.manage",
    "GET /console/endpoints/{endpoint_id}": "endpoints.manage",
    "POST /console/endpoints/{endpoint_id}/secret": "endpoints.manage",
    "POST /console/endpoints/{endpoint_id}/disable": "endpoints.manage",
    "POST /console/endpoints/{endpoint_id}/enable": "endpoints.manage",
    "POST /console/endpoints/{endpoint_id}/retry": "endpoints.manage",
    "GET /console/results": "console.see",
    "GET /console/results/messages": "console.see",
    "GET /console/results/aged": "console.see",
    "GET /console/results/aged/documents": "console.see",
    "GET /console/results/cash": "console.see",
    "GET /console/results/payers": "console.see",
    "GET /console/results/wrong": "console.see",
    "GET /console/results/forgotten": "console.see",
    "GET /console/results/files/{name}.csv": "console.see",
    "GET /console/results/files/{name}.xlsx": "console.see",
    "GET /console/results/charts/{name}.svg": "console.see",
}
# A person who is signed out by the test would meet the next route as nobody.
GUARDED = sorted(
    route for route, action in ACTION_OF_ROUTE.items() if action != "anyone" and not route.endswith("/sign-out")
)


def _said(guard: object) -> str:
    if isinstance(guard, Allowed):
        return guard.action
    return "anyone" if isinstance(guard, OpenToAnyone) else "nothing"


def test_every_page_says_who_may_open_it(office: Office) -> None:
    found = {
        f"{method} {route.path_format}": _said(guard)
        for route, guard in guarded_routes(office.app)
        for method in route.methods or ()
        if (route.path_format or "").startswith("/console")
    }
    assert found == ACTION_OF_ROUTE


def _ask(seat: Seat, route: str) -> int:
    method, path = route.split(" ")
    path = re.sub(r"\{\w+\}", "none", path)
    return seat.get(path).status if method == "GET" else seat.post(path, follow=False).status


@pytest.mark.parametrize("route", GUARDED)
def test_without_signing_in_nothing_opens(office: Office, route: str) -> None:
    seat = Seat(office)
    method, path = route.split(" ")
    path = re.sub(r"\{\w+\}", "none", path)
    said = seat.get(path) if method == "GET" else seat.post(path, {"token": ""}, follow=False)
    assert said.status == 303
    assert said.headers["location"].startswith("/console/sign-in")


@pytest.fixture(autouse=True)
def silent(office: Office) -> None:
    """Live parts end at once, as when the process is asked to end: a test would wait for ever."""
    office.app.state.streams.close()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_other(seats: dict[str, Seat], role: str) -> None:
    for route in GUARDED:
        needed = PERMISSIONS[ACTION_OF_ROUTE[route]]
        status = _ask(seats[role], route)
        assert (status == 403) is (ROLES.index(role) < ROLES.index(needed)), (route, status)
        assert status != 500, route
