"""The parts of a message as its reader meets them: what stands outside, and each text inside. Judges nothing."""

import html
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

import msgspec

from channels.contract import EmailMessage, LetterMessage, SmsMessage
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.markup import visible, without_numbered
from orchestrator.rendering.lint.masking import Mask, masked
from orchestrator.rendering.lint.numbers import numbers_of
from orchestrator.rendering.lint.scan import Scan, scan_part
from orchestrator.rendering.rendered import LetterWords

_PREHEADER = re.compile(r'class="preheader"[^>]*>([^<]*)')
_HOST = re.compile(r"[\w.\-@]+")


class Part:
    """One text of a message: subject, text or html. `raw` is markup where `is_markup`."""

    def __init__(self, name: str, raw: str, mask: Mask, *, is_markup: bool = False) -> None:
        self.name, self.raw, self.is_markup = name, raw, is_markup
        # A character written as its number would be another once digits are masked.
        self._plain = mask.without_data(without_numbered(raw) if is_markup and "&#" in raw else raw)
        self.masked = masked(self._plain)

    @cached_property
    def text(self) -> str:
        """What shows of it."""
        return visible(self.raw) if self.is_markup else self.raw

    def scan(self, language: str) -> Scan:
        """What stands in it once masked."""
        return scan_part(self.masked, is_markup=self.is_markup, language=language)

    def numbers(self, language: str) -> Iterator[str]:
        """Its phone numbers, as `numbers_of` gives them."""
        for start, end in self.scan(language).numbers:
            yield from _numbers_in(self._plain[start:end], is_markup=self.is_markup)


# A creditor's own number stands in all its messages.
@lru_cache(maxsize=2048)
def _numbers_in(piece: bytes, *, is_markup: bool) -> tuple[str, ...]:
    text = piece.decode("utf-8", "replace")
    return numbers_of(visible(text) if is_markup else text)


def texts_of(composed: Composed, mask: Mask) -> tuple[Part, ...]:
    """What is read inside a message, its subject first."""
    message = composed.message
    if isinstance(message, SmsMessage):
        return (Part("text", message.text, mask),)
    if isinstance(message, EmailMessage):
        return (
            Part("subject", message.subject, mask),
            Part("text", message.text, mask),
            Part("html", _body(message.html), mask, is_markup=True),
        )
    words = msgspec.json.decode(composed.text, type=LetterWords)
    return Part("subject", words.subject, mask), Part("text", _letter(words), mask)


def outside_of(composed: Composed, mask: Mask) -> tuple[Part, ...]:
    """What others may read: the sender, the subject, the first line of an e-mail; of a letter the address alone."""
    message = composed.message
    if isinstance(message, SmsMessage):
        return (Part("sender", message.sender, mask),)
    if isinstance(message, EmailMessage):
        shown = _PREHEADER.search(message.html)
        preheader = html.unescape(shown[1]) if shown else ""
        return (
            Part("sender", message.from_name, mask),
            Part("subject", message.subject, mask),
            Part("preheader", preheader, mask),
        )
    return ()


def hosts_of(composed: Composed) -> set[str]:
    """Every host that a link leads to: what follows `://`, in what is read and in what is tapped."""
    message = composed.message
    if isinstance(message, LetterMessage):
        return set()
    raw = (message.text, _body(message.html)) if isinstance(message, EmailMessage) else (message.text,)
    found = {match[0] for text in raw for piece in text.split("://")[1:] if (match := _HOST.match(piece))}
    return {host.casefold().rpartition("@")[2].removeprefix("www.") for host in found}


def _body(markup: str) -> str:
    """Without the head, which nobody reads and which is longest."""
    return markup[max(markup.find("<body"), 0) :]


def _letter(words: LetterWords) -> str:
    """All the words of a letter, each part of its layout a paragraph."""
    rows = (" ".join(filter(None, row)) for row in (words.columns, *words.rows, *words.totals))
    references = (f"{label} {value}" for label, value in words.references)
    pieces = (
        words.amicable_label, *words.contact_lines, words.place_and_date, *references, words.salutation,
        *(paragraph.text for paragraph in words.paragraphs), *rows, words.payment_title, *words.payment_lines,
        words.payment_caption, words.closing, *words.signatory_lines, *words.footer_lines,
    )  # fmt: skip
    return "\n\n".join(filter(None, pieces))
