"""The words of the console: both languages, the same places to fill in, none that no page shows, none that lacks."""

import re
import string
from pathlib import Path

import pytest

from orchestrator.web import console
from orchestrator.web.console.words import Text, every_word

HERE = Path(console.__file__).parent
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for kind in ("pages/**/*.html", "*.py") for path in sorted(HERE.glob(kind))
)
# `say('layout.' ~ place.name)`, `word_for('task', code)`, f"faults.{code}": keys made of a beginning and a code.
BEGINNINGS = {
    *re.findall(r"""['"]([a-z_]+\.[a-z_]*)['"] ~""", SOURCES),
    *(f"{group}." for group in re.findall(r"""word_for\(\s*['"]([a-z_]+(?:\.[a-z_]+)*)['"]""", SOURCES)),
    *re.findall(r"""f["']([a-z_]+\.[a-z_]*)\{""", SOURCES),
    "faults.",
}
WRITTEN = set(re.findall(r"""['"]([a-z_]+\.[a-z_0-9.]+)['"]""", SOURCES))


def _texts(text: Text) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def _places(text: Text) -> set[str]:
    return {name for each in _texts(text) for _, name, _, _ in string.Formatter().parse(each) if name is not None}


@pytest.mark.parametrize("key", sorted(every_word()))
def test_a_text_is_there_in_both_languages_with_the_same_places(key: str) -> None:
    texts = every_word()[key]
    assert set(texts) == {"fr", "en"}
    assert _places(texts["fr"]) == _places(texts["en"])
    assert all(each.strip() == each and each for text in texts.values() for each in _texts(text))


def test_every_text_is_shown_somewhere() -> None:
    unseen = {key for key in every_word() if key not in WRITTEN and not key.startswith(tuple(BEGINNINGS))}
    assert unseen == set()


def test_every_text_that_a_page_asks_for_exists() -> None:
    asked = set(re.findall(r"""say\(\s*['"]([a-z_]+\.[a-z_0-9.]+)['"]\s*[,)]""", SOURCES))
    asked |= set(re.findall(r"""go\([^)]*,\s*["']([a-z_]+\.[a-z_0-9.]+)["']\)""", SOURCES))
    assert asked - set(every_word()) == set()
    assert len(asked) > 50
