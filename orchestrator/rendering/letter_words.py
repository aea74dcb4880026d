"""The words of a letter: a rendered letter form cut into its sections, then put into the content that a layout takes.

A form marks its sections (`[subject]`) and cells (` || `); both become control characters before anything else,
so that no debtor's name can be taken for one.
"""

import re
from collections.abc import Iterator
from typing import Literal, cast

from orchestrator.domain.campaign import Use
from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.letter_pdf import (
    AmountRow,
    AmountTable,
    LetterContent,
    Paragraph,
    ParagraphKind,
    PaymentBox,
)
from orchestrator.rendering.party_facts import DEFAULT_COLOR, brand_color
from orchestrator.rendering.reading import Reading, clean, short_name
from orchestrator.rendering.rendered import LetterWords, Signs, WordedParagraph
from orchestrator.rendering.typography import typography

_SECTIONS = (
    "subject place_and_date salutation contact references amicable_label columns rows totals "
    "payment_title payment payment_caption body table closing signatory footer reply"
).split()
_MARK = re.compile(r"^\[([a-z_]+)\]$", re.MULTILINE)
_CELL_MARK = re.compile(r" *\|\| *")
_START, _END, _CELL = "\x1d", "\x1e", "\x1f"
_KINDS = ("notice", "quote", "list", "strong", "tick")


def marked(source: str, path: str) -> str:
    """A letter form with its sections and cells marked. Raises TemplateError for a section that has no meaning."""
    for match in _MARK.finditer(source):
        if match[1] not in _SECTIONS:
            raise TemplateError(
                f'a letter has no section "{match[1]}"', where=path, hint=f"one of {', '.join(_SECTIONS)}"
            )
    return _CELL_MARK.sub(_CELL, _MARK.sub(rf"{_START}\1{_END}", source))


def cut(text: str, language: str, signs: Signs) -> LetterWords:
    """The words of a rendered form, by section."""
    found: dict[str, str] = {}
    for piece in text.split(_START)[1:]:
        name, _, words = piece.partition(_END)
        found[name] = f"{found[name]}\n\n{words}" if name in found else words
    before = tuple(_paragraphs(found.get("body", "")))
    after = tuple(_paragraphs(found.get("table", "")))
    return LetterWords(
        language=language,
        subject=_one(found, "subject"),
        salutation=_one(found, "salutation"),
        place_and_date=_one(found, "place_and_date"),
        paragraphs=(*before, *after),
        closing=_one(found, "closing"),
        signatory_lines=_lines(found, "signatory"),
        contact_lines=_lines(found, "contact"),
        references=tuple((cells[0], cells[-1]) for cells in _rows(found, "references")),
        amicable_label=_one(found, "amicable_label"),
        columns=tuple(cell for cells in _rows(found, "columns") for cell in cells),
        rows=_rows(found, "rows"),
        totals=_rows(found, "totals"),
        table_after=len(before) - 1,
        payment_title=_one(found, "payment_title"),
        payment_lines=_lines(found, "payment"),
        payment_caption=_one(found, "payment_caption"),
        footer_lines=_lines(found, "footer"),
        reply=tuple(_paragraphs(found.get("reply", ""))),
        signs=signs,
    )


def letter_content(
    brief: Brief,
    words: LetterWords,
    *,
    address_lines: tuple[str, ...],
    pay_code: str | None = None,
    logo_svg: bytes | None = None,
) -> LetterContent:
    """What `letter_pdf` lays out: these words, the sender's address and looks, the address of the envelope.

    `pay_code` is what the payment QR holds (none: no code), `logo_svg` the creditor's logo.
    """
    creditor = brief.creditor
    who = creditor.collector if creditor.party == "third_party" and creditor.collector else creditor
    lines = tuple(clean(line) for line in who.address)
    if not lines or lines[0].casefold() not in (who.name.casefold(), short_name(who.name).casefold()):
        lines = (clean(who.name), *lines)
    color = str(brand_color(Reading(brief, typography(words.language))))
    payment = PaymentBox(
        title=words.payment_title,
        lines=words.payment_lines,
        qr=pay_code,
        caption=words.payment_caption if pay_code else "",
    )
    return LetterContent(
        language=cast('Literal["fr", "en"]', words.language),
        sender_lines=lines,
        sender_contact_lines=words.contact_lines,
        address_lines=address_lines,
        place_and_date=words.place_and_date,
        dated_on=brief.dated_on,
        subject=words.subject,
        salutation=words.salutation,
        paragraphs=tuple(_paragraph(paragraph) for paragraph in words.paragraphs),
        closing=words.closing,
        signatory_lines=words.signatory_lines,
        return_reference=brief.attempt_id,
        brand_color=None if color == DEFAULT_COLOR else color,
        logo_svg=logo_svg,
        logo_alt=short_name(creditor.name) if logo_svg else "",
        references=words.references,
        table=_table(words),
        table_after=words.table_after,
        payment=payment if words.payment_lines else None,
        footer_lines=words.footer_lines,
        reply=tuple(_paragraph(paragraph) for paragraph in words.reply),
        registered=brief.send.use is Use.REGISTERED,
        amicable_label=words.amicable_label or None,
    )


def _table(words: LetterWords) -> AmountTable | None:
    if not words.rows:
        return None
    what, detail, amount = words.columns
    return AmountTable(columns=(what, detail, amount), rows=_amounts(words.rows), totals=_amounts(words.totals))


def _amounts(rows: tuple[tuple[str, ...], ...]) -> tuple[AmountRow, ...]:
    return tuple(AmountRow(label=label, detail=detail, amount=amount) for label, detail, amount in rows)


def _paragraph(paragraph: WordedParagraph) -> Paragraph:
    return Paragraph(kind=cast(ParagraphKind, paragraph.kind), text=paragraph.text)


def _paragraphs(text: str) -> Iterator[WordedParagraph]:
    for block in text.split("\n\n"):
        words = block.strip()
        kind, mark, rest = words.partition(":")
        if mark and kind in _KINDS:
            yield WordedParagraph(kind, rest.strip())
        elif words:
            yield WordedParagraph("text", words)


def _one(found: dict[str, str], name: str) -> str:
    return " ".join(found.get(name, "").split("\n")).strip()


def _lines(found: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in found.get(name, "").split("\n") if line.strip())


def _rows(found: dict[str, str], name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.strip() for cell in line.split(_CELL)) for line in _lines(found, name))
