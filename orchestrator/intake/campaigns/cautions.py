"""What looks like a mistake in a campaign but may be meant: said with its place, and refusing nothing."""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.campaign import Use
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.voice import Voice
from orchestrator.intake.campaigns.checks import reactions_of
from orchestrator.intake.campaigns.message_checks import is_always
from orchestrator.intake.campaigns.model import AgreementsModel, CampaignModel
from orchestrator.intake.campaigns.step_model import ChannelModel, StepModel
from orchestrator.intake.campaigns.words import UNCOUNTED
from orchestrator.intake.strict_yaml.source import Source
from orchestrator.intake.strict_yaml.wording import Path


class Caution(msgspec.Struct, frozen=True):
    """Something to look at. `code` is stable; `where` is file:line:column, `path` the dotted path."""

    code: str
    message: str
    hint: str
    where: str
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{self.where}: {place}{self.message} ({self.hint})"


_Found = tuple[str, Path, str, str]
_GAP = Duration(5, Unit.DAY)


def cautions(model: CampaignModel, source: Source) -> tuple[Caution, ...]:
    """In the order of the checks: the ladder, agreements, guards, tests, then each step."""
    found = [*_ending(model), *_gaps(model), *_agreements(model.agreements), *_uncounted(model), *_tests(model)]
    for index, step in enumerate(model.steps):
        found += [*_late_notice(step, ("steps", index)), *_weak_proof(step, ("steps", index))]
        found += [*_open_lines(step.channel or (), ("steps", index)), *_unconfirmed(step, ("steps", index))]
    for name, reaction in reactions_of(model):
        found += _open_lines(reaction.channel or (), ("reactions", name))
    return tuple(_located(source, each) for each in found)


def _located(source: Source, found: _Found) -> Caution:
    code, path, message, hint = found
    fault = source.fault(path, "", hint=hint)
    return Caution(code, message, hint, fault.where, fault.message.removesuffix(": "))


def _ending(model: CampaignModel) -> Iterator[_Found]:
    last, path = model.steps[-1], ("steps", len(model.steps) - 1)
    hint = "end with choose: and a last line without if:, such as {close: uneconomic}"
    if not last.choose:
        yield "open_end", path, "after this step a case stays open with nothing left to do", hint
    elif not (is_always(last.if_) and is_always(last.choose[-1].if_)):
        yield "open_end", path, "a case that fits no line here stays open with nothing left to do", hint


def _gaps(model: CampaignModel) -> Iterator[_Found]:
    gap = model.gap or _GAP
    for index, step in enumerate(model.steps):
        before = model.steps[index - 1]
        wait, key = step.after, "after"
        if step.at is not None and before.at is not None:
            seconds = step.at.duration.seconds - before.at.duration.seconds
            wait, key = Duration(seconds // 86400, Unit.DAY), "at"
        if index == 0 or wait is None or step.choose or wait.seconds >= gap.seconds:
            continue
        message = f"this is {wait} after the step before, and the gap is {gap}: it will leave after {gap}"
        yield "gap_defers", ("steps", index, key), message, "lengthen it, or shorten gap:"


def _late_notice(step: StepModel, path: Path) -> Iterator[_Found]:
    if step.at is None or step.at.duration.count >= 0:
        return
    lead = -step.at.duration.seconds
    if step.expires is None or step.expires.seconds > lead:
        message = "this step is meant before the due date, and may leave after it"
        yield "late_notice", path, message, "add an expires: no longer than the days before the due date"


def _weak_proof(step: StepModel, path: Path) -> Iterator[_Found]:
    """By simple post or e-mail a formal notice is lawful and weak (FR-MED-02); a person approves it (B3)."""
    if step.send is None or step.send.voice is not Voice.FORMAL:
        return
    for index, line in enumerate(step.channel or ()):
        for place, use in enumerate(line.use):
            if use is not Use.REGISTERED:
                message = f"a formal notice by {use.value} proves less, and a person must approve each"
                yield "weak_proof", (*path, "channel", index, "use", place), message, "keep registered alone"


def _open_lines(lines: tuple[ChannelModel, ...], path: Path) -> Iterator[_Found]:
    if lines and not is_always(lines[-1].if_):
        message = "the last line has a condition: a case that fits none has no channel"
        yield "no_channel", (*path, "channel", len(lines) - 1), message, "add a last line without if:"


def _unconfirmed(step: StepModel, path: Path) -> Iterator[_Found]:
    if step.next_channel_when is not None and step.next_channel_when.unconfirmed_for is not None:
        message = "this works only on lanes whose provider confirms delivery"
        here = (*path, "next_channel_when", "unconfirmed_for")
        yield "unconfirmed_for", here, message, "check the lanes, or keep undelivered: yes alone"


def _agreements(terms: AgreementsModel | None) -> Iterator[_Found]:
    if terms is None or terms.plan is None:
        return
    ceiling = terms.ceiling.days if terms.ceiling is not None else 90
    length = (terms.plan.instalments.to - 1) * terms.plan.every.days
    if length > ceiling:
        message = f"{terms.plan.instalments.to} instalments take {length} days, and the ceiling is {ceiling}"
        yield (
            "ceiling_defers",
            ("agreements", "plan", "instalments", "to"),
            message,
            "beyond it a person decides",
        )


def _uncounted(model: CampaignModel) -> Iterator[_Found]:
    for index, guard in enumerate(model.guards or ()):
        if guard.metric in UNCOUNTED:
            message = f"{guard.metric} is not counted yet: this guard never trips"
            yield "guard_never_trips", ("guards", index, "metric"), message, "guard another rate as well"


def _tests(model: CampaignModel) -> Iterator[_Found]:
    if not model.tests:
        hint = "add tests: with a channel, a promise and a case that goes wrong"
        yield "no_tests", (), "the campaign has no tests", hint
