"""Counts for the pages of a campaign: who follows which release, and what waits for a person. Owns no table.

`creditors` None means all of them.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, literal_column, select, true

from orchestrator.domain.case import CaseState
from orchestrator.storage.figures_tables import case_figures, day_figures, figure_marks
from orchestrator.storage.tables import cases, messages, tasks


class Followed(msgspec.Struct, frozen=True):
    """How many cases in a state follow a release."""

    release: str
    state: str
    count: int


class Asked(msgspec.Struct, frozen=True):
    """How many tasks of a kind are open about a step; `step` is empty for those about none."""

    step: str
    kind: str
    count: int


class Reached(msgspec.Struct, frozen=True):
    """How many open cases were last written to by a step (empty: not yet), and how many of them are held."""

    step: str
    count: int
    held: int


class Planned(msgspec.Struct, frozen=True):
    """How many messages of a step wait to leave by a channel."""

    step: str
    channel: str
    count: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What left by a step and channel, and what came of it. Money is in minor units of `currency`."""

    step: str
    channel: str
    currency: str
    left: int
    undelivered: int
    replied: int
    disputes: int
    opt_outs: int
    promised: int
    cost_cents: int
    recovered_cents: int


def results(conn: Connection, campaign: str, *, creditors: Collection[str] | None = None) -> list[Result]:
    """What every step of a campaign brought since figures are kept; a fact counts for the last demand before it."""
    keys = (day_figures.c.step, day_figures.c.channel, day_figures.c.currency)
    names = ("left_count", *Result.__struct_fields__[4:])
    sums = [func.sum(day_figures.c[name]) for name in names]
    wanted = (day_figures.c.campaign == campaign) & (day_figures.c.step != "") & _of(day_figures.c.creditor, creditors)
    rows = conn.execute(select(*keys, *sums).where(wanted).group_by(*keys).order_by(*keys))
    return [
        Result(
            step=row[0],
            channel=row[1],
            currency=row[2],
            **dict(zip(Result.__struct_fields__[3:], (int(value) for value in row[3:]), strict=True)),
        )
        for row in rows
    ]


def by_release(conn: Connection, campaign: str, *, creditors: Collection[str] | None = None) -> list[Followed]:
    """The cases of a campaign by release and state. Walks all of them: for what is counted beside a page."""
    keys = (cases.c.release, cases.c.state)
    wanted = (cases.c.campaign == campaign) & _of(cases.c.creditor, creditors)
    return [Followed(*row) for row in conn.execute(select(*keys, func.count()).where(wanted).group_by(*keys))]


def reached(conn: Connection, campaign: str, *, creditors: Collection[str] | None = None) -> list[Reached] | None:
    """The open cases of a campaign by the step that they have reached; None while no figures were ever made."""
    if conn.execute(select(figure_marks.c.id).limit(1)).scalar() is None:
        return None
    is_held = func.sum(case((case_figures.c.hold_kind != "", 1), else_=0))
    statement = select(case_figures.c.step, func.count(), is_held).where(
        case_figures.c.campaign == campaign,
        case_figures.c.state == CaseState.OPEN.value,
        _of(case_figures.c.creditor, creditors),
    )
    return [
        Reached(step, count, int(held)) for step, count, held in conn.execute(statement.group_by(case_figures.c.step))
    ]


def by_state(conn: Connection, *, creditors: Collection[str] | None = None) -> dict[str, dict[str, int]]:
    """{campaign: {state: cases}}, in the index alone."""
    keys = (cases.c.campaign, cases.c.state)
    found: dict[str, dict[str, int]] = {}
    statement = select(*keys, func.count()).where(_of(cases.c.creditor, creditors)).group_by(*keys)
    for campaign, state, count in conn.execute(statement):
        found.setdefault(campaign, {})[state] = count
    return found


def asked(conn: Connection, campaign: str, *, creditors: Collection[str] | None = None) -> list[Asked]:
    """The open tasks about cases of a campaign, by step and kind."""
    keys = (tasks.c.step, tasks.c.kind)
    # Written out: a partial index serves only a query that says its condition word by word.
    is_open = tasks.c.state == literal_column("'open'")
    statement = (
        select(*keys, func.count())
        .join(cases, cases.c.id == tasks.c.case_id)
        .where(is_open, cases.c.campaign == campaign, _of(cases.c.creditor, creditors))
    )
    return [Asked(*row) for row in conn.execute(statement.group_by(*keys).order_by(*keys))]


def planned(conn: Connection, campaign: str, *, creditors: Collection[str] | None = None) -> list[Planned]:
    """The messages of a campaign that wait to leave, by step and channel; one that an event caused is named by it."""
    keys = (messages.c.step, messages.c.channel)
    is_planned = messages.c.state == literal_column("'planned'")  # as above
    wanted = is_planned & (messages.c.campaign == campaign) & _of(messages.c.creditor, creditors)
    counted: dict[tuple[str, str], int] = {}
    for step, channel, count in conn.execute(select(*keys, func.count()).where(wanted).group_by(*keys)):
        key = (step.split(":", 1)[0], channel)
        counted[key] = counted.get(key, 0) + count
    return [Planned(*key, count) for key, count in sorted(counted.items())]


def _of(column: ColumnElement[Any], creditors: Collection[str] | None) -> ColumnElement[bool]:
    return true() if creditors is None else column.in_(sorted(creditors))
