"""The words that show in HTML, a paragraph for each block. Knows nothing of messages."""

import html
import re

_NOT_READ = re.compile(r"<(style|script|title|head)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<br\b[^>]*>")
# A word may be cut by these and is still read as one word.
_WITHIN = re.compile(r"</?(?:a|abbr|b|em|font|i|mark|small|span|strong|sub|sup|u|wbr)\b[^>]*>")
_TAGS = re.compile(r"(?:\s*<[^>]*>)+\s*")
_SPOKEN = re.compile(r"\b(?:alt|title|aria-label)=\"([^\"]+)\"")
# A piece cut out at the end of an element begins with the rest of its tag.
_REST_OF_TAG = re.compile(r"^[a-z0-9]+\s*>")


def visible(markup: str) -> str:
    """The words of an HTML part, a paragraph for each block, with what is read aloud of its pictures."""
    text = _NOT_READ.sub(" ", _REST_OF_TAG.sub(" ", markup))
    spoken = "\n\n".join(_SPOKEN.findall(text))
    if "<br" in text:
        text = _BREAK.sub(" ", text)
    text = _TAGS.sub("\n\n", _WITHIN.sub("", text))
    if spoken:
        text = f"{text}\n\n{spoken}"
    return html.unescape(text) if "&" in text else text
