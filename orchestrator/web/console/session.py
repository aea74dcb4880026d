"""Who is signed in: the cookie, the visitor behind it, and the proof that a form came from our own page.

A cookie holds 256 random bits and nothing else. Its session is a row; a copy of it opens nothing after signing out.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response

from orchestrator.flows.known_device import KEPT, remember_device
from orchestrator.flows.sign_in import LONGEST_HOURS, who_is
from orchestrator.storage.access import User
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused

LANGUAGES = ("fr", "en")
_LONGEST_TOKEN = 100
_VISITOR = "relance.visitor"
_MOST_FIELDS = 5_000


class SignInNeeded(Exception):
    """Nobody is signed in: the page to sign in is shown instead."""


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `creditors` are those whose cases they may see, None all; `token` goes into each form."""

    name: str
    shown_name: str
    role: str
    language: str
    zone: str
    creditors: frozenset[str] | None
    has_keys: bool
    token: str
    session: str
    user: User


class Form:
    """The fields of a form that was sent: texts, trimmed."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def text(self, name: str, *, most: int = 500) -> str:
        """The value of a field, cut to `most` characters; empty when it was not sent."""
        return next((value.strip()[:most] for key, value in self._pairs if key == name), "")

    def raw(self, name: str) -> str:
        """The value as it was typed: spaces of a password count."""
        return next((value for key, value in self._pairs if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be sent several times."""
        return tuple(value.strip() for key, value in self._pairs if key == name)

    def has(self, name: str) -> bool:
        """Whether a box was ticked, or a button pressed."""
        return any(key == name for key, _ in self._pairs)

    @property
    def values(self) -> Mapping[str, str]:
        """Every field once, to show a form again as it was filled in."""
        return {key: value for key, value in reversed(self._pairs) if key != "token"}


def cookie_name(desk: Desk) -> str:
    """With TLS the name itself makes browsers refuse a cookie that another host or a plain page has set."""
    return "__Host-relance" if _is_https(desk) else "relance-session"


def give_cookie(response: Response, desk: Desk, token: str) -> None:
    """Signs a browser in."""
    response.set_cookie(
        cookie_name(desk),
        token,
        max_age=LONGEST_HOURS * 3600,
        path="/",
        secure=_is_https(desk),
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, desk: Desk) -> None:
    """Signs a browser out."""
    response.delete_cookie(cookie_name(desk), path="/", secure=_is_https(desk), httponly=True, samesite="lax")


def device_of(request: Request) -> str:
    """What the browser keeps of those who signed in there; empty for a new one."""
    desk: Desk = request.app.state.desk
    return request.cookies.get(_device_name(desk), "")


def keep_device(response: Response, request: Request, name: str) -> None:
    """The browser keeps that this account signed in there, so that no stranger's guesses make it wait."""
    desk: Desk = request.app.state.desk
    key, now = desk.deployment.secret_key, desk.real_now()
    response.set_cookie(
        _device_name(desk),
        remember_device(desk.database, name, device_of(request), secret_key=key, now=now),
        max_age=int(KEPT.total_seconds()),
        path="/console",
        secure=_is_https(desk),
        httponly=True,
        samesite="strict",
    )


def _device_name(desk: Desk) -> str:
    return "__Secure-relance-device" if _is_https(desk) else "relance-device"


def find_visitor(request: Request) -> Visitor | None:
    """Who is signed in; None for nobody."""
    if _VISITOR in request.scope:
        found = request.scope[_VISITOR]
        return found if isinstance(found, Visitor) else None
    visitor = _find(request)
    request.scope[_VISITOR] = visitor
    return visitor


def visitor_of(request: Request) -> Visitor:
    """Who is signed in. Raises SignInNeeded."""
    found = find_visitor(request)
    if found is None:
        raise SignInNeeded
    return found


def _find(request: Request) -> Visitor | None:
    desk: Desk = request.app.state.desk
    token = request.cookies.get(cookie_name(desk), "")
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    found = who_is(desk.database, token, now=desk.real_now())
    if found is None:
        return None
    session, user = found
    return Visitor(
        name=user.name,
        shown_name=user.shown_name,
        role=user.role,
        language=user.language if user.language in LANGUAGES else "en",
        zone=user.zone,
        creditors=user.creditors,
        has_keys=user.has_keys,
        token=_form_token(desk, token),
        session=session.digest,
        user=user,
    )


def form_of(request: Request) -> Form:
    """The fields of the request; raises Refused for a body that no form of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(415, "invalid_form", "this is no form of the console")
    body: bytes = request.scope.get("relance.body", b"")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refused(400, "invalid_form", "this is no form of the console") from None
    if any("\0" in value for _, value in pairs):
        raise Refused(400, "invalid_form", "this is no form of the console")
    return Form(pairs)


def require_token(request: Request, visitor: Visitor) -> None:
    """Raises Refused unless the form holds what only a page of that session knows."""
    sent = request.headers.get("x-token") or form_of(request).text("token")
    if not hmac.compare_digest(sent.encode(), visitor.token.encode()):
        raise Refused(403, "form_refused", "this form is not of your session", hint="open the page again")


def require_same_site(request: Request) -> None:
    """Raises Refused for a POST that another site makes a browser send."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        is_ours = fetched == "same-origin"
    else:
        desk: Desk = request.app.state.desk
        scheme, host = _origin_of(request.headers.get("origin") or request.headers.get("referer") or "")
        hosts = {request.headers.get("host"), _origin_of(desk.deployment.settings.public_url)[1]}
        # A page of our name without TLS is whoever's is on the way.
        is_ours = bool(host) and host in hosts and (scheme == "https" or not _is_https(desk))
    if not is_ours:
        raise Refused(403, "form_refused", "this form came from another site", hint="open the page again")


def _origin_of(address: str) -> tuple[str, str]:
    """Scheme and host; empty for what no browser sends."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _form_token(desk: Desk, token: str) -> str:
    key = desk.deployment.secret_key.encode()
    return hmac.new(key, b"console form " + token.encode(), sha256).hexdigest()


def _is_https(desk: Desk) -> bool:
    return desk.deployment.settings.public_url.startswith("https://")


ByVisitor = Annotated[Visitor, Depends(visitor_of)]
"""An endpoint's parameter of this type is who is signed in."""

Sent = Annotated[Form, Depends(form_of)]
"""An endpoint's parameter of this type is the form that was sent."""
