"""The words that show in HTML, a paragraph for each block. Knows nothing of messages.

No expression reads past the next `<`: markup that never closes costs its length once.
"""

import html
import re

_ANY_CASE = re.IGNORECASE
_NOT_READ = re.compile(r"<(style|script|title|head)\b[^<]*(?:<(?!/?\1\b)[^<]*)*</\1>", _ANY_CASE)
_COMMENT = re.compile(r"<!--[^<]*(?:<(?!!--)[^<]*)*?-->")
_BREAK = re.compile(r"<br\b[^<>]*>", _ANY_CASE)
# A word may be cut by these and is still read as one word.
_WITHIN = re.compile(
    r"</?(?:a|abbr|b|big|del|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|tt|u|var|wbr)\b[^<>]*>", _ANY_CASE
)
_TAGS = re.compile(r"<[^<>]*>")
_SPOKEN = re.compile(r"\b(?:alt|title|aria-label)=\"([^\"]+)\"", _ANY_CASE)
_NUMBERED = re.compile(r"&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});?")
# A piece cut out at the end of an element begins with the rest of its tag.
_REST_OF_TAG = re.compile(r"^[a-z0-9]+\s*>", _ANY_CASE)


def without_numbered(markup: str) -> str:
    """Markup whose characters stand as themselves: `&#115;` is an s. What would be markup itself stays as it is."""
    plain = markup.replace("&#39;", "'").replace("&#34;", "&quot;")
    return _NUMBERED.sub(_character, plain) if "&#" in plain else plain


def _character(match: re.Match[str]) -> str:
    character = html.unescape(match[0])
    return match[0] if character in '<>&"' else character


def visible(markup: str) -> str:
    """The words of an HTML part, a paragraph for each block, with what is read aloud of its pictures."""
    text = _NOT_READ.sub(" ", _REST_OF_TAG.sub(" ", markup))
    spoken = "\n\n".join(_SPOKEN.findall(text))
    if "<!" in text:
        text = _COMMENT.sub("", text)
    text = _TAGS.sub("\n\n", _WITHIN.sub("", _BREAK.sub(" ", text)))
    if spoken:
        text = f"{text}\n\n{spoken}"
    return html.unescape(text) if "&" in text else text
