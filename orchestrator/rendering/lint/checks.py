"""The checks of a rendered message that are no families of words: numbers, links, what shows outside, the address.

One function for each name of domain.text_rules.CHECKS. Each yields what it found and where, in the reader's own words.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from channels.contract import LetterMessage, SmsMessage
from orchestrator.domain.contact import PointKind
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.pay_to import pay_to
from orchestrator.domain.policy import TextRule
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.judge import Circumstances
from orchestrator.rendering.lint.normal import normal
from orchestrator.rendering.lint.numbers import is_premium
from orchestrator.rendering.lint.parts import Part, hosts_of, outside_of
from orchestrator.rendering.reading import short_name

Found = tuple[str, str]
"""(the words found, where)."""

# Anybody may have an address there: it says nothing of whose site it is.
_OPEN_TO_ALL = frozenset(
    "gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.fr yahoo.com yahoo.fr orange.fr"
    " wanadoo.fr free.fr sfr.fr laposte.net icloud.com proton.me protonmail.com gmx.fr gmx.com".split()
)
_AMOUNT = re.compile(r"(?<![\w.,])\d[\d\s.,]{0,20}\s?(?:€|EUR\b|euros?\b|£|GBP\b)|(?:€|£)\s?\d", re.IGNORECASE)
_STOP = re.compile(r"\bSTOP\b(?!\s*\w+ing\b)|\bstop\s+(?:au|to)\s+\d{5}\b|\b(?:stop|arr[eê]t)\s*(?:au\s*)?3[68]\d{3}\b")
_SENDER = re.compile(r"[A-Za-z0-9 ]{3,11}")
_PLAIN_LINE = re.compile(r"[A-Z0-9 ]+")
_FRENCH_TOWN = re.compile(r"\d{5} .*")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A composed message with what its checks may need. `may_show_amount`: the deployment lets every SMS carry it."""

    composed: Composed
    texts: tuple[Part, ...]
    brief: Brief
    around: Circumstances
    may_show_amount: bool = False


def premium_numbers(message: Message, rule: TextRule) -> Iterator[Found]:
    """No number of the rule's prefixes, no four-digit one that one is told to call, no British 09."""
    for part in message.texts:
        for number in part.numbers(message.around.read_in):
            if is_premium(number, rule.values):
                yield number, part.name


def link_domains(message: Message, rule: TextRule) -> Iterator[Found]:
    """Links lead to the deployment, to the creditor or to its collector, and never through a shortener."""
    own = _own_hosts(message.brief)
    for host in hosts_of(message.composed):
        if _is_within(host, rule.values) or not _is_within(host, own):
            yield host, "text"
    for part in message.texts:
        if not part.is_markup:
            yield from ((shortener, part.name) for shortener in _bare_links(part.masked, rule.values))


@lru_cache(maxsize=1024)
def _bare_links(masked: bytes, shorteners: tuple[str, ...]) -> tuple[str, ...]:
    """Without its scheme a shortener opens as well, where a program makes a link of what looks like one."""
    text = masked.decode("utf-8", "replace").casefold()
    return tuple(each for each in shorteners if re.search(rf"(?<![\w.\-/]){re.escape(each)}/\w", text))


def _own_hosts(brief: Brief) -> tuple[str, ...]:
    return (_host(brief.link), *_hosts_of(pay_to(brief.creditor, brief.payee).link, _mail_domains(brief.creditor)))


def _mail_domains(creditor: Creditor) -> tuple[str, ...]:
    sender, collector = creditor.senders.email, creditor.collector
    addresses = (creditor.contact.email, sender.address if sender else "", collector.email if collector else "")
    return tuple(address.rpartition("@")[2] for address in addresses if address)


@lru_cache(maxsize=512)
def _hosts_of(pay_link: str, mail_domains: tuple[str, ...]) -> tuple[str, ...]:
    hosts = (_host(pay_link), *(domain.casefold() for domain in mail_domains if domain.casefold() not in _OPEN_TO_ALL))
    return tuple(dict.fromkeys(host for host in hosts if host))


def _host(link: str) -> str:
    """The host of an address with a scheme; the rest of it never matters, and differs in every message."""
    return _host_of("/".join(link.split("/", 3)[:3]))


@lru_cache(maxsize=1024)
def _host_of(origin: str) -> str:
    try:
        return (urlsplit(origin).hostname or origin).removeprefix("www.")
    except ValueError:
        return origin


@lru_cache(maxsize=2048)
def _is_within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains if domain)


def outside_words(message: Message, rule: TextRule) -> Iterator[Found]:
    """No word of the values where others may read; the sender's legal name is no such word."""
    names = _names(message.brief.creditor)
    for part in outside_of(message.composed, message.around.mask):
        for word in _outside(part.masked, names, rule.values):
            yield word, part.name


