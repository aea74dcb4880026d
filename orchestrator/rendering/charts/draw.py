"""Draws charts as SVG documents that stand by themselves: no script, link, date or random name; words are outlines.

By Typst, which sets the letters: nothing more to install, the letters' own font whatever the reader has, 10 ms a chart.
"""

import re
from pathlib import Path
from threading import Lock
from xml.sax.saxutils import escape

import msgspec
import typst

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering import typesetting
from orchestrator.rendering.charts.bar_marks import bars_drawing
from orchestrator.rendering.charts.chart import Bars, Chart, Columns, Lines
from orchestrator.rendering.charts.column_marks import columns_drawing
from orchestrator.rendering.charts.line_marks import lines_drawing, panels_drawing
from orchestrator.rendering.charts.marks import Drawing, Words
from orchestrator.rendering.charts.palette import DARK, LIGHT, Theme, dark_style
from orchestrator.rendering.typography import typography

SVG_TYPE = "image/svg+xml"
WIDE, NARROW = 720.0, 340.0
_FOLDER = Path(__file__).parent
_OPENING = re.compile(rb"<svg [^>]*>")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
_MOST_TRIES = 20


class ChartRenderer:
    """Draws with the fonts of one folder. Threads may share it, one at a time."""

    def __init__(self, fonts: Path) -> None:
        """Raises TemplateError when the fonts are missing. Loads them: make one when a chart is first asked for."""
        self._compiler = typesetting.compiler(_FOLDER, fonts=fonts, what="the charts")
        self._lock = Lock()

    def svg(self, chart: Chart, *, language: str, theme: Theme = "light", width: float = WIDE) -> bytes:
        """The image; the same chart gives the same bytes. `auto` follows the page's colour scheme by itself.

        `width` is in pixels: `WIDE` for a page, `NARROW` for a telephone, where words keep their size.
        """
        return self.draw(lay_out(chart, language=language, width=width), theme=theme)

    def draw(self, drawing: Drawing, *, theme: Theme) -> bytes:
        """A drawing as SVG. What the font has no shape for is drawn as `?`."""
        colors = DARK if theme == "dark" else LIGHT
        lacking: set[str] = set()
        for _ in range(_MOST_TRIES):
            try:
                return _dressed(self._compile(_plain(drawing, lacking), colors), drawing, theme)
            except typst.TypstError as error:
                found = typesetting.lacking_shape(error.message)
                if not found:
                    raise TemplateError("the chart could not be drawn", where="marks.typ") from None
                lacking |= set(found)
        raise TemplateError("the chart's words have too many signs that its font lacks", where="marks.typ")

    def _compile(self, drawing: Drawing, colors: dict[str, str]) -> bytes:
        data = {**msgspec.to_builtins(drawing), "colors": colors}
        files = {"main.typ": b'#include "/marks.typ"', "drawing.json": msgspec.json.encode(data)}
        with self._lock:
            return typesetting.compiled(self._compiler, files, format="svg")


def lay_out(chart: Chart, *, language: str, width: float = WIDE) -> Drawing:
    """The marks of a chart at a width in pixels."""
    hand = typography(language)
    if isinstance(chart, Bars):
        return bars_drawing(chart, width=width, hand=hand)
    if isinstance(chart, Columns):
        return columns_drawing(chart, width=width, hand=hand)
    if isinstance(chart, Lines):
        return lines_drawing(chart, width=width, hand=hand)
    return panels_drawing(chart, width=width, hand=hand)


def _plain(drawing: Drawing, lacking: set[str]) -> Drawing:
    """The drawing with words that the font can show."""
    lost = str.maketrans(dict.fromkeys(lacking, "?"))

    def shown(text: str) -> str:
        return _CONTROLS.sub(" ", text).translate(lost)

    marks = tuple(
        msgspec.structs.replace(mark, text=shown(mark.text), after=shown(mark.after))
        if isinstance(mark, Words)
        else mark
        for mark in drawing.marks
    )
    return msgspec.structs.replace(drawing, marks=marks)


def _dressed(svg: bytes, drawing: Drawing, theme: Theme) -> bytes:
    """The image with its name and description, in pixels; `auto` with the style that turns it dark."""
    width, height = f"{drawing.width:g}", f"{drawing.height:g}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'lang="{drawing.language}" aria-labelledby="title description" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><title id="title">{_told(drawing.title)}</title>'
        f'<desc id="description">{_told(drawing.description)}</desc>'
    )
    if theme == "auto":
        head += f"<style>{dark_style()}</style>"
    return _OPENING.sub(lambda _: head.encode(), svg, count=1)


def _told(text: str) -> str:
    return escape(_CONTROLS.sub(" ", text))
