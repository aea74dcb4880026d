"""Which encoding a text file is in: declared, marked, proved, or found and reported. Never guessed in silence."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes

from orchestrator.domain.errors import FileError, did_you_mean

# Those that spreadsheets, accounting software and terminals write in our markets. A closed list: Python also knows
# encodings that unpack archives or hide ASCII.
ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "latin-1",
    "iso8859-15",
    "mac-roman",
    "cp850",
)
_ALIASES = {
    "utf8": "utf-8", "utf-8-sig": "utf-8", "windows-1252": "cp1252", "ansi": "cp1252", "iso-8859-15": "iso8859-15",
    "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "latin1": "latin-1", "macroman": "mac-roman",
}  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOUND = ["cp1252", "iso8859_15", "mac_roman", "cp850"]
_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024


class Encoding(NamedTuple):
    """Python's name of an encoding, and what to tell the user when it was found rather than known."""

    name: str
    notes: list[str]


def declared_encoding(text: str) -> str:
    """One of ENCODINGS for a name as people write it. Raises FileError for another."""
    name = text.strip().lower().replace("_", "-")
    name = _ALIASES.get(name, name)
    if name not in ENCODINGS:
        hint = did_you_mean(name, ENCODINGS) or "use one of " + ", ".join(ENCODINGS)
        raise FileError("this encoding is not one of those we read", hint=hint, code="encoding_unknown")
    return name


def encoding_of(path: Path, declared: str) -> Encoding:
    """The encoding in which the whole file decodes without error. Raises FileError with the line otherwise."""
    with path.open("rb") as stream:
        head = stream.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if declared:
        name = declared_encoding(declared)
        return Encoding(_agreed(path, name, marked), [])
    if marked:
        _check(path, marked)
        return Encoding(marked, [])
    try:
        _check(path, "utf-8")
    except FileError:
        return _found(path)
    return Encoding("utf-8", [])


def _agreed(path: Path, declared: str, marked: str) -> str:
    if marked and not declared.startswith(marked.removesuffix("-sig")):
        raise FileError(
            f"the mapping says {declared} and the file is marked {marked.removesuffix('-sig')}",
            hint="leave out `encoding:` in the mapping",
            where=path.name,
            code="encoding_wrong",
        )
    name = marked or declared
    _check(path, name)
    return name


def _check(path: Path, name: str) -> None:
    decoder = codecs.getincrementaldecoder(name)("strict")
    lines = 1
    try:
        for chunk in _chunks(path):
            lines += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        before = bytes(error.object[: error.start])
        raise FileError(
            f"this line is not {name.removesuffix('-sig')}",
            hint="save the file as UTF-8, or write its `encoding:` in the mapping",
            where=f"{path.name}:{lines + before.count(10)}",
            code="encoding_wrong",
        ) from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _found(path: Path) -> Encoding:
    """By the lines that hold accents; two readings that differ and are equally likely are refused."""
    sample = _accented_sample(path)
    if b"\0" in sample:
        hint = "if it is UTF-16, write `encoding: utf-16-le` in the mapping"
        raise FileError("the file holds NUL bytes", hint=hint, where=path.name, code="nul_byte")
    matches = list(from_bytes(sample, cp_isolation=_FOUND))
    readings = {str(match) for match in matches if match.chaos == matches[0].chaos}
    if len(readings) != 1:
        hint = "save it as UTF-8, or write `encoding:` in the mapping, one of " + ", ".join(ENCODINGS)
        message = "the encoding of this file cannot be told with certainty"
        raise FileError(message, hint=hint, where=path.name, code="encoding_unknown")
    name = matches[0].encoding
    _check(path, name)
    note = f"the file is not UTF-8; it was read as {name}: look at names with accents, then write `encoding: {name}`"
    return Encoding(name, [note])


def _accented_sample(path: Path) -> bytes:
    found: list[bytes] = []
    size = 0
    for chunk in _chunks(path):
        if chunk.isascii():
            continue
        for line in chunk.split(b"\n"):
            if not line.isascii():
                found.append(line[:1024])
                size += len(found[-1])
        if size > _SAMPLE:
            break
    return b"\n".join(found)[:_SAMPLE]
