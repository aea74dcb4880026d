"""A text without what differs from one debtor to the next, so that it need be read only once. Judges nothing.

Digits become 0, the message's own link and the debtor's names a word of no meaning. What is found in a masked text
stands in the text itself at the same words: a name is data, and no forbidden word ends in figures.
"""

import html

from orchestrator.rendering.brief import Brief

_ZEROES = bytes.maketrans(b"123456789", b"000000000")
# A shorter name stands inside too many words.
_LEAST_LETTERS = 4
_NAME, _LINK = b"Nom", b"Lien"


class Mask:
    """What to take out of the texts of one message."""

    def __init__(self, brief: Brief | None = None) -> None:
        self._taken = _taken_of(brief) if brief is not None else []

    def without_data(self, text: str) -> bytes:
        """The text as bytes (UTF-8) without link and names, its digits as they are."""
        plain = text.encode("utf-8", "surrogatepass")
        for data, word in self._taken:
            if data in plain:
                plain = plain.replace(data, word)
        return plain


def masked(plain: bytes) -> bytes:
    """The same with every digit a 0: place by place, so that what is found in one is found in the other."""
    return plain.translate(_ZEROES)


def _taken_of(brief: Brief) -> list[tuple[bytes, bytes]]:
    names = {brief.debtor.name, *(person.name for person in brief.debtor.people)}
    if brief.person is not None:
        names.add(brief.person.name)
    taken = [(brief.link.encode(), _LINK)] if brief.link else []
    for name in names:
        if len(name) >= _LEAST_LETTERS:
            taken.append((name.encode(), _NAME))
            # As an HTML part writes it, or with the apostrophe of fine typography.
            if "'" in name or "&" in name or "<" in name:
                written = name.replace("'", "’")
                taken += [(each.encode(), _NAME) for each in (html.escape(name), written, html.escape(written))]
    # The longest first: a family name alone may stand within the whole.
    return sorted(taken, key=lambda pair: -len(pair[0]))
