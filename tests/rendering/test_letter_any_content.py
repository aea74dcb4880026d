"""Whatever the parts of a letter hold or lack, it is composed or refused by field; the layout never breaks."""

from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.errors import InputError
from orchestrator.rendering.letter_pdf import AmountRow, AmountTable, Letter, LetterContent, Paragraph, PaymentBox
from tests.rendering.letters import marks, pages, renderer

_CONTROLS = "".join(map(chr, range(0x7F, 0xA0))) + "\xad"  # refused, as other tests say; a soft hyphen comes and goes
_TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters=_CONTROLS), max_size=90
) | st.sampled_from(["", " ", "mot " * 60, "X" * 120, "« 1\u202f234,56\u00a0€ »"])
_TEXTS = st.lists(_TEXT, max_size=6).map(tuple)
_SHORT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters=_CONTROLS), max_size=38)
_ROWS = st.lists(st.builds(AmountRow, label=_TEXT, detail=_TEXT, amount=_TEXT), max_size=30).map(tuple)
_KIND = st.sampled_from(["text", "quote", "notice", "list"])
_CONTENTS: st.SearchStrategy[LetterContent] = st.builds(
    LetterContent,
    language=st.sampled_from(["fr", "en"]),
    sender_lines=st.tuples(_SHORT, _TEXT, _TEXT) | st.tuples(_SHORT),
    sender_contact_lines=_TEXTS,
    address_lines=st.lists(_SHORT, min_size=1, max_size=7).map(tuple),
    place_and_date=_TEXT,
    dated_on=st.dates(min_value=date(2000, 1, 1)),
    references=st.lists(st.tuples(_TEXT, _TEXT), max_size=8).map(tuple),
    subject=_TEXT,
    salutation=_TEXT,
    paragraphs=st.lists(st.builds(Paragraph, kind=_KIND, text=_TEXT), min_size=2, max_size=8).map(tuple),
    table=st.none() | st.builds(AmountTable, columns=st.tuples(_TEXT, _TEXT, _TEXT), rows=_ROWS, totals=_ROWS),
    table_after=st.integers(-1, 1),
    payment=st.none() | st.builds(PaymentBox, lines=_TEXTS, title=_TEXT, qr=st.none() | _TEXT, caption=_TEXT),
    closing=_TEXT,
    signatory_lines=_TEXTS,
    footer_lines=_TEXTS,
    return_reference=_SHORT.filter(bool),
    registered=st.booleans(),
    amicable_label=st.none() | _TEXT,
)


def composed(content: LetterContent) -> Letter | None:
    """None when the content was refused; anything but a refusal by field is a fault of ours."""
    try:
        return renderer().render(content)
    except InputError:
        return None


@settings(max_examples=40)
@given(_CONTENTS)
def test_any_content_is_composed_or_refused_and_its_window_holds_the_address_only(content: LetterContent) -> None:
    letter = composed(content)
    if letter is None:
        return
    address = "".join("".join(content.address_lines).split())
    in_window = [mark for mark in marks(pages(letter.pdf)[0]) if mark.touches(90.0, 34.0, 210.0, 91.0)]
    assert all("".join(mark.text.split()) in address for mark in in_window)


@settings(max_examples=40)
@given(_CONTENTS)
def test_two_letters_of_one_content_are_one_letter(content: LetterContent) -> None:
    twice = msgspec.json.decode(msgspec.json.encode(content), type=LetterContent)
    assert composed(content) == composed(twice)
