"""Sums over all cases by day and by age. What a case added before is taken back as it adds what it adds now."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from orchestrator.domain.shares import AGE_MEASURES, AGED_MEASURES, FIRST_MEASURES, MEASURES, STOCK_MEASURES, Shares
from orchestrator.storage.batch import add_up, among, insert_new
from orchestrator.storage.figures_tables import (
    age_figures,
    aged_figures,
    case_shares,
    day_figures,
    first_figures,
    stock_figures,
)

_KINDS: dict[str, tuple[Table, tuple[str, ...]]] = {
    "days": (day_figures, MEASURES),
    "ages": (age_figures, AGE_MEASURES),
    "aged": (aged_figures, AGED_MEASURES),
    "stock": (stock_figures, STOCK_MEASURES),
    "first": (first_figures, FIRST_MEASURES),
}

_Key = tuple[str | int, ...]
_Kept = dict[str, list[tuple[_Key, dict[str, int]]]]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Kept).decode


def take_over(conn: Connection, shares: Mapping[str, Shares]) -> None:
    """Brings the sums from what these cases added before to what they add now."""
    found = conn.execute(select(case_shares).where(among(conn, case_shares.c.case_id, shares)))
    before = {row.case_id: row.body for row in found}
    changes: dict[str, dict[_Key, Counter[str]]] = {kind: {} for kind in _KINDS}
    rows = []
    for case_id, mine in sorted(shares.items()):
        kept = _kept(mine)
        body = _encode(kept).decode()
        if before.get(case_id) == body:
            continue
        rows.append({"case_id": case_id, "body": body})
        _change(changes, kept, 1)
        if case_id in before:
            _change(changes, _decode(before[case_id]), -1)
    _keep(conn, rows)
    for kind, (table, measures) in _KINDS.items():
        _add(conn, table, measures, changes[kind])


def _kept(shares: Shares) -> _Kept:
    """In one order: the same shares give the same text."""
    return {
        kind: [
            (key, {name: counts[name] for name in measures if counts[name]}) for key, counts in _sorted(shares, kind)
        ]
        for kind, (_, measures) in _KINDS.items()
    }


def _sorted(shares: Shares, kind: str) -> list[tuple[_Key, Counter[str]]]:
    return sorted(getattr(shares, kind).items())


def _change(changes: dict[str, dict[_Key, Counter[str]]], kept: _Kept, sign: int) -> None:
    for kind, parts in kept.items():
        sums = changes[kind]
        for key, counts in parts:
            found = sums.get(key)
            if found is None:
                found = sums[key] = Counter()
            for name, count in counts.items():
                found[name] += sign * count


def _keep(conn: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(case_shares.delete().where(among(conn, case_shares.c.case_id, [row["case_id"] for row in rows])))
        insert_new(conn, case_shares, rows, key=("case_id",))


def _add(conn: Connection, table: Table, measures: tuple[str, ...], changes: Mapping[_Key, Counter[str]]) -> None:
    key = tuple(column.name for column in table.primary_key)
    rows = [
        {**dict(zip(key, values, strict=True)), **{name: changes[values][name] for name in measures}}
        for values in sorted(changes)
        if any(changes[values].values())
    ]
    if rows:
        add_up(conn, table, rows, key=key, amounts=measures)
