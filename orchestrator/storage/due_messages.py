"""Which planned messages go next on a lane: the most urgent first, in turn between campaigns. Takes none of them.

Knows too which lanes anything waits for, so that none waits for one that is no longer there.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from orchestrator.storage.batch import is_postgresql
from orchestrator.storage.instants import to_micros
from orchestrator.storage.messages import COLUMNS, URGENCY, Message, read
from orchestrator.storage.tables import KEY, messages


def due(conn: Connection, *, now: datetime, limit: int, lane: str) -> list[Message]:
    """At most `limit` planned messages whose time has come, those past `expires_at` among them.

    By urgency (answers, notices, demands), then in turn between campaigns, each by the time it waits. Costs what is
    asked for, not what is planned: a campaign with a million waiting is read as far as `limit`, and delays no other.
    """
    statement = _statement(is_lateral=is_postgresql(conn))
    return read(conn, statement, now=to_micros(now), limit=limit, lane=lane)


def lanes(conn: Connection) -> list[str]:
    """The lanes with something planned, due or not, by one step in the index for each."""
    found = select(func.min(messages.c.lane).label("lane")).where(_is_planned(messages)).cte("lanes", recursive=True)
    other = messages.alias("other")
    following = select(func.min(other.c.lane)).where(_is_planned(other), other.c.lane > found.c.lane)
    every = found.union_all(select(following.scalar_subquery()).where(found.c.lane.is_not(None)))
    return list(conn.execute(select(every.c.lane).where(every.c.lane.is_not(None))).scalars())


def of_lane(conn: Connection, lane: str, *, limit: int) -> list[Message]:
    """At most `limit` planned messages of a lane, due or not, in no order that matters."""
    statement = select(*COLUMNS).where(_planned(messages)).limit(_LIMIT)
    return read(conn, statement, lane=lane, limit=limit)


_LANE = bindparam("lane", type_=KEY)
_NOW = bindparam("now", type_=BigInteger())
_LIMIT = bindparam("limit", type_=BigInteger())


def _is_planned(table: Any) -> Any:
    # Written out: a partial index serves only a query that says its condition word by word.
    return table.c.state == literal_column("'planned'")


def _planned(table: Any) -> Any:
    return _is_planned(table) & (table.c.lane == _LANE)


def _campaigns() -> CTE:
    """The campaigns with something planned, by one step in the index for each, however much they have planned."""
    first = select(func.min(messages.c.campaign).label("campaign")).where(_planned(messages))
    found = first.cte("campaigns", recursive=True)
    other = messages.alias("other")
    following = select(func.min(other.c.campaign)).where(_planned(other), other.c.campaign > found.c.campaign)
    return found.union_all(select(following.scalar_subquery()).where(found.c.campaign.is_not(None)))


@lru_cache(maxsize=2)
def _statement(*, is_lateral: bool) -> Select[Any]:
    """The first `limit` of each campaign and urgency, then dealt in turn. SQLite knows no LATERAL, and needs none:
    it finds the rows of a correlated list by their row numbers, which PostgreSQL would compare one by one."""
    campaigns = _campaigns()
    degrees = union_all(*(select(literal(n).label("urgency")) for n in URGENCY.values())).subquery("degrees")
    each = messages.alias("each")
    head = (
        select(each.c.id, each.c.not_before)
        .where(_planned(each), each.c.campaign == campaigns.c.campaign, each.c.urgency == degrees.c.urgency)
        .where(each.c.not_before <= _NOW)
        .order_by(each.c.not_before, each.c.id)
        .limit(_LIMIT)
    )
    lines = campaigns.join(degrees, true())
    heads: Any
    if is_lateral:
        heads = head.lateral("heads")
        source = lines.join(heads, true())
    else:
        heads = messages.alias("heads")
        rows: Any = head.with_only_columns(literal_column("each.rowid")).correlate(campaigns, degrees)
        source = lines.join(heads, literal_column("heads.rowid").in_(rows))
    turn = func.row_number().over(
        partition_by=(campaigns.c.campaign, degrees.c.urgency), order_by=(heads.c.not_before, heads.c.id)
    )
    dealt = select(heads.c.id, degrees.c.urgency, turn.label("turn"), heads.c.not_before).select_from(source)
    order = dealt.subquery("dealt")
    chosen: Subquery = (
        select(order).order_by(order.c.urgency, order.c.turn, order.c.not_before, order.c.id).limit(_LIMIT)
    ).subquery("chosen")
    return (
        select(*COLUMNS)
        .join(chosen, messages.c.id == chosen.c.id)
        .order_by(chosen.c.urgency, chosen.c.turn, chosen.c.not_before, chosen.c.id)
    )
