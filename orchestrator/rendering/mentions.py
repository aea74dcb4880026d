"""Whether a rendered text says what its kind must say (domain.text_rules.MENTIONS), read back from the text itself.

Names, sums, dates and references come from the brief; wordings from the `mentions` of the phrasebook.
Which document needs which mention is the packs' to say.
"""

import html
import re
from collections.abc import Callable, Iterator
from functools import partial

from channels.contract import Channel
from orchestrator.domain.text_rules import MENTIONS, TEXTS
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.facts import FACTS
from orchestrator.rendering.law_mentions import LAW_CHECKS, LAW_WORDINGS
from orchestrator.rendering.reading import Reading, clean, short_name
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, RenderedSms
from orchestrator.rendering.seen_text import SeenText, flat, flattened
from orchestrator.rendering.typography import typography

_HIDDEN = re.compile(r"<(style|title)\b.*?</\1>|<[^>]+>", re.DOTALL)
_STRONG = re.compile(r"<strong>(.*?)</strong>", re.DOTALL)


def missing_mentions(rendered: Rendered, brief: Brief, mention_names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, of those asked for, that a rendered message does not say; both parts of an e-mail must say them.

    A name that is neither in text_rules.MENTIONS nor in TEXTS is missing: what cannot be checked does not pass.
    """
    seen = tuple(_texts(rendered, brief))
    return tuple(name for name in mention_names if not all(_says(name, text) for text in seen))


def _says(name: str, seen: SeenText) -> bool:
    check = _CHECKS.get(name)
    return check(seen) if check else seen.sign(name)


def _texts(rendered: Rendered, brief: Brief) -> Iterator[SeenText]:
    is_sms = isinstance(rendered, RenderedSms)
    reading = Reading(brief, typography(brief.language, is_plain=is_sms))
    if isinstance(rendered, RenderedEmail):
        page = html.unescape(rendered.html)
        visible = flattened(html.unescape(_HIDDEN.sub(" ", rendered.html)))
        strong = flattened(" ".join(_STRONG.findall(page)))
        yield SeenText(visible, page, visible, strong, reading, rendered.signs)
        plain = flattened(rendered.text)  # where nothing can be bold
        yield SeenText(plain, rendered.text, plain, plain, reading, rendered.signs)
        return
    text = flattened(rendered.text)
    if isinstance(rendered, LetterWords):
        strong = flattened(" ".join(each.text for each in rendered.paragraphs if each.kind == "strong"))
        yield SeenText(text, rendered.text, flat(rendered.subject), strong, reading, rendered.signs)
        return
    yield SeenText(text, rendered.text, text, text, reading, rendered.signs)


# ---------------------------------------------------------------- what each mention looks for


def _creditor_name(seen: SeenText) -> bool:
    return seen.value("creditor")


def _creditor_address(seen: SeenText) -> bool:
    return seen.value("creditor_address")


def _sender_contact(seen: SeenText) -> bool:
    return seen.value("phone") or seen.value("email") or seen.value("link")


def _debtor_name(seen: SeenText) -> bool:
    brief = seen.reading.brief
    return seen.has(clean(brief.debtor.name)) or bool(brief.person and seen.has(clean(brief.person.name)))


def _debt_basis(seen: SeenText) -> bool:
    """Every document asked for, with its date."""
    reading = seen.reading
    if reading.brief.send.channel is Channel.EMAIL and FACTS["has_others"].read(reading):
        return seen.value("reference", "due_date", "other_count")
    rows = FACTS["invoices"].read(reading)
    assert isinstance(rows, tuple)  # noqa: S101 - the fact is a list of rows
    return bool(rows) and all(
        seen.has(str(row[0])) and (seen.has(str(row[1])) or seen.has(str(row[2]))) for row in rows
    )


def _amounts_itemised(seen: SeenText) -> bool:
    """Each line with its own sum, and the total."""
    amount_of = {"invoices": "open", "credits": "amount", "claimed": "amount"}
    for name, field in amount_of.items():
        place = FACTS[name].fields.index(field)
        rows = FACTS[name].read(seen.reading)
        assert isinstance(rows, tuple)  # noqa: S101 - these facts are lists of rows
        if not all(seen.has(str(row[place])) for row in rows):
            return False
    return seen.value("amount")


def _payment_means(seen: SeenText) -> bool:
    """The name on a cheque is most often the creditor's own, which any letter bears: its wording must stand by it."""
    return seen.value("iban") or seen.value("pay_link") or seen.says("payment_means", "cheque_order")


def _link(seen: SeenText) -> bool:
    return bool(seen.reading.brief.link) and seen.reading.brief.link in seen.raw


def _way_out(seen: SeenText) -> bool:
    """The wording, and the link that it leads to."""
    return seen.sign("way_out") and _link(seen)


def _words_mise_en_demeure(seen: SeenText) -> bool:
    """In the title and again below it."""
    signs = [flat(sign) for sign in seen.signs.get("words_mise_en_demeure", ())]
    return any(sign in seen.title and seen.text.count(sign) >= 2 for sign in signs)


def _signatory(seen: SeenText) -> bool:
    return seen.value("signatory") or seen.value("sender")


def _place_and_date(seen: SeenText) -> bool:
    """Side by side, as a letter bears them; the town of an address is not the place of writing."""
    city, today = (flat(str(FACTS[name].read(seen.reading))) for name in ("sender_city", "today"))
    return re.search(f"{re.escape(city)}.{{0,6}}{re.escape(today)}", seen.text) is not None


def _penalty_rate_and_base(seen: SeenText) -> bool:
    lines = [line for line in seen.reading.brief.statement.statutory if line.kind == "penalty"]
    hand = seen.reading.hand
    rates = [hand.percent(line.percent) for line in lines if line.percent]
    days = [hand.day(line.from_on) for line in lines if line.from_on]
    return bool(rates) and seen.value("amount_principal") and all(seen.has(words) for words in (*rates, *days))


def _indemnity_per_invoice(seen: SeenText) -> bool:
    statement = seen.reading.brief.statement
    lines = [line for line in statement.statutory if line.kind == "indemnity"]
    sums = [seen.reading.hand.amount(line.amount_cents, statement.currency) for line in lines]
    return bool(sums) and all(seen.has(words) for words in sums) and all(seen.has(str(line.count)) for line in lines)


def _collector(seen: SeenText) -> bool:
    who = seen.reading.collector
    return who is not None and seen.has(short_name(who.name))


def _controller(seen: SeenText) -> bool:
    return seen.sign("gdpr_controller") and seen.value("sender")


def _to_the_letter(seen: SeenText, *, name: str) -> bool:
    """The words of a law, with every accent and capital."""
    return any(words in seen.raw for words in seen.signs.get(name, ()))


_CHECKS: dict[str, Callable[[SeenText], bool]] = {
    "creditor_name": _creditor_name,
    "creditor_address": _creditor_address,
    "collector_name": _collector,
    "collector_address": lambda seen: seen.value("collector_address"),
    "sender_contact": _sender_contact,
    "debtor_name": _debtor_name,
    "case_reference": lambda seen: seen.value("case"),
    "debt_basis": _debt_basis,
    "amounts_itemised": _amounts_itemised,
    "total": lambda seen: seen.value("amount"),
    "due_date": lambda seen: seen.value("due_date"),
    "payment_demand": lambda seen: seen.sign("payment_demand") and seen.value("amount"),
    "payment_means": _payment_means,
    "link": _link,
    "way_out": _way_out,
    "letter_reference": lambda seen: seen.value("letter_reference"),
    "letter_date": lambda seen: seen.value("letter_date"),
    "words_mise_en_demeure": _words_mise_en_demeure,
    "deadline_date": lambda seen: seen.value("deadline"),
    "consequence": lambda seen: seen.sign("consequence") and seen.value("creditor"),
    "place_and_date": _place_and_date,
    "signatory": _signatory,
    "penalty_rate_and_base": _penalty_rate_and_base,
    "indemnity_per_invoice": _indemnity_per_invoice,
    "gdpr_controller": _controller,
    **{name: partial(_to_the_letter, name=name) for name in TEXTS},
    **LAW_CHECKS,
}
# The others are wordings: a phrasebook that lacks the signs of one fails that mention.
WORDINGS = frozenset(MENTIONS.keys() | TEXTS.keys()) - _CHECKS.keys() | {
    "way_out", "payment_demand", "payment_means", "words_mise_en_demeure", "consequence", "gdpr_controller",
    *LAW_WORDINGS,
}  # fmt: skip
