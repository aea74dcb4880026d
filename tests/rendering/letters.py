"""Letters to test with: invented content, and what an independent engine (pdfminer) reads back from the PDF, in mm."""

import io
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zxingcpp
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTComponent, LTLine, LTPage, LTTextContainer, LTTextLine

from orchestrator.rendering.letter_pdf import AmountRow, AmountTable, Letter, LetterContent, LetterRenderer, Paragraph
from orchestrator.rendering.letter_pdf import PaymentBox as Box
from orchestrator.rendering.pay_qr import epc_payload

LETTER_DIR = Path(__file__).parents[2] / "templates" / "letter"
PAY_CODE = epc_payload(
    name="Acme Télécom", iban="FR7630006000011234567890189", amount_cents=2000, remittance="C-2026-004512"
)
_MM = 25.4 / 72


class Mark(NamedTuple):
    """Something printed: its text (empty for a line or a shape) and its box in mm from the top left of the sheet."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether any of it is inside that zone."""
        return self.left < right and self.right > left and self.top < bottom and self.bottom > top


@cache
def renderer() -> LetterRenderer:
    """The shipped layout and fonts."""
    return LetterRenderer(LETTER_DIR)


def a_table(rows: int = 2) -> AmountTable:
    """Rows named `R000`, `R001`, …"""
    return AmountTable(
        columns=("Facture", "Échéance", "Montant"),
        rows=tuple(AmountRow(label=f"R{n:03d}", detail=f"échue le {n}", amount=f"{n},00 €") for n in range(rows)),
        totals=(
            AmountRow(label="Principal", detail="", amount="18,00 €"),
            AmountRow(label="Total à régler", detail="", amount="20,00 €"),
        ),
    )


def a_content(**changes: Any) -> LetterContent:
    """A consumer's reminder of 20 EUR on one page."""
    content = LetterContent(
        language="fr",
        sender_lines=("Acme Télécom SAS", "Service clients", "12 rue des Lilas", "69003 Lyon"),
        sender_contact_lines=("Téléphone : 04 65 71 00 12", "clients@acme.example"),
        address_lines=("Mme Camille Durand", "27 RUE DE L EGLISE", "69003 LYON"),
        place_and_date="Lyon, le 21 novembre 2026",
        dated_on=date(2026, 11, 21),
        references=(("Votre dossier", "C-2026-004512"),),
        subject="votre facture d’octobre 2026",
        salutation="Madame,",
        paragraphs=(Paragraph(text="Le règlement de votre facture ne nous est pas encore parvenu."),),
        table=a_table(),
        payment=Box(title="Pour régler", lines=("IBAN : FR76 3000 6000",), qr=PAY_CODE, caption="À scanner"),
        closing="Nous vous prions d’agréer nos salutations distinguées.",
        signatory_lines=("Léa Martin", "Service clients"),
        footer_lines=("Acme Télécom SAS, SIREN 552 100 554",),
        return_reference="01JD7Q3V5X8ZK2M4N6P8R0S2T4",
    )
    return msgspec.structs.replace(content, **changes)


def render(**changes: Any) -> Letter:
    """The letter of `a_content` with these changes."""
    return renderer().render(a_content(**changes))


def pages(pdf: bytes) -> list[LTPage]:
    """Every page as pdfminer sees it."""
    return list(extract_pages(io.BytesIO(pdf)))


def marks(page: LTPage) -> list[Mark]:
    """All that is printed on a page; text line by line."""
    return [_mark(item, page) for item in _printed(page)]


def words(pdf: bytes) -> list[str]:
    """The text of each page, line by line."""
    return ["\n".join(mark.text for mark in marks(page) if mark.text) for page in pages(pdf)]


def type_of(page: LTPage, text: str) -> tuple[str, float]:
    """Font and size in which `text` is set."""
    for item in _printed(page):
        if isinstance(item, LTTextLine) and text in item.get_text():
            start = item.get_text().index(text)
            first = [char for char in item if isinstance(char, LTChar)][start]
            return first.fontname.partition("+")[2], round(first.size, 1)
    raise AssertionError(f"{text!r} is not on the page")


def codes(page: LTPage) -> dict[str, float]:
    """What the QR codes of a page say, each with its module's width in mm: drawn again from the lines of the PDF."""
    strokes = sorted(
        (item for item in page if isinstance(item, LTLine) and not item.linewidth), key=lambda item: item.y0
    )
    groups: list[list[LTLine]] = []
    for stroke in strokes:  # a code is a heap of dark runs, far from the next
        if not groups or stroke.y0 - groups[-1][-1].y0 > 15:
            groups.append([])
        groups[-1].append(stroke)
    found = {}
    for group in groups:
        module = min(stroke.x1 - stroke.x0 for stroke in group)
        for code in zxingcpp.read_barcodes(_drawn(group, module)):
            found[code.text] = module * _MM
    return found


def _drawn(strokes: list[LTLine], module: float) -> memoryview:
    dots = module / 3
    left, bottom = min(s.x0 for s in strokes), min(s.y0 for s in strokes) - module / 2
    side = 24 + max(int((max(s.x1 for s in strokes) - left) / dots), int((max(s.y0 for s in strokes) - bottom) / dots))
    picture = bytearray(b"\xff" * side * side)
    for stroke in strokes:
        row = 12 + round((stroke.y0 - module / 2 - bottom) / dots)
        start, end = (12 + round((x - left) / dots) for x in (stroke.x0, stroke.x1))
        for line in range(row, row + 3):
            at = (side - 1 - line) * side
            picture[at + start : at + end] = bytes(end - start)
    return memoryview(picture).cast("B", (side, side))


def _printed(page: LTPage) -> Iterator[LTComponent]:
    for item in page:
        if isinstance(item, LTTextContainer):
            yield from (line for line in item if isinstance(line, LTTextLine) and line.get_text().strip())
        elif isinstance(item, LTComponent):
            yield item


def _mark(item: LTComponent, page: LTPage) -> Mark:
    text = item.get_text().rstrip("\n") if isinstance(item, LTTextLine) else ""
    edges = (item.x0, page.height - item.y1, item.x1, page.height - item.y0)
    return Mark(text, *(edge * _MM for edge in edges))
