"""How a letter flows: its parts in order, long tables over pages, nothing left alone on a page, and a sober look."""

import re

import msgspec
import pytest

from orchestrator.rendering.letter_pdf import Paragraph
from tests.rendering.letters import LETTER_DIR, PAY_CODE, a_content, a_table, codes, pages, render, type_of, words

REFERENCE = "01JD7Q3V5X8ZK2M4N6P8R0S2T4"


def place(text: str, of: str) -> int:
    assert of in text, of
    return text.index(of)


def test_the_usual_letter_is_one_page() -> None:
    assert render().pages == 1


def test_the_parts_follow_in_the_order_of_a_french_letter() -> None:
    page = words(render().pdf)[0]
    order = (
        "Acme Télécom SAS", "Lyon, le 21", "Objet : votre facture", "Madame,", "Le règlement", "R000",
        "Nous vous prions", "Léa Martin", "Page 1/1",
    )  # fmt: skip
    places = [place(page, part) for part in order]
    assert places == sorted(places)


def test_the_table_stands_after_its_paragraph() -> None:
    texts = tuple(Paragraph(text=f"Paragraphe {n}.") for n in range(3))
    for after in (-1, 0, 1, 2):
        page = words(render(paragraphs=texts, table_after=after).pdf)[0]
        before = [n for n in range(3) if place(page, f"Paragraphe {n}.") < place(page, "R000")]
        assert before == list(range(after + 1))


def test_120_rows_are_all_there_once_under_a_heading_on_every_page() -> None:
    found = words(render(table=a_table(120)).pdf)
    everything = "\n".join(found)
    assert re.findall(r"R\d{3}", everything) == [f"R{n:03d}" for n in range(120)]
    with_rows = [page for page in found if re.search(r"R\d{3}", page)]
    assert len(with_rows) >= 3
    assert all(page.count("Échéance") == 1 for page in with_rows)


def test_every_page_bears_its_number_the_reference_and_the_code_of_the_item() -> None:
    letter = render(table=a_table(120))
    for number, (page, text) in enumerate(zip(pages(letter.pdf), words(letter.pdf), strict=True), start=1):
        assert f"Page {number}/{letter.pages}" in text
        assert f"Pli {REFERENCE}" in text
        assert REFERENCE in codes(page)
        assert "C-2026-004512" in text


def test_following_pages_recall_who_writes_and_when() -> None:
    first, *others = words(render(table=a_table(120)).pdf)
    recall = "Acme Télécom SAS · Lyon, le 21 novembre 2026"
    assert recall not in first
    assert all(recall in page for page in others)


@pytest.mark.parametrize("rows", [1, 2, 30, 31, 32, 33])  # the last ones end near the foot of a page
def test_totals_keep_together_and_with_a_row(rows: int) -> None:
    for page in words(render(table=a_table(rows), payment=None).pdf):
        if "Total à régler" in page or "Principal" in page:
            assert "Total à régler" in page
            assert "Principal" in page
            assert f"R{rows - 1:03d}" in page


def test_a_table_may_have_no_totals_or_nothing_but_totals() -> None:
    full = a_table(3)
    assert "R002" in words(render(table=msgspec.structs.replace(full, totals=())).pdf)[0]
    assert "Total à régler" in words(render(table=msgspec.structs.replace(full, rows=())).pdf)[0]


@pytest.mark.parametrize("lines", [2, 19, 20, 21, 50])  # about twenty fill a page
def test_a_signature_is_never_alone_on_its_page(lines: int) -> None:
    body = tuple(Paragraph(text=f"Phrase numéro {n} de la lettre.") for n in range(lines))
    for page in words(render(paragraphs=body, payment=None).pdf):
        if "Léa Martin" in page:
            assert "Phrase numéro" in page


def test_notices_that_end_the_text_go_below_the_signature_and_others_stay() -> None:
    body = (
        Paragraph(kind="notice", text="Avis du milieu."),
        Paragraph(text="Phrase."),
        Paragraph(kind="notice", text="Avis de la fin."),
    )
    page = words(render(paragraphs=body, table=None).pdf)[0]
    assert place(page, "Avis du milieu.") < place(page, "Phrase.") < place(page, "Léa Martin")
    assert place(page, "Avis de la fin.") > place(page, "Léa Martin")


def test_a_list_has_one_item_a_line() -> None:
    lines = words(render(paragraphs=(Paragraph(kind="list", text="par virement ;\npar chèque."),)).pdf)[0].splitlines()
    assert [line for line in lines if line.startswith("– ")] == ["– par virement ;", "– par chèque."]


def test_a_registered_letter_says_so_and_only_then() -> None:
    mention = "Lettre recommandée avec avis de réception"
    assert mention in words(render(registered=True).pdf)[0]
    assert mention not in words(render().pdf)[0]
    assert "Registered letter" in words(render(registered=True, language="en").pdf)[0]


def test_the_amicable_status_is_beside_the_collector_at_its_size() -> None:
    page = pages(render(amicable_label="recouvrement amiable pour Syndic des Lilas").pdf)[0]
    line = "Acme Télécom SAS – recouvrement amiable pour Syndic des Lilas"
    assert line in words(render(amicable_label="recouvrement amiable pour Syndic des Lilas").pdf)[0].splitlines()
    assert type_of(page, "recouvrement amiable")[1] == type_of(page, "Acme Télécom")[1]


def test_an_english_letter_has_english_labels() -> None:
    page = words(render(language="en").pdf)[0]
    assert "Subject: votre facture" in page
    assert f"Item {REFERENCE}" in page


def test_the_pay_by_code_says_exactly_its_payload_and_is_large_enough_for_a_phone() -> None:
    found = codes(pages(render().pdf)[0])
    assert PAY_CODE in found
    assert found[PAY_CODE] >= 0.4  # mm per module
    assert found[REFERENCE] >= 0.33


def test_without_pay_code_only_the_code_of_the_item_is_drawn() -> None:
    assert list(codes(pages(render(payment=None).pdf)[0])) == [REFERENCE]


def test_the_layout_has_no_colour_of_its_own() -> None:
    """L24: neutral greys only; the one colour is the creditor's, as a thin accent."""
    layout = (LETTER_DIR / "layout.typ").read_text(encoding="utf-8")
    written = re.findall(r'rgb\("#(..)(..)(..)"\)', layout)
    assert written
    assert all(max(grey) - min(grey) < 0x18 for grey in ([int(part, 16) for part in color] for color in written))
    assert not re.search(r"\b(red|blue|navy|maroon|upper)\b", layout)


def test_the_brand_colour_is_only_an_accent() -> None:
    plain, branded = (render(brand_color=color).pdf for color in (None, "#0b5cad"))
    assert plain != branded
    assert words(plain) == words(branded)
    assert a_content().brand_color is None
