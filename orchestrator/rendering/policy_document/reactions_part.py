"""What events cause in a campaign, how it comes back from a pause, and the thresholds that stop it."""

from collections.abc import Mapping

from orchestrator.domain.campaign import Campaign, Purpose, Reaction
from orchestrator.rendering.policy_document.document import Bullets, Paragraph, Section, Table
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.ladder_words import template_title
from orchestrator.rendering.policy_document.words import Words, sentence


def events_part(words: Words, shown: CampaignInForce, house: Mapping[str, Reaction]) -> Section:
    """What each event causes: the campaign's own reactions first, then those of the house."""
    own = shown.campaign.reactions
    rows = tuple(
        (
            sentence(words.term(event, "events")),
            sentence(_reaction(words, shown, own.get(event) or house[event])),
            words.say("campaign", "own" if event in own else "house"),
        )
        for event in (*own, *(each for each in house if each not in own))
    )
    columns = tuple(words.say("campaign", key) for key in ("event", "follows", "origin"))
    table = Table(columns, rows, shares=(3, 6, 2))
    return Section(id=f"{shown.campaign.id}-events", title=words.say("campaign", "events"), blocks=(table,))


def _reaction(words: Words, shown: CampaignInForce, reaction: Reaction) -> str:
    said = []
    within = words.duration(reaction.within) if reaction.within is not None else ""
    if reaction.send is not None:
        title = template_title(words, shown, reaction.send.template)
        voice = words.term(reaction.send.voice.value, "voices")
        is_bound = bool(within) and reaction.send.purpose is Purpose.DEMAND
        said.append(
            words.say("reactions", "send_within" if is_bound else "send", title=title, voice=voice, within=within)
        )
    if reaction.task:
        key = "task_within" if within else "task"
        said.append(words.say("reactions", key, task=words.term(reaction.task, "tasks"), within=within))
    if reaction.close:
        said.append(words.say("reactions", "close", outcome=words.term(reaction.close, "outcomes")))
    return words.apart(said) if said else words.say("campaign", "nothing_at_once")


def pause_part(words: Words, campaign: Campaign) -> Section:
    """How the campaign comes back from a pause."""
    terms = campaign.pause
    items = (
        words.say("resumes", terms.on_resume.value),
        words.say("resumes", "max_age", length=words.duration(terms.max_age)),
        words.say("resumes", "ramp", length=words.duration(terms.ramp)),
    )
    blocks = (Paragraph(words.say("campaign", "pause_intro")), Bullets(items))
    return Section(id=f"{campaign.id}-pause", title=words.say("campaign", "pause"), blocks=blocks)


def guards_part(words: Words, campaign: Campaign) -> Section:
    """The rates at which it stops by itself, or warns."""
    rows = tuple(
        (
            sentence(words.term(guard.metric, "metrics")),
            words.percent(round(guard.over_per_mille / 10, 2)),
            words.say("campaign", "minimum", length=words.duration(guard.window), count=words.number(guard.minimum)),
            sentence(words.term(guard.do, "guard_acts")),
        )
        for guard in campaign.guards
    )
    columns = tuple(words.say("campaign", key) for key in ("metric", "threshold", "over", "then"))
    found = Table(columns, rows, shares=(4, 1, 3, 4)) if rows else Paragraph(words.say("campaign", "no_guards"))
    return Section(id=f"{campaign.id}-guards", title=words.say("campaign", "guards"), blocks=(found,))
