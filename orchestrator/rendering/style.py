"""The house style of a message, as a table of rules. What is forbidden by law or by a regulator is not here."""

import re
from collections.abc import Callable

import msgspec

from orchestrator.domain.campaign import Purpose
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.readability import readability, sentences, too_hard, words_of
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, RenderedSms

LONGEST_OF_A_DEMAND = 35
_ACRONYMS = frozenset({"IBAN", "SIREN", "SIRET", "CNIL", "SEPA", "GDPR", "RGPD"})
_CAPITALS = re.compile(r"\b[A-ZÀ-Þ]{4,}\b")
_PARAGRAPH = re.compile(r"<p\b.*?</p>", re.DOTALL)
_BOLD = re.compile(r"<(?:b|strong)\b")
# A courtesy said again and again is none: how often one message may say it.
_COURTESIES = {"fr": ("merci de ", 1), "en": ("please ", 2)}


class _Seen(msgspec.Struct, frozen=True):
    rendered: Rendered
    brief: Brief
    sentences: tuple[str, ...]

    @property
    def is_demand(self) -> bool:
        return self.brief.send.purpose is Purpose.DEMAND


def style_faults(rendered: Rendered, brief: Brief) -> tuple[str, ...]:
    """What a careful writer would correct in a message, in words; empty when nothing."""
    seen = _Seen(rendered, brief, sentences(rendered))
    return tuple(fault for rule in _RULES if (fault := rule(seen)))


def _shouts(seen: _Seen) -> str:
    # What the data says is not the writer's: a name or a town may stand in capitals.
    data = msgspec.json.encode(seen.brief).decode()
    found = {word for each in seen.sentences for word in _CAPITALS.findall(each)} - _ACRONYMS
    shouted = sorted(word for word in found if word not in data)
    return f"in full capitals: {', '.join(shouted)}" if shouted else ""


def _exclaims(seen: _Seen) -> str:
    found = next((each for each in seen.sentences if "!" in each), "")
    return f"a demand that exclaims: {found}" if seen.is_demand and found else ""


def _too_bold(seen: _Seen) -> str:
    if not isinstance(seen.rendered, RenderedEmail):
        return ""
    is_bold = any(len(_BOLD.findall(paragraph)) > 1 for paragraph in _PARAGRAPH.findall(seen.rendered.html))
    return "more than one bold in a paragraph" if is_bold else ""


def _too_long(seen: _Seen) -> str:
    longest = max(seen.sentences, key=lambda each: len(words_of(each)), default="")
    words = len(words_of(longest))
    return f"a sentence of {words} words: {longest}" if seen.is_demand and words > LONGEST_OF_A_DEMAND else ""


def _too_hard(seen: _Seen) -> str:
    return too_hard(seen.brief, readability(seen.rendered))


def _repeats(seen: _Seen) -> str:
    courtesy, limit = _COURTESIES.get(seen.brief.language, ("", 0))
    times = " ".join(seen.sentences).casefold().count(courtesy) if courtesy else 0
    return f'"{courtesy.strip()}" {times} times' if times > limit else ""


def _ends_with_nobody(seen: _Seen) -> str:
    if isinstance(seen.rendered, RenderedSms):
        is_signed = seen.rendered.text.endswith(seen.brief.link)
    elif isinstance(seen.rendered, LetterWords):
        is_signed = any(seen.rendered.signatory_lines)
    else:
        last = seen.rendered.text.split("\n--\n")[0].strip().rsplit("\n", 1)[-1]
        is_signed = bool(last) and last[-1] not in ".,:;!?"
    return "" if is_signed else "it ends neither with a person nor with a way to reach one"


_RULES: tuple[Callable[[_Seen], str], ...] = (
    _shouts, _exclaims, _too_bold, _too_long, _too_hard, _repeats, _ends_with_nobody
)  # fmt: skip
