"""Which of the words that stand in a text are findings: in force, not made lawful by a fact, not somebody's name.

Searching is `scan.py`'s. Here are too the families that are no list of words: another language, no first letter.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from orchestrator.domain.policy import TextRule
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.lint.facts import LintFacts
from orchestrator.rendering.lint.families import LANGUAGES, Family, families
from orchestrator.rendering.lint.finding import Finding, Severity, blocks
from orchestrator.rendering.lint.masking import Mask
from orchestrator.rendering.lint.named import is_written_as_a_name
from orchestrator.rendering.lint.normal import fold, normal
from orchestrator.rendering.lint.parts import Part
from orchestrator.rendering.lint.scan import Hit, Scan, scan_text
from orchestrator.rendering.reading import short_name

# Fewer small words than this tell no language: a subject or a table has hardly one.
_LEAST_SMALL_WORDS = 5


class Circumstances:
    """What a text is judged by; facts and names are asked for only where words were found."""

    def __init__(
        self,
        *,
        language: str,
        facts: Callable[[], LintFacts],
        brief: Brief | None = None,
        is_third_party: bool = False,
    ) -> None:
        self.language, self.is_third_party = language, is_third_party
        self.mask = Mask(brief)
        self._facts, self._brief = facts, brief

    @cached_property
    def facts(self) -> LintFacts:
        """The facts of the message."""
        return self._facts()

    @cached_property
    def debtor_names(self) -> tuple[str, ...]:
        """Names that are data: nobody is blocked because their name is Lhuissier or Lamende."""
        brief = self._brief
        names = [brief.debtor.name, *(person.name for person in brief.debtor.people)] if brief else []
        return tuple(name.strip() for name in names if name.strip())

    @cached_property
    def sender_names(self) -> tuple[str, ...]:
        """Names of creditor and collector: the law wants them said."""
        if self._brief is None:
            return ()
        creditor, collector = self._brief.creditor, self._brief.creditor.collector
        names = [creditor.name, *([collector.name] if collector else [])]
        return tuple(name for each in names for name in (each, short_name(each)))

    @property
    def read_in(self) -> str:
        """The language whose words are looked for."""
        return self.language if self.language in LANGUAGES else "en"

    def is_a_name(self, hit: Hit, family: Family) -> bool:
        """Whether the words found are part of a name that may stand there."""
        names = self.debtor_names + (self.sender_names if family.spares_names else ())
        return any(_stands_in(name, hit) for name in names)


def judge_words(parts: Sequence[Part], in_force: Mapping[str, TextRule], around: Circumstances) -> Iterator[Finding]:
    """The findings of every part, in reading order."""
    language = around.read_in
    read = [(part, part.scan(language)) for part in parts]
    spoken = _spoken_language([scan for _, scan in read])
    for part, scan in read:
        if any(_stands(hit, part, in_force, around) for hit in scan.hits):
            yield from _findings(part, language, in_force, around)
        if spoken and spoken != language:
            yield from _findings(part, spoken, in_force, around)
    if spoken and spoken != around.language and "L26" in in_force:
        yield _finding(families()["L26"], in_force["L26"], around.language, f"written in {spoken}", "text", False)
    if "L27" in in_force and around.is_third_party and not around.facts.is_first_letter:
        yield from _first_letter(parts, in_force["L27"], around)


def _findings(part: Part, language: str, in_force: Mapping[str, TextRule], around: Circumstances) -> Iterator[Finding]:
    """Read again without a mask: now the words themselves are wanted."""
    standing = [
        (block, hit)
        for block, scan in scan_text(part.text, language)
        for hit in scan.hits
        if _stands(hit, part, in_force, around)
    ]
    # L16: one such phrase is a warning, several in one text are pressure.
    urgent = sum(hit.group.family == "L16" and hit.group.part != "capitals" for _, hit in standing)
    for block, hit in standing:
        is_error = hit.group.is_error or (hit.group.family == "L16" and hit.group.part != "capitals" and urgent > 1)
        family, rule = families()[hit.group.family], in_force[hit.group.family]
        yield _finding(family, rule, around.language, hit.words, _where(part, block), is_error)


def _stands(hit: Hit, part: Part, in_force: Mapping[str, TextRule], around: Circumstances) -> bool:
    group = hit.group
    if group.family not in in_force or (group.part not in ("", "capitals") and group.part != part.name):
        return False
    if any(around.facts.allows(name, part.text) for name in group.unless):
        return False
    return not around.is_a_name(hit, families()[group.family])


def _stands_in(name: str, hit: Hit) -> bool:
    """Whether a name stands in the sentence around the words found; a single word must be written so."""
    name, spelt = normal(name), name
    if " " not in name.strip() and f" {hit.words} " == name:
        return is_written_as_a_name(spelt, hit.raw)
    at = hit.sentence.find(name)
    while at >= 0:
        if at < hit.start and hit.end <= at + len(name):
            return True
        at = hit.sentence.find(name, at + 1)
    return False


def _finding(family: Family, rule: TextRule, language: str, words: str, where: str, is_error: bool) -> Finding:
    said_in = language if language in family.title else "en"
    return Finding(
        family=family.id,
        severity=Severity.ERROR if is_error else Severity.WARNING,
        blocks=is_error and blocks(rule),
        words=words,
        where=where,
        rule=rule.id,
        source=rule.source,
        title=family.title[said_in],
        suggestion=family.suggestion[said_in],
    )


def _where(part: Part, block: str) -> str:
    """The part, and the line where the paragraph begins if the text has several."""
    if part.name != "text" or "\n" not in part.text.strip():
        return part.name
    at = part.text.find(block)
    return f"{part.name}, line {part.text.count(chr(10), 0, at + len(block) - len(block.lstrip())) + 1}"


def _spoken_language(scans: Sequence[Scan]) -> str:
    """The language that most small words are of; empty when there are too few, or neither has the upper hand."""
    counts = [0] * len(LANGUAGES)
    for scan in scans:
        for at, count in enumerate(scan.small_words):
            counts[at] += count
    best = max(range(len(LANGUAGES)), key=lambda at: counts[at])
    others = sum(counts) - counts[best]
    is_clear = counts[best] >= _LEAST_SMALL_WORDS and counts[best] > 2 * others
    return LANGUAGES[best] if is_clear else ""


_LETTER_RECALLED = re.compile(r"(?:lettre|courrier|letter).{0,40}\d.{0,20}(?:\bdu\b|\bof\b|\bdated\b|,)\s*.{0,12}\d")


def _first_letter(parts: Sequence[Part], rule: TextRule, around: Circumstances) -> Iterator[Finding]:
    """L27: the reference and the date of the first letter stand in every text of the message (CPCE R124-4)."""
    facts = around.facts
    for part in parts:
        if part.name == "subject":
            continue
        text = " ".join(fold(part.text).split())
        if facts.letter_reference or facts.letter_day:
            wanted = (facts.letter_reference, facts.letter_day)
            is_said = all(value and " ".join(fold(value).split()) in text for value in wanted)
        else:
            is_said = False
        if not is_said and not (facts.is_text_alone and _LETTER_RECALLED.search(text)):
            yield _finding(families()["L27"], rule, around.language, "", part.name, True)
