"""What a letter must be to be kept as evidence: PDF/A-2b, all fonts inside, dated, and the same bytes every time."""

import hashlib
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.letter_pdf import LetterRenderer
from tests.rendering.letters import LETTER_DIR, a_content, a_table, render, renderer

ROOT = Path(__file__).parents[2]


def opened(**changes: object) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(render(**changes).pdf))


def test_a_letter_declares_pdf_a_2b() -> None:
    with opened() as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"


@pytest.mark.parametrize("language, tag", [("fr", "fr-FR"), ("en", "en-GB")])
def test_a_letter_says_its_language(language: str, tag: str) -> None:
    with opened(language=language) as pdf:
        assert str(pdf.Root.Lang) == tag


def test_a_letter_is_tagged_for_screen_readers() -> None:
    with opened() as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        tags = {str(item.S) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item}
        assert {"/TH", "/TD", "/P"} <= tags
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == [
            "Code de paiement"
        ]  # what stands in the foot is not read out


def test_every_font_is_inside_and_is_ours() -> None:
    with opened() as pdf:
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item]
        assert fonts
        for font in fonts:
            assert "SourceSans3" in str(font.FontName)
            assert {"/FontFile2", "/FontFile3"} & set(font.keys())


def test_a_letter_holds_nothing_that_acts() -> None:
    raw = render().pdf
    for act in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/URI", b"/OpenAction", b"/Encrypt"):
        assert act not in raw


def test_a_letter_bears_its_own_date_not_the_day_it_was_composed() -> None:
    with opened(dated_on=date(2025, 3, 1)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["xmp:CreateDate"].startswith("2025-03-01")
        assert metadata["xmp:ModifyDate"].startswith("2025-03-01")


def test_title_and_author_are_in_the_metadata() -> None:
    with opened(subject="relance <1> & “2”") as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "relance <1> & “2”"
        assert metadata["dc:creator"] == ["Acme Télécom SAS"]


def test_two_renderers_give_the_same_bytes() -> None:
    content = a_content(table=a_table(40))
    assert LetterRenderer(LETTER_DIR).render(content) == renderer().render(content)


def test_another_process_gives_the_same_bytes() -> None:
    script = "from tests.rendering.letters import render; print(render().sha256)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == render().sha256


def test_what_was_rendered_before_changes_nothing() -> None:
    before = render().sha256
    render(subject="un autre objet", address_lines=("Quelqu’un d’autre", "75001 PARIS"))
    assert render().sha256 == before


def test_threads_that_share_a_renderer_get_their_own_letters() -> None:
    contents = [a_content(subject=f"lettre numéro {n}") for n in range(12)]
    alone = [renderer().render(content).sha256 for content in contents]
    with ThreadPoolExecutor(4) as pool:
        together = [letter.sha256 for letter in pool.map(renderer().render, contents)]
    assert together == alone
    assert len(set(together)) == len(contents)


def test_the_hash_is_that_of_the_bytes_and_the_pages_are_counted() -> None:
    letter = render(table=a_table(120))
    assert letter.sha256 == hashlib.sha256(letter.pdf).hexdigest()
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        assert letter.pages == len(pdf.pages) > 1


def test_a_folder_without_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="layout or its fonts are missing"):
        LetterRenderer(tmp_path)


def test_the_layout_reaches_for_nothing_outside_its_folder() -> None:
    layout = (LETTER_DIR / "layout.typ").read_text(encoding="utf-8")
    for reach in ("@preview", "@local", "#import", "read(", "plugin(", "eval(", "http://"):
        assert reach not in layout
    assert (LETTER_DIR / "fonts" / "OFL.txt").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE")
