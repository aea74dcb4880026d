"""The words of an HTML mail, without what its programs mark as quotation or signature. Any input; never raises."""

from html.parser import HTMLParser

_HIDDEN = {"script", "style", "head", "title", "blockquote", "template"}
_QUOTES = (
    "gmail_quote", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted", "protonmail_quote",
    "protonmail_signature_block", "appleMailSignature",
)  # fmt: skip
_QUOTE_TO_THE_END = {"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container", "reply-intro"}
_LINES = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol", "hr"}
_EMPTY = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden: list[str] = []  # open tags since the outermost hidden one
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.is_over:
            return
        if tag in _LINES and not self.hidden:
            self.parts.append("\n")
        if tag in _EMPTY:
            return
        marks = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        if any(name in marks for name in _QUOTE_TO_THE_END):
            self.is_over = True
        elif self.hidden or tag in _HIDDEN or any(name in marks for name in _QUOTES):
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag in self.hidden[-20:]:
            while self.hidden.pop() != tag:
                pass
        elif tag in _LINES and not self.hidden:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden and not self.is_over:
            self.parts.append(data)


def html_to_text(html: str) -> str:
    """Visible words, a line per paragraph; empty for what no parser can read."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # the parser's own complaints about malformed declarations
        pass
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
