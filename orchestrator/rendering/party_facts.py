"""Facts of a brief about people: who writes, for whom, to whom, and how to pay. The money is `money_facts.py`."""

import re
from functools import lru_cache
from urllib.parse import quote

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.reading import Fact, Reading, clean, named, short_name

FACTS: dict[str, Fact] = {}
DEFAULT_COLOR = "#1f3a5f"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DIALLED = re.compile(r"[^+0-9]")


# ---------------------------------------------------------------- who writes, and for whom


@named(FACTS, "text", is_of_creditor=True)
def creditor(r: Reading) -> str:
    """The creditor's name without its legal form."""
    return r.creditor


@named(FACTS, "text", is_of_creditor=True)
def of_creditor(r: Reading) -> str:
    """ "of" and the creditor's name, elided where French does: `d’Acme`."""
    return r.hand.of(r.creditor)


@named(FACTS, "text", is_of_creditor=True)
def creditor_full(r: Reading) -> str:
    """The creditor's full legal name."""
    return clean(r.brief.creditor.name)


@named(FACTS, "text", is_of_creditor=True)
def creditor_address(r: Reading) -> str:
    """The creditor's postal address on one line, without its name."""
    return _address(r.brief.creditor.address, r.brief.creditor.name)


@named(FACTS, "text", is_of_creditor=True)
def creditor_siren(r: Reading) -> str:
    """The creditor's SIREN in groups of three, or empty."""
    return _grouped(r.brief.creditor.siren, 3)


@named(FACTS, "flag", is_of_creditor=True)
def third_party(r: Reading) -> bool:
    """Whether a collector writes for the creditor."""
    return r.collector is not None


@named(FACTS, "text", is_of_creditor=True)
def collector(r: Reading) -> str:
    """The collector's name without its legal form, or empty."""
    return short_name(r.collector.name) if r.collector else ""


@named(FACTS, "text", is_of_creditor=True)
def collector_full(r: Reading) -> str:
    """The collector's full legal name, or empty."""
    return clean(r.collector.name) if r.collector else ""


@named(FACTS, "text", is_of_creditor=True)
def collector_address(r: Reading) -> str:
    """The collector's postal address on one line, or empty."""
    return _address(r.collector.address, r.collector.name) if r.collector else ""


@named(FACTS, "text", is_of_creditor=True)
def collector_siren(r: Reading) -> str:
    """The collector's SIREN in groups of three, or empty."""
    return _grouped(r.collector.siren, 3) if r.collector else ""


@named(FACTS, "text", is_of_creditor=True)
def sender(r: Reading) -> str:
    """Who writes: the collector where there is one, else the creditor."""
    return r.sender


@named(FACTS, "text", is_of_creditor=True)
def sender_full(r: Reading) -> str:
    """The full legal name of who writes."""
    return clean(r.collector.name if r.collector else r.brief.creditor.name)


@named(FACTS, "text", is_of_creditor=True)
def sender_city(r: Reading) -> str:
    """The town of who writes, from the last line of the address."""
    lines = r.collector.address if r.collector else r.brief.creditor.address
    words = [word for word in clean(lines[-1]).split() if not word[0].isdigit()] if lines else []
    return " ".join(word.capitalize() if word.isupper() else word for word in words)


@named(FACTS, "text", is_of_creditor=True)
def signatory(r: Reading) -> str:
    """The person who signs for the creditor; empty when a collector writes."""
    return "" if r.collector else clean(r.brief.creditor.signatory)


@named(FACTS, "text", is_of_creditor=True)
def phone(r: Reading) -> str:
    """The telephone of who writes, or empty."""
    who = r.collector
    return r.hand.joined(clean(who.phone if who else r.brief.creditor.contact.phone))


@named(FACTS, "text", is_of_creditor=True)
def phone_link(r: Reading) -> str:
    """The same telephone as a `tel:` link wants it."""
    return _DIALLED.sub("", str(phone(r)))


@named(FACTS, "text", is_of_creditor=True)
def email(r: Reading) -> str:
    """The e-mail address of who writes, or empty."""
    who = r.collector
    return clean(who.email if who else r.brief.creditor.contact.email)


@named(FACTS, "text", is_of_creditor=True)
def hours(r: Reading) -> str:
    """When the telephone is answered, as the creditor's file says it, or empty."""
    return "" if r.collector else clean(r.brief.creditor.contact.hours)


@named(FACTS, "text", is_of_creditor=True)
def brand_color(r: Reading) -> str:
    """The creditor's colour, `#rrggbb`."""
    color = r.brief.creditor.brand.color
    return color if _COLOR.fullmatch(color) else DEFAULT_COLOR


@named(FACTS, "text", is_of_creditor=True)
def brand_ink(r: Reading) -> str:
    """Black or white, whichever reads better on that colour (WCAG contrast)."""
    return _ink(str(brand_color(r)))


# ---------------------------------------------------------------- to whom, about which case


@named(FACTS, "text")
def name(r: Reading) -> str:
    """The name of the person addressed; for a business, its contact person's, or empty."""
    person, debtor = r.brief.person, r.brief.debtor
    named = person.name if person else ""
    return clean(named or (debtor.name if debtor.status.is_individual else ""))


@named(FACTS, "text")
def debtor(r: Reading) -> str:
    """The name of who owes."""
    return clean(r.brief.debtor.name)


@named(FACTS, "flag")
def business(r: Reading) -> bool:
    """Whether the debtor is not a consumer (an unknown status is treated as one)."""
    return not r.brief.debtor.status.is_individual


@named(FACTS, "text")
def link(r: Reading) -> str:
    """The message's own page: pay, answer, disagree, leave this channel."""
    return _web(r.brief.link, "link")


# ---------------------------------------------------------------- how to pay


@named(FACTS, "text")
def pay_link(r: Reading) -> str:
    """Where to pay online, or empty."""
    url = r.pay_to.link
    return _web(url.replace("{case}", quote(r.brief.case_id, safe="")), "payment.link") if url else ""


@named(FACTS, "text")
def iban(r: Reading) -> str:
    """The account to pay to, in groups of four: that of the case's own payee, else the collector's dedicated one."""
    return _grouped(r.pay_to.iban, 4)


@named(FACTS, "text")
def bic(r: Reading) -> str:
    """The BIC of that account, or empty."""
    return clean(r.pay_to.bic)


@named(FACTS, "text")
def payee(r: Reading) -> str:
    """Whose account that is."""
    return clean(r.pay_to.name)


@named(FACTS, "text")
def cheque_order(r: Reading) -> str:
    """To whom a cheque is made out, or empty when none is taken: a collector's funds go to its dedicated account."""
    return clean(r.pay_to.cheque_order)


def _address(lines: tuple[str, ...], name: str) -> str:
    known = {name.casefold(), short_name(name).casefold()}
    return ", ".join(clean(line) for line in lines if line.casefold() not in known)


def _grouped(figures: str, size: int) -> str:
    plain = clean(figures).replace(" ", "")
    return " ".join(plain[start : start + size] for start in range(0, len(plain), size))


def _web(url: str, field: str) -> str:
    is_web = url.startswith(("https://", "http://")) and url.isprintable() and " " not in url
    if url and not is_web:
        raise TemplateError(f"{field} is not a web address", hint="it begins with https://", code="link_invalid")
    return url


@lru_cache(maxsize=256)
def _ink(color: str) -> str:
    """WCAG 2 relative luminance; 0.179 is where black and white read equally well."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return "#111111" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"
