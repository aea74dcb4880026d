"""What rendering gives: the words of one SMS, e-mail or letter, with their hash. Sends nothing, lays out nothing."""

import hashlib

import msgspec

from channels.gsm7 import Change, SegmentCount

Signs = dict[str, tuple[str, ...]]
"""The wordings by which each mention is recognised in the language of a text, for `mentions`."""


class RenderedSms(msgspec.Struct, frozen=True, kw_only=True):
    """The text of an SMS and what it costs.

    `changes` are characters of values (a name with `ç`) written in the nearest letter of GSM-7; the phrasebook's
    own are not listed. `unsupported` have no near letter, and make the SMS UCS-2.
    """

    text: str
    segments: SegmentCount
    changes: tuple[Change, ...] = ()
    unsupported: str = ""
    signs: Signs = {}

    @property
    def content_hash(self) -> str:
        """SHA-256 (hexadecimal) of what the debtor reads."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class RenderedEmail(msgspec.Struct, frozen=True, kw_only=True):
    """Both parts of an e-mail, written each for itself, and the headers that leave with it (RFC 8058)."""

    subject: str
    html: str
    text: str
    headers: dict[str, str] = {}
    signs: Signs = {}

    @property
    def content_hash(self) -> str:
        """SHA-256 (hexadecimal) of subject, parts and headers."""
        parts = (self.subject, self.html, self.text, *(f"{k}: {v}" for k, v in sorted(self.headers.items())))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class WordedParagraph(msgspec.Struct, frozen=True):
    """A paragraph of a letter: text, strong, quote (words of a law), notice (small print), list or tick (by lines)."""

    kind: str
    text: str


class LetterWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every word of a letter, not yet laid out. Rows are (label, detail, amount); the table follows paragraph
    number `table_after`, and there is none without rows.
    """

    language: str
    subject: str
    salutation: str
    place_and_date: str
    paragraphs: tuple[WordedParagraph, ...]
    closing: str
    signatory_lines: tuple[str, ...]
    contact_lines: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    amicable_label: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    totals: tuple[tuple[str, ...], ...] = ()
    table_after: int = 0
    payment_title: str = ""
    payment_lines: tuple[str, ...] = ()
    payment_caption: str = ""
    footer_lines: tuple[str, ...] = ()
    reply: tuple[WordedParagraph, ...] = ()
    signs: Signs = {}

    @property
    def content_hash(self) -> str:
        """SHA-256 (hexadecimal) of all the words; the printed letter has one of its own."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, signs={}))).hexdigest()

    @property
    def text(self) -> str:
        """All the words in reading order, for lints and previews."""
        table = [" ".join(filter(None, row)) for row in (self.columns, *self.rows, *self.totals)]
        before, after = self.paragraphs[: self.table_after + 1], self.paragraphs[self.table_after + 1 :]
        return "\n".join(
            filter(
                None,
                (
                    self.amicable_label,
                    *self.contact_lines,
                    self.place_and_date,
                    *(f"{label} {value}" for label, value in self.references),
                    self.subject,
                    self.salutation,
                    *(paragraph.text for paragraph in before),
                    *(table if self.rows else ()),
                    *(paragraph.text for paragraph in after),
                    self.payment_title,
                    *self.payment_lines,
                    self.closing,
                    *self.signatory_lines,
                    *self.footer_lines,
                    *(paragraph.text for paragraph in self.reply),
                ),
            )
        )


Rendered = RenderedSms | RenderedEmail | LetterWords
