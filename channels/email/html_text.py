"""HTML that somebody wrote us, as plain text: lines where a reader sees lines, quotations behind `> `. Linear."""

import re
from html import unescape

_LONGEST = 500_000  # characters that are read
_TOKENS = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<\s*(/?)\s*([A-Za-z][A-Za-z0-9]*)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNREAD = frozenset({"head", "script", "style", "template", "title"})
_LINES = frozenset(
    {"address", "article", "br", "div", "dd", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"}
    | {"li", "ol", "pre", "section", "table", "tr", "ul"}
)
_PARAGRAPHS = frozenset({"blockquote", "p"})


def text_of_html(html: str) -> str:
    """The text that a person sees, tags gone, entities read. A table's cells are parted by spaces."""
    writer = _Writer()
    unread = ""
    for token in _TOKENS.split(_COMMENT.sub("", html[:_LONGEST])):
        match = _NAME.match(token) if token.startswith("<") and token.endswith(">") else None
        if match is None:
            if not unread and not (token.startswith(("<!", "<?")) and token.endswith(">")):
                writer.say(token)
            continue
        name, is_end = match[2].lower(), bool(match[1])
        if unread:
            is_over = name == unread if is_end else (unread, name) == ("head", "body")  # </head> may be left out
            unread = "" if is_over else unread
        elif name in _UNREAD and not is_end:
            unread = name
        else:
            writer.tag(name, is_end=is_end)
    return writer.text()


class _Writer:
    """Lines as they grow; each keeps how deep in quotations it was begun."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._words: list[str] = []
        self._depth = 0

    def say(self, text: str) -> None:
        self._words.append(unescape(text))

    def tag(self, name: str, *, is_end: bool) -> None:
        if name in ("td", "th"):
            self._words.append(" ")
        elif name in _LINES:
            self._break(is_paragraph=False)
        elif name in _PARAGRAPHS:
            self._break(is_paragraph=True)
        if name == "blockquote":
            self._depth = max(0, self._depth + (-1 if is_end else 1))

    def text(self) -> str:
        self._break(is_paragraph=False)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _break(self, *, is_paragraph: bool) -> None:
        said = " ".join("".join(self._words).split())
        self._words.clear()
        if said:
            self._lines.append("> " * min(self._depth, 5) + said)
        if is_paragraph and self._lines and self._lines[-1]:
            self._lines.append("")
