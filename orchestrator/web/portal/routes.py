"""`/d/<token>`: the page behind the link of a message, and what it is told. Public on purpose: the link is the right.

GET and HEAD change nothing, for mail programs and scanners follow links; whatever changes something is a POST.
"""

import logging
import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import RelanceError, TemplateError
from orchestrator.flows.record_wish import Heard, Kind, WayOut, find_way_out, record_wish
from orchestrator.rendering.portal_words import PortalWords, portal_words
from orchestrator.settings import shipped
from orchestrator.web.auth import open_to_anyone
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.portal import pages
from orchestrator.web.portal.answers import fields_of, is_one_click, wish_of

logger = logging.getLogger("orchestrator.web")
router = APIRouter(include_in_schema=False, dependencies=[open_to_anyone()])

_PATH = "/d/{path:path}"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_KINDS = {kind.value: kind for kind in Kind}


@router.api_route(_PATH, methods=["GET", "HEAD"])
def show(path: str, desk: AtDesk, lang: str = "") -> Response:
    """The page of a message. One that ends in a wish opens that form, and does nothing."""
    token, _, action = path.partition("/")
    words = _words(desk)
    try:
        way = _way(desk, token, action)
        if way is None:
            return _nowhere(words, "gone", 404)
        sheet = _sheet(desk, words, way, lang, root=f"../{token}" if action else token)
        return _html(pages.choices(sheet, _KINDS.get(action)))
    except RelanceError as error:
        return _trouble(words, error)


@router.post(_PATH)
def hear(path: str, request: Request, desk: AtDesk, lang: str = "") -> Response:
    """One wish. A mail program that asks for `stop` is answered in a few words (RFC 8058)."""
    token, _, action = path.partition("/")
    words = _words(desk)
    try:
        way = _way(desk, token, action) if action else None
        if way is None:
            return _nowhere(words, "gone", 404)
        kind = _KINDS[action]
        fields = fields_of(request.scope["relance.body"], request.headers.get("content-type", ""))
        heard = record_wish(desk.database, way, wish_of(kind, fields), now=desk.now())
        sheet = _sheet(desk, words, way, lang, root=f"../{token}")
    except RelanceError as error:
        return _trouble(words, error)
    if heard is Heard.TOO_MANY:
        return _html(pages.too_many(sheet), 429)
    if kind is Kind.STOP and is_one_click(fields):
        return PlainTextResponse(sheet.words.say(pages.done_key(sheet, kind), **sheet.facts))
    return _html(pages.done(sheet, kind))


def _way(desk: Desk, token: str, action: str) -> WayOut | None:
    if not _TOKEN.fullmatch(token) or (action and action not in _KINDS):
        return None
    return find_way_out(desk.database, token, real_now=desk.real_now())


def _sheet(desk: Desk, words: Mapping[str, PortalWords], way: WayOut, lang: str, *, root: str) -> pages.Sheet:
    creditor_id = way.case.creditor
    creditor = desk.deployment.rules.creditors.get(creditor_id) or Creditor(id=creditor_id, name=creditor_id)
    asked = lang if lang in words else ""
    own = (way.person.language if way.person else "") or way.case.debtor.language
    spoken = next(code for code in (asked, own, creditor.language, *words) if code in words)
    others = tuple(each for code, each in words.items() if code != spoken)
    return pages.Sheet(way=way, creditor=creditor, words=words[spoken], others=others, root=root, lang=asked)


def _words(desk: Desk) -> Mapping[str, PortalWords]:
    """The words in use. A fault in a deployment's own (`relance check` names it) never closes the way out."""
    own, ours = desk.deployment.settings.templates, shipped("templates")
    try:
        found = portal_words(own, ours)
    except TemplateError as error:
        logger.error("the shipped words of the portal are in use: %s", error)
        found = portal_words(ours, ours)
    first = desk.deployment.settings.language
    return {code: found[code] for code in sorted(found, key=lambda code: (code != first, code))}


def _nowhere(words: Mapping[str, PortalWords], what: str, status: int) -> Response:
    return _html(pages.nowhere(words, what), status)


def _trouble(words: Mapping[str, PortalWords], error: RelanceError) -> Response:
    """The database is away, or busy: the person is told that nothing was recorded, and in which words we say so."""
    logger.error("the portal could not answer: %s", error.code)
    answer = _nowhere(words, "trouble", 503)
    answer.headers["Retry-After"] = "60"
    return answer


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status_code=status, headers=dict(pages.HEADERS))
