"""The pages of signing in: the first link, password and code, signing out. The only ones open to anyone."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.invite_user import accept, invited
from orchestrator.flows.passwords import SHORTEST
from orchestrator.flows.sign_in import CodeNeeded, Proofs, sign_in_with, sign_out
from orchestrator.web.auth import open_to_anyone
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import language_of, page
from orchestrator.web.console.session import (
    ByVisitor,
    Sent,
    device_of,
    find_visitor,
    give_cookie,
    keep_device,
    require_same_site,
    take_cookie,
)
from orchestrator.web.desk import AtDesk
from orchestrator.web.errors import Refused, status_of
from orchestrator.web.places import place_of

router = APIRouter()
_HOME = "/console/"


@router.get("/sign-in", dependencies=[open_to_anyone()])
def show_sign_in(request: Request, next: str = _HOME) -> Response:  # noqa: A002 - the name in the address
    """The form; whoever is signed in goes on."""
    if find_visitor(request) is not None:
        return RedirectResponse(_ours(next), 303)
    return page(request, "sign_in/sign_in.html", name="", next=_ours(next), fault="", asks_code=False, password="")


@router.post("/sign-in", dependencies=[open_to_anyone()])
def sign_in(request: Request, desk: AtDesk, sent: Sent) -> Response:
    """Signs in, by password and, where it is asked for, code."""
    require_same_site(request)
    proofs = Proofs(
        name=sent.text("name", most=80),
        password=sent.raw("password"),
        code=sent.text("code", most=20),
        place=place_of(request, desk.deployment.settings.trusted_proxies),
        device=request.headers.get("user-agent", ""),
        known=device_of(request),
    )
    goal, key = _ours(sent.text("next")), desk.deployment.secret_key
    try:
        done = sign_in_with(desk.database, proofs, secret_key=key, now=desk.real_now())
    except (RelanceError, CodeNeeded) as error:
        if error.code not in ("sign_in_refused", "too_many_tries", "code_needed", "factor_sealed"):
            raise
        asks_code = error.code == "code_needed" or bool(proofs.code)
        return page(
            request,
            "sign_in/sign_in.html",
            status=status_of(error),
            name=proofs.name,
            next=goal,
            fault="" if error.code == "code_needed" else error.code,
            asks_code=asks_code,
            password="",
        )
    answer = RedirectResponse(goal, 303)
    give_cookie(answer, desk, done.token)
    keep_device(answer, request, done.user.name)
    return answer


@router.post("/sign-out", dependencies=[allowed("own.account")])
def leave(desk: AtDesk, visitor: ByVisitor) -> Response:
    """Ends the session."""
    sign_out(desk.database, visitor.user, visitor.session, now=desk.real_now())
    answer = RedirectResponse("/console/sign-in", 303)
    take_cookie(answer, desk)
    return answer


@router.get("/welcome/{token}", dependencies=[open_to_anyone()])
def show_welcome(token: str, request: Request, desk: AtDesk) -> Response:
    """The page of a one-time link. Looking at it changes nothing: programs that read mail follow links."""
    user = invited(desk.database, token, now=desk.real_now())
    if user is None:
        raise Refused(404, "link_used", "this link was used, or its time is over")
    return page(request, "sign_in/welcome.html", user=user, shortest=SHORTEST, fault="", full_name=user.full_name)


@router.post("/welcome/{token}", dependencies=[open_to_anyone()])
def welcome(token: str, request: Request, desk: AtDesk, sent: Sent) -> Response:
    """Sets the password that was chosen, and signs in."""
    require_same_site(request)
    user = invited(desk.database, token, now=desk.real_now())
    if user is None:
        raise Refused(404, "link_used", "this link was used, or its time is over")
    full_name, password = sent.text("full_name", most=80), sent.raw("password")
    fault = "" if password == sent.raw("again") else "password_differs"
    device = request.headers.get("user-agent", "")
    try:
        if not fault:
            now = desk.real_now()
            spoken = language_of(request, None)  # the page was read in it: the next one speaks it too
            done = accept(desk.database, token, password, device=device, now=now, full_name=full_name, language=spoken)
            answer = RedirectResponse(_HOME, 303)
            give_cookie(answer, desk, done.token)
            keep_device(answer, request, done.user.name)
            return answer
    except RelanceError as error:
        if error.code not in ("password_length", "password_weak"):
            raise
        fault = error.code
    return page(
        request, "sign_in/welcome.html", status=422, user=user, shortest=SHORTEST, fault=fault, full_name=full_name
    )


def _ours(address: str) -> str:
    """An address of the console, whatever was sent: signing in leads nowhere else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return _HOME
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(_HOME) and "\\" not in address
    return address if is_ours else _HOME
