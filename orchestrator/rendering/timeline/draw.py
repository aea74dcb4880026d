"""Draws a campaign: each step with its day, its ways and its terms, in words. Lays nothing out."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from orchestrator.domain.agreement import HOLDS_OF_PERSON
from orchestrator.domain.campaign import Approval, Campaign, ChannelLine, Purpose, Reaction, SendTerms, Step
from orchestrator.domain.condition import ALWAYS
from orchestrator.rendering.earliest_days import EarliestDay, earliest_days
from orchestrator.rendering.policy_document.condition_words import clause
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.ladder_words import (
    counts_from_due,
    day_marker,
    ending_words,
    next_channel_words,
    step_title,
    template_title,
    when_words,
)
from orchestrator.rendering.policy_document.words import Words, sentence
from orchestrator.rendering.timeline.drawn import Drawn, Named, Stop, Turn, Way

_AGREED = ("promise", "plan", "deferral", "already_paid", "direct_debit")
# The longest wait of each width between two steps, in days.
_SPANS = (0, 5, 9, 14, 21)


@cache
def _table() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("words.yaml")
    found: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


class Pen:
    """The words of a drawing in one language: its own, and those of the policy document."""

    def __init__(self, language: str) -> None:
        """`language` is `fr` or `en`."""
        self.words = Words(language)
        self.says = {key: self.words.set(both[language]) for key, both in _table().items()}

    def say(self, key: str, /, **values: object) -> str:
        """A sentence with its values."""
        return self.says[key].format_map(values)

    def named(self, code: str, group: str) -> Named:
        """A code with its word in a group of the policy document's words."""
        return Named(code, self.words.term(code, group))


def draw(shown: CampaignInForce, *, language: str, house: Mapping[str, Reaction]) -> Drawn:
    """The drawing of a campaign in `fr` or `en`. `house` are the reactions of campaigns that have none."""
    pen, campaign = Pen(language), shown.campaign
    days = earliest_days(campaign)
    reactions = {
        **campaign.reactions,
        **{event: each for event, each in house.items() if event not in campaign.reactions},
    }
    active = {event: each for event, each in reactions.items() if each.send or each.task or each.close}
    return Drawn(
        language=language,
        campaign=campaign.id,
        title=campaign.title,
        origin=pen.say("origin_due" if counts_from_due(shown) else "origin_entry"),
        stops=tuple(_stop(pen, shown, place, days) for place in range(len(campaign.steps))),
        turns=tuple(_turn(pen, shown, event, each) for event, each in active.items()),
        quiet=tuple(pen.words.term(event, "events") for event in reactions if event not in active),
        halts=tuple(_halts(pen, campaign)),
        says=pen.says,
    )


# ------------------------------------------------------------------------------------------------ steps


def _stop(pen: Pen, shown: CampaignInForce, place: int, days: tuple[EarliestDay, ...]) -> Stop:
    words, step, here = pen.words, shown.campaign.steps[place], days[place]
    return Stop(
        number=place + 1,
        id=step.id,
        kind="send" if step.send else "call" if step.call else "request" if step.request else "choose",
        title=step_title(words, shown, step),
        marker=day_marker(words, shown, here.day),
        wait=when_words(words, step, shown.campaign.steps[place - 1] if place else None),
        day=here.day,
        span=_span(days, place),
        sooner=_sooner(pen, shown, place, here.if_skipped),
        only_if=pen.say("only_if", condition=clause(words, step.if_)) if step.if_ != ALWAYS else "",
        voice=pen.named(step.send.voice.value, "voices") if step.send else None,
        document=words.term(step.send.kind.value, "documents") if step.send else "",
        ways=tuple(_way(pen, line, place) for place, line in enumerate(step.channel)),
        fallback=next(next_channel_words(words, step), ""),
        terms=tuple(_terms(pen, step)),
        endings=tuple(ending_words(words, step)),
        needs_approval=_needs_approval(step),
    )


def _sooner(pen: Pen, shown: CampaignInForce, place: int, day: int | None) -> str:
    if day is None:
        return ""
    passed_by = [number for number, step in enumerate(shown.campaign.steps[:place], start=1) if step.if_ != ALWAYS]
    key = "sooner_one" if len(passed_by) == 1 else "sooner"
    return pen.say(key, day=day_marker(pen.words, shown, day), number=passed_by[0])


def _needs_approval(step: Step) -> bool:
    return step.approve is not None or step.request is not None or any(each.approve for each in step.choose)


