"""The index page shows the voices of a message side by side, and says what changes without needing colour."""

import re
from pathlib import Path

import msgspec

from channels.contract import Channel
from orchestrator.domain.voice import Voice
from orchestrator.rendering.comparison import compare
from orchestrator.rendering.gallery import Shown, write_gallery
from orchestrator.rendering.rendered import Rendered
from tests.rendering.wording import a_brief, an_sms

VOICES = (Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM)


def page_of(folder: Path, language: str, **changes: object) -> str:
    """The page of one step's SMS in three voices."""
    versions: dict[str, Rendered] = {
        voice: an_sms(a_brief("reminder", Channel.SMS, voice=voice, language=language)) for voice in VOICES
    }
    lines = compare(versions)
    shown = [
        Shown(source="reminder-1", channel="sms", voice=voice, language=language, file="x.txt", lines=lines[voice],
              is_own_voice=voice is Voice.FACTUAL)
        for voice in VOICES
    ]  # fmt: skip
    shown[0] = msgspec.structs.replace(shown[0], **changes)
    return write_gallery(folder, title="A <b>", subtitle="", messages=shown, language=language).read_text("utf-8")


def test_voices_stand_in_one_set_and_only_what_changes_is_marked(tmp_path: Path) -> None:
    page = page_of(tmp_path, "fr")
    assert page.count("<details") == 1
    assert page.count("<article") == len(VOICES)
    assert page.count('class="own"') == 1
    marked = re.findall(r"<mark><span class=\"heard\">(.*?)</span>(.*?)<span", page)
    assert len(marked) == len(VOICES)
    assert all("début du changement" in heard for heard, _ in marked)
    assert all("refuser les SMS" not in text for _, text in marked)


def test_the_page_speaks_its_language_and_names_faults(tmp_path: Path) -> None:
    page = page_of(tmp_path, "en", faults=("a demand that exclaims: <Pay!>",))
    assert '<html lang="en">' in page
    assert "what changes from one voice to the next" in page
    assert "&lt;Pay!&gt;" in page
    assert "A &lt;b&gt;" in page
    assert "<script" not in page
