"""The HTML of an e-mail: readable in light and dark, on a phone, by a screen reader, and light to carry."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from orchestrator.domain.creditor import Brand
from orchestrator.rendering.rendered import RenderedEmail
from tests.rendering.wording import LANGUAGES, a_brief, an_email, said, shipped_texts

VOID = {"meta", "br", "img", "hr", "link"}
GMAIL_CLIPS_AT_BYTES = 102_000


class _Outline(HTMLParser):
    """Every element opened and closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def outline(html: str) -> _Outline:
    """The elements of a page."""
    parser = _Outline()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["reminder", "formal-notice", "thanks-remaining", "listening"])
def test_every_element_is_closed_and_every_layout_table_says_so(name: str, language: str) -> None:
    for _, rendered in said(name, language):
        if isinstance(rendered, RenderedEmail):
            page = outline(rendered.html)
            assert (page.faults, page.open) == ([], [])
            tables = [attributes for tag, attributes in page.elements if tag == "table"]
            data = [table for table in tables if table.get("role") != "presentation"]
            assert all(table.get("class") in ("amounts", "means") for table in data)
            assert dict(page.elements)["html"].get("lang") == language


def test_the_table_of_amounts_has_a_caption_and_row_headings() -> None:
    page = outline(an_email(a_brief()).html)
    assert "caption" in [tag for tag, _ in page.elements]
    headings = [attributes for tag, attributes in page.elements if tag == "th"]
    assert headings
    assert all(heading.get("scope") == "row" for heading in headings)


def test_the_charset_stands_in_the_first_kilobyte() -> None:
    """HTML standard, section 4.2.5.4."""
    assert an_email(a_brief()).html.encode().index(b'<meta charset="utf-8">') < 1024


def test_dark_mode_and_phones_are_provided_for() -> None:
    html = an_email(a_brief()).html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 480px)" in html


def test_styles_stand_on_the_elements() -> None:
    """Mail programs that drop the head still show the page."""
    html = an_email(a_brief()).html
    body = html[html.index("<body") :]
    assert all("style=" in tag for tag in re.findall(r"<(?:p|td|th|a)\b[^>]*>", body))
    assert "{%" not in html
    assert "{{" not in html


def test_nothing_is_fetched_and_nothing_runs() -> None:
    """No pixel, no font, no script: an opening is not evidence, and it is nobody's business."""
    html = an_email(a_brief(is_long=True, is_business=True)).html
    assert not re.search(r"<(?:img|script|link|iframe|form|object)\b|@import|url\(", html)


@pytest.mark.parametrize(
    "color,ink", [("#0b5cad", "#ffffff"), ("#ffd200", "#111111"), ("#000000", "#ffffff"), ("#ffffff", "#111111")]
)
def test_the_creditors_colour_carries_an_ink_that_reads(color: str, ink: str) -> None:
    """R28; WCAG 2.1, 4.5 to 1."""
    brief = a_brief()
    creditor = msgspec.structs.replace(brief.creditor, brand=Brand(color=color))
    html = an_email(msgspec.structs.replace(brief, creditor=creditor)).html
    assert f"background-color:{color}" in html
    assert f"color:{ink}" in html
    assert _contrast(color, ink) >= 4.5


@pytest.mark.parametrize("ink", ["#1c2430", "#56606f"])
def test_every_ink_reads_on_the_sheet(ink: str) -> None:
    assert _contrast(ink, "#ffffff") >= 4.5
    assert ink in an_email(a_brief()).html


@pytest.mark.parametrize("ink", ["#e8ebf0", "#a9b3c1"])
def test_every_dark_ink_reads_on_the_dark_sheet(ink: str) -> None:
    assert _contrast(ink, "#1a2027") >= 4.5
    assert ink in an_email(a_brief()).html


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_longest_e_mail_is_not_clipped() -> None:
    """Gmail hides what comes after 102 kB, and with it the way out."""
    brief = a_brief(is_long=True, is_business=True)
    due = tuple(brief.statement.due[0] for _ in range(500))
    total = sum(line.open_cents for line in (*due, *brief.statement.credits))
    statement = msgspec.structs.replace(brief.statement, due=due, total_cents=total)
    html = an_email(msgspec.structs.replace(brief, statement=statement)).html
    assert len(html.encode()) < GMAIL_CLIPS_AT_BYTES


def test_links_lead_to_the_page_the_payment_and_the_telephone_only() -> None:
    brief = a_brief()
    links = {attributes["href"] for tag, attributes in outline(an_email(brief).html).elements if tag == "a"}
    assert links == {brief.link, "https://pay.acme.example/C-1001", "tel:+33465710000"}


def test_somebody_in_difficulty_is_shown_no_button_to_pay() -> None:
    """R32: a demand in the listening voice gives the account, and asks for nothing."""
    brief = a_brief("reminder", voice="listening")
    assert "pay.acme.example" not in an_email(brief).html
    assert "FR76" in an_email(brief).html


def test_the_plain_part_is_written_for_itself() -> None:
    text = an_email(a_brief()).text
    assert not re.search(r"<[a-z]|&[a-z]+;", text)
    assert "En ligne\u00a0: https://pay.acme.example/C-1001" in text
    assert shipped_texts().book("fr").language == "fr"
