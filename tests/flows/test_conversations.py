"""Which calls are conversations: those that somebody answered, and those of which nobody said (US-02)."""

import pytest

from orchestrator.domain.events import CallMade
from orchestrator.flows.record_facts import record_facts
from orchestrator.storage import cases, contacts
from tests.flows.conftest import TUESDAY, World, row


@pytest.mark.parametrize(
    "outcome, is_conversation",
    [
        ("reached", True),
        ("done", True),
        ("", True),
        ("no_answer", False),
        ("voicemail", False),
        ("wrong_number", False),
    ],
)
def test_a_call_that_somebody_answered_is_a_conversation(world: World, outcome: str, *, is_conversation: bool) -> None:
    world.load(row())
    case_id = world.case().id
    record_facts(world.database, [(case_id, CallMade(id="call-1", at=TUESDAY, outcome=outcome))], now=TUESDAY)
    with world.database.read() as conn:
        stored = cases.load(conn, [case_id])[0]
        (met,) = contacts.of_persons(conn, [stored.person_id], since=TUESDAY)[stored.person_id]
    assert met.is_conversation is is_conversation
