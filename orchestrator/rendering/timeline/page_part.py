"""A drawn campaign as a part of a page: plain HTML and a picture without styles of its own (strict CSP)."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestrator.rendering.timeline.chart import chart
from orchestrator.rendering.timeline.drawn import Drawn, Stop


class Part(msgspec.Struct, frozen=True):
    """HTML in which every word is escaped already: templates take it as it is."""

    html: str

    def __html__(self) -> str:
        return self.html


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def timeline_html(drawn: Drawn, *, links: Callable[[Stop], str] | None = None) -> Part:
    """The drawing. `links` gives the address at which the messages of a step are read.

    Its headings are of the third level and below: it stands under a heading of the second.
    """
    voices = {stop.voice.code: stop.voice for stop in drawn.stops if stop.voice}
    return Part(
        _environment()
        .get_template("timeline.html")
        .render(
            drawn=drawn,
            chart=chart(drawn),
            voices=tuple(voices.values()),
            has_fallback=any(len(way.uses) > 1 for stop in drawn.stops for way in stop.ways),
            quiet=", ".join(drawn.quiet),
            links=links,
        )
    )
