"""What no file of scenarios can say: packs that end, facts between two moments of one message, histories by chance."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.decision import Ask, Reason, Send
from orchestrator.domain.events import HoldPlaced
from orchestrator.domain.policy import PolicyBook
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.conftest import world as world  # noqa: PLC0414 - a fixture, offered here by its name
from tests.scenarios.scenario_file import Given, Happened, Scenario, Try, Wish
from tests.scenarios.scenario_play import play, wanted
from tests.scenarios.scenario_world import World as Facts
from tests.scenarios.scenario_world import shipped_book

NOON = datetime.fromisoformat("2026-03-17 12:00")


@pytest.mark.parametrize("ended", ["fr-own-b2c", "fr-floor", "platform"])
@pytest.mark.parametrize("is_over", [False, True])
def test_a_pack_that_has_ended_sends_nothing_and_asks(ended: str, *, is_over: bool) -> None:
    """HOUSE-01: of the pack itself and of all that it extends; its last day is one on which it still holds."""
    last = NOON.date() - timedelta(days=1) if is_over else NOON.date()
    packs = dict(shipped_book().packs)
    packs[ended] = msgspec.structs.replace(packs[ended], expires_on=last)
    facts = Facts(Given(), Wish(send=DocumentKind.REMINDER), (), NOON)
    policy = PolicyBook(packs).on("fr-own-b2c", NOON.date())
    reasons: list[Reason] = []
    act = wanted(facts, facts.situation(), policy, reasons)
    if is_over:
        assert isinstance(act, Ask)
        assert (act.task, act.role) == ("pack_expired", "admin")
        assert "HOUSE-01" in {reason.rule for reason in reasons}
    else:
        assert isinstance(act, Send)


def test_over_indebtedness_admitted_after_the_message_was_written_stops_it_at_the_gate(world: World) -> None:
    """FR-HOLD-01: what was rendered in the morning does not leave in the afternoon."""
    world.load(row())
    assert world.advance().planned == 1
    soon = TUESDAY + timedelta(minutes=5)
    hold = Hold(id="h", kind=HoldKind.OVER_INDEBTEDNESS, since=soon, scope=HoldScope.PERSON, review_on=date(2026, 4, 1))
    world.record(HoldPlaced(id="held", at=soon, hold=hold), now=soon)
    assert world.dispatch(now=soon).left == 0
    assert [message.state for message in world.messages()] == [MessageState.HELD]


CONTACTS = st.builds(
    lambda minutes, use, bounced: {"minutes": minutes, "use": use, "bounced": bounced},
    minutes=st.integers(0, 40 * 24 * 60),
    use=st.sampled_from([Use.SMS, Use.EMAIL, Use.LETTER, None]),
    bounced=st.booleans(),
)


def _past(contacts: list[dict[str, Any]], end: datetime) -> tuple[Happened, ...]:
    found = []
    for each in contacts:
        at = end - timedelta(minutes=1 + each["minutes"])
        what = {"called": "yes"} if each["use"] is None else {"sent": "upcoming", "by": each["use"].value}
        reported = "undelivered" if each["bounced"] and each["use"] is not None else ""
        found.append(Happened.model_validate({"at": _written(at), "reported": reported, **what}))
    return tuple(found)


@given(st.lists(CONTACTS, max_size=10), st.sampled_from([Use.SMS, Use.EMAIL, Use.LETTER]), st.integers(0, 60 * 24 * 60))
def test_whatever_came_before_no_message_leaves_against_the_caps(
    contacts: list[dict[str, Any]], use: Use, minutes: int
) -> None:
    """FR-HAR-01: 2 in 7 days, 6 in 30, 72 hours apart; counted here anew, for the hour itself and the one it names."""
    at = datetime.fromisoformat("2026-05-04 08:00") + timedelta(minutes=minutes)
    wish = Wish(send=DocumentKind.REMINDER, by=use)
    given_ = Given(history=_past(contacts, at))
    scenario = Scenario(rule="FR-HAR-01", says="by chance", given=given_, wish=wish, tries=())
    played = play(scenario, _try(at))
    if played.outcome not in ("allowed", "deferred"):
        return
    leaves_at = played.until or at
    counted = [c for c in contacts if not (c["bounced"] and c["use"] is not None)]
    times = [_utc(at - timedelta(minutes=1 + c["minutes"])) for c in counted]
    leaves = _utc(leaves_at)
    assert sum(leaves - timedelta(days=7) < each for each in times) < 2
    assert sum(leaves - timedelta(days=30) < each for each in times) < 6
    assert all(leaves - each >= timedelta(hours=72) for each in times)
    if played.outcome == "deferred":
        assert play(scenario, _try(leaves_at)).outcome == "allowed"


def _try(at: datetime) -> Try:
    return Try.model_validate({"at": _written(at), "expect": "allowed"})


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _utc(local: datetime) -> datetime:
    return Facts(Given(), Wish(send=DocumentKind.REMINDER), (), local).now
