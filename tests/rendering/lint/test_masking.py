"""What is taken out of a text before it is read hides no finding and makes none."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel
from orchestrator.rendering.lint.masking import Mask
from orchestrator.rendering.lint.parts import Part
from orchestrator.rendering.lint.scan import scan_text
from tests.rendering.lint.test_unseen import blocks_of
from tests.rendering.wording import a_brief

_TEXTS = [text for block in blocks_of("fr") for text in (*block["forbidden"], *block["lawful"])]
_NAMES = (
    "Paul Petit",
    "Huissier",
    "Saisie",
    "Ange",
    "ISIE",
    "Avis",
    "Dernier Avis SARL",
    "N'Guyen",
    "Procédure",
    "Vous",
)
_REFERENCES = ("C-0", "F-2291", "0899", "h1", "a1", "huissier-1", "118", "")


@given(
    text=st.sampled_from(_TEXTS),
    name=st.sampled_from(_NAMES),
    reference=st.sampled_from(_REFERENCES),
    around=st.sampled_from(
        ("{text}", "{name}, {text} {reference}", "{text} {name} ({reference})", "{reference}-{text}")
    ),
    is_markup=st.booleans(),
)
def test_a_mask_hides_no_finding_and_makes_none(
    text: str, name: str, reference: str, around: str, is_markup: bool
) -> None:
    brief = a_brief("reminder", Channel.EMAIL)
    debtor = msgspec.structs.replace(brief.debtor, name=name, people=())
    brief = msgspec.structs.replace(brief, debtor=debtor, person=None, case_id=reference)
    said = around.format(text=text, name=name, reference=reference)
    part = Part("html" if is_markup else "text", said, Mask(brief), is_markup=is_markup)
    found = {hit.group.family for hit in part.scan("fr").hits}
    bare = {hit.group.family for _, scan in scan_text(said, "fr") for hit in scan.hits}
    # A reference of letters and digits, or a name of several words, is data: its own words are no finding.
    assert found <= bare
    assert found >= {hit.group.family for _, scan in scan_text(text, "fr") for hit in scan.hits} & bare
