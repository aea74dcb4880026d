"""What is proposed as an answer to a reply, and what is said of a debtor's rights: `templates/answers/<language>.yaml`.

Owns the words and the choice among their lines by the facts that are known; which of them fit a case is the flow's.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from orchestrator.domain.reply import Intent
from orchestrator.domain.voice import Voice
from orchestrator.rendering.language_files import filled, in_use, names_in, opened, sayable
from orchestrator.rendering.located_yaml import Map, map_of, text_of, texts_of
from orchestrator.rendering.typography import typography

FOLDER = "answers"
FACTS = frozenset({"creditor", "reference", "amount", "promise_date", "promise_amount", "until", "phone"})
RIGHTS = (
    "time_barred", "limitation", "heirs", "dispute", "proof", "more_time", "over_indebtedness", "no_costs", "advice",
    "leave_channel", "data",
)  # fmt: skip
_OF_RIGHT = frozenset({"reference", "on", "source"})


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
            if all(facts.get(name) for name in names_in(line)):
                return filled(line, facts)
        return ""

    def right(self, key: str, facts: Mapping[str, str]) -> Right:
        """A right with its facts in place."""
        found = self.rights[key]
        return Right(key, filled(found.says, facts), filled(found.source, facts))


def load(text: str, path: str) -> AnswerWords:
    """The words of a file. Raises TemplateError with file:line for what is missing, unknown or not sayable."""
    root, language = opened(text, path, "answers", "listening", "rights")
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
        Intent(intent): tuple(hand.spaced(sayable(text, FACTS)) for text in texts_of(lines))
        for intent, lines in found.value.items()
    }


def _right(key: str, found: Map, language: str) -> Right:
    found.only("say", "source")
    say, source = text_of(found.required("say")), text_of(found.required("source"))
    return Right(key, typography(language).spaced(sayable(say, _OF_RIGHT)), sayable(source, _OF_RIGHT))


@cache
def answer_words(templates_dir: Path, shipped_dir: Path) -> Mapping[str, AnswerWords]:
    """The words in use by language: the folder's own where it has them, else the shipped ones. Raises TemplateError."""
    return in_use(templates_dir, shipped_dir, FOLDER, load)
