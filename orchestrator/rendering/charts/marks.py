"""The marks of which every chart is made, in pixels from the top left corner. `marks.typ` draws them and knows no more.

Colours are names of the palette. Words are data, never markup.
"""

from typing import Literal

import msgspec


class Box(msgspec.Struct, frozen=True, tag="box"):
    """A rectangle, filled; `is_hatched` draws its edge and slanting lines instead."""

    x: float
    y: float
    width: float
    height: float
    color: str
    is_hatched: bool = False


class Line(msgspec.Struct, frozen=True, tag="line"):
    """A straight line or a path through points."""

    points: tuple[tuple[float, float], ...]
    color: str
    weight: float = 1
    is_dashed: bool = False


class Dot(msgspec.Struct, frozen=True, tag="dot"):
    """A filled circle around a point, ringed in the colour of the page."""

    x: float
    y: float
    color: str
    radius: float = 3.5


class Words(msgspec.Struct, frozen=True, tag="words", kw_only=True):
    """A line of text whose baseline stands at `y`; `x` is its start, middle or end. Beyond `most` it ends in `…`.

    `after` follows on the same line, quieter: the note of a value.
    """

    x: float
    y: float
    text: str
    size: float = 12
    color: str = "ink"
    is_bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    most: float = 10_000
    after: str = ""


Mark = Box | Line | Dot | Words


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A chart laid out. `description` says in words what the marks show, for who does not see them."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str
    description: str
    language: str
