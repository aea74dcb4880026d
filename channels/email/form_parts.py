"""A `multipart/form-data` body as its parts. Owns the limits on their number; what a part means is for others."""

from email.message import Message

from msgspec import Struct
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

_MOST_PARTS = 1_000
_LONGEST_BOUNDARY = 200


class FormPart(Struct, frozen=True):
    """One field: its bytes, and a file's name and media type (empty when it is no file)."""

    name: str
    content: bytes
    file_name: str = ""
    media_type: str = ""


def form_parts(content_type: str, body: bytes) -> list[FormPart] | None:
    """The parts in their order; None for a body that is no such form, is cut short or has too many parts."""
    boundary = _parameter("Content-Type", content_type, "boundary")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
        return None
    collected = _Collected()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": collected.begin,
            "on_header_field": collected.header_name,
            "on_header_value": collected.header_text,
            "on_header_end": collected.header_end,
            "on_part_data": collected.data,
            "on_part_end": collected.end,
            "on_end": collected.finish,
        },
    )
    try:
        parser.write(body)
        parser.finalize()
    except (FormParserError, _TooMany, ValueError):
        return None
    return collected.parts if collected.is_whole else None


class _TooMany(Exception):
    pass


class _Collected:
    """What the parser tells, put together."""

    def __init__(self) -> None:
        self.parts: list[FormPart] = []
        self.is_whole = False
        self._headers: dict[str, str] = {}
        self._name = b""
        self._text = b""
        self._content: list[bytes] = []

    def begin(self) -> None:
        if len(self.parts) >= _MOST_PARTS:
            raise _TooMany
        self._headers, self._content = {}, []

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_text(self, data: bytes, start: int, end: int) -> None:
        self._text += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._text.decode("utf-8", "replace")
        self._name = self._text = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def end(self) -> None:
        disposition = self._headers.get("content-disposition", "")
        part = FormPart(
            name=_parameter("Content-Disposition", disposition, "name"),
            content=b"".join(self._content),
            file_name=_parameter("Content-Disposition", disposition, "filename"),
            media_type=self._headers.get("content-type", "").partition(";")[0].strip().lower(),
        )
        self.parts.append(part)

    def finish(self) -> None:
        self.is_whole = True


def _parameter(header: str, text: str, name: str) -> str:
    """A parameter of a header, empty when it has none or cannot be read."""
    message = Message()
    try:
        message[header] = text.replace("\r", " ").replace("\n", " ")
        found = message.get_param(name, header=header)
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(found, tuple):  # RFC 2231: charset, language, text
        return found[2]
    return found if isinstance(found, str) else ""
