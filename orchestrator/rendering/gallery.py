"""An index page of rendered messages, so that a lead reads a whole campaign in a browser. Renders no message.

The voices of one message stand side by side, and what changes from one to the next is marked: by a colour, by an
underline, and by words for a reader who hears the page.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestrator.rendering.comparison import Line
from orchestrator.rendering.readability import Readability

_PAGE = "gallery.html"
# The page speaks the first language that was asked for; English when it is neither of these.
_CHROME = {
    "fr": {
        "own": "la voix de l'étape", "changes": "change selon la voix", "common": "identique dans toutes les voix",
        "legend": "Souligné : ce qui change d'une voix à l'autre. Le reste est identique.", "open": "ouvrir",
        "voices": "voix côte à côte", "read": "mots par phrase", "longest": "phrase la plus longue : {} mots",
        "seconds": "s de lecture", "subject": "Objet", "alone": "une seule voix ici", "start": "début du changement",
        "end": "fin du changement", "to": "Aller à",
    },
    "en": {
        "own": "the step's own voice", "changes": "changes with the voice", "common": "the same in every voice",
        "legend": "Underlined: what changes from one voice to the next. The rest is the same.", "open": "open",
        "voices": "voices side by side", "read": "words per sentence", "longest": "longest sentence: {} words",
        "seconds": "s to read", "subject": "Subject", "alone": "only one voice here", "start": "change begins",
        "end": "change ends", "to": "Go to",
    },
}  # fmt: skip


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the page. `file` is beside the page; `lines` are its words, compared with the other voices.

    `segments` is what an SMS is billed for, 0 for the other channels. `faults` are what a careful writer would correct;
    a message that cannot be written has only them.
    """

    source: str
    channel: str
    voice: str
    language: str
    file: str
    lines: tuple[Line, ...] = ()
    note: str = ""
    segments: int = 0
    is_own_voice: bool = True
    read: Readability | None = None
    faults: tuple[str, ...] = ()


class _Set(msgspec.Struct, frozen=True):
    """The voices of one message, in one channel and language."""

    channel: str
    language: str
    messages: tuple[Shown, ...]


def write_gallery(folder: Path, *, title: str, subtitle: str, messages: Iterable[Shown], language: str = "en") -> Path:
    """Writes index.html in the folder and returns its path. Messages are grouped by where they come from."""
    groups: dict[str, dict[tuple[str, str], list[Shown]]] = {}
    for each in messages:
        groups.setdefault(each.source, {}).setdefault((each.channel, each.language), []).append(each)
    sets = {source: [_Set(*key, tuple(found)) for key, found in by.items()] for source, by in groups.items()}
    # Every value is escaped: a debtor's name is data here as in a message.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    chrome = language if language in _CHROME else "en"
    page = environment.get_template(_PAGE).render(
        title=title, subtitle=subtitle, groups=sets, say=_CHROME[chrome], lang=chrome
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path
