"""From the model of a campaign file to the domain's campaign. Knows both shapes, and no YAML.

An absent key leaves the domain's own default in place.
"""

from typing import Any

from orchestrator.domain.campaign import (
    AgreementTerms,
    Approval,
    CallTerms,
    Campaign,
    ChannelLine,
    CloseTerms,
    DeferralTerms,
    Guard,
    HandOverTerms,
    LeverTerms,
    Limits,
    NextChannel,
    Outcome,
    PauseTerms,
    PlanTerms,
    PromiseTerms,
    Reaction,
    SendTerms,
    SettlementTerms,
    Step,
)
from orchestrator.domain.condition import ALWAYS
from orchestrator.domain.voice import Voice, VoiceMove
from orchestrator.intake.campaigns.checks import reactions_of
from orchestrator.intake.campaigns.message_checks import Templates
from orchestrator.intake.campaigns.model import (
    AgreementsModel,
    CampaignModel,
    GuardModel,
    LimitsModel,
    PauseModel,
    ReactionModel,
    VoiceMoveModel,
)
from orchestrator.intake.campaigns.step_model import (
    ApproveModel,
    BranchModel,
    CallModel,
    ChannelModel,
    NextChannelModel,
    SendModel,
    StepModel,
)


def campaign_of(model: CampaignModel, templates: Templates) -> Campaign:
    """The domain's campaign, not yet released. The model has passed `campaign_checks.faults`."""
    return Campaign(
        id=model.campaign,
        title=model.title,
        policy=model.policy,
        priority=model.priority,
        audience=model.audience,
        creditors=model.creditor or None,
        steps=tuple(_step(each, templates) for each in model.steps),
        limits=_limits(model.limits),
        voice=tuple(_move(each) for each in model.voice or ()),
        agreements=_agreements(model.agreements),
        reactions={name: _reaction(each, templates) for name, each in reactions_of(model)},
        pause=_pause(model.pause),
        guards=tuple(_guard(each) for each in model.guards or ()),
        **_said(anchor=model.anchor, gap=model.gap, mode=model.mode),
    )


def _said(**values: Any) -> dict[str, Any]:
    """What the file says; the rest keeps the domain's default."""
    return {name: value for name, value in values.items() if value is not None}


def _step(model: StepModel, templates: Templates) -> Step:
    return Step(
        id=model.id,
        at=model.at,
        after=model.after,
        if_=model.if_ or ALWAYS,
        send=_send(model.send, templates) if model.send is not None else None,
        call=_call(model.call) if model.call is not None else None,
        request=_lever(model),
        choose=tuple(_outcome(each) for each in model.choose or ()),
        channel=_lines(model.channel),
        next_channel_when=_next_channel(model.next_channel_when),
        expires=model.expires,
        approve=_approval(model.approve) if model.approve is not None else None,
        amounts=model.amounts,
        to=model.to,
        copy=model.copy_ or (),
    )


def _send(model: SendModel, templates: Templates) -> SendTerms:
    facts = templates[model.template]
    return SendTerms(
        template=model.template,
        voice=model.voice,
        kind=facts.kind,
        purpose=facts.purpose,
        offer=model.offer or (),
        deadline=model.deadline,
    )


def _call(model: CallModel) -> CallTerms:
    return CallTerms(script=model.script, to=model.to, **_said(within=model.within, priority=model.priority))


def _lever(model: StepModel) -> LeverTerms | None:
    if model.request is None:
        return None
    return LeverTerms(action=model.request.action, approve=_approval(model.request.approve))


def _approval(model: ApproveModel) -> Approval:
    return Approval(by=model.by, **_said(if_=model.if_, within=model.within))


def _lines(models: tuple[ChannelModel, ...] | None) -> tuple[ChannelLine, ...]:
    return tuple(ChannelLine(use=each.use, if_=each.if_ or ALWAYS) for each in models or ())


def _next_channel(model: NextChannelModel | None) -> NextChannel:
    if model is None:
        return NextChannel()
    return NextChannel(**_said(undelivered=model.undelivered, unconfirmed_for=model.unconfirmed_for))


def _outcome(model: BranchModel) -> Outcome:
    approve = _approval(model.approve) if model.approve is not None else None
    condition = model.if_ or ALWAYS
    if model.hand_over is not None and approve is not None:
        return HandOverTerms(stage=model.hand_over, approve=approve, if_=condition)
    return CloseTerms(outcome=model.close or "", if_=condition, approve=approve)


def _limits(model: LimitsModel | None) -> Limits:
    if model is None:
        return Limits()
    cost = {} if model.cost is None else _said(cost_cents_per_day=model.cost.cents, cost_currency=model.cost.currency)
    return Limits(per_second=model.rate, daily=model.daily, **cost)


def _move(model: VoiceMoveModel) -> VoiceMove:
    return VoiceMove(
        if_=model.if_ or ALWAYS,
        **_said(soften=model.soften, firm=model.firm, use=Voice(model.use) if model.use else None),
    )


def _agreements(model: AgreementsModel | None) -> AgreementTerms:
    if model is None:
        return AgreementTerms()
    promise, plan, deferral, settlement = model.promise, model.plan, model.deferral, model.settlement
    return AgreementTerms(
        promise=PromiseTerms(**_said(within=promise.within, grace=promise.grace, at_most=promise.at_most))
        if promise is not None
        else PromiseTerms(),
        plan=PlanTerms(
            instalments=plan.instalments.to,
            first_within=plan.first_within,
            every=plan.every,
            minimum_cents=plan.minimum.cents,
        )
        if plan is not None
        else None,
        deferral=DeferralTerms(longest=deferral.to, **_said(at_most=deferral.at_most))
        if deferral is not None
        else None,
        settlement=SettlementTerms(
            if_=settlement.if_ or ALWAYS,
            least_percent=settlement.down_to,
            approve=_approval(settlement.approve),
        )
        if settlement is not None
        else None,
        **_said(ceiling=model.ceiling, after_answer=model.after_answer),
    )


def _reaction(model: ReactionModel, templates: Templates) -> Reaction:
    return Reaction(
        send=_send(model.send, templates) if model.send is not None else None,
        task=model.task or "",
        close=model.close or "",
        within=model.within,
        channel=_lines(model.channel),
    )


def _pause(model: PauseModel | None) -> PauseTerms:
    if model is None:
        return PauseTerms()
    return PauseTerms(**_said(on_resume=model.on_resume, max_age=model.max_age, ramp=model.ramp))


def _guard(model: GuardModel) -> Guard:
    return Guard(
        metric=model.metric,
        over_per_mille=float(model.over * 10),
        window=model.window,
        minimum=model.minimum,
        do=model.do,
    )
