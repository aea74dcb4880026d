"""Composes one letter into a PDF/A-2b: what a letter holds, and the renderer. Writes no words and sends nothing."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import msgspec
import typst

from orchestrator.domain.errors import InputError, TemplateError
from orchestrator.rendering import qr_code, typesetting

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
# `Label : value` in French, `Label: value` in English; a URL has no space after its colon.
_LABELLED = re.compile(r"(.{1,30}?)[ \u00a0\u202f]?:[ \u00a0\u202f](.+)", re.DOTALL)
# Controls have no shape, and direction marks could make a printed amount read otherwise than the data.
_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)
_PAGES = re.compile(rb"<xmpTPg:NPages>(\d+)<")  # PDF/A keeps its XMP metadata uncompressed
_LETTERHEAD_CHARACTERS = 130  # two lines at 13 pt; a third would come near the window of the envelope


ParagraphKind = Literal["text", "quote", "notice", "list", "strong", "tick"]


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """Plain text, never markup. A `list` has one item per line, a `tick` one box to tick per line; `strong` is bold;
    a `quote` is the words of a law or contract.
    """

    kind: ParagraphKind = "text"
    text: str


class AmountRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table, its amount already written for the reader (`1 234,00 €`)."""

    label: str
    detail: str
    amount: str


class AmountTable(msgspec.Struct, frozen=True, kw_only=True):
    """Headings of the three columns, one row per sum, then the totals; the last total stands out."""

    columns: tuple[str, str, str]
    rows: tuple[AmountRow, ...]
    totals: tuple[AmountRow, ...] = ()


class PaymentBox(msgspec.Struct, frozen=True, kw_only=True):
    """How to pay. A line written `Label : value` is set in two columns. `qr` is what the code holds (see `pay_qr`)."""

    lines: tuple[str, ...]
    title: str = ""
    qr: str | None = None
    caption: str = ""


class LetterContent(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one letter says, in words ready to print; `\\n` breaks a line in paragraphs only.

    `sender_lines` starts with the sender's name. `address_lines` come from `letter_address.format_address`: up to six,
    then a country. The layout writes the label before `subject` ("Objet : ") and the mention of a registered letter.
    The table stands after paragraph number `table_after` (from 0; -1 puts it first), the payment box after all
    paragraphs. Notices that end the text go below the signature, in small type. `return_reference` is the attempt id:
    printed small and as a QR code outside the window, so that a phone records returned mail.
    `amicable_label` is the amicable status of a third-party collector, set beside its name at the same size.
    `reply` is what the debtor may send back: below everything, in one piece, under a dashed line.
    """

    language: Literal["fr", "en"]
    sender_lines: tuple[str, ...]
    address_lines: tuple[str, ...]
    place_and_date: str
    dated_on: date
    subject: str
    salutation: str
    paragraphs: tuple[Paragraph, ...]
    closing: str
    signatory_lines: tuple[str, ...]
    return_reference: str
    sender_contact_lines: tuple[str, ...] = ()
    brand_color: str | None = None
    logo_svg: bytes | None = None
    logo_alt: str = ""
    references: tuple[tuple[str, str], ...] = ()
    table: AmountTable | None = None
    table_after: int = 0
    payment: PaymentBox | None = None
    footer_lines: tuple[str, ...] = ()
    registered: bool = False
    amicable_label: str | None = None
    reply: tuple[Paragraph, ...] = ()


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A composed letter. The same content gives the same bytes, so `sha256` (hexadecimal) proves what was said."""

    pdf: bytes
    sha256: str
    pages: int


class LetterRenderer:
    """Composes letters with the `layout.typ` and `fonts` of one folder. Threads may share it, one at a time.

    The words travel as a JSON file in memory, beside the layout, rather than as `sys_inputs`: data either way, but new
    inputs rebuild the whole Typst library at each letter (2 ms of the 15).
    """

    def __init__(self, layout_dir: Path) -> None:
        """Raises TemplateError when the layout or its fonts are missing."""
        self._layout_path = layout_dir / "layout.typ"
        fonts_dir = layout_dir / "fonts"
        if not self._layout_path.is_file() or not any(fonts_dir.glob("*.[ot]tf")):
            raise TemplateError(
                "The letter layout or its fonts are missing",
                hint="the folder needs layout.typ and fonts/*.otf",
                where=str(layout_dir),
            )
        self._compiler = typesetting.compiler(layout_dir, fonts=fonts_dir, what="the letter")
        self._lock = Lock()

    def render(self, content: LetterContent) -> Letter:
        """Raises InputError for content that cannot be set (`where`: its field), TemplateError for a faulty layout."""
        _check(content)
        files = {
            "main.typ": b'#include "/layout.typ"',
            "letter.json": msgspec.json.encode(_data(content)),
            "return.svg": qr_code.svg(content.return_reference, level="M"),
        }
        if content.payment is not None and content.payment.qr is not None:
            files["pay.svg"] = qr_code.svg(content.payment.qr, level="M")  # EPC069-12 asks for level M
        if content.logo_svg is not None:
            files["logo.svg"] = content.logo_svg
        pdf = self._compile(files, content)
        pages = _PAGES.search(pdf)
        if pages is None:
            raise TemplateError("The letter has no PDF/A metadata", where=str(self._layout_path))
        return Letter(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), pages=int(pages[1]))

    def _compile(self, files: dict[str, bytes], content: LetterContent) -> bytes:
        written_at = typesetting.start_of(content.dated_on)
        try:
            with self._lock:
                return typesetting.compiled(
                    self._compiler, files, format="pdf", pdf_standards="a-2b", timestamp=written_at
                )
        except typst.TypstError as error:
            # Typst quotes the text it stumbled on: a debtor's data, so its words stay out of ours.
            raise self._refusal(error.message, content) from None

    def _refusal(self, fault: str, content: LetterContent) -> InputError | TemplateError:
        if "address-too-wide" in fault:
            return InputError(
                "A line of the address is wider than the window",
                code="address_too_wide",
                hint="38 characters is the limit, fewer when most are as wide as M or W",
                where="address_lines",
            )
        if "SVG" in fault:
            return InputError(
                "The logo is not an SVG that stands by itself",
                code="invalid_logo",
                hint="export it as plain SVG, without linked files",
                where="logo_svg",
            )
        if sign := typesetting.lacking_shape(fault):
            for where, text in _texts(msgspec.structs.asdict(content), ""):
                if sign in text:
                    return _unprintable(sign[0], where)
        return TemplateError("The letter could not be composed", where=str(self._layout_path))


