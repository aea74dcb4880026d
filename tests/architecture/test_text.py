"""What no published file may say: where one machine keeps things, or how the text came to be written."""

import re

import pytest

from tests.architecture.repository import ROOT, files

# Each pattern is written so that it does not match itself.
_UNWANTED = {
    "a path of somebody's machine": r"(?<![\w.$*{}~/-])/(?:home|root|Users|work|mnt|private)/[\w.]",
    "a folder outside the repository": r"(?<![\w/])share[d]/(?:design|semantics|house|examples|requirements)",
    "the host of a package registry": (
        r"pypi\.or[g]|pythonhoste[d]|npmj[s]\.|proxy\.golan[g]|crates\.i[o]|artifactor[y]"
    ),
    "an address that only exists on one network": r"https?://(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+",
    "how the text was written": (
        r"(?i:claud[e]|anthropi[c]|chatgp[t]|openA[I]|copilo[t]|language[ ]mode[l]|sub-?agen[t])"
        r"|(?<!['’\w])(?:LL[M]|A[I])(?!\w)|BRIE[F]\.md"
        r"|(?i:(?:this|previous|next|another|earlier)[ ]sessio[n])"
    ),
    "an unfinished thought": r"\b(?:TOD[O]|FIXM[E]|XX[X])\b",
}


def unwanted(text: str) -> list[str]:
    """Line and words of each thing that may not be published."""
    return [
        f"{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r} is {meaning}"
        for meaning, pattern in _UNWANTED.items()
        for match in re.finditer(pattern, text)
    ]


def test_no_published_file_says_what_it_may_not() -> None:
    faults = [f"{path}:{fault}" for path in files() for fault in unwanted(_text_of(path))]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def _text_of(path: str) -> str:
    """The words of a file; nothing for fonts, pictures and documents."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize(
    "text",
    [
        "see /hom" + "e/ann/notes",
        "cp x /wor" + "k/y",
        "https://pypi" + ".org/simple",
        "http://1" + "0.0.0.7:8000/",
        "written by an A" + "I",
        "as decided in the previous sess" + "ion",
        "# TO" + "DO: later",
        "sha" + "red/semantics.md says",
    ],
)
def test_an_unwanted_text_is_found(text: str) -> None:
    assert unwanted(text)


@pytest.mark.parametrize(
    "text",
    [
        "J'AI PAYÉ",
        "an agent's session in the console",
        "{base}/home/x",
        "~/work/y",
        "https://example.org/root/x",
    ],
)
def test_an_innocent_text_passes(text: str) -> None:
    assert not unwanted(text)
