"""The chart of a drawn campaign: a line for each channel, a column for each step, a mark where the two meet.

Owns the places of lines and marks, in units of the picture; their looks are classes of a style sheet.
"""

import msgspec

from orchestrator.rendering.timeline.drawn import Drawn, Named, Stop

WIDTH = 960
_LEFT, _RIGHT, _TOP, _LANE, _FOOT = 150, 40, 44, 40, 14
_NARROWEST = 58
_ORDER = ("email", "sms", "letter", "registered")
_PERSON = "person"


class Mark(msgspec.Struct, frozen=True):
    """A mark: `shape` is a voice, `call`, `approve` or `end`; one that is no first choice is hollow."""

    shape: str
    x: int
    y: int
    is_first: bool = True


class Column(msgspec.Struct, frozen=True):
    """A step: its number and day over its marks; `low` to `high` joins marks of which one is taken."""

    number: int
    marker: str
    x: int
    marks: tuple[Mark, ...]
    low: int
    high: int


class Lane(msgspec.Struct, frozen=True):
    """A line with its name."""

    name: str
    y: int


class Chart(msgspec.Struct, frozen=True):
    """The picture, `width` by `height`; `shapes` are those that it uses, for the key."""

    width: int
    height: int
    left: int
    lanes: tuple[Lane, ...]
    columns: tuple[Column, ...]
    shapes: frozenset[str]


def chart(drawn: Drawn) -> Chart:
    """The chart of a campaign. Columns stand as far apart as their days, but never too close to be read."""
    lanes = _lanes(drawn)
    rows = {lane.code: _TOP + place * _LANE + _LANE // 2 for place, lane in enumerate(lanes)}
    columns = tuple(_column(stop, x, rows) for stop, x in zip(drawn.stops, _places(drawn.stops), strict=True))
    return Chart(
        width=WIDTH,
        height=_TOP + len(lanes) * _LANE + _FOOT,
        left=_LEFT,
        lanes=tuple(Lane(lane.word, rows[lane.code]) for lane in lanes),
        columns=columns,
        shapes=frozenset(mark.shape for column in columns for mark in column.marks),
    )


def _lanes(drawn: Drawn) -> list[Named]:
    named = {use.code: use for stop in drawn.stops for way in stop.ways for use in way.uses}
    # The name of a line is short: the steps below have the whole.
    lanes = [Named(code, drawn.says.get(f"lane_{code}", named[code].word)) for code in _ORDER if code in named]
    if any(stop.kind != "send" or stop.needs_approval for stop in drawn.stops):
        lanes.append(Named(_PERSON, drawn.says["person"]))
    return lanes


def _places(stops: tuple[Stop, ...]) -> list[int]:
    """The x of each column. What is too close is moved apart, and all is fitted into the width."""
    days: list[float] = []
    for stop in stops:
        days.append(float(stop.day) if stop.day is not None else (days[-1] + 3 if days else 0.0))
    room, first = WIDTH - _LEFT - _RIGHT - 40, days[0]
    narrowest = min(_NARROWEST, room // max(len(stops) - 1, 1))
    free = room - narrowest * (len(stops) - 1)
    whole = max(days[-1] - first, 1.0)
    return [_LEFT + 40 + round(place * narrowest + free * (day - first) / whole) for place, day in enumerate(days)]


def _column(stop: Stop, x: int, rows: dict[str, int]) -> Column:
    marks: dict[str, Mark] = {}
    shape = stop.voice.code if stop.voice else ""
    for way in stop.ways:
        for rank, use in enumerate(way.uses):
            is_first = rank == 0 or (use.code in marks and marks[use.code].is_first)
            marks[use.code] = Mark(shape, x, rows[use.code], is_first)
    low, high = _ends([mark.y for mark in marks.values()])
    if stop.kind != "send":
        marks[_PERSON] = Mark("end" if stop.kind == "choose" else "call", x, rows[_PERSON])
    elif stop.needs_approval:
        marks[_PERSON] = Mark("approve", x, rows[_PERSON])
    return Column(stop.number, stop.marker, x, tuple(marks.values()), low, high)


def _ends(rows: list[int]) -> tuple[int, int]:
    return (min(rows), max(rows)) if len(rows) > 1 else (0, 0)
