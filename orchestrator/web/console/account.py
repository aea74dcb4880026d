"""My account: name, language, time zone, shortcuts, password, second factor, and where one is signed in."""

from zoneinfo import available_timezones

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.errors import InputError, RelanceError
from orchestrator.flows import second_factor
from orchestrator.flows.passwords import SHORTEST
from orchestrator.flows.sign_in import change_password
from orchestrator.rendering import qr_code
from orchestrator.storage import access, sign_in
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import LANGUAGES, ByVisitor, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import status_of

router = APIRouter(prefix="/account", dependencies=[allowed("own.account")])
_HERE = "/console/account"


@router.get("")
def show_account(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The page."""
    return _page(request, desk, visitor)


@router.post("/preferences")
def save_preferences(desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Name, language, zone and shortcuts."""
    zone = sent.text("zone")
    if zone not in available_timezones():
        raise InputError("this time zone does not exist", hint="such as Europe/Paris")
    language = sent.text("language")
    changed = msgspec.structs.replace(
        visitor.user,
        full_name=sent.text("full_name", most=80),
        language=language if language in LANGUAGES else visitor.language,
        zone=zone,
        has_keys=sent.has("has_keys"),
    )
    with desk.database.begin() as conn:
        access.save_preferences(conn, changed)
    return go(_HERE, "account.saved")


@router.post("/password")
def set_password(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Another password; every other session ends."""
    new = sent.raw("password")
    if new != sent.raw("again"):
        return _page(request, desk, visitor, fault="password_differs", status=422)
    try:
        change_password(
            desk.database, visitor.user, old=sent.raw("old"), new=new, session=visitor.session, now=desk.real_now()
        )
    except RelanceError as error:
        return _page(request, desk, visitor, fault=error.code, status=status_of(error))
    return go(_HERE, "account.password_set")


@router.get("/code")
def show_code(request: Request) -> Response:
    """A new secret for a telephone; nothing is kept before a code of it is given."""
    secret = second_factor.new_secret()
    return _code_page(request, secret)


@router.post("/code")
def set_code(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """From now on a code is asked for."""
    secret, key = sent.text("secret", most=64), desk.deployment.secret_key
    if not second_factor.is_secret(secret):
        return go(f"{_HERE}/code")
    try:
        second_factor.enrol(
            desk.database, _asked(visitor, sent), secret, sent.text("code"), secret_key=key, now=desk.real_now()
        )
    except RelanceError as error:
        return _code_page(request, secret, fault=error.code, status=status_of(error))
    return go(_HERE, "account.code_set")


@router.post("/code/remove")
def remove_code(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """No code is asked for any more."""
    try:
        second_factor.remove(desk.database, _asked(visitor, sent), now=desk.real_now())
    except RelanceError as error:
        return _page(request, desk, visitor, code_fault=error.code, status=status_of(error))
    return go(_HERE, "account.code_removed")


@router.post("/sessions/end")
def end_others(desk: AtDesk, visitor: ByVisitor) -> Response:
    """Signs out everywhere but here."""
    with desk.database.begin() as conn:
        sign_in.end_sessions(conn, visitor.name, now=desk.real_now(), but=visitor.session)
    return go(_HERE, "account.sessions_ended")


def _asked(visitor: Visitor, sent: Sent) -> second_factor.Asked:
    return second_factor.Asked(user=visitor.user, password=sent.raw("own_password"), session=visitor.session)


def _page(
    request: Request, desk: Desk, visitor: Visitor, *, fault: str = "", code_fault: str = "", status: int = 200
) -> Response:
    with desk.database.read() as conn:
        live = sign_in.live_sessions(conn, visitor.name, now=desk.real_now())
        found = sign_in.load_credentials(conn, visitor.name)
    return page(
        request,
        "account/account.html",
        status=status,
        sessions=live,
        has_code=bool(found and found.totp_sealed),
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        languages=LANGUAGES,
        shortest=SHORTEST,
        fault=fault,
        code_fault=code_fault,
    )


def _code_page(request: Request, secret: str, *, fault: str = "", status: int = 200) -> Response:
    name = request.scope["relance.visitor"].name
    drawn = qr_code.svg(second_factor.address_of(secret, name), level="M").decode()
    return page(
        request,
        "account/code.html",
        status=status,
        secret=secret,
        grouped=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        drawn=drawn,
        fault=fault,
    )
