"""Who may call what: every route says it, and every way of not being allowed is refused alike."""

import re
from datetime import timedelta

import pytest

from orchestrator.flows.change_user import Terms, change_user, disable_user
from orchestrator.flows.check_key import check_key
from orchestrator.flows.grant_access import SCOPES, add_user, revoke_key
from orchestrator.storage import access
from orchestrator.web.auth import Needs, OpenToAnyone, guarded_routes
from tests.web.conftest import ROLES, Office

# The whole of it, to be read by whoever answers for access.
ROLE_OF_ROUTE = {
    "GET /api/docs": "anyone",
    "GET /api/openapi.json": "anyone",
    "GET /healthz": "anyone",
    "GET /readyz": "anyone",
    # What a debtor is given with each message: its token is the right, and shows nothing of the debt.
    "GET /d/{path}": "anyone",
    "HEAD /d/{path}": "anyone",
    "POST /d/{path}": "anyone",
    "GET /metrics": "viewer metrics:read",
    "POST /api/v1/debts": "manager debts:write",
    "POST /api/v1/payments": "manager payments:write",
    "GET /api/v1/cases": "viewer cases:read",
    "GET /api/v1/cases/{case_id}": "viewer cases:read",
    "GET /api/v1/cases/{case_id}/why": "viewer cases:read",
    "GET /api/v1/cases/{case_id}/statement": "agent cases:read",
    "POST /api/v1/cases/{case_id}/promises": "agent cases:write",
    "POST /api/v1/cases/{case_id}/deferrals": "agent cases:write",
    "POST /api/v1/cases/{case_id}/already-paid": "agent cases:write",
    "POST /api/v1/cases/{case_id}/disputes": "agent cases:write",
    "POST /api/v1/cases/{case_id}/disputes/{hold_id}/answer": "agent cases:write",
    "POST /api/v1/cases/{case_id}/holds": "agent cases:write",
    "POST /api/v1/cases/{case_id}/holds/{hold_id}/lift": "agent cases:write",
    "POST /api/v1/cases/{case_id}/hardship": "agent cases:write",
    "POST /api/v1/cases/{case_id}/marks": "agent cases:write",
    "POST /api/v1/cases/{case_id}/marks/{mark}/remove": "agent cases:write",
    "POST /api/v1/cases/{case_id}/points": "agent cases:write",
    "POST /api/v1/cases/{case_id}/contacts": "agent cases:write",
    "POST /api/v1/cases/{case_id}/close": "agent cases:write",
    "POST /api/v1/cases/{case_id}/reopen": "agent cases:write",
    "POST /api/v1/cases/{case_id}/opt-outs": "agent cases:write",
    "POST /api/v1/cases/{case_id}/opt-ins": "agent cases:write",
    "POST /api/v1/cases/{case_id}/notes": "agent cases:write",
    "POST /api/v1/cases/{case_id}/calls": "agent cases:write",
    "GET /api/v1/replies": "agent replies:read",
    "POST /api/v1/replies": "agent replies:write",
    "GET /api/v1/replies/{reply_id}": "agent replies:read",
    "GET /api/v1/replies/{reply_id}/attachments/{number}": "agent replies:read",
    "POST /api/v1/replies/{reply_id}/claim": "agent replies:write",
    "POST /api/v1/replies/{reply_id}/release": "agent replies:write",
    "POST /api/v1/replies/{reply_id}/answer/check": "agent replies:write",
    "POST /api/v1/replies/{reply_id}/answer": "agent replies:write",
    "POST /api/v1/replies/{reply_id}/read": "agent replies:write",
    "POST /api/v1/replies/{reply_id}/case": "agent replies:write",
    "GET /api/v1/messages": "viewer messages:read",
    "GET /api/v1/messages/{message_id}": "viewer messages:read",
    "GET /api/v1/campaigns": "viewer campaigns:read",
    "GET /api/v1/pauses": "viewer pauses:read",
    "POST /api/v1/pauses": "manager pauses:write",
    "GET /api/v1/pauses/{pause_id}": "viewer pauses:read",
    "POST /api/v1/pauses/{pause_id}/resume": "manager pauses:write",
    "GET /api/v1/crises": "viewer crises:read",
    "POST /api/v1/crises": "admin crises:write",
    "POST /api/v1/crises/{crisis_id}/end": "admin crises:write",
    "GET /api/v1/endpoints": "admin endpoints:read",
    "POST /api/v1/endpoints": "admin endpoints:write",
    "POST /api/v1/endpoints/{endpoint_id}/disable": "admin endpoints:write",
    "POST /api/v1/endpoints/{endpoint_id}/enable": "admin endpoints:write",
    "GET /api/v1/endpoints/{endpoint_id}/deliveries": "admin endpoints:read",
    "POST /api/v1/endpoints/{endpoint_id}/replay": "admin endpoints:write",
    "GET /api/v1/portfolios": "manager portfolios:read",
    "POST /api/v1/portfolios": "manager portfolios:write",
    "POST /api/v1/portfolios/give": "manager portfolios:write",
    "POST /api/v1/portfolios/{name}/end": "manager portfolios:write",
    # Anybody says it of themselves; of others a manager, which the flow asks for.
    "POST /api/v1/portfolios/absences": "agent portfolios:write",
    "POST /api/v1/portfolios/absences/{absence_id}/end": "agent portfolios:write",
    "GET /api/v1/tasks": "viewer tasks:read",
    "POST /api/v1/tasks/{task_id}/{answer}": "agent tasks:write",
    "GET /api/v1/webhooks": "manager webhooks:read",
    "POST /api/v1/webhooks/{event_id}/replay": "manager webhooks:write",
}
GUARDED = sorted(route for route, role in ROLE_OF_ROUTE.items() if role != "anyone")