def _span(days: tuple[EarliestDay, ...], place: int) -> int:
    here, before = days[place].day, days[place - 1].day if place else None
    if here is None or before is None:
        return 1 if place else 0
    return sum(here - before > longest for longest in _SPANS)


def _way(pen: Pen, line: ChannelLine, place: int) -> Way:
    is_always = line.if_ == ALWAYS
    return Way(
        uses=tuple(pen.named(use.value, "channels") for use in line.use),
        when="" if is_always else clause(pen.words, line.if_),
        is_else=is_always and place > 0,
    )


def _terms(pen: Pen, step: Step) -> Iterator[tuple[str, str]]:
    words, label = pen.words, pen.says
    if step.call is not None:
        role = words.term(step.call.to.value, "roles") if step.call.to else ""
        within = words.duration(step.call.within)
        yield label["label_call"], pen.say("call_to" if role else "call_within", role=role, within=within)
    if step.send is not None:
        yield from _send_terms(pen, step.send)
    if step.amounts is not None:
        yield label["label_amounts"], words.say("amounts", step.amounts.value)
    for approval in filter(None, (step.approve, step.request.approve if step.request else None)):
        yield label["label_approve"], _approval(pen, approval)
    if step.expires is not None:
        yield label["label_expires"], pen.say("expires", length=words.duration(step.expires))
    if step.to is not None:
        yield label["label_to"], pen.say("to", role=words.term(step.to.value, "roles"))
    if step.copy:
        yield label["label_copy"], words.all_of([words.term(each.value, "roles") for each in step.copy])


def _send_terms(pen: Pen, send: SendTerms) -> Iterator[tuple[str, str]]:
    if send.offer:
        yield pen.says["label_offer"], pen.words.all_of([pen.words.term(each, "offers") for each in send.offer])
    if send.deadline is not None:
        yield pen.says["label_deadline"], pen.say("deadline", length=pen.words.duration(send.deadline))


def _approval(pen: Pen, terms: Approval) -> str:
    words = pen.words
    return pen.say(
        "approve" if terms.if_ == ALWAYS else "approve_if",
        by=words.people(terms.by),
        condition=clause(words, terms.if_),
        within=words.duration(terms.within),
    )


# ------------------------------------------------------------------------------------ events and halts


def _turn(pen: Pen, shown: CampaignInForce, event: str, reaction: Reaction) -> Turn:
    words, send = pen.words, reaction.send
    within = words.duration(reaction.within) if reaction.within else ""
    message = by = task = close = ""
    if send is not None:
        by = _by(pen, reaction)
        # The time bounds a demand; an answer goes at once, and the time is the task's.
        is_bound = bool(within) and send.purpose is Purpose.DEMAND
        title = template_title(words, shown, send.template)
        message = pen.say("message_within" if is_bound else "message", title=title, within=within)
    if reaction.task:
        said = words.term(reaction.task, "tasks")
        task = pen.say("task_within" if within else "task", task=said, within=within)
    if reaction.close:
        close = pen.say("close", outcome=words.term(reaction.close, "outcomes"))
    return Turn(
        event=Named(event, sentence(words.term(event, "events"))),
        message=message,
        voice=pen.named(send.voice.value, "voices") if send else None,
        by=by,
        task=task,
        close=close,
        is_own=event in shown.campaign.reactions,
    )


def _by(pen: Pen, reaction: Reaction) -> str:
    """By which channels; one that names none takes those of `domain.reactions.default_line`."""
    if not reaction.channel:
        is_answer = reaction.send is not None and reaction.send.purpose is not Purpose.DEMAND
        return pen.says["by_last_answer" if is_answer else "by_last_demand"]
    codes = dict.fromkeys(use.value for line in reaction.channel for use in line.use)
    return f" {pen.says['then']} ".join(pen.words.term(code, "channels") for code in codes)


def _halts(pen: Pen, campaign: Campaign) -> Iterator[tuple[str, str]]:
    words = pen.words
    holds = {
        "halt_agreed": [words.term(each, "holds") for each in _AGREED],
        "halt_person": sorted(words.term(each.value, "holds") for each in HOLDS_OF_PERSON),
    }
    resume = words.say("resumes", campaign.pause.on_resume.value).rstrip(" ;.\u00a0\u202f")
    for name in ("paid", "agreed", "dispute", "person", "unread", "stop", "pause", "ledger"):
        key = f"halt_{name}"
        listed = words.all_of(holds[key]) if key in holds else ""
        yield pen.says[key], pen.say(f"{key}_said", holds=listed, resume=resume)
