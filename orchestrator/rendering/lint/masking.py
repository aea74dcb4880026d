"""A text without what differs from one debtor to the next, so that it need be read only once. Judges nothing.

Digits become 0; the message's own link and references, and the debtor's names, a word of no meaning. What is found in a
masked text stands in the text itself at the same words: a name is data, and no forbidden word ends in figures.
"""

import html
from collections.abc import Iterator

from orchestrator.rendering.brief import Brief
from orchestrator.rendering.lint.scan import is_telling

_ZEROES = bytes.maketrans(b"123456789", b"000000000")
# A shorter name stands inside too many words.
_LEAST_LETTERS = 4
_NAME, _LINK, _REFERENCE = b"Nom", b"Lien", b"Ref"


class Mask:
    """What to take out of the texts of one message."""

    def __init__(self, brief: Brief | None = None) -> None:
        self._taken = _taken_of(brief) if brief is not None else []

    def without_data(self, text: str) -> bytes:
        """The text as bytes (UTF-8) without link, names and references, its digits as they are."""
        plain = text.encode("utf-8", "surrogatepass")
        for data, word in self._taken:
            if data in plain:
                plain = plain.replace(data, word) if word is _LINK or b" " in data else _replaced(plain, data, word)
        return plain


def masked(plain: bytes) -> bytes:
    """The same with every digit a 0: place by place, so that what is found in one is found in the other."""
    return plain.translate(_ZEROES)


def _replaced(plain: bytes, data: bytes, word: bytes) -> bytes:
    """Whole words only: somebody called Ange stands in no « change »."""
    before, *pieces = plain.split(data)
    done = [before]
    for piece in pieces:
        is_whole = not (_is_letter(done[-1][-1:]) or _is_letter(piece[:1]))
        done += (word if is_whole else data, piece)
    return b"".join(done)


def _is_letter(sign: bytes) -> bool:
    """A letter, a digit, or a part of a letter that is not ASCII."""
    return sign.isalnum() or sign > b"\x7f"


def _taken_of(brief: Brief) -> list[tuple[bytes, bytes]]:
    names = {brief.debtor.name, *(person.name for person in brief.debtor.people)}
    if brief.person is not None:
        names.add(brief.person.name)
    taken = [(brief.link.encode(), _LINK)] if brief.link else []
    for name in names:
        # A name of one word that may be a forbidden one stays, for `judge` to tell apart.
        if len(name) >= _LEAST_LETTERS and (" " in name or not is_telling(name)):
            taken.append((name.encode(), _NAME))
            # As an HTML part writes it, or with the apostrophe of fine typography.
            if "'" in name or "&" in name or "<" in name:
                written = name.replace("'", "’")
                taken += [(each.encode(), _NAME) for each in (html.escape(name), written, html.escape(written))]
    taken += [(each.encode(), _REFERENCE) for each in _references(brief)]
    # The longest first: a family name alone may stand within the whole.
    return sorted(taken, key=lambda pair: -len(pair[0]))


def _references(brief: Brief) -> Iterator[str]:
    """References that are neither a word nor the beginning of a phone number: letters and digits."""
    for reference in (brief.case_id, *(line.reference for line in brief.statement.due)):
        if reference.upper().isupper() and any(sign.isdigit() for sign in reference):
            yield reference
