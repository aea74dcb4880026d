"""What a document is made of: sections of paragraphs, lists, tables and entries. Owns no words and no looks."""

import msgspec


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Plain text. A `warning` stands out: the reader must not miss it."""

    text: str
    is_warning: bool = False


class Bullets(msgspec.Struct, frozen=True, tag="bullets"):
    """A list of sentences."""

    items: tuple[str, ...]


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Labels, each with its value; a value may have several lines."""

    rows: tuple[tuple[str, str], ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A table with a heading for each column; `shares` are the relative widths."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


class Entry(msgspec.Struct, frozen=True, tag="entry", kw_only=True):
    """One step or one rule: what it is, what it says, where it comes from, and its code in small print.

    `marker` is the day of a step, written beside it.
    """

    title: str
    lines: tuple[str, ...] = ()
    origin: str = ""
    code: str = ""
    marker: str = ""
    warning: str = ""


Block = Paragraph | Bullets | Facts | Table | Entry


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part with its heading. `id` is unique in the document and names it in links; parts nest two deep."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple["Section", ...] = ()
    note: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole. `running` is the line that every printed page repeats; `front` stands before the contents."""

    language: str
    title: str
    subtitle: str
    running: str
    contents: str
    page: str
    front: Section
    sections: tuple[Section, ...]
