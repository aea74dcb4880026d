"""What is wrong with one message of a campaign: its template, its voice, its channels, what it offers."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from channels.contract import Channel
from orchestrator.domain.campaign import SOLEMN, DocumentKind, Purpose
from orchestrator.domain.condition import ALWAYS, Condition, Is
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.model import AgreementsModel
from orchestrator.intake.campaigns.step_model import ChannelModel, SendModel
from orchestrator.intake.strict_yaml.wording import Finding, Path, nearest


class TemplateFacts(Protocol):
    """What a campaign must know of a template; the catalogue of templates answers it.

    `requires` names what its messages cannot do without; of these a campaign knows `deadline`, which a step
    gives, and `promise_date`, which a promise gives.
    """

    @property
    def kind(self) -> DocumentKind:
        """What it is in law."""

    @property
    def purpose(self) -> Purpose:
        """Demand, answer or notice."""

    @property
    def channels(self) -> Collection[Channel]:
        """The channels that it has words for."""

    @property
    def requires(self) -> Collection[str]:
        """What its words need."""


Templates = Mapping[str, TemplateFacts]


def is_always(condition: Condition | None) -> bool:
    """Whether a condition holds for every case."""
    return condition in (None, ALWAYS, Is("all", True))


def message_faults(
    send: SendModel, lines: tuple[ChannelModel, ...], path: Path, templates: Templates, *, event: str = ""
) -> Iterator[Finding]:
    """Faults of the message at a path: of a step, or of the reaction to an event."""
    yield from _lines_never_reached(lines, path)
    facts = templates.get(send.template)
    if facts is None:
        hint = nearest(send.template, templates) or "known: " + ", ".join(sorted(templates))
        yield Finding((*path, "send", "template"), f'there is no template "{send.template}"', hint)
        return
    yield from _solemnity(send, facts, path)
    yield from _occasion(send, facts, path, event)
    for line, each in enumerate(lines):
        for place, use in enumerate(each.use):
            if use.channel not in facts.channels:
                message = f'the template "{send.template}" has no words for {use.value}'
                hint = "it has words for " + ", ".join(sorted(facts.channels))
                yield Finding((*path, "channel", line, "use", place), message, hint)


def _solemnity(send: SendModel, facts: TemplateFacts, path: Path) -> Iterator[Finding]:
    is_notice = facts.kind in SOLEMN
    if send.voice is Voice.FORMAL and not is_notice:
        message = f'the voice "formal" is for a formal notice, and the template "{send.template}" is none'
        yield Finding((*path, "send", "voice"), message, 'write firm, or take the template "formal-notice"')
    if is_notice and send.voice is not Voice.FORMAL:
        message = f'a formal notice speaks in the voice "formal", not "{send.voice.value}"'
        yield Finding((*path, "send", "voice"), message, "write voice: formal, or take another template")
    is_asked = "deadline" in facts.requires and facts.purpose is not Purpose.ANSWER
    if send.deadline is None and (is_notice or is_asked):
        article = "a formal notice" if is_notice else f'the template "{send.template}"'
        yield Finding(
            (*path, "send"), f"{article} must give a deadline", "add deadline: 15d; 8 to 15 days is customary"
        )


def _lines_never_reached(lines: tuple[ChannelModel, ...], path: Path) -> Iterator[Finding]:
    for index, line in enumerate(lines[:-1]):
        if is_always(line.if_):
            hint = "give the line above an if:, or move it to the end"
            yield Finding((*path, "channel", index + 1), "never reached: the line above takes every case", hint)
            return


def _occasion(send: SendModel, facts: TemplateFacts, path: Path, event: str) -> Iterator[Finding]:
    """An answer needs an act of the debtor (semantics B6), and words about a promise need a promise."""
    here: Path = (*path, "send", "template")
    if facts.purpose is Purpose.ANSWER and not event:
        message = f'the template "{send.template}" answers the debtor, and no act of theirs causes a step'
        yield Finding(here, message, "move it under reactions:, or take another template")
    if "promise_date" in facts.requires and not event.startswith("promise."):
        message = f'the template "{send.template}" speaks of a promise, and there is none here'
        yield Finding(here, message, "move it under reactions: promise.broken:")


def offer_faults(send: SendModel, agreements: AgreementsModel | None, path: Path) -> Iterator[Finding]:
    """Offers of the message at a path that nothing in `agreements:` allows."""
    for place, offer in enumerate(send.offer or ()):
        if agreements is None or getattr(agreements, offer) is None:
            hint = f"add {offer}: to agreements:, or take it out of the offer"
            message = f"the message offers a {offer} that no agreement allows"
            yield Finding((*path, "send", "offer", place), message, hint)
