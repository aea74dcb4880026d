"""What each role may do in the console: the table of permissions, and the mark that every route bears."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import Depends, Request

from orchestrator.domain.acts import reaches
from orchestrator.storage import audit
from orchestrator.web.auth import Guard
from orchestrator.web.console.session import Visitor, require_same_site, require_token, visitor_of
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused

# Action → the least role that may. To be read by whoever answers for access.
PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "own.account": "viewer",
        "console.see": "viewer",
        "contact.see": "agent",
        "cases.act": "agent",
        "replies.see": "agent",
        "replies.answer": "agent",
        "tasks.answer": "agent",
        "cases.close": "manager",
        "payments.record": "manager",
        "portfolios.manage": "manager",
        "sending.pause": "manager",
        "sending.resume": "manager",
        "campaigns.release": "manager",
        "webhooks.see": "manager",
        "webhooks.replay": "manager",
        "crises.run": "admin",
        "sending.resume_many": "admin",
        "endpoints.manage": "admin",
        "users.manage": "admin",
        "audit.see": "admin",
    }
)

# What reaches every creditor by its nature: whoever sees some only would give themselves the rest, or read of it.
FOR_ALL_CREDITORS = frozenset({"users.manage", "audit.see"})


class Allowed(Guard):
    """What a route of the console asks: somebody signed in who may do this; on POST, that the console itself asks."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.role = PERMISSIONS[action]

    def __call__(self, request: Request) -> Visitor:
        """The visitor, who may. Raises SignInNeeded, or Refused 403."""
        visitor = visitor_of(request)
        if request.method not in ("GET", "HEAD"):
            require_same_site(request)
            require_token(request, visitor)
        if not may(visitor, self.action):
            hint = f"it needs the role {self.role}"
            hint += ", for every creditor" if self.action in FOR_ALL_CREDITORS else ""
            raise Refused(403, "not_allowed", "your role may not do this", hint=hint)
        if request.method not in ("GET", "HEAD"):
            _note(request, visitor)
        return visitor


def _note(request: Request, visitor: Visitor) -> None:
    """No act without its line: it is written before the act is done. Ids of things only, never what was typed."""
    desk: Desk = request.app.state.desk
    act = getattr(request.scope.get("route"), "name", "")
    subject = " ".join(str(value)[:80] for value in request.path_params.values())
    line = audit.Line(at=desk.real_now(), who=visitor.name, role=visitor.role, act=act, subject=subject)
    with desk.database.begin() as conn:
        audit.append(conn, line)


def may(visitor: Visitor, action: str) -> bool:
    """Whether their role reaches what an action asks for, and they see every creditor where that is asked."""
    sees_enough = visitor.creditors is None or action not in FOR_ALL_CREDITORS
    return sees_enough and reaches(visitor.role, PERMISSIONS[action])


def allowed(action: str) -> Any:
    """For `dependencies=[…]` of a route."""
    return Depends(Allowed(action))
