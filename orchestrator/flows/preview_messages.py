"""Every message a campaign can send, worded for sample debtors: what `render` shows and `lint` proves.

A step is worded in each channel it may use, in its own voice and in those that context may move it to, in each
language; a reaction likewise. Nothing is sent or stored.
"""

from collections.abc import Callable, Iterator

import msgspec

from channels.contract import Channel
from orchestrator.domain.campaign import Campaign, ChannelLine, SendTerms
from orchestrator.domain.policy import Pack
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.domain.voice import LADDER, Voice
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.catalogue import Catalogue
from orchestrator.rendering.samples import sample_brief, worst_case_brief

# What an answer uses when its reaction names no channel.
_ANSWER_CHANNELS = (Channel.EMAIL, Channel.SMS)

BriefMaker = Callable[..., Brief]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """One message to word: where it comes from (`step` or `reaction:event`), and the brief of a sample debtor."""

    source: str
    template: str
    channel: Channel
    voice: Voice
    language: str
    is_own_voice: bool
    brief: Brief


def previews(
    campaign: Campaign,
    catalogue: Catalogue,
    pack: Pack | None,
    *,
    languages: tuple[str, ...],
    is_worst_case: bool = False,
) -> Iterator[Preview]:
    """The messages of a campaign, in the order of its steps, then its reactions."""
    make = worst_case_brief if is_worst_case else sample_brief
    is_business = pack is not None and pack.debtor == "business"
    is_third_party = pack is not None and pack.party == "third_party"
    for source, terms, lines in _messages(campaign):
        entry = catalogue.entry(terms.template)
        channels = [c for c in _channels(lines) if c in entry.channels]
        for channel in channels:
            for voice in _voices(terms, entry.voices):
                for language in languages:
                    yield Preview(
                        source=source,
                        template=terms.template,
                        channel=channel,
                        voice=voice,
                        language=language,
                        is_own_voice=voice is terms.voice,
                        brief=_with_offers(
                            make(
                                entry,
                                channel=channel,
                                voice=voice,
                                language=language,
                                is_business=is_business,
                                is_third_party=is_third_party,
                            ),
                            terms,
                        ),
                    )


def _messages(campaign: Campaign) -> Iterator[tuple[str, SendTerms, tuple[ChannelLine, ...]]]:
    for step in campaign.steps:
        if step.send is not None:
            yield step.id, step.send, step.channel
    for event, reaction in {**HOUSE_REACTIONS, **campaign.reactions}.items():
        if reaction.send is not None:
            yield f"reaction:{event}", reaction.send, reaction.channel


def _channels(lines: tuple[ChannelLine, ...]) -> list[Channel]:
    found = dict.fromkeys(use.channel for line in lines for use in line.use)
    return list(found) or list(_ANSWER_CHANNELS)


def _voices(terms: SendTerms, known: tuple[Voice, ...]) -> list[Voice]:
    """The step's own voice and its neighbours on the ladder that the template has words for."""
    if terms.voice not in LADDER or terms.voice in (Voice.FORMAL, Voice.SERVICE):
        return [terms.voice]
    at = LADDER.index(terms.voice)
    near = [v for v in LADDER[max(at - 1, 1) : at + 2] if v is not Voice.FORMAL]
    return [voice for voice in near if voice in known or voice is terms.voice]


def _with_offers(brief: Brief, terms: SendTerms) -> Brief:
    return msgspec.structs.replace(brief, send=msgspec.structs.replace(brief.send, offer=terms.offer))
