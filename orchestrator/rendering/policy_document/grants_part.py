"""What a campaign may grant without asking anyone, and where a person decides."""

from collections.abc import Iterator

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.condition import ALWAYS
from orchestrator.rendering.policy_document.condition_words import clause
from orchestrator.rendering.policy_document.document import Block, Bullets, Facts, Paragraph, Section
from orchestrator.rendering.policy_document.gathered import CampaignInForce
from orchestrator.rendering.policy_document.ladder_words import outcome_words, rungs
from orchestrator.rendering.policy_document.words import Words


def grants_part(words: Words, campaign: Campaign) -> Section:
    """Promises, plans, deferrals and settlements, and how far together."""
    rows = tuple((words.say("grants", name), said) for name, said in _granted(words, campaign))
    ceiling = words.say("campaign", "grants_ceiling", length=words.duration(campaign.agreements.ceiling))
    blocks: list[Block] = [Facts(rows), Paragraph(ceiling)]
    if campaign.agreements.after_answer.count:
        length = words.duration(campaign.agreements.after_answer)
        blocks.append(Paragraph(words.say("campaign", "after_answer", length=length)))
    title = words.say("campaign", "grants")
    return Section(id=f"{campaign.id}-grants", title=title, blocks=tuple(blocks))


def _granted(words: Words, campaign: Campaign) -> Iterator[tuple[str, str]]:
    promise, plan = campaign.agreements.promise, campaign.agreements.plan
    deferral, settlement = campaign.agreements.deferral, campaign.agreements.settlement
    within, grace = words.duration(promise.within), words.duration(promise.grace)
    yield "promise", words.say("grants", "promise_said", within=within, grace=grace, at_most=promise.at_most)
    said = words.say("grants", "no_plan")
    if plan is not None:
        said = words.say(
            "grants",
            "plan_said",
            instalments=plan.instalments,
            first_within=words.duration(plan.first_within),
            every=words.duration(plan.every),
            minimum=words.amount(plan.minimum_cents, campaign.limits.cost_currency),
        )
    yield "plan", said
    said = words.say("grants", "no_deferral")
    if deferral is not None:
        longest = words.duration(deferral.longest)
        said = words.say("grants", "deferral_said", longest=longest, at_most=deferral.at_most)
    yield "deferral", said
    said = words.say("grants", "no_settlement")
    if settlement is not None:
        key = "settlement_said" if settlement.if_ == ALWAYS else "settlement_if"
        percent, by = words.percent(settlement.least_percent), words.people(settlement.approve.by)
        said = words.say("grants", key, condition=clause(words, settlement.if_), percent=percent, by=by)
    yield "settlement", said


def persons_part(words: Words, shown: CampaignInForce) -> Section:
    """Every decision of this campaign that is a person's."""
    items = (*_decided(words, shown), words.say("persons", "beyond"))
    always = Paragraph(words.say("campaign", "persons_always"))
    title = words.say("campaign", "persons")
    return Section(id=f"{shown.campaign.id}-persons", title=title, blocks=(Bullets(items), always))


def _decided(words: Words, shown: CampaignInForce) -> Iterator[str]:
    for rung in rungs(words, shown):
        step = rung.step
        if step.call is not None:
            yield words.say("persons", "call", title=rung.title, marker=rung.marker)
        for terms in (step.approve, step.request.approve if step.request else None):
            if terms is not None:
                key, condition = ("step", "") if terms.if_ == ALWAYS else ("step_if", clause(words, terms.if_))
                by = words.people(terms.by)
                yield words.say("persons", key, title=rung.title, marker=rung.marker, condition=condition, by=by)
        for outcome in step.choose:
            if outcome.approve is not None:
                by = words.people(outcome.approve.by)
                yield words.say("persons", "hand_over", stage=outcome_words(words, outcome), by=by)
    if (settlement := shown.campaign.agreements.settlement) is not None:
        yield words.say("persons", "settlement", by=words.people(settlement.approve.by))
