"""A resume (design 7): cut short, its cases decide again all the same; and what it held leaves at a growing rate."""

from datetime import timedelta

import pytest

from orchestrator.domain.condition import ALWAYS, Condition, OneOf
from orchestrator.domain.errors import Conflict, StorageError
from orchestrator.domain.interruption import Pause
from orchestrator.flows import resume_sending
from orchestrator.flows.end_pauses import end_pauses
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.resume_sending import resume_pause
from orchestrator.storage import cases, pauses
from tests.flows.conftest import TUESDAY, World, row

HOUR = timedelta(hours=1)


class KilledError(BaseException):
    """Stands for a process that ends at once."""


def asleep(world: World, **changes: object) -> None:
    """A case that a pause keeps without any time to decide again."""
    world.load(row())
    pause = Pause(id="p-1", scope=ALWAYS, since=TUESDAY, reason="x", by="test", **changes)  # type: ignore[arg-type]  # of a choice of the test
    start_pause(world.database, pause)
    world.advance(TUESDAY + timedelta(minutes=1))


def resume(world: World, hours: int = 1) -> None:
    resume_pause(world.database, world.strategy(), "p-1", by="test", now=TUESDAY + hours * HOUR)


def kept(world: World) -> Pause:
    """The pause as it is stored."""
    with world.database.read() as conn:
        found = pauses.load(conn, "p-1")
    assert found is not None
    return found


def killed_before_the_wake(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def wake(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(cases, "wake", wake)
        with pytest.raises(KilledError):
            resume(world)


def test_a_second_resume_finishes_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep(world)
    killed_before_the_wake(world, monkeypatch)
    assert world.advance(TUESDAY + HOUR).judged == 0
    monkeypatch.setattr(resume_sending, "CONFIRM_ABOVE", -1)  # what was confirmed is not asked again
    resume(world, hours=2)
    assert world.advance(TUESDAY + 2 * HOUR).planned == 1
    assert (kept(world).resumed_at, kept(world).woken_at) == (TUESDAY + HOUR, TUESDAY + 2 * HOUR)
    with pytest.raises(Conflict, match="resumed already"):
        resume(world, hours=3)


def test_house_keeping_wakes_what_a_resume_left_asleep(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep(world)
    killed_before_the_wake(world, monkeypatch)
    assert end_pauses(world.database, world.strategy(), now=TUESDAY + HOUR) == 0  # it may be at work still
    assert world.advance(TUESDAY + HOUR).judged == 0
    end_pauses(world.database, world.strategy(), now=TUESDAY + 2 * HOUR)
    assert world.advance(TUESDAY + 2 * HOUR).planned == 1
    with world.database.read() as conn:
        assert pauses.unwoken(conn, resumed_until=TUESDAY + 9 * HOUR) == []


def test_house_keeping_that_is_cut_short_itself_goes_on_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep(world, ends_at=TUESDAY + HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(cases, "search", _dies)
        with pytest.raises(KilledError):
            end_pauses(world.database, world.strategy(), now=TUESDAY + HOUR)
    assert (kept(world).resumed_at, kept(world).woken_at) == (TUESDAY + HOUR, None)
    end_pauses(world.database, world.strategy(), now=TUESDAY + 2 * HOUR)
    assert kept(world).woken_at == TUESDAY + 2 * HOUR


def _dies(*_: object, **__: object) -> None:
    raise KilledError


def test_a_busy_database_leaves_no_case_asleep(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep(world)
    wake, refused = cases.wake, iter([True, True, False])

    def busy(*args: object, **named: object) -> None:
        if next(refused):
            raise StorageError("busy", code="database_busy")
        wake(*args, **named)  # type: ignore[arg-type]  # of a choice of the test

    with monkeypatch.context() as patch:
        patch.setattr(cases, "wake", busy)
        resume(world)
    assert world.advance(TUESDAY + HOUR).planned == 1


# ------------------------------------------------------------------------------------- the ramp after it


NIGHT = TUESDAY + timedelta(hours=12)  # 22:00 in Paris
MORNING = TUESDAY + timedelta(days=1)


def many(world: World, **pause: object) -> None:
    """Debtors who each wait for an SMS behind a pause."""
    rows = [row(f"F-{n}", debtor=f"C-{n}", phone=f"+3364463{1000 + n}").replace("Jeanne", f"J{n}") for n in range(12)]
    rows = [each.replace("1 rue du Lac", f"{n} rue du Lac") for n, each in enumerate(rows)]
    world.load(*rows)
    fields = {"id": "p-1", "scope": ALWAYS, "since": TUESDAY, "reason": "x", "by": "test", **pause}
    start_pause(world.database, Pause(**fields))  # type: ignore[arg-type]  # of a choice of the test
    world.advance(TUESDAY + timedelta(minutes=1))


def test_a_resume_by_night_asks_for_what_would_go_in_the_morning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many(world)
    monkeypatch.setattr(resume_sending, "CONFIRM_ABOVE", 11)
    with pytest.raises(Conflict, match="0 messages would go now, 12 cases would act within a day"):
        resume(world, hours=12)


def test_the_ramp_of_a_resume_by_night_begins_in_the_morning(world: World) -> None:
    many(world)
    resume(world, hours=12)
    world.advance(NIGHT)
    assert world.dispatch(NIGHT).left == 0
    world.advance(MORNING)
    assert world.dispatch(MORNING).left == 2  # a twentieth of fifty a second
    assert world.dispatch(MORNING + timedelta(minutes=20)).left == 10


def test_a_ramp_that_is_over_does_not_begin_again(world: World) -> None:
    many(world)
    resume(world)
    world.advance(TUESDAY + HOUR)
    assert world.dispatch(TUESDAY + HOUR).left == 2
    assert world.dispatch(TUESDAY + HOUR + timedelta(minutes=31)).left == 10


def test_a_pause_that_ends_by_itself_has_its_ramp_before_anybody_keeps_house(world: World) -> None:
    many(world, ends_at=TUESDAY + HOUR)
    at = TUESDAY + HOUR + timedelta(seconds=1)
    world.advance(at)
    assert world.dispatch(at).left == 2
    end_pauses(world.database, world.strategy(), now=at + timedelta(seconds=5))
    assert world.dispatch(at + timedelta(minutes=20)).left == 10


@pytest.mark.parametrize("part", [{"lanes": ("sandbox-letter",)}, {"channels": ("letter",)}], ids=["lane", "channel"])
def test_the_end_of_a_pause_of_letters_slows_no_other_lane(world: World, part: dict[str, object]) -> None:
    many(world, **part)
    resume(world)
    world.advance(TUESDAY + HOUR)
    assert world.dispatch(TUESDAY + HOUR).left == 12


@pytest.mark.parametrize(
    "scope, left",
    [
        (OneOf("campaign", frozenset({"b2c-large"})), 12),
        (OneOf("debtor_ref", frozenset({"C-1"})), 11),
        (OneOf("postcode", frozenset({"75001"})), 0),
        (ALWAYS, 0),
    ],
    ids=["another campaign", "one debtor", "all by their place", "the lane"],
)
def test_a_pause_of_a_lane_with_a_scope_stops_its_scope_alone(world: World, scope: Condition, left: int) -> None:
    many(world, scope=scope, lanes=("sandbox-sms",))
    at = TUESDAY + timedelta(minutes=2)
    world.advance(at)
    assert world.dispatch(at).left == left
    resume(world)
    assert sum(world.dispatch(TUESDAY + HOUR + n * timedelta(minutes=20)).left for n in range(2)) == 12 - left
