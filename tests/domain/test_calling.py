"""A call of the ladder stands behind the gates of messages: its task is opened when somebody may dial, or never."""

from orchestrator.domain.campaign import CallTerms, Step
from orchestrator.domain.decision import Ask
from orchestrator.domain.duration import Duration
from orchestrator.domain.events import Event
from tests.builders import a_campaign, a_case, a_step
from tests.domain import facts
from tests.domain.stories import live

CALL = Step(id="call", after=Duration.parse("8d"), call=CallTerms(script="first-call"))


def calls_asked(*more: Event) -> list[str]:
    """When somebody is asked to dial, in UTC."""
    moments = live(a_case(), a_campaign(a_step("first", at="5d"), CALL, a_step("last", after="10d")), facts=more)
    return [f"{m.at:%m-%d %H:%M}" for m in moments if isinstance(m.decision.act, Ask) and m.decision.act.task == "call"]


def test_nobody_is_asked_to_call_on_a_sunday() -> None:
    """The step is due on Sunday 15 March; from nine on Monday in Paris somebody may be called."""
    assert calls_asked() == ["03-16 08:00"]


def test_who_wants_no_calls_is_not_called() -> None:
    assert calls_asked(facts.marked("no_call", at="2026-03-10 10:00")) == []
