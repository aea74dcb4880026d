"""L24, the looks: nothing on a letter or in a logo that imitates the State or a court. Reads files, not messages."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from orchestrator.domain.policy import TextRule
from orchestrator.rendering.lint.families import families
from orchestrator.rendering.lint.finding import Finding, Severity, blocks
from orchestrator.rendering.lint.normal import normal

_EMBLEM = re.compile(
    r"(?<![a-z])(?:marianne|republique|tricolor\w*|cocarde|blason|armoiries|sceau|justice|tribunal"
    r"|huissier|police|gendarmerie|gouv\w*|ministere|tresor public|royal|crest|coat of arms|court|sheriff|state seal"
    r"|seal)(?![a-z])"
)
_COLOR = re.compile(r"rgb\(\s*\"?#?([0-9a-fA-F]{6})\"?\s*\)|#([0-9a-fA-F]{6})\b|\b(blue|navy|white|red)\b")
_NAMED = {"blue": "0074d9", "navy": "001f3f", "white": "ffffff", "red": "ff4136"}
_PICTURE = re.compile(r"image\(\s*\"([^\"]+)\"")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def layout_findings(layout: str, path: str, rule: TextRule, language: str = "en") -> Iterator[Finding]:
    """What a letter's layout file may not hold: blue, white and red side by side, or a picture named as an emblem."""
    code = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), layout)
    seen = [(match.start(), _hue(next(filter(None, match.groups())))) for match in _COLOR.finditer(code)]
    for (at, first), (_, second), (end, third) in zip(seen, seen[1:], seen[2:], strict=False):
        if [first, second, third] in (["blue", "white", "red"], ["red", "white", "blue"]) and end - at < 400:
            yield _finding("blue, white, red", f"{path}, line {_line(code, at)}", rule, language)
    for match in _PICTURE.finditer(code):
        if emblem := _emblem(match[1]):
            yield _finding(emblem, f"{path}, line {_line(code, match.start())}", rule, language)


@lru_cache(maxsize=512)
def _emblem(name: str) -> str:
    """The emblem that a file's name promises, or nothing."""
    match = _EMBLEM.search(normal(re.sub(r"[_.\-/]", " ", name)))
    return match[0] if match else ""


def logo_name(logo: str, rule: TextRule, language: str) -> Iterator[Finding]:
    """A creditor's logo whose file bears the name of an emblem."""
    if emblem := _emblem(logo):
        yield _finding(emblem, "logo", rule, language)


def _hue(color: str) -> str:
    value = _NAMED.get(color, color)
    red, green, blue = (int(value[at:to], 16) for at, to in pairwise(range(0, 8, 2)))
    if min(red, green, blue) > 235:
        return "white"
    if red > 180 and green < 110 and blue < 110:
        return "red"
    return "blue" if blue > 90 and red < 60 and green < 120 else "other"


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _finding(words: str, where: str, rule: TextRule, language: str) -> Finding:
    family = families()["L24"]
    said_in = language if language in family.title else "en"
    return Finding(
        family=family.id,
        severity=Severity.ERROR,
        blocks=blocks(rule),
        words=words,
        where=where,
        rule=rule.id,
        source=rule.source,
        title=family.title[said_in],
        suggestion=family.suggestion[said_in],
    )
