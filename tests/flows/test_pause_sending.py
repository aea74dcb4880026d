"""Pause and resume (R6, design 7, semantics C2): what says paused has seen nothing in flight; no backlog replays."""

from datetime import timedelta

import pytest

from channels.contract import Message, Outcome
from orchestrator.domain.campaign import Mode
from orchestrator.domain.condition import ALWAYS, Condition, Every, Not, OneOf
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.interruption import Pause
from orchestrator.flows import resume_sending
from orchestrator.flows.end_pauses import end_pauses
from orchestrator.flows.pause_scope import require_lanes
from orchestrator.flows.pause_sending import PauseReport, pause_report, start_pause
from orchestrator.flows.resume_sending import preview_resume, resume_pause
from orchestrator.storage import attempts, cases, pauses
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY, World, row

SOON = TUESDAY + timedelta(minutes=5)
LATER = TUESDAY + timedelta(hours=2)


def pause(world: World, **changes: object) -> Pause:
    fields = {"id": "p-1", "scope": ALWAYS, "since": TUESDAY, "reason": "a crisis", "by": "test", **changes}
    return start_pause(world.database, Pause(**fields))  # type: ignore[arg-type]  # fields of a test's choice


def report(world: World, pause_id: str = "p-1") -> PauseReport:
    return pause_report(
        world.database, world.strategy, pause_id, adapters=world.post(SOON).adapters, now=SOON, real_now=SOON
    )


def planned(world: World) -> None:
    world.load(row())
    world.advance()


@pytest.mark.parametrize(
    "scope",
    [
        ALWAYS,
        OneOf("creditor", frozenset({"acme-telecom"})),
        OneOf("campaign", frozenset({"b2c-small"})),
        OneOf("debtor_ref", frozenset({"C-1"})),
        OneOf("postcode", frozenset({"75001"})),
    ],
    ids=["all", "creditor", "campaign", "debtor", "segment"],
)
def test_nothing_of_the_scope_leaves_once_it_is_paused(world: World, scope: Condition) -> None:
    planned(world)
    pause(world, scope=scope)
    assert report(world).state == "paused"
    assert world.dispatch(now=SOON).left == 0
    assert world.sent() == []


def test_a_lane_can_be_stopped_by_the_name_it_had(world: World) -> None:
    planned(world)
    lanes = world.strategy().lanes
    others = tuple(lane for lane in lanes if lane.id != "sandbox-sms")
    with world.database.read() as conn, pytest.raises(InputError) as refused:
        require_lanes(conn, others, ["sandbox-sms"], where="--lane")
    assert refused.value.hint
    world.dispatch()
    with world.database.read() as conn:
        require_lanes(conn, others, ["sandbox-sms"], where="--lane")  # what it carries may be in flight still


def test_what_is_out_of_the_scope_goes_on(world: World) -> None:
    planned(world)
    pause(world, scope=OneOf("creditor", frozenset({"another"})))
    assert world.dispatch(now=SOON).left == 1


@pytest.mark.parametrize("part", [{"channels": ("sms",)}, {"lanes": ("sandbox-sms",)}], ids=["channel", "lane"])
def test_a_paused_channel_or_lane_means_wait_and_never_another(world: World, part: dict[str, object]) -> None:
    planned(world)
    pause(world, **part)
    assert world.dispatch(now=SOON).left == 0
    assert world.sent() == []
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER)
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 1


def test_it_is_pausing_while_a_call_is_in_flight_and_says_how_many(world: World) -> None:
    planned(world)
    seen: list[PauseReport] = []

    def verdict(_message: Message) -> Outcome | None:
        pause(world)
        seen.append(report(world))
        return None

    world.verdict = verdict
    world.dispatch(now=SOON)
    assert [(each.state, each.in_flight) for each in seen] == [("pausing", 1)]
    after = report(world)
    assert (after.state, after.in_flight, after.left_before) == ("paused", 0, {"sms": 1})
    assert after.provider_may_hold == {"sms": 1}


def test_a_case_and_its_campaign_are_untouched_by_a_pause(world: World) -> None:
    planned(world)
    before = world.case()
    pause(world)
    assert world.case() == before
    assert world.messages()[0].state is MessageState.PLANNED


def test_entrants_wait_and_enter_after_the_resume(world: World) -> None:
    pause(world)
    world.load(row(), now=SOON)
    world.advance(now=SOON)
    assert world.case().cycle is None
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER)
    assert world.advance(now=LATER).planned == 1


def test_a_preview_says_what_would_go_and_why_the_rest_would_not_and_changes_nothing(world: World) -> None:
    planned(world)
    pause(world)
    world.dispatch(now=SOON)
    at_ten = preview_resume(world.database, world.strategy(), "p-1", now=LATER)
    assert (at_ten.now, at_ten.later) == (1, 0)
    at_night = preview_resume(world.database, world.strategy(), "p-1", now=TUESDAY + timedelta(hours=13))
    assert (at_night.now, at_night.later) == (0, 1)
    assert at_night.why
    assert report(world).state == "paused"


