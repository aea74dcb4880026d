"""What is proposed as an answer to a reply, and what is said of a debtor's rights: `templates/answers/<language>.yaml`.

Owns the words and the choice among their lines by the facts that are known; which of them fit a case is the flow's.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from orchestrator.domain.errors import TemplateError, did_you_mean
from orchestrator.domain.reply import Intent
from orchestrator.domain.voice import Voice
from orchestrator.rendering import located_yaml
from orchestrator.rendering.located_yaml import Map, Text, map_of, text_of, texts_of
from orchestrator.rendering.typography import typography

FOLDER = "answers"
FACTS = frozenset({"creditor", "reference", "amount", "promise_date", "promise_amount", "until", "phone"})
RIGHTS = (
    "time_barred", "limitation", "heirs", "dispute", "proof", "more_time", "over_indebtedness", "no_costs", "advice",
    "leave_channel", "data",
)  # fmt: skip
_OF_RIGHT = frozenset({"reference", "on", "source"})
_NAME = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}")


class Right(msgspec.Struct, frozen=True):
    """A sentence on what the debtor may do, and where it is written."""

    key: str
    says: str
    source: str


class AnswerWords(msgspec.Struct, frozen=True):
    """The words of one language: the lines of each intent, those for somebody in difficulty, the rights."""

    language: str
    answers: Mapping[Intent, tuple[str, ...]]
    listening: Mapping[Intent, tuple[str, ...]]
    rights: Mapping[str, Right]

    def propose(self, intent: Intent, voice: Voice, facts: Mapping[str, str]) -> str:
        """The first line whose facts are all known; that of `other` where an intent has none that fits."""
        spoken = self.listening.get(intent, ()) if voice is Voice.LISTENING else ()
        for line in (*spoken, *self.answers.get(intent, ()), *self.answers[Intent.OTHER]):
            if all(facts.get(name) for name in _NAME.findall(line)):
                return _filled(line, facts)
        return ""

    def right(self, key: str, facts: Mapping[str, str]) -> Right:
        """A right with its facts in place."""
        found = self.rights[key]
        return Right(key, _filled(found.says, facts), _filled(found.source, facts))


def _filled(line: str, facts: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: facts.get(found[1], ""), line)


def load(text: str, path: str) -> AnswerWords:
    """The words of a file. Raises TemplateError with file:line for what is missing, unknown or not sayable."""
    root = located_yaml.read(text, path)
    root.only("language", "answers", "listening", "rights")
    language = root.text("language")
    if language != Path(path).stem:
        raise TemplateError(f'this file says that its language is "{language}"', where=path, hint="its name says it")
    answers, rights = map_of(root.required("answers")), map_of(root.required("rights"))
    for intent in Intent:
        answers.required(intent.value)
    rights.only(*RIGHTS)
    return AnswerWords(
        language=language,
        answers=_lines(answers, language),
        listening=_lines(map_of(root.required("listening")), language),
        rights={key: _right(key, map_of(rights.required(key)), language) for key in RIGHTS},
    )


def _lines(found: Map, language: str) -> dict[Intent, tuple[str, ...]]:
    found.only(*Intent)
    hand = typography(language)
    return {
        Intent(intent): tuple(hand.spaced(_checked(text, FACTS)) for text in texts_of(lines))
        for intent, lines in found.value.items()
    }


def _right(key: str, found: Map, language: str) -> Right:
    found.only("say", "source")
    say, source = text_of(found.required("say")), text_of(found.required("source"))
    return Right(key, typography(language).spaced(_checked(say, _OF_RIGHT)), _checked(source, _OF_RIGHT))


def _checked(text: Text, facts: frozenset[str]) -> str:
    if not text.value.strip():
        raise TemplateError("this line says nothing", where=text.where)
    for name in _NAME.findall(text.value):
        if name not in facts:
            hint = did_you_mean(name, facts) or f"known here: {', '.join(sorted(facts))}"
            raise TemplateError(f'unknown variable "{name}"', where=text.where, hint=hint, code="unknown_variable")
    if _MARKS.search(_NAME.sub("", text.value)):
        raise TemplateError("only {{ name }} may stand here", where=text.where)
    return text.value


@cache
def answer_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, AnswerWords]:
    """The words in use by language: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    found = {}
    for folder in (shipped_dir, templates_dir):
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            found[path.stem] = load(path.read_text("utf-8"), f"{FOLDER}/{path.name}")
    return found
