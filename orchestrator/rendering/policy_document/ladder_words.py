"""The ladder of a campaign in words: each step with its day, what it does, by which channel, with whose approval."""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.campaign import Approval, ChannelLine, CloseTerms, Outcome, Step
from orchestrator.domain.condition import ALWAYS
from orchestrator.rendering.earliest_days import earliest_days
from orchestrator.rendering.policy_document.condition_words import clause
from orchestrator.rendering.policy_document.document import Entry
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.words import Words


class Rung(msgspec.Struct, frozen=True):
    """A step with its title and its day in short: `J + 15`, counted as if nothing delays it."""

    step: Step
    title: str
    marker: str


def counts_from_due(shown: CampaignInForce) -> bool:
    """Whether days count from the due date; else from the day on which the case enters."""
    return any(step.at is not None for step in shown.campaign.steps)


def rungs(words: Words, shown: CampaignInForce) -> tuple[Rung, ...]:
    """The steps in order. A wait that is no number of days leaves the following ones without a day."""
    days = earliest_days(shown.campaign)
    return tuple(
        Rung(step, step_title(words, shown, step), day_marker(words, shown, here.day))
        for step, here in zip(shown.campaign.steps, days, strict=True)
    )


def day_marker(words: Words, shown: CampaignInForce, day: int | None) -> str:
    """`J + 15`, or `ensuite` where no day is known."""
    if day is None:
        return str(words.find("steps", "then"))
    origin = str(words.find("steps", "due" if counts_from_due(shown) else "entry"))
    sign = "+" if day > 0 else "−"
    return f"{origin} {sign} {abs(day)}".replace(" ", "\u00a0") if day else origin


def template_title(words: Words, shown: CampaignInForce, template: str) -> str:
    """What people call a template, as its catalogue says."""
    return words.set(shown.titles.get(template, {}).get(words.language, template))


def step_title(words: Words, shown: CampaignInForce, step: Step) -> str:
    """What people call a step: its template's title, or what is done."""
    if step.send is not None:
        return template_title(words, shown, step.send.template)
    if step.call is not None:
        return words.say("steps", "call")
    if step.request is not None:
        return words.say("steps", "request", action=words.term(step.request.action, "levers"))
    return words.say("steps", "choice")


def entry(words: Words, rung: Rung, previous: Step | None) -> Entry:
    """The step as the document shows it."""
    step = rung.step
    lines = [when_words(words, step, previous)]
    if step.if_ != ALWAYS:
        lines.append(words.say("steps", "only_if", condition=clause(words, step.if_)))
    lines += [*_deed(words, step), *_channels(words, step.channel), *_terms(words, step)]
    return Entry(marker=rung.marker, title=rung.title, lines=tuple(lines), code=step.id)


def when_words(words: Words, step: Step, previous: Step | None) -> str:
    """How long after what: `10 jours après le départ effectif de l'étape précédente.`"""
    if step.at is not None:
        count = step.at.duration.count
        key = "before_due" if count < 0 else "after_due" if count else "at_due"
        return words.say("steps", key, length=words.duration(step.at.duration))
    after = step.after
    if after is None or after.count == 0:
        return words.say("steps", "at_once" if previous else "at_entry")
    return words.say("steps", "after_previous", length=words.duration(after))


def _deed(words: Words, step: Step) -> Iterator[str]:
    if step.send is not None:
        yield words.say("steps", "kind", kind=words.term(step.send.kind.value, "documents"))
        yield words.say("steps", "voice", voice=words.term(step.send.voice.value, "voices"))
    if step.call is not None:
        yield words.say("steps", "call_said", within=words.duration(step.call.within))
        if step.call.to is not None:
            yield words.say("steps", "call_to", role=words.term(step.call.to.value, "roles"))
    if step.request is not None:
        yield words.say("steps", "request_said")
        yield approval(words, step.request.approve)
    yield from ending_words(words, step)


def ending_words(words: Words, step: Step) -> Iterator[str]:
    """What a choice may end in, the first that holds."""
    yield from (_outcome(words, each, is_else=place > 0) for place, each in enumerate(step.choose))


def approval(words: Words, terms: Approval) -> str:
    """Who must agree beforehand, in which case, within which time."""
    key = "approve" if terms.if_ == ALWAYS else "approve_if"
    condition, within = clause(words, terms.if_), words.duration(terms.within)
    return words.say("steps", key, by=words.people(terms.by), condition=condition, within=within)


def outcome_words(words: Words, outcome: Outcome) -> str:
    """Its name: `passage au précontentieux`."""
    return words.term(outcome.outcome if isinstance(outcome, CloseTerms) else outcome.stage, "outcomes")


def _outcome(words: Words, outcome: Outcome, *, is_else: bool) -> str:
    verb = "close" if isinstance(outcome, CloseTerms) else "hand_over"
    by = words.people(outcome.approve.by) if outcome.approve else ""
    name = outcome_words(words, outcome)
    values = {"outcome": name, "stage": name, "by": by, "condition": clause(words, outcome.if_)}
    if outcome.if_ != ALWAYS:
        return words.say("steps", f"{verb}_if", **values)
    return words.say("steps", f"else_{verb}" if is_else else verb, **values)


def _channels(words: Words, lines: tuple[ChannelLine, ...]) -> Iterator[str]:
    for place, line in enumerate(lines):
        key = "channel_if" if line.if_ != ALWAYS else "channel_else" if place else "channel"
        listed = words.find("steps", "else_channel").join(words.term(use.value, "channels") for use in line.use)
        yield words.say("steps", key, condition=clause(words, line.if_), channels=listed)


def _terms(words: Words, step: Step) -> Iterator[str]:
    if step.send is not None and step.send.deadline is not None:
        yield words.say("steps", "deadline", length=words.duration(step.send.deadline))
    if step.send is not None and step.send.offer:
        offers = words.all_of([words.term(each, "offers") for each in step.send.offer])
        yield words.say("steps", "offer", offers=offers)
    if step.amounts is not None:
        yield words.say("steps", "amounts", how=words.say("amounts", step.amounts.value))
    if step.approve is not None:
        yield approval(words, step.approve)
    yield from next_channel_words(words, step)
    if step.expires is not None:
        yield words.say("steps", "expires", length=words.duration(step.expires))
    if step.to is not None:
        yield words.say("steps", "to", role=words.term(step.to.value, "roles"))
    if step.copy:
        yield words.say("steps", "copy", roles=words.all_of([words.term(each.value, "roles") for each in step.copy]))


def next_channel_words(words: Words, step: Step) -> Iterator[str]:
    """Only where there is another channel to go to."""
    if not any(len(line.use) > 1 for line in step.channel):
        return
    terms = step.next_channel_when
    if terms.unconfirmed_for is not None:
        yield words.say("steps", "next_unconfirmed", length=words.duration(terms.unconfirmed_for))
    else:
        yield words.say("steps", "next_undelivered" if terms.undelivered else "no_next")
