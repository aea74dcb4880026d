"""Who calls, and whether they may: the key of each request, and the role that each route asks for."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.check_key import Caller, check_key
from orchestrator.storage import audit
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused, response_of

_CALLER = "relance.caller"
_LONGEST_KEY = 100


class Identify:
    """Finds the caller of a key before anything of the body is read; a key that opens nothing is refused here."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and "authorization" in Headers(scope=scope):
            try:
                scope[_CALLER] = await run_in_threadpool(self._caller, Headers(scope=scope))
            except (Refused, RelanceError) as error:
                await response_of(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _caller(self, headers: Headers) -> Caller:
        kind, _, text = headers["authorization"].partition(" ")
        if kind.lower() == "bearer" and len(text) <= _LONGEST_KEY:
            found = check_key(self._desk.database, text.strip(), now=self._desk.real_now())
            if found is not None:
                return found
        raise Refused(401, "key_refused", "this key opens nothing", hint="send: Authorization: Bearer rk_…")


def caller_of(scope: Scope) -> Caller | None:
    """Who calls; None without a key."""
    found = scope.get(_CALLER)
    return found if isinstance(found, Caller) else None


class Guard:
    """The mark of who may call a route; each route bears one."""


class Needs(Guard):
    """What a route asks of its caller: a role, and a scope where the key has any."""

    def __init__(self, role: str, scope: str) -> None:
        self.role = role
        self.scope = scope

    def __call__(self, request: Request) -> Caller:
        """The caller, who may."""
        caller = caller_of(request.scope)
        if caller is None:
            raise Refused(401, "key_missing", "a key is needed here", hint="send: Authorization: Bearer rk_…")
        if caller.is_restricted:
            hint = "the API knows all creditors or none; they work in the console"
            raise Refused(403, "restricted_user", "this key is of a user who sees some creditors only", hint=hint)
        if not caller.may(self.role, self.scope):
            hint = f"it needs the role {self.role} and, where the key has scopes, {self.scope}"
            raise Refused(403, "not_allowed", "this key may not do this", hint=hint)
        if request.method not in ("GET", "HEAD"):
            self._note(request, caller)
        return caller

    def _note(self, request: Request, caller: Caller) -> None:
        """No act without its line in the audit: written before the act is done. Ids of things only."""
        desk: Desk = request.app.state.desk
        act = f"api.{getattr(request.scope.get('route'), 'name', '')}"
        subject = " ".join(str(value)[:80] for value in request.path_params.values())
        line = audit.Line(at=desk.real_now(), who=caller.name, role=caller.role, act=act, subject=subject)
        with desk.database.begin() as conn:
            audit.append(conn, line)


class OpenToAnyone(Guard):
    """The mark of a route that asks for no key."""

    def __call__(self) -> None:
        """Asks nothing."""


def needs(role: str, scope: str) -> Any:
    """For `dependencies=[…]` of a route."""
    return Depends(Needs(role, scope))


def open_to_anyone() -> Any:
    """For `dependencies=[…]` of a route without a key."""
    return Depends(OpenToAnyone())


def _known_caller(request: Request) -> Caller:
    caller = caller_of(request.scope)
    if caller is None:
        raise Refused(401, "key_missing", "a key is needed here", hint="send: Authorization: Bearer rk_…")
    return caller


ByCaller = Annotated[Caller, Depends(_known_caller)]
"""An endpoint's parameter of this type is who calls, for what is recorded under their name."""


def guarded_routes(app: FastAPI) -> Iterator[tuple[RouteContext, Guard | None]]:
    """Every route with what it asks for; None for one that forgot to say, or said it twice."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            marks = [call for call in _calls(route.dependant) if isinstance(call, Guard)]
            yield route, marks[0] if len(marks) == 1 else None


def _calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