def test_a_large_resume_asks_to_be_confirmed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume_sending, "CONFIRM_ABOVE", 0)
    planned(world)
    pause(world)
    with pytest.raises(Conflict, match="1 messages would go now"):
        resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER)
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER, is_confirmed=True)
    assert report(world).state == "resumed"
    with pytest.raises(Conflict, match="resumed already"):
        resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER)


def test_who_and_why_stay_with_the_pause(world: World) -> None:
    pause(world, by="Inès", reason="flood in the valley")
    resume_pause(world.database, world.strategy(), "p-1", by="Paul", now=LATER)
    with world.database.read() as conn:
        kept = pauses.load(conn, "p-1")
    assert kept is not None
    assert (kept.by, kept.reason, kept.resumed_by, kept.resumed_at) == ("Inès", "flood in the valley", "Paul", LATER)
    assert kept.epoch > 0


def test_a_pause_with_an_end_ends_by_itself_and_its_cases_decide_anew(world: World) -> None:
    planned(world)
    pause(world, ends_at=LATER)
    world.dispatch(now=SOON)
    assert end_pauses(world.database, world.strategy(), now=SOON) == 0
    assert end_pauses(world.database, world.strategy(), now=LATER) == 1
    assert end_pauses(world.database, world.strategy(), now=LATER) == 0
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 1


def test_after_a_resume_the_speed_grows_over_the_ramp(world: World) -> None:
    rows = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463{1000 + n}").replace("Jeanne", f"J{n}") for n in range(12)]
    world.load(*rows)
    world.advance()
    pause(world)
    world.dispatch(now=SOON)
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER, ramp_minutes=30)
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 2  # a twentieth of fifty a second
    assert world.dispatch(now=LATER + timedelta(minutes=20)).left == 10


def test_a_pause_that_nobody_knows(world: World) -> None:
    with pytest.raises(NotFound):
        report(world, "p-9")


def test_two_pauses_over_one_case_both_count(world: World) -> None:
    planned(world)
    pause(world)
    pause(world, id="p-2", scope=OneOf("creditor", frozenset({"acme-telecom"})))
    world.dispatch(now=SOON)
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER)
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 0
    assert world.strategy(Mode.AUTOMATIC).lanes


@pytest.mark.parametrize("beside", [(), (OneOf("creditor", frozenset({"acme-telecom"})),)], ids=["debtor", "creditor"])
def test_a_call_to_the_same_person_in_another_case_is_in_flight(world: World, beside: tuple[Condition, ...]) -> None:
    """Semantics A8: the same phone, name and address under another reference is the same person."""
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    world.advance()
    seen: list[PauseReport] = []

    def verdict(_message: Message) -> Outcome | None:
        with world.database.read() as conn:
            (calling,) = attempts.calling(conn)
            (called,) = cases.load(conn, [calling.case_id])
        other = OneOf("debtor_ref", frozenset({"C-1", "C-2"} - {called.case.debtor.ref}))
        pause(world, scope=Every((other, *beside)))
        seen.append(report(world))
        return None

    world.verdict = verdict
    assert world.dispatch(now=SOON).left == 1
    assert [(each.state, each.in_flight) for each in seen] == [("pausing", 1)]
    assert preview_resume(world.database, world.strategy(), "p-1", now=LATER).why.total() == 2


def test_nothing_leaves_for_the_person_of_a_debtor_that_is_paused(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"), other_person("C-3"))
    world.advance()
    pause(world, scope=OneOf("debtor_ref", frozenset({"C-1"})))
    assert world.dispatch(now=SOON).left == 1
    assert [case.debtor.ref for case in world.cases() if case.departures] == ["C-3"]
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=LATER, ramp_minutes=0)
    world.advance(now=LATER)
    assert world.dispatch(now=LATER).left == 1  # of the two cases of one person, today
    assert len([case for case in world.cases() if case.departures]) == 2


def test_who_is_not_named_is_not_paused_for_another(world: World) -> None:
    world.load(row("F-1", debtor="C-1"), row("F-2", debtor="C-2"))
    world.advance()
    pause(world, scope=Not(OneOf("debtor_ref", frozenset({"C-1", "C-2"}))))
    assert world.dispatch(now=SOON).left == 1


def other_person(debtor: str) -> str:
    """A row of somebody who shares nothing with the others."""
    made = row("F-9", debtor=debtor, phone="+33644639999")
    return made.replace("Jeanne Dupont", "Paul Martin").replace("1 rue du Lac", "9 rue du Port")
