"""A phrase as a lawyer writes it, made into what finds it in normalised words. Knows no family and no fact.

    saisi* [de] (vos|votre) .. (biens|salaire)

`*` ends a stem of four letters or more; `[x]` may be absent; `(x|y)` is one of these; `..` is up to three words; `#` is
a number, and any figure stands for every other. Accents and capitals mean nothing, and an apostrophe stands between two
words, as in any text.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.lint.normal import digits_apart, fold

KEY_LETTERS = 4
"""A phrase is looked for only where a word begins with the same letters as one of its own."""

_TOKEN = re.compile(r"[^\W_]+\*?|\.\.|[()\[\]|#%,]")
# So common that they would bring a phrase to every sentence.
_COMMON = frozenset(
    "vous nous votre notre avec sans pour dans sera seront etre your will with have been from that this which".split()
)


class _Part:
    """A piece of a phrase: its regular expression, and the words of which one must be there (none: no such word)."""

    def __init__(self, pattern: str, needs: tuple[str, ...] = ()) -> None:
        self.pattern, self.needs = pattern, needs

    @property
    def rarity(self) -> int:
        """How telling the words are: the shortest counts, a common one for nothing."""
        return min((0 if word in _COMMON else len(word) for word in self.needs), default=-1)


class Phrase:
    """One phrase. `keys` are beginnings of words, of which a sentence with the phrase has one."""

    def __init__(self, text: str) -> None:
        """Raises TemplateError for a phrase that cannot be read or that has no telling word."""
        self.text = text
        tokens = _TOKEN.findall(digits_apart(fold(text)))
        part, rest = _alternatives(tokens, 0, text)
        if rest != len(tokens) or not part.needs:
            raise TemplateError(f'the phrase "{text}" cannot be read, or has no word of its own')
        self._pattern = part.pattern
        self.keys = frozenset(word[:KEY_LETTERS] for word in part.needs)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(f"(?<= )(?:{self._pattern})")

    @cached_property
    def _at_end(self) -> re.Pattern[str]:
        return re.compile(f"(?<= )(?:{self._pattern})$")

    def spans(self, normal: str) -> Iterator[tuple[int, int]]:
        """Where the phrase stands in normalised words: from the first letter to the space after the last."""
        for match in self._regex.finditer(normal):
            yield match.span()

    def ends(self, normal: str) -> bool:
        """Whether normalised words end with the phrase."""
        return self._at_end.search(normal) is not None

    def begins(self, normal: str, at: int) -> bool:
        """Whether the phrase stands at that place."""
        return self._regex.match(normal, at) is not None


def _alternatives(tokens: list[str], at: int, text: str) -> tuple[_Part, int]:
    """`x y|z`, up to a closing bracket or the end."""
    found: list[_Part] = []
    while True:
        part, at = _sequence(tokens, at, text)
        found.append(part)
        if at >= len(tokens) or tokens[at] != "|":
            break
        at += 1
    if len(found) == 1:
        return found[0], at
    needs = tuple(word for part in found for word in part.needs) if all(part.needs for part in found) else ()
    return _Part(f"(?:{'|'.join(part.pattern for part in found)})", needs), at


def _sequence(tokens: list[str], at: int, text: str) -> tuple[_Part, int]:
    parts: list[_Part] = []
    while at < len(tokens) and tokens[at] not in ("|", ")", "]"):
        token = tokens[at]
        at += 1
        if token in ("(", "["):
            inner, at = _alternatives(tokens, at, text)
            if at >= len(tokens):
                raise TemplateError(f'a bracket of "{text}" is not closed')
            at += 1
            parts.append(inner if token == "(" else _Part(f"(?:{inner.pattern})?"))
        else:
            parts.append(_word(token, text))
    best = max(parts, key=lambda part: part.rarity, default=_Part(""))
    return _Part("".join(part.pattern for part in parts), best.needs), at


def _word(token: str, text: str) -> _Part:
    if token == "..":
        return _Part(r"(?:\w+ ){0,3}?")
    if token == "#":
        return _Part(r"\d+ ")
    if token in ("%", ","):
        return _Part(f"{token} ")
    if not token.endswith("*"):
        return _Part(f"{token} (?:, )?", (token,))
    if len(token) <= KEY_LETTERS:
        raise TemplateError(f'the stem "{token}" of "{text}" is too short', hint=f"write {KEY_LETTERS} letters or more")
    return _Part(rf"{token[:-1]}\w* (?:, )?", (token[:-1],))
