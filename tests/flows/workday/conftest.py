"""A world with users, and short ways to see their day."""

from datetime import datetime

import pytest

from orchestrator.domain.events import TaskOpened
from orchestrator.domain.who import Who
from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.grant_access import add_user
from orchestrator.flows.my_day import Line, MyDay, my_day
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.task_rows import row_id, tasks_of
from orchestrator.storage import tasks
from tests.flows.conftest import TUESDAY, World

ANNE, BASILE = Who("anne", "agent"), Who("basile", "agent")
MARC = Who("marc", "manager")


@pytest.fixture
def staffed(world: World) -> World:
    """Two agents and a manager."""
    for who in (ANNE, BASILE, MARC):
        add_user(world.database, who.name, role=who.role, by="test", now=TUESDAY)
    return world


def follow(world: World, now: datetime = TUESDAY) -> int:
    """Reads again what changed."""
    return follow_work(world.database, world.strategy(), now=now)


def day(world: World, who: Who, now: datetime = TUESDAY, whose: str | None = None) -> MyDay:
    """The day of a person, on what is true now."""
    follow(world, now)
    return my_day(world.database, who, now=now, whose=whose)


def kinds(found: MyDay) -> list[str]:
    """The kinds of its lines, in order."""
    return [line.kind for line in found.lines]


def line(found: MyDay, kind: str) -> Line:
    """The only line of a kind."""
    (only,) = [each for each in found.lines if each.kind == kind]
    return only


def ask(world: World, case_id: str, kind: str, *, due_at: datetime, subject: str = "s", role: str = "agent") -> str:
    """Opens a task as the case does, and returns its id."""
    fact = TaskOpened(
        id=f"t:{kind}:{subject}", at=TUESDAY, task_id=f"{kind}:{subject}", kind=kind, subject=subject, role=role,
        due_at=due_at,
    )  # fmt: skip
    with world.database.begin() as conn:
        tasks.open_tasks(conn, tasks_of(case_id, [fact]))
    record_facts(world.database, [(case_id, fact)], now=TUESDAY)
    return row_id(case_id, fact.task_id)
