"""An index page of rendered messages, so that a lead reads a whole campaign in a browser. Renders no message."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_PAGE = "gallery.html"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the page. `file` is beside the page; `text` is shown on it (an SMS, or the words of a letter)."""

    source: str
    channel: str
    voice: str
    language: str
    file: str
    text: str
    subject: str = ""
    note: str = ""
    is_own_voice: bool = True


def write_gallery(folder: Path, *, title: str, subtitle: str, messages: Iterable[Shown]) -> Path:
    """Writes index.html in the folder and returns its path. Messages are grouped by where they come from."""
    groups: dict[str, list[Shown]] = {}
    for message in messages:
        groups.setdefault(message.source, []).append(message)
    # Every value is escaped: a debtor's name is data here as in a message.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template(_PAGE).render(title=title, subtitle=subtitle, groups=groups)
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path
