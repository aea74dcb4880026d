"""The pages of signing in: the first link, password and code, signing out. The only ones open to anyone."""

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from orchestrator.domain.errors import RelanceError
from orchestrator.flows.invite_user import accept, invited
from orchestrator.flows.passwords import SHORTEST
from orchestrator.flows.sign_in import CodeNeeded, Proofs, sign_in_with, sign_out
from orchestrator.web.auth import open_to_anyone
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import page
from orchestrator.web.console.session import (
    ByVisitor,
    Sent,
    find_visitor,
    give_cookie,
    require_same_site,
    take_cookie,
)
from orchestrator.web.desk import AtDesk
from orchestrator.web.errors import Refused, status_of

router = APIRouter()
_HOME = "/console/"
# From there speaks a proxy, for anybody: what one of them types wrongly must not cost the others their turn.
_WITHIN = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)


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
        place=_place(request.client.host if request.client else ""),
        device=request.headers.get("user-agent", ""),
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
            done = accept(desk.database, token, password, device=device, now=now, full_name=full_name)
            answer = RedirectResponse(_HOME, 303)
            give_cookie(answer, desk, done.token)
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


def _place(host: str) -> str:
    """Where somebody calls from, as far as it tells one from another: of IPv6 the network, for everybody has 2^64."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if any(address in network for network in _WITHIN):
        return ""
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)