def _check(content: LetterContent) -> None:
    """Refuses what the layout would set wrong or Typst refuse without saying where."""
    is_right = {
        "sender_lines": bool(content.sender_lines),
        "address_lines": 1 <= len(content.address_lines) <= 7,
        "table_after": -1 <= content.table_after < max(1, len(content.paragraphs)),
        "logo_alt": content.logo_svg is None or bool(content.logo_alt),
        "return_reference": 1 <= len(content.return_reference) <= 64,
        "payment.qr": content.payment is None or content.payment.qr != "",
        "brand_color": content.brand_color is None or _COLOR.fullmatch(content.brand_color) is not None,
    }
    for field, right in is_right.items():
        if not right:
            raise InputError("The letter lacks a part, or has one out of bounds", code="letter_incomplete", where=field)
    if len(content.sender_lines[0]) + len(content.amicable_label or "") > _LETTERHEAD_CHARACTERS:
        raise InputError(
            "The sender's name and amicable label fill more than two lines",
            code="letterhead_too_long",
            hint=f"{_LETTERHEAD_CHARACTERS} characters together at most",
            where="sender_lines[0]",
        )
    for where, text in _texts(msgspec.structs.asdict(content), ""):
        if unprintable := _UNPRINTABLE.search(text):
            raise _unprintable(unprintable[0], where)


def _unprintable(character: str, where: str) -> InputError:
    return InputError(
        f"The letter's font has no shape for character U+{ord(character):04X}",
        code="unprintable_character",
        hint="write it in Latin letters, or remove it",
        where=where,
    )


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every text inside `value` with its path (`address_lines[0]`)."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}" if where else key)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{where}[{index}]")
    elif isinstance(value, msgspec.Struct):
        yield from _texts(msgspec.structs.asdict(value), where)


def _data(content: LetterContent) -> dict[str, Any]:
    """The JSON that `layout.typ` reads: the fields of LetterContent, and what Typst would be slow to work out."""
    data = msgspec.structs.asdict(content)
    data["logo"] = data.pop("logo_svg") is not None
    end = _end_of_body(content)
    data["paragraphs"], data["postscript"] = content.paragraphs[:end], content.paragraphs[end:]
    if content.table is not None:
        data["table"] = {
            "columns": content.table.columns,
            "rows": [(row.label, row.detail, row.amount) for row in content.table.rows],
            "totals": [(row.label, row.detail, row.amount) for row in content.table.totals],
        }
    if content.payment is not None:
        data["payment"] = {
            "title": content.payment.title,
            "lines": [_labelled(line) for line in content.payment.lines],
            "qr": content.payment.qr is not None,
            "caption": content.payment.caption,
        }
    return data


def _end_of_body(content: LetterContent) -> int:
    """Where the notices begin that end the text; the table keeps the paragraph it stands after."""
    end = len(content.paragraphs)
    first = content.table_after + 1 if content.table is not None else 0
    while end > first and content.paragraphs[end - 1].kind == "notice":
        end -= 1
    return end


def _labelled(line: str) -> tuple[str, str]:
    match = _LABELLED.fullmatch(line)
    return (match[1], match[2]) if match else ("", line)
