"""YAML files that people write: read strictly, checked against a model, refused in plain words with a place.

Owns `Source` (data and places) and `FileErrors`. What a file may say is its model's business.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any, Literal, TypeVar, overload

import pydantic

from orchestrator.domain.errors import FileError
from orchestrator.intake.strict_yaml.tree import Path, Places, documents, line_and_column
from orchestrator.intake.strict_yaml.wording import Finding, findings_of, written_path

Model = TypeVar("Model", bound=pydantic.BaseModel)

LARGEST_BYTES = 256 * 1024


class FileErrors(FileError):
    """Everything that is wrong with a file: `errors` in the order of the file, each with its own place."""

    def __init__(self, errors: Iterable[FileError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.message, hint=first.hint, where=first.where)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class Source:
    """One YAML document: `data` as dict, list, str, int, bool or None, and where each part was written."""

    __slots__ = ("_places", "data", "name", "text")

    def __init__(self, *, name: str, data: Any, places: Places, text: str) -> None:
        self.name = name
        self.data = data
        self.text = text
        self._places = places

    def where(self, path: Path = (), *, at: Literal["key", "value"] = "key") -> str:
        """`name:line:column` of the key at this path, or of its value; else of the nearest part there is."""
        while path and path not in self._places:
            path = path[:-1]
        line, column = self._places[path][0 if at == "key" else 1]
        return f"{self.name}:{line}:{column}"

    def fault(self, path: Path, message: str, *, hint: str = "", at: Literal["key", "value"] = "value") -> FileError:
        """An error at a path of this document, worded like those of `validate`: for what no model can say."""
        shown = written_path(path, self.data)
        return FileError(f"{shown}: {message}" if shown else message, hint=hint, where=self.where(path, at=at))

    def line(self, path: Path) -> str:
        """The line of the file on which the key at this path stands."""
        number = int(self.where(path).rsplit(":", 2)[1])
        lines = self.text.splitlines()
        return lines[number - 1] if number <= len(lines) else ""


@overload
def parse(text: str, *, name: str, allow_many: Literal[False] = False) -> Source: ...
@overload
def parse(text: str, *, name: str, allow_many: Literal[True]) -> list[Source]: ...
def parse(text: str, *, name: str, allow_many: bool = False) -> Source | list[Source]:
    """One document of strict YAML 1.2, or with `allow_many` every document of the file.

    Raises FileError, with line and column, on anything but plain data (see yaml_tree).
    """
    _refuse_oversize(len(text.encode("utf-8", "replace")), name)
    text = text.removeprefix("\ufeff")
    if (tab := text.find("\t")) >= 0:
        place = line_and_column(text, tab)
        raise FileError("there is a tab here", hint="indent with spaces", where=f"{name}:{place}")
    found = [Source(name=name, data=data, places=places, text=text) for data, places in documents(text, name)]
    if not found:
        raise FileError("the file is empty", hint="compare with the example file", where=f"{name}:1:1")
    if allow_many:
        return found
    if len(found) > 1:
        hint = "write each in a file of its own"
        raise FileError("there is a second document here", hint=hint, where=found[1].where())
    return found[0]


@overload
def read(path: FilePath, *, allow_many: Literal[False] = False) -> Source: ...
@overload
def read(path: FilePath, *, allow_many: Literal[True]) -> list[Source]: ...
def read(path: FilePath, *, allow_many: bool = False) -> Source | list[Source]:
    """As `parse`, of a UTF-8 file. Raises FileError when it is missing, unreadable, too large or not text."""
    name = str(path)
    try:
        if path.is_dir():
            raise FileError("this is a folder, not a file", hint="name the file inside it", where=name)
        _refuse_oversize(path.stat().st_size, name)
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise FileError("there is no such file", hint="check the path", where=name) from None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise FileError(f"this file cannot be read: {reason}", hint="check its permissions", where=name) from None
    except UnicodeDecodeError as error:
        place = line_and_column(error.object[: error.start].decode("utf-8"), error.start)
        hint = "save the file again with the encoding UTF-8"
        raise FileError("this character is not UTF-8", hint=hint, where=f"{name}:{place}") from None
    return parse(text, name=name, allow_many=True) if allow_many else parse(text, name=name)


def validate(model: type[Model], source: Source) -> Model:
    """The document as a model. Raises FileErrors: the place, the path and the nature of every fault."""
    empty = list(_empty_paths(source.data, ()))
    found = [_empty_value(path, source) for path in empty]
    try:
        made = model.model_validate(source.data)
    except pydantic.ValidationError as error:
        found += [each for each in findings_of(model, error, source.data) if not _is_about(each, empty)]
    else:
        if not found:
            return made
    raise FileErrors(sorted_faults(source, found))


def sorted_faults(source: Source, found: Iterable[Finding]) -> list[FileError]:
    """Findings as errors, in the order in which a reader meets them in the file."""
    faults = [source.fault(each.path, each.message, hint=each.hint, at=each.at) for each in found]
    return sorted(faults, key=lambda fault: [int(part) for part in fault.where.rsplit(":", 2)[1:]])


def _refuse_oversize(size_bytes: int, name: str) -> None:
    if size_bytes > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1024
        hint = "split it, or check that this is the right file"
        raise FileError(f"this file is larger than {limit} KB", hint=hint, where=name)


def _empty_paths(data: Any, path: Path) -> Iterator[Path]:
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        if value is None:
            yield (*path, key)
        yield from _empty_paths(value, (*path, key))


def _empty_value(path: Path, source: Source) -> Finding:
    if str(path[-1])[:1].isdigit():
        message = "it is empty: inside {…} a comma separates keys, also in an amount"
        return Finding(path, message, "put the amount in quotes", at="key")
    if " #" in source.line(path).partition(":")[2]:
        message = 'it is empty: what follows a "#" is a comment'
        return Finding(path, message, "put the value in quotes", at="key")
    return Finding(path, "it is empty", "give it a value, or delete the line", at="key")


def _is_about(finding: Finding, paths: list[Path]) -> bool:
    return any(finding.path[: len(path)] == path for path in paths)
