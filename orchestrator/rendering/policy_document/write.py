"""The whole document: its first page, the campaigns, the rules, what counsel must confirm, rates and creditors."""

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.domain.campaign import Reaction
from orchestrator.domain.rules import Basis
from orchestrator.rendering.policy_document.campaign_part import campaign_section
from orchestrator.rendering.policy_document.creditors_part import creditors_section
from orchestrator.rendering.policy_document.document import Document, Facts, Paragraph, Section, Table
from orchestrator.rendering.policy_document.gathered import Gathered
from orchestrator.rendering.policy_document.pack_words import pack_words
from orchestrator.rendering.policy_document.rules_part import (
    counsel_section,
    rates_section,
    rules_section,
    shared_rules,
)
from orchestrator.rendering.policy_document.words import Words, sentence

_EVIDENCE = ("statute seen", "secondary", "general knowledge", "house")


def policy_document(gathered: Gathered, *, language: str, house: Mapping[str, Reaction]) -> Document:
    """The document of what was gathered, in `fr` or `en`. `house` are the reactions of campaigns that have none."""
    words = Words(language)
    title = words.say("labels", "title")
    return Document(
        language=language,
        title=title,
        subtitle=words.say("labels", "subtitle"),
        running=f"{title} · {sentence(words.say('front', 'day'))} {words.day(gathered.day)}",
        contents=words.say("labels", "contents"),
        page=words.say("labels", "page"),
        front=_front(words, gathered),
        sections=(
            *(campaign_section(words, shown, gathered, house) for shown in gathered.campaigns),
            rules_section(words, gathered),
            counsel_section(words, gathered),
            rates_section(words, gathered),
            creditors_section(words, gathered),
        ),
    )


def _front(words: Words, gathered: Gathered) -> Section:
    said = [Paragraph(words.say("front", key)) for key in ("purpose", "scope", "not_advice")]
    day, printed = words.day(gathered.day), words.day(gathered.printed_on)
    if gathered.day != gathered.printed_on:
        said.append(Paragraph(words.say("front", "other_day", day=day, printed=printed), is_warning=True))
    return Section(
        id="front",
        title=words.say("front", "section"),
        blocks=(Facts(tuple(_figures(words, gathered))), *said, Paragraph(words.say("front", "order"))),
        parts=(_marks(words),),
    )


def _figures(words: Words, gathered: Gathered) -> Iterator[tuple[str, str]]:
    yield words.say("front", "day"), words.day(gathered.day)
    yield words.say("front", "printed"), words.day(gathered.printed_on)
    yield words.say("front", "campaigns"), _each_line(shown.campaign.title for shown in gathered.campaigns)
    yield words.say("front", "packs"), _each_line(sentence(pack_words(words, pack)) for pack in gathered.packs)
    yield words.say("front", "rules"), words.number(len(shared_rules(gathered.packs)))


def _each_line(items: Iterable[str]) -> str:
    return "\n".join(items)


def _marks(words: Words) -> Section:
    columns = (words.say("front", "mark"), words.say("front", "meaning"))
    evidence = tuple(
        (sentence(words.say("evidence", mark)), words.say("evidence", f"{mark}_meaning")) for mark in _EVIDENCE
    )
    bases = tuple((words.say("bases", basis), words.say("bases", f"{basis}_meaning")) for basis in Basis)
    return Section(
        id="marks",
        title=words.say("front", "marks_section"),
        blocks=(
            Paragraph(words.say("front", "marks_intro")),
            Table(columns, evidence, shares=(2, 6)),
            Table((words.say("front", "basis"), columns[1]), bases, shares=(2, 6)),
        ),
    )