@lru_cache(maxsize=4096)
def _outside(masked: bytes, names: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    stems = tuple(stem for value in values if (stem := normal(value).strip()))
    plain = normal(masked.decode("utf-8", "replace"))
    for name in names:
        plain = plain.replace(normal(name), " ")
    return tuple(word for word in plain.split() if word.startswith(stems)) if stems else ()


def _names(creditor: Creditor) -> tuple[str, ...]:
    each = (creditor.name, creditor.collector.name) if creditor.collector else (creditor.name,)
    return tuple(name for full in each for name in (full, short_name(full)))


def stop_code(message: Message, _rule: TextRule) -> Iterator[Found]:
    """No STOP keyword: a French provider takes the SMS for marketing."""
    for part in message.texts:
        if match := _STOP.search(part.text):
            yield match[0], part.name


def sender_name(message: Message, rule: TextRule) -> Iterator[Found]:
    """3 to 11 letters or digits, not a number alone, or a short code of the rule's prefixes."""
    sent = message.composed.message
    if not isinstance(sent, SmsMessage):
        return
    sender = sent.sender
    is_code = sender.isdigit() and len(sender) == 5 and sender.startswith(rule.values or ("",))
    is_name = bool(_SENDER.fullmatch(sender)) and sender == sender.strip() and any(s.isalpha() for s in sender)
    if not is_code and not is_name:
        yield sender, "sender"


def sms_segments(message: Message, rule: TextRule) -> Iterator[Found]:
    """At most so many segments."""
    most = int(rule.values[0]) if rule.values else 2
    if isinstance(message.composed.message, SmsMessage) and message.composed.units > most:
        yield f"{message.composed.units} segments, {most} is the most", "text"


def sms_amount(message: Message, _rule: TextRule) -> Iterator[Found]:
    """No amount, unless the debtor has verified the number or the deployment shows it to all."""
    person = message.brief.person
    point = person.point(PointKind.PHONE) if person else None
    if message.may_show_amount or (point is not None and point.verified):
        return
    for part in message.texts:
        if match := _AMOUNT.search(part.text):
            yield match[0].strip(), part.name


def address_lines(message: Message, rule: TextRule) -> Iterator[Found]:
    """So many lines of so many characters; in France capitals in the last three, no sign from the fourth on.

    The number of a line is told, never the line.
    """
    sent = message.composed.message
    if not isinstance(sent, LetterMessage):
        return
    most_lines, most_characters = (int(value) for value in rule.values) if len(rule.values) == 2 else (6, 38)
    lines, is_abroad = sent.address_lines, _is_abroad(sent.address_lines)
    if len(lines) > most_lines + is_abroad:
        yield f"{len(lines)} lines, {most_lines} are the most", "address"
    for number, line in enumerate(lines, 1):
        if len(line) > most_characters:
            yield f"{len(line)} characters in line {number}, {most_characters} are the most", "address"
        is_last = number > max(len(lines) - 3, 1)
        if not is_abroad and number > 3 and not _PLAIN_LINE.fullmatch(line):
            yield f"line {number} is not in bare capitals", "address"
        elif not is_abroad and is_last and number > len(lines) - 2 and line != line.upper():
            yield f"line {number} is not in capitals", "address"


def _is_abroad(lines: tuple[str, ...]) -> bool:
    return bool(lines) and not _FRENCH_TOWN.fullmatch(lines[-1])


def address_country(message: Message, _rule: TextRule) -> Iterator[Found]:
    """A foreign address ends with its country in capitals."""
    sent, person = message.composed.message, message.brief.person
    address = person.address if person else None
    if not isinstance(sent, LetterMessage) or address is None or not _is_abroad(sent.address_lines):
        return
    last = sent.address_lines[-1]
    if last != last.upper() or any(character.isdigit() for character in last):
        yield "the last line is no country in capitals", "address"


def window_zone(_message: Message, _rule: TextRule) -> Iterator[Found]:
    """Kept by the layout, which refuses what would leave its block; `looks.py` reads the layout itself."""
    yield from ()


CHECKS: dict[str, Callable[[Message, TextRule], Iterator[Found]]] = {
    "premium_numbers": premium_numbers,
    "link_domains": link_domains,
    "outside_words": outside_words,
    "stop_code": stop_code,
    "sender_name": sender_name,
    "sms_segments": sms_segments,
    "sms_amount": sms_amount,
    "address_lines": address_lines,
    "address_country": address_country,
    "window_zone": window_zone,
}

SUGGESTIONS: dict[str, dict[str, str]] = {
    "premium_numbers": {
        "fr": "Donnez un numéro au prix d'un appel local.",
        "en": "Give a number at the ordinary rate.",
    },
    "link_domains": {
        "fr": "Gardez le lien du message, ou le site du créancier.",
        "en": "Keep the message's own link, or the creditor's site.",
    },
    "outside_words": {
        "fr": "Nommez le dossier ou la facture, et gardez ce mot pour l'intérieur.",
        "en": "Name the file or the invoice, and keep this word for the inside.",
    },
    "stop_code": {"fr": "Donnez un lien pour ne plus recevoir de SMS.", "en": "Give a link to opt out."},
    "sender_name": {"fr": "Écrivez senders.sms : 3 à 11 lettres.", "en": "Write senders.sms: 3 to 11 letters."},
    "sms_segments": {"fr": "Raccourcissez le message.", "en": "Shorten the message."},
    "sms_amount": {"fr": "Laissez le montant derrière le lien.", "en": "Leave the amount behind the link."},
    "address_lines": {"fr": "Corrigez l'adresse (NF Z10-011).", "en": "Mend the address (NF Z10-011)."},
    "address_country": {"fr": "Finissez par le pays en capitales.", "en": "End with the country in capitals."},
    "window_zone": {"fr": "", "en": ""},
}
"""A lawful way to say it, by check and language."""
