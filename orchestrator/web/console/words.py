"""Every word on screen, French and English side by side in `words/*.yaml`; the file's name begins each key."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
from babel import Locale
from ruamel.yaml import YAML

FOLDER = Path(__file__).parent / "words"
Text = str | dict[str, str]
"""A text, or one for each plural form: `one`, `other` (and `many`, where French wants it)."""


class UnknownWord(KeyError):
    """A page asks for words that no file has: a fault of ours."""


@lru_cache(maxsize=1)
def every_word() -> Mapping[str, Mapping[str, Text]]:
    """{key: {language: text}} of all files."""
    found: dict[str, Mapping[str, Text]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        read = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        for key, texts in msgspec.convert(read, dict[str, dict[str, Text]]).items():
            found[f"{path.stem}.{key}"] = texts
    return found


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._plural = Locale(language).plural_form

    def say(self, key: str, **facts: object) -> str:
        """The text of a key, its `{places}` filled in; `count` chooses the plural form. Raises UnknownWord."""
        texts = every_word().get(key)
        if texts is None or self.language not in texts:
            raise UnknownWord(key)
        text = texts[self.language]
        if isinstance(text, dict):
            count = facts.get("count", 0)
            form = self._plural(count if isinstance(count, int | float) else 0)
            text = text.get(form, text["other"])
        return text.format(**facts) if facts else text

    def knows(self, key: str) -> bool:
        """Whether there is such a text, for codes that come from elsewhere."""
        return key in every_word()

    def word_for(self, group: str, code: str) -> str:
        """The words for a code of the program, such as a state; the code itself where there are none."""
        key = f"{group}.{code}"
        return self.say(key) if self.knows(key) else code.replace("_", " ")
