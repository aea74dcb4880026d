"""One campaign of the document: its release, who enters, its ladder, its reactions, what it may grant, its guards."""

from collections.abc import Iterator, Mapping

from orchestrator.domain.campaign import Campaign, Reaction
from orchestrator.domain.policy import parts_of
from orchestrator.domain.voice import VoiceMove
from orchestrator.rendering.policy_document.condition_words import clause, clauses
from orchestrator.rendering.policy_document.document import Bullets, Facts, Paragraph, Section
from orchestrator.rendering.policy_document.example_words import example_entry
from orchestrator.rendering.policy_document.gathered import CampaignInForce, Gathered
from orchestrator.rendering.policy_document.grants_part import grants_part, persons_part
from orchestrator.rendering.policy_document.ladder_words import counts_from_due, entry, rungs
from orchestrator.rendering.policy_document.pack_words import pack_words
from orchestrator.rendering.policy_document.reactions_part import events_part, guards_part, pause_part
from orchestrator.rendering.policy_document.words import Words, sentence

_SHORT_HASH = 12


def campaign_section(
    words: Words, shown: CampaignInForce, gathered: Gathered, house: Mapping[str, Reaction]
) -> Section:
    """The whole campaign. `house` are the reactions that hold where the campaign has none of its own."""
    campaign = shown.campaign
    parts = (
        _who(words, shown),
        _ladder(words, shown),
        _tone(words, campaign),
        events_part(words, shown, house),
        grants_part(words, campaign),
        persons_part(words, shown),
        pause_part(words, campaign),
        guards_part(words, campaign),
        _examples(words, shown),
    )
    return Section(
        id=f"campaign-{campaign.id}",
        title=words.say("campaign", "section", title=campaign.title),
        note=campaign.id,
        blocks=(*_warnings(words, shown, gathered), Facts(tuple(_identity(words, shown, gathered)))),
        parts=tuple(part for part in parts if part.blocks),
    )


def _release(words: Words, shown: CampaignInForce) -> str:
    release = shown.campaign.release[:_SHORT_HASH]
    if shown.released_on is None:
        return words.say("campaign", "draft", release=release)
    key = "released" if shown.released_by else "released_nobody"
    return words.say("campaign", key, release=release, day=words.day(shown.released_on), by=shown.released_by)


def _warnings(words: Words, shown: CampaignInForce, gathered: Gathered) -> Iterator[Paragraph]:
    if shown.released_on is None:
        yield Paragraph(_release(words, shown), is_warning=True)
    elif shown.released_on > gathered.day:
        yield Paragraph(words.say("campaign", "released_after", day=words.day(gathered.day)), is_warning=True)
    if shown.is_changed:
        yield Paragraph(words.say("campaign", "changed"), is_warning=True)


def _identity(words: Words, shown: CampaignInForce, gathered: Gathered) -> Iterator[tuple[str, str]]:
    campaign = shown.campaign
    label = {key: words.say("campaign", key) for key in ("release", "pack", "mode", "creditors", "priority", "gap")}
    if shown.released_on is not None:
        yield label["release"], _release(words, shown)
    yield label["pack"], _pack(words, campaign, gathered)
    yield label["mode"], words.term(campaign.mode.value, "modes")
    names = {creditor.id: creditor.name for creditor in gathered.creditors}
    listed = [names.get(each, each) for each in campaign.creditors or ()]
    yield label["creditors"], words.all_of(listed) if listed else words.say("campaign", "all_creditors")
    yield label["priority"], words.say("campaign", "priority_said", priority=campaign.priority)
    yield label["gap"], words.say("campaign", "gap_said", length=words.duration(campaign.gap))
    if limits := _limits(words, campaign):
        yield words.say("campaign", "limits"), words.apart(limits)


def _pack(words: Words, campaign: Campaign, gathered: Gathered) -> str:
    """The pack and what is laid over it, as old as the oldest of them."""
    known = {each.id: each for each in gathered.packs}
    names = parts_of(campaign.policy)
    packs = [known[name] for name in names if name in known]
    if len(packs) < len(names):
        return words.say("campaign", "pack_missing", pack=campaign.policy)
    ends = min((each.expires_on for each in packs if each.expires_on is not None), default=None)
    is_expired = ends is not None and ends < gathered.day
    return words.say(
        "campaign",
        "pack_expired" if is_expired else "pack_said",
        pack=sentence(words.apart(pack_words(words, each) for each in packs)),
        day=words.day(min(each.reviewed_on for each in packs)),
        expired=words.day(ends) if ends else "",
    )


def _limits(words: Words, campaign: Campaign) -> list[str]:
    limits, said = campaign.limits, []
    if limits.per_second is not None:
        said.append(words.say("campaign", "limit_rate", rate=words.number(limits.per_second)))
    if limits.daily is not None:
        said.append(words.say("campaign", "limit_daily", count=words.number(limits.daily)))
    if limits.cost_cents_per_day is not None:
        amount = words.amount(limits.cost_cents_per_day, limits.cost_currency)
        said.append(words.say("campaign", "limit_cost", amount=amount))
    return said


def _who(words: Words, shown: CampaignInForce) -> Section:
    terms = clauses(words, shown.campaign.audience) or (words.say("conditions", "everyone"),)
    return Section(
        id=f"{shown.campaign.id}-who",
        title=words.say("campaign", "who"),
        blocks=(
            Paragraph(words.say("campaign", "who_intro")),
            Bullets(tuple(sentence(f"{each}.") for each in terms)),
            Paragraph(words.say("campaign", "anchor")),
            Paragraph(words.say("campaign", "late")),
        ),
    )


def _ladder(words: Words, shown: CampaignInForce) -> Section:
    intro = words.say("campaign", "ladder_due" if counts_from_due(shown) else "ladder_entry")
    climbed = rungs(words, shown)
    steps = (entry(words, rung, climbed[place - 1].step if place else None) for place, rung in enumerate(climbed))
    title = words.say("campaign", "ladder")
    return Section(
        id=f"{shown.campaign.id}-ladder",
        title=title,
        blocks=(Paragraph(intro), Paragraph(words.say("campaign", "amounts")), *steps),
    )


def _tone(words: Words, campaign: Campaign) -> Section:
    moves = tuple(_move(words, each) for each in campaign.voice)
    limit = Paragraph(words.say("campaign", "tone_limit"))
    blocks = (Bullets(moves), limit) if moves else (limit,)
    return Section(id=f"{campaign.id}-tone", title=words.say("campaign", "tone"), blocks=blocks)


def _move(words: Words, move: VoiceMove) -> str:
    condition = clause(words, move.if_)
    if move.use is not None:
        return words.say("moves", "use", condition=condition, voice=words.term(move.use.value, "voices"))
    one, many = words.find("moves", "degree")
    count = move.soften or move.firm
    degrees = one if count == 1 else many.format(count=count)
    return words.say("moves", "soften" if move.soften else "firm", condition=condition, degrees=degrees)


def _examples(words: Words, shown: CampaignInForce) -> Section:
    entries = tuple(example_entry(words, shown, each) for each in shown.examples)
    intro = (Paragraph(words.say("campaign", "examples_intro")),) if entries else ()
    title = words.say("campaign", "examples")
    return Section(id=f"{shown.campaign.id}-examples", title=title, blocks=(*intro, *entries))
