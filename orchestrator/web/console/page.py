"""A page: a template, the words and formats of who looks at it, and what stands on every page around it."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import msgspec
from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from orchestrator.flows.pause_scope import may_concern
from orchestrator.storage import pauses, replies
from orchestrator.web.console.access import may
from orchestrator.web.console.formats import Formats
from orchestrator.web.console.names import names_of
from orchestrator.web.console.session import LANGUAGES, Visitor, find_visitor
from orchestrator.web.console.words import Words
from orchestrator.web.desk import Desk

STATIC = Path(__file__).parent / "static"

# Nothing from elsewhere, no inline style or script; frames only for what was sent, which has a policy of its own.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_ENVIRONMENT = Environment(
    loader=PackageLoader("orchestrator.web.console", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # words are read once: pages of a newer version would ask for those that it brought
)


class Place(msgspec.Struct, frozen=True):
    """A place of the menu: its page, its words, and what it asks for."""

    name: str
    address: str
    action: str = "console.see"
    is_more: bool = False


MENU = (
    Place("day", "/console/"),
    Place("now", "/console/now"),
    Place("inbox", "/console/inbox", "replies.see"),
    Place("cases", "/console/cases"),
    Place("campaigns", "/console/campaigns"),
    Place("results", "/console/results"),
    Place("messages", "/console/messages", is_more=True),
    Place("pauses", "/console/pauses", is_more=True),
    Place("crises", "/console/crises", is_more=True),
    Place("lanes", "/console/lanes", is_more=True),
    Place("webhooks", "/console/webhooks", "webhooks.see", is_more=True),
    Place("endpoints", "/console/endpoints", "endpoints.manage", is_more=True),
    Place("portfolios", "/console/portfolios", "portfolios.manage", is_more=True),
    Place("users", "/console/users", "users.manage", is_more=True),
    Place("audit", "/console/audit", "audit.see", is_more=True),
)


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page of the console. `template` is below `pages/`; `facts` are its own.

    Templates also have `say`, `word_for`, `campaign_name`, `creditor_name`, `step_name`, `ends_case`, `author_name`,
    `lane_name`, `options_of`, `money`, `day`, `moment`, `ago`, `number`, `percent`, `visitor`, `may`, `said` (what was
    just done), `here` (the address) and the layout's own facts.
    """
    return HTMLResponse(text_of(request, template, **facts), status, headers={"Content-Security-Policy": POLICY})


def text_of(request: Request, template: str, **facts: Any) -> str:
    """The same as text: a fragment of a page that is shown anew."""
    desk: Desk = request.app.state.desk
    visitor = find_visitor(request)
    return _ENVIRONMENT.get_template(template).render(**_around(request, desk, visitor), **facts)


def part_of(desk: Desk, visitor: Visitor, template: str, **facts: Any) -> str:
    """A fragment shown anew again and again, without what stands around a page: it reads what is in force, no more."""
    return _ENVIRONMENT.get_template(template).render(**_hand(desk, visitor, visitor.language), **facts)


def go(address: str, said: str = "") -> RedirectResponse:
    """Where a form leads: a page that may be loaded again. `said` is a key of words that tells what was done."""
    mark = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{mark}said={said}" if said else address, 303)


def language_of(request: Request, visitor: Visitor | None) -> str:
    """The visitor's own, else what was asked for, else what their browser prefers."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES and (visitor is None or request.query_params.get("lang")):
        return asked
    if visitor is not None:
        return visitor.language
    preferred = request.headers.get("accept-language", "").lower()
    places = {name: preferred.find(name) for name in LANGUAGES if preferred.find(name) >= 0}
    return min(places, key=places.__getitem__) if places else LANGUAGES[0]


def _around(request: Request, desk: Desk, visitor: Visitor | None) -> dict[str, Any]:
    language = language_of(request, visitor)
    words = Words(language)
    said = request.query_params.get("said", "")
    return {
        **_hand(desk, visitor, language),
        "said": words.say(said) if said and words.knows(said) else "",
        "here": request.url.path,
        "asset": asset,
        **(_signed_in(desk, visitor) if visitor else {"menu": (), "strips": (), "unread": 0}),
    }


def _hand(desk: Desk, visitor: Visitor | None, language: str) -> dict[str, Any]:
    """The words and formats of who looks."""
    words = Words(language)
    formats = Formats(language, visitor.zone if visitor else "Europe/Paris", desk.now())
    names = names_of(desk, language)
    return {
        "say": words.say,
        "word_for": words.word_for,
        "campaign_name": names.campaign,
        "creditor_name": names.creditor,
        "step_name": names.step,
        "ends_case": names.ends_case,
        "author_name": names.author,
        "lane_name": names.lane,
        "name_of": names.of,
        "options_of": names.options,
        "term_of": names.term,
        "condition_words": names.condition,
        "language": language,
        "visitor": visitor,
        "new_once": _new_once,
        "may": (lambda action: may(visitor, action)) if visitor else (lambda _action: False),
        **{name: getattr(formats, name) for name in _FORMATS},
    }


def _new_once() -> str:
    """The word of one form on one page: sent again, it is the same form."""
    return token_urlsafe(12)


_FORMATS = ("money", "cents", "number", "percent", "day", "moment", "clock", "ago", "lasting", "iso")


def _signed_in(desk: Desk, visitor: Visitor) -> dict[str, Any]:
    """The menu, and what nobody may overlook: pauses in force, a clock that is shifted, lanes that reach nobody."""
    with desk.database.read() as conn:
        stopped = pauses.active(conn, at=desk.now())
        unread = replies.count_open(conn, creditors=visitor.creditors, most=100) if may(visitor, "replies.see") else 0
    return {
        "menu": tuple(place for place in MENU if may(visitor, place.action)),
        "strips": _strips(desk),
        "pauses_in_force": [pause for pause in stopped if may_concern(pause.scope, visitor.creditors)],
        "unread": unread,
    }


def _strips(desk: Desk) -> tuple[str, ...]:
    found = []
    if desk.deployment.offset:
        found.append("layout.staging")
    if not desk.deployment.real_lanes:
        found.append("layout.sandbox")
    return tuple(found)


# ------------------------------------------------------------------------------------------------ static


@lru_cache(maxsize=1)
def bundles() -> Mapping[str, tuple[bytes, str]]:
    """{file name: (bytes, media type)}: the style and the script, each joined from its parts."""
    style = b"\n".join(path.read_bytes() for path in sorted(STATIC.glob("*.css")))
    script = b"\n".join(path.read_bytes() for path in sorted(STATIC.glob("*.js")))
    icon = (STATIC / "icon.svg").read_bytes()
    return {
        "console.css": (style, "text/css"),
        "console.js": (script, "text/javascript"),
        "icon.svg": (icon, "image/svg+xml"),
    }


@lru_cache(maxsize=8)
def asset(name: str) -> Markup:
    """The address of a static file; it changes with the content, so browsers keep it for ever."""
    content, _ = bundles()[name]
    return Markup(f"/console/static/{sha256(content).hexdigest()[:16]}/{name}")  # noqa: S704 - hex and our own names
