"""What a letter says is data to the last sign: no markup is obeyed, no typography lost, no shape missing in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.errors import InputError
from orchestrator.rendering.letter_pdf import AmountRow, AmountTable, Paragraph, PaymentBox
from tests.rendering.letters import a_content, render, renderer, words

HOSTILE = '#read("/etc/passwd") *x* $y$ @z <a>'
MORE_HOSTILE = (
    "#let x = 1; #panic() \\ #sys.inputs `raw` _em_ ~ -- --- ... = // /* */",
    "]#[ ) } { ${ {{ }} %} \" ' \\n \\u{41} %s {0}",
    '#include "/layout.typ" #image("/etc/hostname")',
    "- item + item / term: = title https://example.org/#frag @preview/x:1.0.0",
)


@pytest.mark.parametrize("text", [HOSTILE, *MORE_HOSTILE])
def test_markup_in_any_part_is_printed_as_it_is(text: str) -> None:
    row = AmountRow(label="L" + text, detail="D" + text, amount="1")
    letter = render(
        sender_lines=("Acme", "S" + text),
        sender_contact_lines=("C" + text,),
        references=((("réf"), "R" + text),),
        subject="O" + text,
        salutation="A" + text,
        paragraphs=tuple(Paragraph(kind=kind, text=kind + text) for kind in ("text", "quote", "notice", "list")),
        table=AmountTable(columns=("a", "b", "c"), rows=(row,), totals=(row,)),
        payment=PaymentBox(lines=(f"Payer\u00a0: P{text}",), title="T" + text),
        closing="F" + text,
        signatory_lines=("G" + text,),
        footer_lines=("B" + text,),
    )
    printed = "".join("".join(page.split()) for page in words(letter.pdf))
    bare = "".join(text.split())
    for start in ("S", "C", "R", "O", "A", "text", "quote", "notice", "list", "L", "D", "P", "T", "F", "G", "B"):
        assert start + bare in printed, start


def test_a_hostile_name_in_the_address_is_only_a_name() -> None:
    letter = render(address_lines=(HOSTILE, "69003 LYON"))
    assert HOSTILE in words(letter.pdf)[0].splitlines()
    assert b"root:" not in letter.pdf
    assert "root:" not in words(letter.pdf)[0]


def test_french_typography_is_printed_as_written() -> None:
    text = "« L’œuvre »\u00a0: 1\u202f234,56\u00a0€\u202f; ÀÉÎÔÛ Ç ÿ – n° 3 − 2 × 4… c’est dû\u202f!"
    printed = words(render(paragraphs=(Paragraph(text=text),)).pdf)[0].splitlines()
    assert text.replace("\u00a0", " ") in printed  # one glyph draws both, and a PDF tells them by it


def test_no_space_that_must_hold_is_ever_broken() -> None:
    amount = "1\u202f234\u202f567,00\u00a0€\u00a0:"
    body = tuple(Paragraph(text="mot " * 18 + "x" * extra + f" la somme de {amount} merci") for extra in range(24))
    assert "".join(words(render(paragraphs=body).pdf)).count(amount.replace("\u00a0", " ")) == len(body)


def test_a_web_address_is_never_cut_at_the_end_of_a_line() -> None:
    link = "https://suivi.example.org/d/q7Xw2mZr9TfK4sVb1NcYpA"
    body = tuple(Paragraph(text="m" * extra + f" Votre page : {link} à garder") for extra in range(0, 60, 3))
    assert "".join(words(render(paragraphs=body).pdf)).count(link) == len(body)


@pytest.mark.parametrize("sign", ["\u202e", "\u0000", "\u2066", "\t", "\ufeff", "\x9b", "\u2028"])
def test_signs_without_shape_or_that_turn_the_reading_are_refused_by_field(sign: str) -> None:
    with pytest.raises(InputError) as refused:
        render(address_lines=("Camille", f"27{sign} RUE", "69003 LYON"))
    assert refused.value.where == "address_lines[1]"
    assert f"U+{ord(sign):04X}" in str(refused.value)
    assert "RUE" not in str(refused.value)


@pytest.mark.parametrize("sign", ["王", "😀", "ح", "\ue000"])
def test_what_the_font_cannot_draw_is_refused_by_field_never_printed_as_a_box(sign: str) -> None:
    with pytest.raises(InputError) as refused:
        render(paragraphs=(Paragraph(text="Bonjour."), Paragraph(text=f"Cher {sign} !")))
    assert refused.value.code == "unprintable_character"
    assert refused.value.where == "paragraphs[1].text"
    assert sign not in str(refused.value)


@pytest.mark.parametrize(
    "field, changes",
    [
        ("brand_color", {"brand_color": "red"}),
        ("brand_color", {"brand_color": '#000000"); #read("x'}),
        ("table_after", {"table_after": 5}),
        ("sender_lines", {"sender_lines": ()}),
        ("address_lines", {"address_lines": ()}),
        ("return_reference", {"return_reference": ""}),
        ("return_reference", {"return_reference": "x" * 65}),
        ("payment.qr", {"payment": PaymentBox(lines=(), qr="")}),
        ("logo_alt", {"logo_svg": b"<svg/>"}),
        ("logo_svg", {"logo_svg": b"<svg", "logo_alt": "Acme"}),
    ],
)
def test_content_that_cannot_be_set_is_refused_by_field(field: str, changes: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        render(**changes)
    assert refused.value.where == field


def test_a_logo_cannot_bring_in_a_file() -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/hostname" width="9" height="9"/></svg>'
    with pytest.raises(InputError) as refused:
        render(logo_svg=logo, logo_alt="Acme")
    assert refused.value.code == "invalid_logo"


_NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("Cc", "Cf")), min_size=1)


@settings(max_examples=6)
@given(st.lists(_NAMES, min_size=20, max_size=40))
def test_any_latin_name_is_printed(names: list[str]) -> None:
    rows = tuple(AmountRow(label="Au nom de", detail=name, amount="1") for name in names)
    letter = renderer().render(a_content(table=AmountTable(columns=("a", "b", "c"), rows=rows)))
    printed = "".join("".join(page.split()) for page in words(letter.pdf))
    assert all("".join(name.split()) in printed for name in names)
