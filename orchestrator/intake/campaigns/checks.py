"""What is wrong with a campaign whose shape is right: steps that cannot be, words that contradict each other.

Faults refuse the file. What looks like a mistake but may be meant is `campaign_cautions`.
"""

from collections.abc import Iterator

from orchestrator.domain.condition import Between, Condition, Either, Every, Not
from orchestrator.intake.campaigns.message_checks import Templates, is_always, message_faults, offer_faults
from orchestrator.intake.campaigns.model import CampaignModel, ReactionModel
from orchestrator.intake.campaigns.step_model import StepModel
from orchestrator.intake.campaigns.words import EVENTS
from orchestrator.intake.strict_yaml.wording import Finding, Path

TIMES = ("at", "after")
ACTS = ("send", "call", "request", "choose")
# Keys that say something about a message, and nothing about the other acts.
_OF_SEND = ("channel", "next_channel_when", "amounts", "to", "copy", "approve")


def faults(model: CampaignModel, templates: Templates) -> Iterator[Finding]:
    """Everything for which the campaign is refused."""
    yield from _same_ids(model)
    for index, step in enumerate(model.steps):
        path: Path = ("steps", index)
        yield from _one_time(step, path, is_first=index == 0)
        yield from _one_act(step, path)
        yield from _keys_of_other_acts(step, path)
        yield from _branches(step, path)
        if step.send is not None:
            yield from message_faults(step.send, step.channel or (), path, templates)
            yield from offer_faults(step.send, model.agreements, path)
    yield from _order(model)
    yield from _never_reached(model)
    yield from _moves(model)
    yield from _reactions(model, templates)
    yield from _agreements(model)


def given(model: object, keys: tuple[str, ...]) -> list[str]:
    """Which of these keys of the file are there."""
    return [key for key in keys if getattr(model, "copy_" if key == "copy" else key) is not None]


# ------------------------------------------------------------------------------------------------- one step


def _same_ids(model: CampaignModel) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, step in enumerate(model.steps):
        if step.id in seen:
            message = f'"{step.id}" is the id of steps[{seen[step.id]}] already'
            yield Finding(("steps", index, "id"), message, "give each step an id of its own")
        seen.setdefault(step.id, index)


def _one_time(step: StepModel, path: Path, *, is_first: bool) -> Iterator[Finding]:
    times = given(step, TIMES)
    if not times:
        hint = "add at: due + 5d, to count from the due date, or after: 10d, to count from the step before"
        yield Finding(path, "the step does not say when", hint)
    elif len(times) == 2:
        yield Finding((*path, "after"), 'a step has "at" or "after", not both', "delete one of the two", at="key")
    if step.after is None:
        return
    if is_first and step.after.count:
        hint = "write at: due + 5d, or after: 0d to start as the case enters"
        yield Finding((*path, "after"), "the first step has no step before it to count from", hint)
    if not is_first and not step.after.count:
        yield Finding((*path, "after"), "this step would leave together with the one before", "write at least 1d")


def _one_act(step: StepModel, path: Path) -> Iterator[Finding]:
    acts = given(step, ACTS)
    if not acts:
        hint = "add send: {template: reminder, voice: courteous}, or call:, request: or choose:"
        yield Finding(path, "the step does nothing", hint)
    for act in acts[1:]:
        message = f'a step does one thing: this one has "{acts[0]}" already'
        yield Finding((*path, act), message, "make it a step of its own", at="key")


def _keys_of_other_acts(step: StepModel, path: Path) -> Iterator[Finding]:
    acts = given(step, ACTS)
    if len(acts) != 1:
        return
    if step.send is not None:
        if step.channel is None:
            yield Finding(path, "the message has no channel", "add channel: [{use: [email, sms, letter]}]")
        return
    for key in given(step, _OF_SEND):
        hint = _instead(key, acts[0])
        yield Finding((*path, key), f'"{key}" belongs to a step that sends; this one has "{acts[0]}"', hint, at="key")


def _instead(key: str, act: str) -> str:
    if key == "approve" and act == "choose":
        return "write it on the line that needs it: {hand_over: pre_litigation, approve: {by: admin}}"
    if key == "approve" and act == "request":
        return "write it inside: request: {action: block_orders, approve: {by: manager}}"
    if key == "to" and act == "call":
        return "write it inside: call: {script: first-call, to: accounts_payable}"
    return "delete it"


