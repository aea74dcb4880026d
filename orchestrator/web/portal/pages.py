"""The pages of the portal as HTML: how to pay, four forms, and what is said after. No debtor's data, no script.

They read without style too. The style is one text, allowed by its digest alone.
"""

import html
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec

from orchestrator.domain.creditor import Creditor
from orchestrator.flows.record_wish import Kind, WayOut
from orchestrator.rendering.portal_words import PortalWords
from orchestrator.rendering.reading import clean, short_name
from orchestrator.rendering.typography import typography
from orchestrator.web.portal.answers import MOST_HOURS, MOST_PHONE, MOST_WORDS
from orchestrator.web.portal.means import ways_to_pay

# Text on ground: 15.9, 7.4 (small print) and 8.9 (buttons) to one; 13.6, 8.3 and 9.0 in the dark.
_STYLE = (
    ":root{color-scheme:light dark;--ink:#1c1c22;--soft:#50505a;--ground:#f6f6f4;--card:#fff;--line:#8a8a94;"
    "--act:#174a7c;--on-act:#fff;--rule:#d9d9de}"
    "@media(prefers-color-scheme:dark){:root{--ink:#ececf0;--soft:#bcbcc6;--ground:#17171b;--card:#222228;"
    "--line:#8e8e9a;--act:#a9cdf2;--on-act:#10233a;--rule:#3a3a44}}"
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}"
    ".page{max-width:38rem;margin:0 auto;padding:1.25rem 1rem 2.5rem}"
    "nav{text-align:right;margin-bottom:.5rem}a{color:var(--act)}nav a{display:inline-block;padding:.4rem 0}"
    "header p{margin:0 0 .35rem}.who{font-weight:600}.case,.soft,.note,footer{color:var(--soft)}"
    "h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .5rem}h2{display:inline;font-size:1.0625rem;margin:0}"
    "details{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;margin:.75rem 0}"
    "summary{padding:1rem;cursor:pointer;border-radius:.6rem}summary:hover h2{text-decoration:underline}"
    "form,.pay{padding:0 1rem 1.1rem}form p,.pay p{margin:.2rem 0 .9rem}"
    "label{display:block;font-weight:600;margin:.9rem 0 .2rem}"
    "dl{margin:0 0 .9rem}dt{color:var(--soft)}dd{margin:0 0 .6rem;font-weight:600;overflow-wrap:anywhere}"
    ".tick{display:flex;gap:.6rem;align-items:flex-start;font-weight:400;margin:.2rem 0;padding:.3rem 0}"
    ".tick input{width:1.3rem;height:1.3rem;margin:.15rem 0 0;flex:none}.note{font-size:.9375rem}"
    "textarea,input[type=tel],input[type=text]{display:block;width:100%;font:inherit;color:inherit;"
    "background:var(--ground);border:1px solid var(--line);border-radius:.4rem;padding:.65rem}"
    "button,.go{display:block;font:inherit;font-weight:600;width:100%;padding:.8rem 1rem;border:2px solid var(--act);"
    "border-radius:.5rem;background:var(--act);color:var(--on-act);cursor:pointer;text-align:center;"
    "text-decoration:none}"
    ":focus-visible{outline:3px solid var(--act);outline-offset:2px}"
    "footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:.9375rem}"
    ".done{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:.2rem 1.1rem .6rem;"
    "margin-top:1.5rem}.done h1{margin-top:.8rem}"
    "@media(min-width:40rem){.page{padding-top:2.5rem}button,.go{display:inline-block;width:auto;min-width:15rem}}"
)
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What every page of one message shares. `root` leads to its first page, `lang` is a language that was asked for.

    Addresses are relative: a proxy may serve us below any path.
    """

    way: WayOut
    creditor: Creditor
    words: PortalWords
    others: tuple[PortalWords, ...]
    root: str
    lang: str = ""

    def say(self, key: str) -> str:
        """A text of this page, as HTML."""
        return html.escape(self.words.say(key, **self.facts))

    @property
    def facts(self) -> dict[str, str]:
        """What the words may name: the case, and who writes."""
        hand, collector = typography(self.words.language), self.collector
        creditor = short_name(self.creditor.name)
        return {
            "case": self.way.case.id,
            "creditor": creditor,
            "of_creditor": hand.of(creditor),
            "collector": collector,
            "of_collector": hand.of(collector) if collector else "",
            "sender": collector or creditor,
        }

    @property
    def collector(self) -> str:
        """The third party that writes for the creditor; empty when it writes itself."""
        who = self.creditor.collector if self.creditor.party == "third_party" else None
        return short_name(who.name) if who else ""

    @property
    def query(self) -> str:
        """Keeps the language that was asked for."""
        return f"?lang={self.lang}" if self.lang else ""

    def stop_key(self, part: str) -> str:
        """The words of a stop follow the channel of the message."""
        return f"stop_{self.way.channel.value}_{part}"


def choices(sheet: Sheet, first: Kind | None) -> str:
    """The page of a message: how to pay, and what may be said; the one that was asked for open and first."""
    asked = _card(sheet, first, is_open=True) if first else ""
    others = (kind for kind in (Kind.PAID, Kind.DISAGREE, Kind.CALL, Kind.STOP) if kind is not first)
    cards = f"{asked}{_pay(sheet)}{''.join(_card(sheet, kind, is_open=False) for kind in others)}"
    return _page(sheet, f"<h1>{sheet.say('heading')}</h1><p>{sheet.say('intro')}</p>{cards}")


def done(sheet: Sheet, kind: Kind) -> str:
    """What will happen now."""
    return _told(sheet, "done_title", done_key(sheet, kind), "done_close")


def done_key(sheet: Sheet, kind: Kind) -> str:
    """The name of the words that confirm a wish."""
    return sheet.stop_key("done") if kind is Kind.STOP else f"{kind.value}_done"


def too_many(sheet: Sheet) -> str:
    """What one message was used for is enough for a day."""
    return _told(sheet, "too_many_title", "too_many_text")


def _told(sheet: Sheet, title: str, *texts: str) -> str:
    said = "".join(f"<p>{sheet.say(text)}</p>" for text in texts)
    back = f'<p><a href="{sheet.root}{sheet.query}">{sheet.say("again")}</a></p>'
    return _page(sheet, f'<div class="done"><h1>{sheet.say(title)}</h1>{said}{back}</div>')


def nowhere(words: Mapping[str, PortalWords], what: str) -> str:
    """A page about no message, `gone` or `trouble`, in every language: it knows nobody, and is always the same."""
    parts, first = [], next(iter(words.values()))
    for each in words.values():
        title, text = html.escape(each.say(f"{what}_title")), html.escape(each.say(f"{what}_text"))
        level = "h1" if each is first else "h2"
        parts.append(f'<section lang="{each.language}"><{level}>{title}</{level}><p>{text}</p></section>')
    return _document(first.language, html.escape(first.say(f"{what}_title")), f"<main>{''.join(parts)}</main>")


# ------------------------------------------------------------------------------------------- the parts


def _pay(sheet: Sheet) -> str:
    """An SMS has no room for it, and promises it here."""
    ways = ways_to_pay(sheet.creditor, sheet.way.case.id, sheet.say, payee=sheet.way.case.payee)
    return (
        f'<details><summary><h2>{sheet.say("pay_title")}</h2></summary><div class="pay"><p>{sheet.say("pay_text")}</p>'
        f"{ways}<p>{sheet.say('pay_help')}</p></div></details>"
    )


def _card(sheet: Sheet, kind: Kind, *, is_open: bool) -> str:
    """One form: what will happen, its few fields, its button."""
    name = sheet.stop_key("") if kind is Kind.STOP else f"{kind.value}_"
    base = f"{sheet.root}/" if "/" not in sheet.root else ""
    fields = {Kind.PAID: _cheque, Kind.DISAGREE: _reason, Kind.CALL: _where}.get(kind)
    return (
        f"<details{' open' if is_open else ''}><summary><h2>{sheet.say(name + 'title')}</h2></summary>"
        f'<form method="post" action="{base}{kind.value}{sheet.query}" accept-charset="utf-8">'
        f"<p>{sheet.say(name + 'text')}</p>{fields(sheet) if fields else ''}"
        f'<button type="submit">{sheet.say(name + "button")}</button></form></details>'
    )


def _cheque(sheet: Sheet) -> str:
    return (
        '<label class="tick"><input type="checkbox" name="cheque" value="yes" aria-describedby="cheque-note">'
        f"<span>{sheet.say('paid_cheque')}</span></label>"
        f'<p class="note" id="cheque-note">{sheet.say("paid_cheque_note")}</p>'
    )


def _reason(sheet: Sheet) -> str:
    return (
        f'<label for="words">{sheet.say("disagree_words")}</label>'
        f'<textarea id="words" name="words" rows="5" maxlength="{MOST_WORDS}" aria-describedby="words-note">'
        f'</textarea><p class="note" id="words-note">{sheet.say("disagree_note")}</p>'
    )


def _where(sheet: Sheet) -> str:
    return (
        f'<label for="phone">{sheet.say("call_phone")}</label>'
        f'<input id="phone" name="phone" type="tel" autocomplete="tel" maxlength="{MOST_PHONE}">'
        f'<label for="hours">{sheet.say("call_hours")}</label>'
        f'<input id="hours" name="hours" type="text" maxlength="{MOST_HOURS}" aria-describedby="hours-note">'
        f'<p class="note" id="hours-note">{sheet.say("call_hours_note")}</p>'
    )


def _page(sheet: Sheet, main: str) -> str:
    return _document(
        sheet.words.language,
        sheet.say("title"),
        f"{''.join(_languages(sheet))}{''.join(_header(sheet))}<main>{main}</main>{''.join(_footer(sheet))}",
    )


def _languages(sheet: Sheet) -> Iterator[str]:
    for other in sheet.others:
        code, name = html.escape(other.language), html.escape(other.name)
        yield f'<nav><a href="{sheet.root}?lang={code}" lang="{code}" hreflang="{code}">{name}</a></nav>'


def _header(sheet: Sheet) -> Iterator[str]:
    is_third = bool(sheet.collector)
    yield f'<header><p class="who">{sheet.say("who_third_party" if is_third else "who_own")}</p>'
    if is_third:
        yield f"<p>{sheet.say('amicable')}</p>"
    yield f'<p class="case">{sheet.say("case")}</p></header>'


def _footer(sheet: Sheet) -> Iterator[str]:
    """Who writes in full, and how to reach them: a page that asks for something must say whose it is."""
    creditor, collector = sheet.creditor, sheet.creditor.collector if sheet.collector else None
    phone = clean(collector.phone if collector else creditor.contact.phone)
    email = clean(collector.email if collector else creditor.contact.email)
    hours = "" if collector else clean(creditor.contact.hours)
    yield "<footer>"
    if phone or email:
        dialled = "".join(c for c in phone if c in "+0123456789")
        at = f" ({html.escape(hours)})" if hours else ""
        call = f'<a href="tel:{dialled}">{html.escape(phone.replace(" ", chr(160)))}</a>{at}' if phone else ""
        write = f'<a href="mailto:{html.escape(email)}">{html.escape(email)}</a>' if email else ""
        yield f"<p>{sheet.say('speak')}<br>{'<br>'.join(filter(None, (call, write)))}</p>"
    if collector:
        yield f"<p>{_named(collector.name, collector.address)}</p>"
    yield f"<p>{_named(creditor.name, creditor.address)}</p><p>{sheet.say('privacy')}</p></footer>"


def _named(name: str, address: tuple[str, ...]) -> str:
    known = {name.casefold(), short_name(name).casefold()}
    lines = [clean(name), *(clean(line) for line in address if line.casefold() not in known)]
    return html.escape(", ".join(lines))


def _document(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{title}</title><style>{_STYLE}</style></head><body><div class="page">{body}</div></body></html>'
    )
