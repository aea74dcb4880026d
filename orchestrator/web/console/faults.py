"""How an error becomes a page: a sentence in the visitor's language, what to do, and a way back."""

import logging

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from orchestrator.domain.errors import RelanceError
from orchestrator.storage import audit
from orchestrator.web.console.page import language_of, page
from orchestrator.web.console.session import SignInNeeded, find_visitor
from orchestrator.web.console.words import Words
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused, note_unforeseen, status_of

logger = logging.getLogger("orchestrator.web")


def fault_page(request: Request, error: Exception) -> Response:
    """The page for an error; whoever is not signed in is led to where they can be, and back."""
    if isinstance(error, SignInNeeded):
        here = request.url.path if request.method == "GET" else "/console/"
        query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
        return RedirectResponse(str(URL("/console/sign-in").include_query_params(next=here + query)), 303)
    status, code, detail, hint = _told(error)
    _note_refusal(request, code)
    try:
        words = Words(language_of(request, find_visitor(request)))
        is_known = words.knows(f"faults.{code}")
        sentence = words.say(f"faults.{code}") if is_known else detail
        hint = (
            "" if is_known else hint
        )  # it is for programs and commands: not in the reader's language, nor theirs to do
        return page(request, "fault.html", status=status, code=code, sentence=sentence, hint=hint)
    except RelanceError:  # the database is away: not even the menu can be shown
        return Response(f"{detail}\n", status, media_type="text/plain", headers={"Retry-After": "2"})


def _told(error: Exception) -> tuple[int, str, str, str]:
    if isinstance(error, Refused):
        return error.status, error.fault.error, error.fault.detail, error.fault.hint
    if isinstance(error, RelanceError):
        return status_of(error), error.code, error.message, error.hint
    if isinstance(error, RequestValidationError):
        return 422, "invalid_input", "what was asked for cannot be", ""
    if isinstance(error, HTTPException):
        return error.status_code, "not_found" if error.status_code == 404 else "refused", str(error.detail), ""
    note_unforeseen(error)
    return 500, "internal", "something went wrong here; it was noted", ""


def _note_refusal(request: Request, code: str) -> None:
    """What somebody tried and was refused is a line of the audit too."""
    if (request.method == "GET" and code != "not_allowed") or code == "form_repeated":
        return
    desk: Desk = request.app.state.desk
    try:
        visitor = find_visitor(request)
        if visitor is not None:
            act = getattr(request.scope.get("route"), "name", "")
            line = audit.Line(at=desk.real_now(), who=visitor.name, role=visitor.role, act=act, outcome=code)
            with desk.database.begin() as conn:
                audit.append(conn, line)
    except RelanceError as error:
        logger.warning("a refusal could not be noted: %s", error.code)
