"""What is wrong with the tests of a campaign whose shape is right: unknown steps, days out of order."""

from collections.abc import Iterator
from datetime import date

from orchestrator.intake.campaigns.model import CampaignModel
from orchestrator.intake.campaigns.test_model import ExpectModel, GivenModel, WhenModel
from orchestrator.intake.campaigns.words import EVENTS, TEST_EVENTS
from orchestrator.intake.strict_yaml.wording import Finding, Path, nearest

_KINDS = ("step", "none_until", "task", "approve", "close", "hand_over")
_DETAILS = ("on", "channel", "voice", "by")
_DETAILS_OF = {
    "step": ("on", "channel", "voice"),
    "none_until": (),
    "task": ("on", "by"),
    "approve": ("on", "by"),
    "close": ("on",),
    "hand_over": ("on",),
}
_PARAMETERS = tuple(
    (field.alias or name, name) for name, field in WhenModel.model_fields.items() if name not in ("on", "event")
)


def faults_of_tests(model: CampaignModel) -> Iterator[Finding]:
    """Everything for which the `tests:` block is refused."""
    steps = tuple(step.id for step in model.steps)
    for index, test in enumerate(model.tests or ()):
        path: Path = ("tests", index)
        yield from _who(test.given, (*path, "given"))
        yield from _days([each.on for each in test.when or ()], (*path, "when"), "on")
        for line, happening in enumerate(test.when or ()):
            yield from _happening(happening, steps, (*path, "when", line))
        yield from _days([each.on or each.none_until for each in test.expect], (*path, "expect"), "")
        for line, expected in enumerate(test.expect):
            yield from _expected(expected, steps, (*path, "expect", line))


def _who(given: GivenModel, path: Path) -> Iterator[Finding]:
    if given.debtor is None and given.status is None:
        yield Finding(path, "the test does not say who owes", "add debtor: individual or debtor: business", at="key")
    if given.debtor is not None and given.status is not None:
        yield Finding((*path, "status"), '"debtor" says it already', "keep debtor: or status:", at="key")


def _days(days: list[date | None], path: Path, key: str) -> Iterator[Finding]:
    latest: date | None = None
    for line, day in enumerate(days):
        if day is not None and latest is not None and day < latest:
            where = (*path, line, key) if key else (*path, line)
            yield Finding(where, f"{day} is before {latest}, on a line above", "write the lines in order of time")
        latest = day if latest is None or (day is not None and day > latest) else latest


def _happening(happening: WhenModel, steps: tuple[str, ...], path: Path) -> Iterator[Finding]:
    event = TEST_EVENTS[happening.event]
    if event.follows:
        message = f'a test cannot make "{happening.event}" happen'
        yield Finding((*path, "event"), message, f"it follows from {event.follows}")
        return
    said = {key for key, name in _PARAMETERS if getattr(happening, name) is not None}
    for key in event.needs:
        if key not in said:
            yield Finding(path, f'"{happening.event}" needs "{key}"', _meaning(key))
    for key in sorted(said.difference(event.needs, event.takes)):
        known = ", ".join((*event.needs, *event.takes)) or "nothing more than its day"
        message = f'"{happening.event}" takes no "{key}"'
        yield Finding((*path, key), message, f"it takes {known}", at="key")
    for key, day in (("for", happening.for_), ("until", happening.until), ("first_on", happening.first_on)):
        if day is not None and day < happening.on:
            yield Finding((*path, key), f"{day} is before {happening.on}, the day it happens", "check both days")
    if happening.step is not None and happening.step not in steps:
        yield Finding((*path, "step"), *_no_step(happening.step, steps))


def _meaning(key: str) -> str:
    return next(str(WhenModel.model_fields[name].description) for alias, name in _PARAMETERS if alias == key)


def _no_step(word: str, steps: tuple[str, ...]) -> tuple[str, str]:
    return f'there is no step "{word}"', nearest(word, steps) or "steps: " + ", ".join(steps)


def _expected(expected: ExpectModel, steps: tuple[str, ...], path: Path) -> Iterator[Finding]:
    kinds = [kind for kind in _KINDS if getattr(expected, kind) is not None]
    if not kinds:
        hint = "add step:, none_until:, task:, approve:, close: or hand_over:"
        yield Finding(path, "this line expects nothing", hint)
        return
    for extra in kinds[1:]:
        message = f'a line expects one thing: this one has "{kinds[0]}" already'
        yield Finding((*path, extra), message, "make it a line of its own", at="key")
    for detail in _DETAILS:
        if getattr(expected, detail) is not None and detail not in _DETAILS_OF[kinds[0]]:
            yield Finding((*path, detail), f'"{kinds[0]}" has no "{detail}"', "delete it", at="key")
    if expected.step is not None and expected.step not in (*steps, *EVENTS):
        message, hint = _no_step(expected.step, (*steps, *EVENTS))
        yield Finding((*path, "step"), f"{message}, nor an event of that name", hint)
    if expected.approve is not None and expected.approve not in steps:
        yield Finding((*path, "approve"), *_no_step(expected.approve, steps))