def _branches(step: StepModel, path: Path) -> Iterator[Finding]:
    branches = step.choose or ()
    for index, branch in enumerate(branches):
        here: Path = (*path, "choose", index)
        ends = given(branch, ("close", "hand_over"))
        if not ends:
            yield Finding(here, "this line ends nothing", "add close: uneconomic, or hand_over: pre_litigation")
        if len(ends) == 2:
            message = 'a line has "close" or "hand_over", not both'
            yield Finding((*here, "hand_over"), message, "make two lines of it, each with its if:", at="key")
        if branch.hand_over is not None and branch.approve is None:
            hint = "add approve: {by: admin}"
            yield Finding((*here, "hand_over"), "a person decides before a case is handed over", hint)
        if is_always(branch.if_) and index < len(branches) - 1:
            hint = "give this line an if:, or move it to the end"
            yield Finding((*path, "choose", index + 1), "never reached: the line above takes every case", hint)


# --------------------------------------------------------------------------------------------- the ladder


def _order(model: CampaignModel) -> Iterator[Finding]:
    """Nominal seconds from the due date must grow; unknown after a first step that starts at entry."""
    reached: int | None = None
    has_followed = False
    for index, step in enumerate(model.steps):
        path: Path = ("steps", index, "at")
        if step.at is not None:
            here = step.at.duration.seconds
            if here < 0 and has_followed:
                hint = "move it above the steps that count from another step"
                yield Finding(path, "a step before the due date comes after one that follows another", hint)
            elif reached is not None and here <= reached:
                previous = model.steps[index - 1].id
                hint = f'move it above "{previous}", or give it a later day'
                yield Finding(path, f'this is not later than the step before, "{previous}"', hint)
            reached = here
        elif step.after is not None:
            has_followed = True
            reached = None if reached is None else reached + step.after.seconds


def _never_reached(model: CampaignModel) -> Iterator[Finding]:
    for index, step in enumerate(model.steps[:-1]):
        if step.choose and is_always(step.if_) and is_always(step.choose[-1].if_):
            message = f'never reached: the step before, "{step.id}", ends every case'
            yield Finding(("steps", index + 1), message, "move it up, or delete it")
            return


# ------------------------------------------------------------------------------ voice, reactions, agreements


def _moves(model: CampaignModel) -> Iterator[Finding]:
    for index, move in enumerate(model.voice or ()):
        path: Path = ("voice", index)
        moves = given(move, ("soften", "firm", "use"))
        if not moves:
            yield Finding(path, "this line moves nothing", "add soften: 1, firm: 1 or use: listening")
        for extra in moves[1:]:
            message = f'a line does one thing: this one has "{moves[0]}" already'
            yield Finding((*path, extra), message, "make it a line of its own", at="key")


def reactions_of(model: CampaignModel) -> Iterator[tuple[str, ReactionModel]]:
    """The events that the file reacts to, in the order of the closed list."""
    for name, event in EVENTS.items():
        reaction = getattr(model.reactions, event.field, None)
        if reaction is not None:
            yield name, reaction


def _reactions(model: CampaignModel, templates: Templates) -> Iterator[Finding]:
    for name, reaction in reactions_of(model):
        path: Path = ("reactions", name)
        if not given(reaction, ("send", "task", "close")):
            yield Finding(path, "the reaction does nothing", "add send:, task: or close:, or delete the line")
            continue
        if reaction.send is not None:
            yield from message_faults(reaction.send, reaction.channel or (), path, templates, event=name)
            yield from offer_faults(reaction.send, model.agreements, path)
        elif reaction.channel is not None:
            yield Finding((*path, "channel"), '"channel" belongs to a reaction that sends', "delete it", at="key")
        if reaction.within is not None and reaction.send is None and reaction.task is None:
            message = '"within" bounds a message or a task, and there is none'
            yield Finding((*path, "within"), message, "delete it", at="key")


def _agreements(model: CampaignModel) -> Iterator[Finding]:
    terms = model.agreements
    if terms is None:
        return
    ceiling = terms.ceiling.days if terms.ceiling is not None else 90
    for key, name, length in (
        ("promise", "within", terms.promise.within if terms.promise is not None else None),
        ("deferral", "to", terms.deferral.to if terms.deferral is not None else None),
    ):
        if length is not None and length.days > ceiling:
            message = f"{length} is beyond the ceiling of {ceiling} days, so it could never be granted"
            yield Finding(("agreements", key, name), message, "shorten it, or raise agreements.ceiling")
    used = {each.currency for each in _bounds(model.audience) if each.currency}
    if terms.plan is not None and used and terms.plan.minimum.currency not in used:
        message = f"this is in {terms.plan.minimum.currency}, and the audience is in {', '.join(sorted(used))}"
        yield Finding(("agreements", "plan", "minimum"), message, "use the currency of the audience")


def _bounds(condition: Condition) -> Iterator[Between]:
    if isinstance(condition, Every | Either):
        for term in condition.terms:
            yield from _bounds(term)
    elif isinstance(condition, Not):
        yield from _bounds(condition.term)
    elif isinstance(condition, Between):
        yield condition
