"""From YAML text to plain data with the place of every key and value. Owns what of YAML 1.2 we refuse.

Knows no schema: a scalar is a whole number, a boolean or empty only when it can be nothing else; otherwise it
is the text as written, so that times, dates, phones, postcodes and decimals keep every character.
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from orchestrator.domain.errors import FileError

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 1
Places = dict[Path, tuple[Place, Place]]  # where the key stands (or the "-" item), and where its value starts

# No file of ours nests deeper than ten; beyond this it is an attack or a mistake.
_DEEPEST = 32
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_PLAIN: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def documents(text: str, name: str) -> Iterator[tuple[Any, Places]]:
    """The documents of a YAML text as plain data, with the places of their keys and values.

    Raises FileError on broken YAML, and on anchors, merge keys, tags, directives and duplicate keys.
    """
    events = _events(text, name)
    for event in events:
        if isinstance(event, DocumentStartEvent):
            tree = _Tree(name, events)
            tree.check_start(event)
            yield tree.value(next(events), ()), tree.places


def _events(text: str, name: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        raise _syntax_error(error, name) from None
    except ReaderError as error:
        place = line_and_column(text, error.position)
        raise FileError(
            "there is a control character here, which no text holds",
            hint="delete the character, or save the file again as UTF-8",
            where=f"{name}:{place}",
        ) from None
    except YAMLError:
        raise FileError("this is not a YAML file", where=f"{name}:1:1") from None


def line_and_column(text: str, position: int) -> str:
    """`line:column`, from 1, of a position in a text."""
    before = text[:position]
    return f"{before.count(chr(10)) + 1}:{position - before.rfind(chr(10))}"


class _Tree:
    """Builds one document from its events, noting places and refusing what we do not read."""

    def __init__(self, name: str, events: Iterator[Event]) -> None:
        self.name = name
        self.events = events
        self.places: Places = {}

    def check_start(self, event: DocumentStartEvent) -> None:
        if event.version or event.tags:
            message = "a file cannot change the version of YAML"
            raise self._fault(event.start_mark, message, "delete the % line")

    def value(self, event: Event, path: Path) -> Any:
        """The data of the node that starts with this event; its places are noted under `path`."""
        node = self._plain(event, path)
        place = _place(node.start_mark)
        key_place = self.places[path][0] if path in self.places else place
        self.places[path] = (key_place, place)
        if isinstance(node, ScalarEvent):
            return _scalar(node)
        return self._mapping(path) if isinstance(node, MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event, path)
            if key in found:
                first = self.places[(*path, key)][0]
                message = f'"{key}" is written twice; the first one is on line {first[0]}'
                raise self._fault(event.start_mark, message, "keep one of the two")
            self.places[(*path, key)] = (_place(event.start_mark), _place(event.start_mark))
            found[key] = self.value(next(self.events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            found.append(self.value(event, (*path, len(found))))
        return found

    def _key(self, event: Event, path: Path) -> str:
        node = self._plain(event, path)
        if not isinstance(node, ScalarEvent):
            message = "a key must be a word, not a list or a group"
            raise self._fault(node.start_mark, message, "write `key: value`")
        if node.value == "<<" and not node.style:
            hint = "write the lines out where they are needed"
            raise self._fault(node.start_mark, 'merge keys ("<<") are not used in these files', hint)
        if not node.value:
            raise self._fault(node.start_mark, 'the key before ":" is missing', "write `key: value`")
        return str(node.value)

    def _plain(self, event: Event, path: Path) -> ScalarEvent | CollectionStartEvent:
        """The event itself when it starts a node without anchor, alias or tag, not too deep."""
        mark = event.start_mark
        if len(path) > _DEEPEST:
            raise self._fault(mark, f"this is nested more than {_DEEPEST} deep", "check the brackets")
        quote = "delete it, or put the value in quotes if it is a text"
        if not isinstance(event, ScalarEvent | CollectionStartEvent):
            raise self._fault(mark, 'a value cannot refer to another one with "*"', quote)
        if event.anchor is not None:
            raise self._fault(mark, 'anchors ("&name") are not used in these files', quote)
        if event.ctag is not None:
            raise self._fault(mark, 'tags ("!name") are not used in these files', quote)
        return event

    def _fault(self, mark: StringMark, message: str, hint: str) -> FileError:
        line, column = _place(mark)
        return FileError(message, hint=hint, where=f"{self.name}:{line}:{column}")


def _place(mark: StringMark) -> Place:
    return mark.line + 1, mark.column + 1


def _scalar(event: ScalarEvent) -> str | int | bool | None:
    text = str(event.value)
    if event.style:  # quoted or a block: always a text
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    return int(text) if _WHOLE.fullmatch(text) else text


_WAYS_TO_FIX = (
    # (part of the parser's words, ours, what to do)
    ("mapping values are not allowed", 'there is a ":" too many here',
     'put a value that holds ":" in quotes, or check the indentation and the line above'),
    ("expected <block end>", "this line does not line up with the lines above it",
     "lines of one list or mapping start in the same column"),
    ("expected '<document start>'", "this line does not line up with the lines above it",
     "lines of one list or mapping start in the same column"),
    ("cannot start any token", "a value cannot start with this character", "put the value in quotes"),
    ("found unexpected end of stream", "this quote is never closed", "close it on the same line"),
    ("found unexpected document separator", "this quote is never closed", "close it on the same line"),
    ("expected ',' or '}'", "this {…} is not closed, or a comma is missing in it",
     'look from its { on; a "#" after a space starts a comment'),
    ("expected ',' or ']'", "this […] is not closed, or a comma is missing in it",
     'look from its [ on; a "#" after a space starts a comment'),
    ("but found '<stream end>'", "the file ends inside a […] or a {…}", "close the bracket"),
    ("could not find expected ':'", 'the ":" after this key is missing', "write `key: value`"),
    ("unknown escape character", "a backslash means something else inside double quotes",
     "use single quotes, or write the backslash twice"),
    ("expected alphabetic or numeric character", 'a value cannot start with "*" or "&"',
     "put the value in quotes"),
    ("block sequence entries are not allowed", 'a "-" cannot stand here', "start the list on the next line"),
)  # fmt: skip
# Where the parser noticed is far from where the reader must look.
_LOOK_AT_START = ("this quote is never closed", "this {…} is not", "this […] is not", 'the ":" after')


def _syntax_error(error: MarkedYAMLError, name: str) -> FileError:
    problem = error.problem or ""
    message, hint = f"this is not valid YAML: {problem or 'unreadable'}", "compare with the example file"
    for sign, ours, advice in _WAYS_TO_FIX:
        if sign in problem:
            message, hint = ours, advice
            break
    mark = error.problem_mark or error.context_mark
    if message.startswith(_LOOK_AT_START):
        mark = error.context_mark or mark
    line, column = _place(mark) if mark is not None else (1, 1)
    return FileError(message, hint=hint, where=f"{name}:{line}:{column}")