def _said(guard: object) -> str:
    if isinstance(guard, Needs):
        return f"{guard.role} {guard.scope}"
    return "anyone" if isinstance(guard, OpenToAnyone) else "nothing"


def test_every_route_says_who_may_call_it(office: Office) -> None:
    found = {
        f"{method} {route.path_format}": _said(guard)
        for route, guard in guarded_routes(office.app)
        for method in route.methods or ()
        if not (route.path_format or "").startswith("/console")  # console/test_roles.py has those
    }
    assert found == ROLE_OF_ROUTE


def test_every_scope_that_a_route_asks_for_can_be_given() -> None:
    assert {role.split(" ")[1] for role in ROLE_OF_ROUTE.values() if role != "anyone"} == set(SCOPES)


def _call(office: Office, route: str, key: str | None) -> tuple[int, str]:
    method, path = route.split(" ")
    path = path.replace("{answer}", "done")
    answer = office.ask(method, re.sub(r"\{\w+\}", "none", path), key=key, **({"json": {}} if method == "POST" else {}))
    return answer.status, answer.error


@pytest.mark.parametrize("route", GUARDED)
def test_without_a_key_nothing_opens(office: Office, route: str) -> None:
    assert _call(office, route, None) == (401, "key_missing")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_routes_and_no_other(office: Office, role: str) -> None:
    for route in GUARDED:
        needed = ROLE_OF_ROUTE[route].split(" ")[0]
        status, error = _call(office, route, role)
        is_refused = (status, error) == (403, "not_allowed")
        assert is_refused is (ROLES.index(role) < ROLES.index(needed)), (route, status, error)
        assert status not in (401, 500), route


@pytest.mark.parametrize(
    "text",
    ["", "rk_", "rk_000000000000_" + "A" * 43, "rk_000000000000_" + "A" * 5000, "Zm9vOmJhcg==", "rk_é", "' OR 1=1 --"],
)
def test_a_text_that_is_no_key_opens_nothing(office: Office, text: str) -> None:
    for kind in ("Bearer", "bearer", "Basic", ""):
        answer = office.get("/api/v1/cases", key=None, headers={"Authorization": f"{kind} {text}".encode()})
        assert (answer.status, answer.error) == (401, "key_refused")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_every_character_of_a_secret_counts(office: Office) -> None:
    text = office.key("whole", "viewer")
    assert office.get("/api/v1/cases", key=text).status == 200
    for place in range(len("rk_000000000000_"), len(text)):
        other = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
        assert check_key(office.database, other, now=office.now) is None


def test_a_revoked_key_opens_nothing(office: Office) -> None:
    text = office.key("leaked", "admin")
    assert office.get("/api/v1/cases", key=text).status == 200
    revoke_key(office.database, "leaked", by="test", now=office.now)
    assert office.get("/api/v1/cases", key=text).error == "key_refused"


def test_a_key_ends_when_it_was_said_to(office: Office) -> None:
    text = office.key("guest", "viewer", until=office.now + timedelta(hours=1))
    before = office.now
    try:
        assert office.get("/api/v1/cases", key=text).status == 200
        office.later(hours=1)
        assert office.get("/api/v1/cases", key=text).error == "key_refused"
    finally:
        office.now = before


def test_a_scope_narrows_the_role(office: Office) -> None:
    text = office.key("reader", "admin", "cases:read")
    assert office.get("/api/v1/cases", key=text).status == 200
    assert office.get("/api/v1/messages", key=text).error == "not_allowed"
    assert office.post("/api/v1/crises", {}, key=text).error == "not_allowed"


def test_a_key_of_a_disabled_user_opens_nothing(office: Office) -> None:
    add_user(office.database, "ann", role="agent", by="test", now=office.now)
    text = office.key("ann-laptop", "agent", owner="ann")
    assert office.get("/api/v1/cases", key=text).status == 200
    disable_user(office.database, "ann", by="test", now=office.now)
    assert office.get("/api/v1/cases", key=text).error == "key_refused"


def test_a_use_is_noted_at_most_once_a_minute(office: Office) -> None:
    text, before = office.key("busy", "viewer"), office.now
    seen = []
    try:
        for seconds in (0, 30, 31):
            office.later(seconds=seconds)
            office.get("/api/v1/cases", key=text)
            with office.database.read() as conn:
                (busy,) = [key for key in access.all_keys(conn) if key.name == "busy"]
            seen.append(busy.last_used_at)
    finally:
        office.now = before
    assert seen == [before, before, before + timedelta(seconds=61)]


def test_no_secret_is_stored(office: Office) -> None:
    text = office.key("kept", "viewer")
    with office.database.read() as conn:
        rows = str(access.all_keys(conn))
    assert text.rpartition("_")[2] not in rows
    assert text[-20:] not in rows


def test_a_key_of_somebody_who_sees_some_creditors_opens_nothing_of_the_api(office: Office) -> None:
    add_user(office.database, "keeper", role="admin", by="test", now=office.now)
    text = office.key("keepers-own", "agent", owner="keeper")
    assert office.get("/api/v1/cases", key=text).status == 200
    some = Terms(role="admin", creditors=frozenset({"acme-telecom"}))
    add_user(office.database, "another-admin", role="admin", by="test", now=office.now)
    change_user(office.database, "keeper", some, by="test", now=office.now)
    answer = office.get("/api/v1/cases", key=text)
    assert (answer.status, answer.error) == (403, "restricted_user")
